from hypothesis import given
from hypothesis import strategies as st

from launcher.core.images.layer_tree import Branch, build_trees

BASE, LIBS, ONE, TWO = (("sha256:base", 100), ("sha256:libs", 20), ("sha256:one", 5), ("sha256:two", 7))


def test_two_images_on_one_base_are_two_branches():
    assert build_trees({"one": [BASE, LIBS, ONE], "two": [BASE, LIBS, TWO]}) == (
        Branch(120, 2, (), (Branch(7, 1, ("two",), ()), Branch(5, 1, ("one",), ()))),
    )


def test_a_base_image_is_listed_at_its_branch():
    assert build_trees({"base": [BASE], "one": [BASE, LIBS, ONE]}) == (
        Branch(100, 1, ("base",), (Branch(25, 2, ("one",), ()),)),
    )


def test_images_without_shared_layers_are_separate_trees():
    assert build_trees({"one": [ONE], "two": [TWO]}) == (Branch(7, 1, ("two",), ()), Branch(5, 1, ("one",), ()))


def test_an_image_without_layers_has_size_zero():
    assert build_trees({"scratch": []}) == (Branch(0, 0, ("scratch",), ()),)
    assert build_trees({}) == ()


def test_images_with_equal_layers_share_one_branch():
    assert build_trees({"one": [BASE], "also": [BASE]}) == (Branch(100, 1, ("one", "also"), ()),)


def test_a_branch_lists_all_images_on_top_of_it():
    (tree,) = build_trees({"base": [BASE], "one": [BASE, LIBS, ONE], "two": [BASE, LIBS, TWO]})

    assert (tree.total, tree.every) == (132, ("base", "two", "one"))


SIZES = {"a": 1, "b": 2, "c": 30, "d": 400}
IMAGES = st.dictionaries(st.sampled_from("vwxyz"), st.lists(st.sampled_from("abcd"), max_size=4))


@given(IMAGES)
def test_every_layer_is_counted_once_and_every_image_is_listed(images):
    layers = {name: [(each, SIZES[each]) for each in word] for name, word in images.items()}

    trees = build_trees(layers)

    beginnings = {tuple(word[:end]) for word in images.values() for end in range(1, len(word) + 1)}
    assert sum(tree.total for tree in trees) == sum(SIZES[each[-1]] for each in beginnings)
    assert sorted(name for tree in trees for name in tree.every) == sorted(images)
