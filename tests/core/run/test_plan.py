import pytest

from launcher.core.catalog.entry import CatalogEntry
from launcher.core.policy.path_args import PathFact
from launcher.core.run.container_user import Account
from launcher.core.run.docker_command import docker_command
from launcher.core.run.engine_traits import EngineTraits
from launcher.core.run.mount_plan import inspected_paths
from launcher.core.values.limits import Ulimit
from launcher.core.values.mount import Mount
from launcher.core.values.port import Port
from launcher.core.values.run_spec import RunSpec
from launcher.errors import CannotRunError, CatalogError
from tests.core import examples
from tests.core.examples import ANA, ROOT, YOUTUBE_DL

DOCKER = EngineTraits()
JQ = CatalogEntry("jq", "jq", "ghcr.io/jqlang/jq:1.8.1")
LABELS = (
    ("applaunch.app", "youtube-dl"),
    ("applaunch.command", "youtube-dl"),
    ("applaunch.run", "r1"),
    ("applaunch.pid", "4242"),
    ("applaunch.started", "77.5@boot"),
)


def planned(entry=JQ, call=ANA, kinds=(), **more):
    facts = {path: PathFact(kind, path) for path, kind in dict(kinds).items()}
    return examples.planned(entry, call, DOCKER, facts, **more)


def test_the_main_job_is_this_container():
    call = ANA._replace(args=("http://x/?a=1&b=2", "a b", "", "$(id)"))
    account = Account("/cache/passwd", "/cache/group")

    assert examples.planned(
        YOUTUBE_DL, call, DOCKER, {}, image="docker.io/vimagick/youtube-dl@sha256:1", account=account, run="r1"
    ) == RunSpec(
        image="docker.io/vimagick/youtube-dl@sha256:1",
        name="applaunch-youtube-dl-r1",
        command=("http://x/?a=1&b=2", "a b", "", "$(id)"),
        mounts=(
            Mount("/home/ana/clips", "/data"),
            Mount("/cache/passwd", "/etc/passwd", read_only=True),
            Mount("/cache/group", "/etc/group", read_only=True),
        ),
        tmpfs=(("/home/ana", "uid=1000,gid=1000,mode=0700,exec"),),
        user="1000:1000",
        group_add=("27",),
        working_dir="/data",
        environment=(("HOME", "/home/ana"), ("LANG", "en_GB.UTF-8"), ("APPLAUNCH_SHIM", "youtube-dl")),
        cap_drop=("ALL",),
        security_opt=("no-new-privileges:true",),
        extra_hosts=("host.docker.internal:host-gateway",),
        labels=LABELS,
    )


def test_every_run_key_reaches_the_container():
    entry = CatalogEntry(
        app="x",
        name="x",
        image="docker.io/library/x:1",
        entrypoint=("x", "--quiet"),
        command=("serve",),
        volumes=(Mount("cache", "/cache", kind="volume"),),
        mount_cwd="none",
        working_dir="/work",
        user="image",
        group_add=("dialout",),
        environment=(("MODE", "fast"), ("TOKEN", None)),
        network_mode="none",
        ports=(Port(80, 8080),),
        tty=True,
        stdin="never",
        init=False,
        read_only=True,
        tmpfs=(("/run", "size=1m"),),
        cap_add=("NET_ADMIN",),
        cap_drop=("MKNOD",),
        security_opt=("label=type:x",),
        shm_size=1 << 20,
        ulimits=(Ulimit("nofile", 10, 20),),
        mem_limit=1 << 30,
        cpus=1.5,
        pids_limit=64,
        stop_signal="SIGINT",
        hostname="box",
        dns=("9.9.9.9",),
        extra_hosts=("db:10.0.0.2",),
        platform="linux/arm64",
        labels=(("team", "a"), ("applaunch.app", "forged")),
    )
    call = ANA._replace(args=("--port", "80"), env={"TOKEN": "t"}, rows=24, columns=80)

    assert planned(entry, call, run="r2") == RunSpec(
        image="docker.io/library/x:1",
        name="applaunch-x-r2",
        entrypoint=("x", "--quiet"),
        command=("serve", "--port", "80"),
        mounts=(Mount("cache", "/cache", kind="volume"),),
        tmpfs=(("/run", "size=1m"),),
        group_add=("dialout",),
        working_dir="/work",
        environment=(("MODE", "fast"), ("TOKEN", "t"), ("APPLAUNCH_SHIM", "x")),
        network_mode="none",
        ports=(Port(80, 8080),),
        tty=True,
        stdin=False,
        init=False,
        read_only=True,
        cap_add=("NET_ADMIN",),
        cap_drop=("MKNOD",),
        security_opt=("no-new-privileges:true", "label=type:x"),
        shm_size=1 << 20,
        ulimits=(Ulimit("nofile", 10, 20),),
        mem_limit=1 << 30,
        cpus=1.5,
        pids_limit=64,
        stop_signal="SIGINT",
        hostname="box",
        dns=("9.9.9.9",),
        extra_hosts=("db:10.0.0.2",),
        platform="linux/arm64",
        labels=(
            ("team", "a"),
            ("applaunch.app", "x"),
            ("applaunch.command", "x"),
            ("applaunch.run", "r2"),
            ("applaunch.pid", "4242"),
            ("applaunch.started", "77.5@boot"),
        ),
        size=(24, 80),
    )


@pytest.mark.parametrize(
    ("entrypoint", "command", "args", "planned_command"),
    [
        (None, None, (), None),  # the image's own
        (None, None, ("-x",), ("-x",)),  # docker: arguments replace the image's CMD
        (None, ("stack",), (), ("stack",)),
        (None, ("stack",), ("-x",), ("stack", "-x")),
        (("go",), None, (), ()),  # compose: an entrypoint of ours leaves the image's CMD out
        (("go",), None, ("vet",), ("vet",)),
        (("hugo",), ("server",), ("-D",), ("server", "-D")),
    ],
)
def test_argv_is_entrypoint_and_command_and_the_arguments(entrypoint, command, args, planned_command):
    entry = JQ._replace(entrypoint=entrypoint, command=command)

    spec = planned(entry, ANA._replace(args=args))

    assert (spec.entrypoint, spec.command) == (entrypoint, planned_command)


@pytest.mark.parametrize(
    ("tty", "stdin_tty", "stdout_tty", "given"),
    [
        ("auto", True, True, True),
        ("auto", True, False, False),
        ("auto", False, True, False),
        (True, False, False, True),
        (False, True, True, False),
    ],
)
def test_a_terminal_is_given_only_when_both_ends_are_one(tty, stdin_tty, stdout_tty, given):
    call = ANA._replace(stdin_tty=stdin_tty, stdout_tty=stdout_tty)

    assert planned(JQ._replace(tty=tty), call).tty is given


@pytest.mark.parametrize(
    ("stdin", "is_open", "given"),
    [("auto", True, True), ("auto", False, False), ("always", False, True), ("never", True, False)],
)
def test_input_is_given_where_there_is_some(stdin, is_open, given):
    assert planned(JQ._replace(stdin=stdin), ANA._replace(stdin_open=is_open)).stdin is given


@pytest.mark.parametrize(
    ("mount_cwd", "working_dir", "mounts", "inside"),
    [
        ("rw", "", (Mount("/home/ana/clips", "/home/ana/clips"),), "/home/ana/clips"),
        ("ro", "", (Mount("/home/ana/clips", "/home/ana/clips", read_only=True),), "/home/ana/clips"),
        ("rw", "/data", (Mount("/home/ana/clips", "/data"),), "/data"),
        ("rw", "~/here", (Mount("/home/ana/clips", "/home/ana/here"),), "/home/ana/here"),
        ("none", "", (), ""),
        ("none", "/data", (), "/data"),
    ],
)
def test_the_current_folder_is_where_the_entry_wants_it(mount_cwd, working_dir, mounts, inside):
    spec = planned(JQ._replace(mount_cwd=mount_cwd, working_dir=working_dir))

    assert (spec.mounts, spec.working_dir) == (mounts, inside)


def test_a_tilde_is_the_callers_home_on_both_sides():
    entry = JQ._replace(mount_cwd="none", volumes=(Mount("~/Videos/", "~/Videos", read_only=True),))

    spec = planned(entry, kinds={"/home/ana/Videos": "folder"})

    assert spec.mounts == (Mount("/home/ana/Videos", "/home/ana/Videos", read_only=True),)


def test_a_home_with_a_dollar_sign_is_not_taken_for_a_variable():
    call = ANA._replace(home="/home/$x", cwd="/tmp")
    entry = JQ._replace(mount_cwd="none", volumes=(Mount("~/v", "/v"),))

    assert planned(entry, call, {"/home/$x/v": "folder"}).mounts == (Mount("/home/$x/v", "/v"),)


def test_a_volume_that_is_not_required_is_left_out_where_its_source_is_missing():
    entry = JQ._replace(mount_cwd="none", volumes=(Mount("~/.jq", "~/.jq", required=False),))

    assert planned(entry).mounts == ()
    assert planned(entry, kinds={"/home/ana/.jq": "file"}).mounts[0].target == "/home/ana/.jq"


def test_the_current_folder_as_a_volume_is_the_one_that_the_call_has():
    entry = JQ._replace(mount_cwd="none", volumes=(Mount("${PWD}", "/data"),))
    stale = ANA._replace(env={**ANA.env, "PWD": "/elsewhere"})

    assert planned(entry, stale, kinds={ANA.cwd: "folder"}).mounts == (Mount(ANA.cwd, "/data"),)


def test_a_missing_source_is_refused_with_a_line_to_paste():
    entry = JQ._replace(volumes=(Mount("~/my notes", "/notes"),))

    with pytest.raises(CannotRunError) as refused:
        planned(entry)

    assert refused.value.exit_code == 126
    assert refused.value.line == (
        "applaunch: jq: the volume's source /home/ana/my notes does not exist; mkdir -p '/home/ana/my notes'"
    )


@pytest.mark.parametrize(
    ("source", "fix"),
    [
        ("/run/other/daemon.sock", "start the program that makes this socket, or remove the volume from the entry"),
        ("~/.netrc", "make the file, or remove the volume from the entry: touch /home/ana/.netrc"),
        ("~/.toolrc", "make the file, or remove the volume from the entry: touch /home/ana/.toolrc"),
        ("~/a b.toml", "make the file, or remove the volume from the entry: touch '/home/ana/a b.toml'"),
        ("~/.config", "mkdir -p /home/ana/.config"),
    ],
)
def test_a_missing_source_is_named_for_what_it_is(source, fix):
    with pytest.raises(CannotRunError) as refused:
        planned(JQ._replace(volumes=(Mount(source, "/x"),)))

    assert refused.value.fix == fix


@pytest.mark.parametrize(
    ("source", "env", "value"),
    [
        ("${DATA:-}", {}, ""),
        ("${DATA}", {"DATA": ""}, ""),
        ("${DATA}", {"DATA": "../x"}, "../x"),
        ("${DATA}", {"DATA": "~/x"}, "~/x"),
    ],
)
def test_a_variable_cannot_turn_a_source_into_something_else_than_a_path(source, env, value):
    entry = JQ._replace(mount_cwd="none", volumes=(Mount(source, "/data"),))

    with pytest.raises(CatalogError) as refused:
        planned(entry, ANA._replace(env=env), {"/": "folder"})

    assert str(refused.value) == (
        f"[apps.jq]: volumes: {source!r} comes out as {value!r}, which is no absolute path; "
        "set the variable to an absolute path"
    )


def test_a_variable_cannot_turn_the_working_folder_into_a_relative_one():
    with pytest.raises(CatalogError, match=r"working_dir: '\$\{W\}' comes out as 'x', which is no absolute path"):
        planned(JQ._replace(working_dir="${W}"), ANA._replace(env={"W": "x"}))


def test_values_take_variables_of_the_caller():
    call = ANA._replace(env={"STAGE": "dev", "D": "/srv/d", "U": "7"})
    entry = JQ._replace(
        mount_cwd="none",
        working_dir="${D}/in",
        user="${U}:${G:-8}",
        environment=(("MODE", "${STAGE}-$$1"),),
        volumes=(Mount("${D}", "/d"),),
    )

    spec = planned(entry, call, {"/srv/d": "folder"})

    assert (spec.working_dir, spec.user, spec.environment[0]) == ("/srv/d/in", "7:8", ("MODE", "dev-$1"))
    assert spec.mounts == (Mount("/srv/d", "/d"),)


def test_a_variable_that_is_missing_is_named_with_the_app():
    entry = JQ._replace(environment=(("KEY", "${KEY:?log in first}"),))

    with pytest.raises(CatalogError) as refused:
        planned(entry)

    assert str(refused.value) == "[apps.jq]: '${KEY:?log in first}' needs KEY; log in first"


@pytest.mark.parametrize(
    "cwd", ["/", "/etc", "/usr", "/proc", "/proc/1", "/sys/fs", "/dev/shm", "/boot/efi", "/run", "/var/run"]
)
def test_a_folder_of_the_system_is_never_mounted(cwd):
    with pytest.raises(CannotRunError) as refused:
        planned(call=ANA._replace(cwd=cwd))

    assert refused.value.line == (
        f"applaunch: jq: the current folder {cwd} belongs to the system and is not mounted; "
        "change to another folder, or set mount_cwd = 'none' for it"
    )
    assert planned(JQ._replace(mount_cwd="none"), ANA._replace(cwd=cwd)).mounts == ()


@pytest.mark.parametrize("cwd", ["/tmp", "/srv", "/etc/ssl", "/usr/src", "/home", "/rooted", "/devel"])
def test_other_folders_are(cwd):
    assert planned(call=ANA._replace(cwd=cwd)).mounts[0] == Mount(cwd, cwd)


def test_where_the_home_is_mounted_its_secrets_are_covered():
    call = ANA._replace(cwd="/home/ana")
    kinds = {"/home/ana/.ssh": "folder", "/home/ana/.netrc": "file", "/home/ana/.aws": "folder"}
    entry = JQ._replace(volumes=(Mount("~/.aws", "~/.aws"),))

    spec = planned(entry, call, kinds)

    assert spec.mounts == (
        Mount("/home/ana", "/home/ana"),
        Mount("/dev/null", "/home/ana/.netrc", read_only=True),
        Mount("/home/ana/.aws", "/home/ana/.aws"),
    )
    assert spec.tmpfs == (("/home/ana/.ssh", "ro,mode=0555"),)


def test_the_secrets_are_covered_where_the_folder_is_seen():
    call = ANA._replace(cwd="/home")

    spec = planned(YOUTUBE_DL, call, {"/home/ana/.ssh": "folder"})

    assert spec.mounts == (Mount("/home", "/data"),)
    assert ("/data/ana/.ssh", "ro,mode=0555") in spec.tmpfs


def test_the_plan_asks_about_its_sources_and_the_secrets():
    entry = JQ._replace(volumes=(Mount("~/.aws", "~/.aws"), Mount("cache", "/c", kind="volume")))

    asked = inspected_paths(entry, ANA._replace(cwd="/home/ana"))

    assert asked[0] == "/home/ana/.aws"
    assert "/home/ana/.ssh" in asked
    assert "cache" not in asked
    assert inspected_paths(entry, ANA._replace(secrets=(), startup=())) == ("/home/ana/.aws", ANA.cwd, "/etc/localtime")


def test_one_place_is_mounted_once_and_the_volume_wins():
    call = ANA._replace(cwd="/home/ana/.aws")
    entry = JQ._replace(volumes=(Mount("~/.aws", "~/.aws", read_only=True),))

    assert planned(entry, call, {"/home/ana/.aws": "folder"}).mounts == (
        Mount("/home/ana/.aws", "/home/ana/.aws", read_only=True),
    )


def test_a_volume_where_a_secret_would_be_covered_is_no_second_mount():
    entry = JQ._replace(volumes=(Mount("/srv/netrc", "~/.netrc"),))
    kinds = {"/home/ana/.netrc": "file", "/srv/netrc": "file"}

    targets = [mount.target for mount in planned(entry, ANA._replace(cwd="/home/ana"), kinds).mounts]

    assert targets == ["/home/ana", "/home/ana/.netrc"]


def test_an_own_passwd_file_is_kept():
    entry = JQ._replace(mount_cwd="none", volumes=(Mount("/srv/passwd", "/etc/passwd"),))

    spec = planned(entry, kinds={"/srv/passwd": "file"}, account=Account("/c/passwd", "/c/group"))

    assert [mount.source for mount in spec.mounts] == ["/srv/passwd", "/c/group"]


def test_a_file_that_the_image_has_is_not_covered_where_only_the_other_is_missing():
    spec = planned(JQ._replace(mount_cwd="none"), account=Account("/c/passwd", ""))

    assert [mount.target for mount in spec.mounts] == ["/etc/passwd"]


@pytest.mark.parametrize(
    ("call", "entry", "what"),
    [
        (ANA._replace(args=("ok", "\udcff.mp4")), JQ, "argument 2"),
        (ANA._replace(cwd="/home/ana/\udcff"), JQ, "the current folder's name"),
        (ANA._replace(env={"D": "/\udcff"}), JQ._replace(volumes=(Mount("${D}", "/d"),)), "a volume's source"),
    ],
)
def test_bytes_that_are_no_utf8_are_refused_since_no_engine_carries_them(call, entry, what):
    with pytest.raises(CannotRunError) as refused:
        planned(entry, call, kinds={"/\udcff": "folder"})

    assert refused.value.line == (
        f"applaunch: jq: {what} is not UTF-8 and no engine can carry it; rename the file, or reach it through a folder"
    )


def test_a_variable_of_other_bytes_is_refused_with_what_to_do():
    entry, call = JQ._replace(environment=(("X", None),)), ANA._replace(env={"X": "\udcff"})

    with pytest.raises(CannotRunError) as refused:
        planned(entry, call)

    what = "the variable X is not UTF-8 and no engine can carry it; unset X, or give it a value in UTF-8"
    assert refused.value.line == f"applaunch: jq: {what}"


def test_a_sandbox_carries_all_bytes():
    call = ANA._replace(args=("\udcff.mp4",), cwd="/home/ana/\udcff")

    spec = examples.planned(JQ, call, DOCKER._replace(flavour="bubblewrap"), {})

    assert (spec.command, spec.mounts[0].source) == (("\udcff.mp4",), "/home/ana/\udcff")


def test_other_languages_are_no_trouble():
    assert planned(call=ANA._replace(args=("señal.mp4", "視頻", "🎬"))).command == ("señal.mp4", "視頻", "🎬")


@pytest.mark.parametrize(
    ("home", "user", "inside"),
    [("/home/ana", "ana", "/home/ana"), ("/", "user77", "/home/user77"), ("", "user77", "/home/user77")],
)
def test_a_uid_without_a_home_gets_one(home, user, inside):
    call = ANA._replace(home=home, user=user, cwd="/srv")

    spec = planned(call=call)

    assert dict(spec.environment)["HOME"] == inside
    assert spec.tmpfs == ((inside, "uid=1000,gid=1000,mode=0700,exec"),)


@pytest.mark.parametrize(
    "entry",
    [
        JQ._replace(volumes=(Mount("/srv/home", "/home/ana"),)),
        JQ._replace(tmpfs=(("/home/ana/", "size=1m"),)),
    ],
)
def test_a_home_that_the_entry_gives_is_the_home(entry):
    spec = planned(entry, ANA._replace(cwd="/srv/x"), {"/srv/home": "folder"})

    assert "uid=1000,gid=1000,mode=0700,exec" not in dict(spec.tmpfs).values()


def test_root_keeps_the_rights_over_files_that_it_has():
    spec = planned(call=ROOT)

    assert (spec.user, spec.cap_drop, spec.cap_add) == ("0:0", ("ALL",), ("CHOWN", "DAC_OVERRIDE", "FOWNER"))
    assert (spec.tmpfs, dict(spec.environment).get("HOME")) == ((), "/root")


@pytest.mark.parametrize(
    ("user", "cap_drop", "dropped"),
    [("host", None, ("ALL",)), ("image", None, ()), ("host", (), ()), ("image", ("ALL",), ("ALL",))],
)
def test_the_callers_program_has_no_capabilities_unless_the_entry_says_so(user, cap_drop, dropped):
    assert planned(JQ._replace(user=user, cap_drop=cap_drop)).cap_drop == dropped


@pytest.mark.parametrize(
    ("given", "planned_options"),
    [
        ((), ("no-new-privileges:true",)),
        (("seccomp=unconfined",), ("no-new-privileges:true", "seccomp=unconfined")),
        (("no-new-privileges:false",), ("no-new-privileges:false",)),
        (("no-new-privileges",), ("no-new-privileges",)),
    ],
)
def test_new_privileges_are_refused_unless_the_entry_says_so(given, planned_options):
    assert planned(JQ._replace(security_opt=given)).security_opt == planned_options


def test_the_plan_is_the_docker_line_that_the_manual_would_give():
    call = ANA._replace(args=("a b", "*"), groups=(1000,))

    line = docker_command(planned(JQ._replace(network_mode="none", mount_cwd="ro"), call))

    assert line == (
        *("docker", "run", "--rm", "-i", "--init", "--log-driver", "none", "--user", "1000:1000"),
        *("--network", "none", "--workdir", "/home/ana/clips", "--cap-drop", "ALL"),
        *("--security-opt", "no-new-privileges:true", "--env", "HOME=/home/ana", "--env", "LANG=en_GB.UTF-8"),
        *("--env", "APPLAUNCH_SHIM=jq"),
        *("--tmpfs", "/home/ana:uid=1000,gid=1000,mode=0700,exec"),
        *("--volume", "/home/ana/clips:/home/ana/clips:ro", "ghcr.io/jqlang/jq:1.8.1", "a b", "*"),
    )


def test_the_home_belongs_to_the_caller_in_each_engines_own_words():
    docker, podman = (
        examples.planned(JQ, ANA, traits, {}).tmpfs
        for traits in (EngineTraits(), EngineTraits("podman", rootless=True))
    )

    assert docker == (("/home/ana", "uid=1000,gid=1000,mode=0700,exec"),)
    assert podman == (("/home/ana", "U,mode=0700,exec"),)


@pytest.mark.parametrize(
    ("keys", "flavour", "left_out"),
    [
        ({"network_mode": "none"}, "docker", True),
        ({"network_mode": "none"}, "podman", False),
        ({"network_mode": "bridge"}, "docker", False),
        ({"network_mode": "none", "extra_hosts": ("db:10.0.0.2",)}, "docker", False),
        ({"network_mode": "none", "dns": ("9.9.9.9",)}, "docker", False),
        ({"network_mode": "none", "ports": (Port(80),)}, "docker", False),
        ({"network_mode": "none", "volumes": (Mount("/my/hosts", "/etc/hosts"),)}, "docker", False),
    ],
)
def test_docker_makes_no_network_where_none_is_wanted_and_nothing_asks_for_one(keys, flavour, left_out):
    facts = {"/my/hosts": PathFact("file", "/my/hosts")}

    spec = examples.planned(JQ._replace(**keys), ANA, EngineTraits(flavour=flavour), facts, hosts="/cache/hosts")

    assert spec.hosts == (Mount("/cache/hosts", "/etc/hosts", read_only=True) if left_out else None)
    assert "/cache/hosts" not in docker_command(spec)


LINKED = {
    "/home/ana/d": PathFact("folder", "/home/ana/d"),
    "/home/ana/d/x": PathFact("folder", "/"),
    "/data/homes/x": PathFact("folder", "/disk/homes/x"),
    "/data/homes/x/a": PathFact("folder", "/etc"),
    "/data/homes/x/b": PathFact("folder", "/disk/homes/x/b"),
}


@pytest.mark.parametrize(
    ("keys", "refused"),
    [
        ({"volumes": (Mount("~/d", "/d"), Mount("~/d/x", "/x"))}, "/home/ana/d/x is a link out of /home/ana/d"),
        ({"volumes": (Mount("~/d", "/d", read_only=True), Mount("~/d/x", "/x"))}, ""),
        ({"volumes": (Mount("~/d/x", "/x"),)}, ""),
        ({"persist": ("a",)}, "/data/homes/x/a is a link out of /data/homes/x"),
        ({"persist": (".", "a")}, "/data/homes/x/a is a link out of /data/homes/x"),
        ({"persist": (".", "b")}, ""),
    ],
)
def test_a_link_that_the_program_may_have_made_is_not_followed(keys, refused):
    entry = CatalogEntry("x", "x", "x", mount_cwd="none", **keys)
    call = ANA._replace(homes="/data/homes")

    if not refused:
        assert examples.planned(entry, call, EngineTraits(), LINKED).mounts
        return
    with pytest.raises(CannotRunError, match=refused):
        examples.planned(entry, call, EngineTraits(), LINKED)
