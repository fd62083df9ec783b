"""What a name has today: asked of the engine, and of the registry where the engine has no such question."""

import pytest

from launcher.core.values.reference import parse
from launcher.engine.endpoint import Endpoint
from launcher.errors import EngineError, RegistryError
from launcher.host.process import read_invocation
from launcher.manage.context import Context
from launcher.manage.remotes import registry_access
from launcher.manage.remotes.latest_digest import latest
from launcher.registry.registry_client import Registry
from tests.registry.servers import Server, Shelf, refusal, reply


class Store:
    """An engine's images: it is asked what a name has today, and says *told*."""

    def __init__(self, told):
        self.told, self.asked = told, []

    def latest(self, ref, login):
        self.asked.append((ref, dict(login.fields)))
        if isinstance(self.told, Exception):
            raise self.told
        return self.told


class Reached:
    def __init__(self, told, host="unix:///run/podman.sock"):
        self.store, self.endpoint = Store(told), Endpoint(host)


@pytest.fixture
def context(tmp_path):
    call = read_invocation("applaunch", [])._replace(env={"DOCKER_CONFIG": str(tmp_path)}, home=str(tmp_path), uid=1)
    return Context(call, None, None, (), 0.0)


@pytest.fixture
def server():
    server = Server(Shelf())
    yield server
    server.close()


def of(server):
    return parse(f"{server.name}/team/tool:1")


def test_the_engine_is_asked_first_and_believed(context, server):
    reached = Reached("sha256:" + "1" * 64)

    assert latest(context, reached, of(server)) == "sha256:" + "1" * 64
    assert reached.store.asked == [(of(server), {})]
    assert server.seen == []


def test_an_engine_that_refuses_is_not_gone_round(context, server):
    with pytest.raises(EngineError, match="no such tag"):
        latest(context, Reached(EngineError("x", "no such tag")), of(server))
    assert server.seen == []


def test_a_name_that_is_held_to_a_digest_asks_nobody(context, server):
    reached, digest = Reached(""), "sha256:" + "2" * 64

    assert latest(context, reached, of(server).with_digest(digest)) == digest
    assert reached.store.asked == server.seen == []


def test_where_the_engine_cannot_ask_the_registry_is(context, server):
    digest = server.answer.image("1")

    assert latest(context, Reached(""), of(server)) == digest
    assert [each.method for each in server.seen] == ["HEAD"]


def test_the_registry_is_asked_with_the_login_of_a_pull(context, server, tmp_path):
    shelf = server.answer
    digest = shelf.image("1")
    (tmp_path / "config.json").write_text(
        f'{{"auths": {{"{server.name}": {{"username": "ana", "password": "secret"}}}}}}'
    )
    server.answer = lambda seen: shelf(seen) if seen.authorization else (401, {"WWW-Authenticate": "Basic"}, b"")
    reached = Reached("")

    assert latest(context, reached, of(server)) == digest
    assert [each.authorization for each in server.seen] == ["", "Basic YW5hOnNlY3JldA=="]
    assert reached.store.asked[0][1]["username"] == "ana"


def test_a_login_that_could_not_be_read_is_told_where_it_is_missed(context, server, tmp_path):
    (tmp_path / "config.json").write_text(f'{{"auths": {{"{server.name}": {{"auth": "?"}}}}}}')
    server.answer = lambda seen: (401, {"WWW-Authenticate": "Basic"}, b"")

    with pytest.raises(RegistryError, match=f"anonymous, because the login for {server.name} cannot be read"):
        latest(context, Reached(""), of(server))


@pytest.mark.parametrize("host", ["ssh://ana@far.example", "tcp://far.example:2376"])
def test_a_registry_on_the_machine_of_a_far_engine_is_not_looked_for_here(context, server, host):
    server.answer.image("1")

    assert latest(context, Reached("", host), of(server)) == ""
    assert server.seen == []


class PodmanLike:
    """What an engine answers that is podman as far as this goes: it has no /distribution, as podman 4 and 5."""

    def __call__(self, seen):
        if seen.path.endswith("/_ping"):
            return 200, {"Api-Version": "1.41", "Libpod-Api-Version": "4.3.1"}, b"OK"
        if seen.path.endswith("/info"):
            return reply({"OSType": "linux", "Architecture": "amd64"})
        return 404, {"Content-Type": "application/json"}, b'{"cause":"","message":"Not Found","response":404}'


@pytest.fixture
def podman(home):
    path = str(home.path / "podman.sock")
    engine = Server(PodmanLike(), path=path)
    home.docker_host = f"unix://{path}"
    yield engine
    engine.close()


def test_under_podman_outdated_asks_the_registry(home, podman, server):
    server.answer.image("1")
    home.app("tool", f"{server.name}/team/tool:1")

    done = home.run("applaunch", "outdated")

    assert (done.returncode, done.stdout, done.stderr) == (0, "everything is up to date\n", "")
    assert any("/distribution/" in each.path for each in podman.seen)
    assert [(each.method, each.path) for each in server.seen] == [("HEAD", "/v2/team/tool/manifests/1")]


def test_under_podman_what_the_registry_refuses_is_told_with_the_app(home, podman, server):
    server.answer = lambda seen: refusal(404, "MANIFEST_UNKNOWN")
    home.app("tool", f"{server.name}/team/tool:1")

    done = home.run("applaunch", "outdated")

    assert done.returncode == 0
    assert f"? {server.name} has no team/tool tagged '1'" in done.stdout


class Mirroring:
    """A context whose engine has mirrors of Docker Hub."""

    def __init__(self, context, *urls):
        self.call, self._urls = context.call, urls

    def engine(self):
        if not self._urls:
            raise EngineError("engine", "none answers")
        store = Store("")
        store.mirrors = lambda: [*self._urls]
        reached = Reached("")
        reached.store = store
        return reached


@pytest.fixture
def no_hub(monkeypatch):
    """Have Docker Hub out of reach, as it is where only a mirror is let through."""
    said = RegistryError("busybox", "cannot reach docker.io: no such host")

    class Asked(Registry):
        def tags(self, repository, *_):
            if self.name == "docker.io":
                raise said
            return super().tags(repository)

    monkeypatch.setattr(registry_access, "Registry", Asked)


def asked_for_tags(context, name="docker.io/library/busybox:1"):
    ref = parse(name)
    return registry_access.told(context, ref, lambda asked: asked.tags(ref.repository))


def test_a_mirror_of_the_engines_stands_in_for_docker_hub(context, server, no_hub):
    mirrors = ("https://nowhere.invalid/with/a/path", "http://mirror.invalid", f"http://{server.name}/")

    assert asked_for_tags(Mirroring(context, *mirrors)) == Shelf().tags
    assert [each.path for each in server.seen] == ["/v2/library/busybox/tags/list"]


@pytest.mark.parametrize("mirrors", [(), ("http://127.0.0.1:1",), ("https://nowhere.invalid/with/a/path",)])
def test_without_a_mirror_that_answers_docker_hubs_own_trouble_is_told(context, mirrors, no_hub):
    with pytest.raises(RegistryError, match=r"cannot reach docker\.io"):
        asked_for_tags(Mirroring(context, *mirrors))


def test_a_mirror_stands_in_for_no_other_registry(context, server, no_hub):
    with pytest.raises(RegistryError):
        asked_for_tags(Mirroring(context, f"http://{server.name}"), "127.0.0.1:1/library/busybox:1")
    assert server.seen == []


@pytest.mark.engine
def test_tags_of_docker_hub_come_through_the_mirror_of_a_real_engine(home, engine):
    name = engine.ref("docker.io/library/busybox:latest")
    if not name.startswith("docker.io/"):
        pytest.skip("this engine has no mirror of Docker Hub")
    told = home.run("applaunch", "tags", "docker.io/library/busybox", "--limit", "0", check=True)
    assert "latest" in told.stdout.split()
