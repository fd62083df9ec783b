import pytest

from launcher.core.catalog.deny import RIGHTS, matches
from launcher.core.catalog.merge import resolve
from launcher.core.policy.denied_mounts import remove_denied
from launcher.core.policy.masked_paths import Mask
from launcher.core.policy.path_args import PathFact
from launcher.core.run.engine_traits import EngineTraits
from launcher.core.values.mount import Mount
from launcher.errors import CannotRunError, CatalogError
from tests.core.examples import ANA, catalog, entry_of, keys_of, planned


def denied(*rights, app="", override=""):
    """Return the entry of x with an override that denies *rights*."""
    text = f"[apps.x]\nimage = 'x'\n{app}"
    words = ", ".join(f"'{right}'" for right in rights)
    over = catalog(f"[apps.x]\ndeny = [{words}]\n{override}", layer="override", path="x.app.toml")
    return resolve([catalog(text), over], "x").entry("x")


@pytest.mark.parametrize(
    ("right", "app", "field", "left"),
    [
        ("network", "network_mode = 'host'\nports = ['80:80']", "network_mode", "none"),
        ("network", "ports = ['80:80']", "ports", ()),
        ("ports", "ports = ['80:80']", "ports", ()),
        ("capabilities", "cap_add = ['NET_ADMIN']", "cap_add", ()),
        ("capabilities", "cap_drop = []", "cap_drop", ("ALL",)),
        ("groups", "group_add = ['video']", "group_add", ()),
        ("cwd", "mount_cwd = 'rw'", "mount_cwd", "none"),
        ("arguments", "path_args = 'rw'", "path_args", "none"),
        ("persist", "persist = ['.x']", "persist", ()),
        ("environment", "environment = ['A=1', 'TOKEN', 'AWS_*']", "environment", (("A", "1"),)),
        (
            "environment",
            "environment = ['H=${GITHUB_TOKEN:-}', 'I=${HOME}/x', 'J=$$K']",
            "environment",
            (("I", "${HOME}/x"), ("J", "$$K")),
        ),
        (
            "environment:GITHUB_*",
            "environment = { H = '${GITHUB_TOKEN:-}', A = '${B}' }",
            "environment",
            (("A", "${B}"),),
        ),
        ("environment:HOME", "environment = ['I=${HOME}/x']", "environment", ()),
        ("environment:AWS_*", "environment = ['TOKEN', 'AWS_KEY', 'AWS_*']", "environment", (("TOKEN", None),)),
    ],
)
def test_a_denial_removes_what_the_app_requests(right, app, field, left):
    assert getattr(denied(right, app=app), field) == left


def test_a_denial_wins_over_a_permission_in_the_same_override():
    assert denied("network", override="network_mode = 'host'").network_mode == "none"


def test_a_denied_variable_is_not_passed_by_a_wider_pattern_or_by_default():
    entry = denied("environment:AWS_KEY", "environment:LANG", app="environment = ['AWS_*']")
    call = ANA._replace(env={"AWS_KEY": "1", "AWS_REGION": "2", "LANG": "C"})

    names = dict(planned(entry, call, EngineTraits(), {}).environment)

    assert "AWS_REGION" in names
    assert not {"AWS_KEY", "LANG"} & {*names}


@pytest.mark.parametrize("right", ["environment", "environment:GITHUB_*"])
def test_a_denied_variable_is_unset_in_every_value(right):
    call = ANA._replace(env={"GITHUB_TOKEN": "s3cr3t"})
    app = "volumes = [{source = '/srv/${GITHUB_TOKEN:-x}', target = '/s', required = false}]\n"
    app += "working_dir = '/w${GITHUB_TOKEN:-}'\nuser = '${GITHUB_TOKEN:-7:7}'\nmount_cwd = 'none'"

    spec = planned(denied(right, app=app), call, EngineTraits(), {"/srv/x": PathFact("folder", "/srv/x")})

    assert "s3cr3t" not in repr(spec)
    assert (spec.working_dir, spec.user, spec.mounts[0].source) == ("/w", "7:7", "/srv/x")
    with pytest.raises(CatalogError, match="GITHUB_TOKEN"):
        planned(denied(right, app="working_dir = '/${GITHUB_TOKEN}'"), call, EngineTraits(), {})


@pytest.mark.parametrize(
    ("name", "pattern", "meets"),
    [
        ("A", "A", True),
        ("AB", "A", False),
        ("AB", "A*", True),
        ("B", "A*", False),
        ("A*", "A*", True),
        ("A*", "AB*", False),
    ],
)
def test_a_pattern_matches_names(name, pattern, meets):
    assert matches(name, pattern) == meets


HOME = Mount("/home/ana", "/home/ana")
KEYS = Mount("/home/ana/.ssh/keys", "/keys", read_only=True)
LINK = Mount("/home/ana/link", "/l")
FACTS = {
    "/home/ana": PathFact("folder", "/home/ana"),
    "/home/ana/.ssh": PathFact("folder", "/home/ana/.ssh"),
    "/home/ana/.ssh/keys": PathFact("folder", "/home/ana/.ssh/keys"),
    "/home/ana/link": PathFact("folder", "/home/ana/.ssh/keys"),
}


def test_a_denied_path_is_removed_and_masked_in_wider_mounts():
    left = remove_denied([HOME, KEYS, LINK, Mount("ssh", "/v", kind="volume")], ["/home/ana/.ssh"], FACTS)

    assert left.mounts == (HOME, Mount("ssh", "/v", kind="volume"))
    assert left.removed == (KEYS, LINK)
    assert left.hidden == (Mask("/home/ana/.ssh", "/home/ana/.ssh", folder=True),)


def test_paths_are_compared_with_links_resolved():
    facts = FACTS | {"/alias": PathFact("folder", "/home/ana/.ssh")}

    assert remove_denied([KEYS], ["/alias"], facts).removed == (KEYS,)


def test_the_target_of_a_denied_link_is_masked():
    facts = FACTS | {"/home/ana/mail": PathFact("file", "/home/ana/real/mail")}

    left = remove_denied([HOME], ["/home/ana/mail", "/home/ana/missing"], facts)

    assert left.hidden == (Mask("/home/ana/real/mail", "/home/ana/real/mail"),)


def test_a_mount_with_the_same_prefix_remains():
    other = Mount("/home/ana/.sshx", "/x")

    assert remove_denied([other], ["/home/ana/.ssh"], {}).mounts == (other,)


def test_a_program_does_not_run_in_a_denied_folder():
    with pytest.raises(CannotRunError, match="the current folder /home/ana/clips is denied to it"):
        planned(denied("~/clips"), ANA, EngineTraits(), {})


def test_a_denied_volume_is_removed_and_masked_in_a_wider_one():
    entry = denied("~/.ssh", app="mount_cwd = 'none'\nvolumes = ['~:/h', '~/.ssh/keys:/keys']")

    spec = planned(entry, ANA, EngineTraits(), FACTS)

    assert [mount.target for mount in spec.mounts if mount.source.startswith("/home")] == ["/h"]
    assert "/h/.ssh" in dict(spec.tmpfs)


@pytest.mark.parametrize("wrong", ["nope", "network:x", "environment:", "relative/path"])
def test_an_invalid_denial_is_refused_with_the_valid_ones(wrong):
    with pytest.raises(CatalogError) as caught:
        keys_of(f"image = 'x'\ndeny = ['{wrong}']")

    assert f"{wrong!r} cannot be denied" in caught.value.what
    assert all(right in caught.value.fix for right in RIGHTS)


def test_a_global_override_applies_to_every_app():
    over = catalog("[defaults]\ndeny = ['network']\n", layer="override", path="global.toml")
    shelf = [catalog("[apps.x]\nimage = 'x'\n[apps.y]\nimage = 'y'\n"), over]

    assert {name: resolve(shelf, name).entry(name).network_mode for name in ("x", "y")} == {"x": "none", "y": "none"}


def test_an_override_does_not_define_an_app():
    from launcher.core.catalog.merge import app_names
    from launcher.errors import NotFoundError

    over = catalog("[apps.x]\ndeny = ['network']\n", layer="override", path="x.app.toml")

    assert app_names([over]) == []
    with pytest.raises(NotFoundError):
        resolve([over], "x")


def test_an_entry_without_a_denial_is_unchanged():
    assert entry_of("[apps.x]\nimage = 'x'\nenvironment = ['A*']", "x").environment == (("A*", None),)
