import pytest

from launcher.core.run.container_user import ContainerUser, container_user, group_file, home_of, passwd_file
from launcher.core.run.engine_traits import EngineTraits
from tests.core.examples import ANA, ROOT

CARL = ANA._replace(user="carl", uid=3000, gid=3000, groups=(3000,))


@pytest.mark.parametrize(  # engine-notes.md, 4.3: measured by writing into a folder of uid 3000
    ("traits", "who"),
    [
        pytest.param(
            EngineTraits(), ContainerUser("3000:3000", inside=(3000, 3000), needs_account=True), id="root docker"
        ),
        pytest.param(
            EngineTraits("podman"),
            ContainerUser("3000:3000", inside=(3000, 3000), needs_account=True),
            id="root podman",
        ),
        pytest.param(
            EngineTraits(rootless=True), ContainerUser("0:0", inside=(0, 0), needs_account=True), id="rootless docker"
        ),
        pytest.param(
            EngineTraits(userns=True),
            ContainerUser("3000:3000", "host", inside=(3000, 3000), needs_account=True),
            id="userns-remap",
        ),
        pytest.param(
            EngineTraits("podman", rootless=True),
            ContainerUser("", "keep-id", inside=(3000, 3000), needs_account=True),
            id="rootless podman",
        ),
        pytest.param(
            EngineTraits(desktop=True),
            ContainerUser("3000:3000", inside=(3000, 3000), needs_account=True),
            id="Docker Desktop",
        ),
    ],
)
def test_files_come_out_owned_by_the_caller_on_every_engine(traits, who):
    assert container_user("host", CARL, traits) == who


ENGINES = [
    EngineTraits(flavour, rootless, userns)
    for flavour in ("docker", "podman")
    for rootless in (False, True)
    for userns in (False, True)
]


@pytest.mark.parametrize("traits", ENGINES)
def test_the_images_user_is_nobodys_business(traits):
    assert container_user("image", CARL, traits) == ContainerUser()


@pytest.mark.parametrize(
    ("user", "traits", "who"),
    [
        ("1000:1000", EngineTraits(), ContainerUser("1000:1000")),
        ("node", EngineTraits("podman", rootless=True), ContainerUser("node")),
        ("7", EngineTraits(userns=True), ContainerUser("7", "host")),
    ],
)
def test_a_user_that_is_named_is_passed_on(user, traits, who):
    assert container_user(user, CARL, traits) == who


def test_the_callers_other_groups_go_along():
    assert container_user("host", ANA, EngineTraits()).group_add == ("27",)


def test_root_gets_a_name_only_in_an_image_that_has_none():
    assert container_user("host", ROOT, EngineTraits()) == ContainerUser(
        "0:0", inside=(0, 0), needs_account=True, keeps_accounts=True
    )


@pytest.mark.parametrize(
    ("home", "inside"), [("/home/ana", "/home/ana"), ("/", "/home/ana"), ("", "/home/ana"), ("//", "/home/ana")]
)
def test_a_home_is_where_it_is_outside_if_that_is_a_place_for_one(home, inside):
    assert home_of(ANA._replace(home=home)) == inside


def test_whoever_asks_for_the_uid_finds_the_caller_first():
    image = "root:x:0:0:root:/root:/bin/bash\nubuntu:x:1000:1000::/home/ubuntu:/bin/sh\n"

    assert passwd_file(image, ANA, ContainerUser()) == "ana:x:1000:1000:ana:/home/ana:/bin/sh\n" + image
    assert group_file("root:x:0:\n", ANA, ContainerUser()) == "ana:x:1000:\nroot:x:0:\n"


def test_where_root_inside_is_the_caller_root_has_their_name():
    assert passwd_file("", ANA, ContainerUser("0:0", inside=(0, 0))) == "ana:x:0:0:ana:/home/ana:/bin/sh\n"


def test_a_name_cannot_smuggle_a_second_account_in():
    call = ANA._replace(user="x:0\nevil:x:0:0", home="/h:1\n2")

    assert passwd_file("", call, ContainerUser()) == "x_0_evil_x_0_0:x:1000:1000:x_0_evil_x_0_0:/h_1_2:/bin/sh\n"
    assert group_file("", call, ContainerUser()) == "x_0_evil_x_0_0:x:1000:\n"
