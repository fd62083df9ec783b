"""Bundles from home to home, on a fake engine: what is deployed, what is refused, and what is left in trouble."""

import io
import json
import os
import tarfile
from pathlib import Path

import pytest

from launcher.core.bundles import bundle_format, canonical_tar
from launcher.core.values.deployment_tag import TAG_PREFIX
from launcher.errors import CatalogError, EngineError, HostError, StateError, UserError
from launcher.manage.apps import expose, gc, pull, remove, rollback, undo, upgrade
from launcher.manage.apps.add import AddRequest, add_apps
from launcher.manage.apps.upgrade import UpgradeOptions
from launcher.manage.bundles import export_bundle, install_bundle
from launcher.manage.doctor import run_checks
from launcher.manage.query import status
from tests import bundles
from tests.bundles import config, old_archive, sha
from tests.manage.answers import agree
from tests.manage.conftest import World
from tests.manage.fake import Store

ONE, TWO = "docker.io/library/one:1", "docker.io/library/two:1"


class Shipping(Store):
    """A fake engine whose images have layers, a base that all share and one of their own."""

    def __init__(self, registry):
        super().__init__(registry)
        self.trouble = None  # what happens to the last image of an archive that is loaded
        self.loads = 0

    def pull(self, ref, platform="", login=None, show=None):
        done = super().pull(ref, platform, login, show)
        for image, (content, names) in [*self.images.items()]:
            self.images[sha(config("base", content))] = self.images.pop(image)
            del names
        return done

    def ids(self):
        return {*self.images}

    def save(self, ids):
        archive = old_archive([("base", self.images[each][0]) for each in ids], ("base",))

        class Saved:
            def __enter__(self):
                return io.BytesIO(archive)

            def __exit__(self, *_):
                pass

        return Saved()

    def load(self, archive):
        self.loads += 1
        told = []
        with tarfile.open(fileobj=io.BytesIO(b"".join(archive))) as file:
            listed = json.load(file.extractfile("manifest.json"))
            for at, entry in enumerate(listed):
                assert entry["RepoTags"] is None
                own = file.extractfile(entry["Config"]).read()
                if at == len(listed) - 1 and isinstance(self.trouble, UserError):
                    raise self.trouble
                image = sha(b"another" if at == len(listed) - 1 and self.trouble else own)
                self.images.setdefault(image, (own.decode(), set()))
                told.append(image)
        return told


def new(folder):
    """Return a home of its own, on an engine of its own."""
    made = World(folder)
    made.store = Shipping(made.registry)
    return made


@pytest.fixture
def there(world, tmp_path):
    """Another machine, which has no registry."""
    made = new(tmp_path / "there")
    made.registry.down = True
    return made


@pytest.fixture
def here(world, tmp_path):
    """A machine with two apps."""
    made = new(tmp_path / "here")
    made.registry.publish(ONE, "one 1")
    made.registry.publish(TWO, "two 1")
    made.catalog(
        f'[apps.one]\nimage = "{ONE}"\nenvironment = ["TOKEN=x", "TZ"]\n'
        f'[apps.two]\nimage = "{TWO}"\nnetwork_mode = "none"\n[apps.two.commands]\ntwo = {{}}\nsecond = {{ network_mode = "host" }}\n'
    )
    install(made, "one", "two")
    return made


def install(world, *names):
    add_apps(world.context("add", *names), AddRequest(names))
    pull.pull_images(world.context("pull"), names)


@pytest.fixture
def file(here, tmp_path):
    path = str(tmp_path / "team.applaunch")
    export_bundle.export_bundle(here.context("bundle", "export"), ["one", "two"], path)
    return path


def arrive(world, path, approve=agree):
    return install_bundle.install_bundle(world.context("bundle", "import", path), path, approve)


def deployed(world):
    return world.context("status").record.deployed()


def past(world):
    return [(each.actions, each.status) for each in world.context("history").record.transactions()]


def test_the_same_apps_give_the_same_bytes_in_whatever_order(here, file, tmp_path):
    again = str(tmp_path / "again")

    export_bundle.export_bundle(here.context(), ["second", "one", "two"], again)

    assert Path(again).read_bytes() == Path(file).read_bytes()


def test_what_arrives_is_deployed_in_one_transaction_on_the_very_images(here, there, file):
    done = arrive(there, file)
    was, now = deployed(here), deployed(there)

    assert past(there) == [("Install", "Ok")]
    assert {app: (each.digest, each.image_id, each.platform) for app, each in now.items()} == {
        app: (each.digest, each.image_id, "linux/amd64") for app, each in was.items()
    }
    assert all(each.loaded and not each.pulled and each.source == "bundle" for each in now.values())
    assert {app: each.entry_hash for app, each in now.items()} == {app: each.entry_hash for app, each in was.items()}
    assert [layer for layer, *_ in now["one"].published] == ["bundle"]
    assert sorted(os.listdir(there.places.bin)) == ["one", "second", "two"]
    assert there.store.names(TAG_PREFIX) == sorted(each.tag for each in now.values())
    assert len(done.loaded) == 2
    assert not os.path.exists(there.places.user_catalog)


def test_what_arrives_again_is_there_already_and_an_image_that_went_comes_back(there, file):
    arrive(there, file)
    loads = there.store.loads

    assert arrive(there, file).done.transaction == 0
    assert there.store.loads == loads
    names = there.store.names("")
    there.store.images.clear()
    done = arrive(there, file, approve=None)
    assert (done.done.transaction, len(done.loaded)) == (0, 2)
    assert there.store.names("") == names


def test_whoever_is_asked_sees_all_permissions_and_may_refuse(there, file):
    seen = []

    def refuse(plan):
        assert all(each.size > 0 for each in plan.changing)
        seen.extend((each.app, [one.words for one in each.permissions]) for each in plan.changing)
        return False

    assert arrive(there, file, refuse).done.transaction == 0
    assert past(there) == []
    assert there.store.images == {}
    assert dict(seen)["two"][:2] == ["run as you (uid 1000)", "no network"]
    assert "this machine's network" in dict(seen)["two"]


def test_only_what_the_engine_lacks_is_loaded(here, there, file):
    (image,) = [each for each, (content, _) in here.store.images.items() if content == "one 1"]
    there.store.images[image] = ("one 1", {"docker.io/me/mine:1"})

    assert len(arrive(there, file).loaded) == 1


def test_an_image_that_somebody_else_gave_a_name_stays_when_its_app_goes(here, there, file):
    (image,) = [each for each, (content, _) in here.store.images.items() if content == "one 1"]
    there.store.images[image] = ("one 1", {ONE})
    arrive(there, file)

    remove.remove_apps(there.context("remove"), ["one", "two"], keep_image=False)

    assert [names for _, names in there.store.images.values()] == [{ONE}]


def test_a_newer_bundle_is_an_upgrade_with_a_way_back_offline(here, there, file, tmp_path):
    arrive(there, file)
    before = there.files()
    here.registry.publish(ONE, "one 2")
    upgrade.upgrade_apps(here.context("upgrade"), UpgradeOptions(), agree)
    newer = str(tmp_path / "newer")
    export_bundle.export_bundle(here.context(), ["one", "two"], newer)

    arrive(there, newer)

    assert past(there)[0] == ("Upgrade", "Ok")
    assert deployed(there)["one"].parent == 1
    rollback.rollback_app(there.context("rollback"), "one")
    assert deployed(there)["one"].number == 1
    undo.roll_back_history(there.context("rollback"), "1", agree)
    assert there.files() == before


def test_images_of_bundles_are_collected_when_nothing_holds_them(here, there, file, tmp_path):
    arrive(there, file)
    for number in ("2", "3"):
        here.registry.publish(ONE, f"one {number}")
        upgrade.upgrade_apps(here.context("upgrade"), UpgradeOptions(), agree)
        export_bundle.export_bundle(here.context(), ["one"], str(tmp_path / number))
        arrive(there, str(tmp_path / number))
    assert len(there.store.images) == 4

    there.store.prune()
    gc.collect_garbage(there.context("gc"), dry_run=False)

    assert len(there.store.images) == 3
    remove.remove_apps(there.context("remove"), ["one", "two"], keep_image=False)
    assert there.store.images == {}


@pytest.fixture
def online(here, there, file):
    """The other machine, with the registry of the first."""
    arrive(there, file)
    there.store.registry = there.registry = here.registry
    return there


def test_an_upgrade_compares_the_digest_of_the_lock(online):
    assert [each.outcome for each in upgrade.preview_upgrade(online.context()).apps] == ["unchanged", "unchanged"]
    online.registry.publish(TWO, "two 2")

    done = upgrade.upgrade_apps(online.context("upgrade"), UpgradeOptions(), agree)

    assert [(each.app, each.outcome) for each in done.plan.apps] == [("one", "unchanged"), ("two", "change")]
    now = deployed(online)["two"]
    assert (now.digest, now.loaded, now.pulled, now.source) == (online.registry.digest(TWO), False, True, "bundle")
    assert [layer for layer, *_ in now.published] == ["bundle"]


def test_an_upgrade_does_not_take_another_catalogs_app_of_that_name(online):
    path = f"{online.places.system}/catalog.toml"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    add_apps(online.context("add"), AddRequest(("jq",)))  # built in
    assert {each.app: each.is_same_entry for each in upgrade.preview_upgrade(online.context()).apps}["one"]

    online.registry.publish("ghcr.io/jqlang/jq:1.7.1", "jq")
    assert upgrade.preview_upgrade(online.context(), ["one"]).apps[0].after.source == "bundle"


def test_an_image_that_no_registry_knows_is_not_asked_for(here, there, tmp_path):
    (image,) = [each for each, (content, _) in here.store.images.items() if content == "one 1"]
    content, names = here.store.images[image]
    here.store.images[image] = (content, {name for name in names if "@" not in name})
    path = str(tmp_path / "local")
    export_bundle.export_bundle(here.context(), ["one"], path)
    files = _files(path)
    lock = files[bundle_format.LOCK].decode()
    files[bundle_format.LOCK] = "".join(
        line for line in lock.splitlines(True) if not line.startswith("digest")
    ).encode()
    index = json.loads(files["index.json"])
    index["annotations"] = bundle_format.own_checksums({name: files[name] for name in bundle_format.REQUIRED[:2]})
    Path(path).write_bytes(bundles.tarred(files | {"index.json": bundle_format.to_json(index)}))

    arrive(there, path)

    assert deployed(there)["one"].digest == ""
    assert upgrade.preview_upgrade(there.context()).apps[0].error is None


def _files(path):
    with tarfile.open(path) as archive:
        return {each.name: archive.extractfile(each).read() for each in archive}


def test_a_rebase_keeps_what_the_bundle_says(online):
    online.registry.publish("docker.io/library/two:2", "two of tag 2")

    rollback.rebase_app(online.context("rebase"), "two", ":2")

    now = deployed(online)["two"]
    assert now.image == "docker.io/library/two:2"
    assert now.entries["two"]["network_mode"] == "none"
    assert [command.name for command in now.commands] == ["two", "second"]


def test_what_stands_is_shown_and_in_order(there, file):
    arrive(there, file)

    assert [each.deployment.app for each in status.list_status(there.context())] == ["one", "two"]
    found = [
        each
        for name, check in run_checks.CHECKS
        if name in ("record", "catalog", "shims", "launch")
        for each in check(there.context())
    ]
    assert [each for each in found if each.state != "ok"] == []


def fails(kind, world, path, what):
    """Try to import, and return the trouble; nothing was changed."""
    before = world.files(), dict(world.store.images)
    with pytest.raises(kind, match=what) as said:
        arrive(world, path)
    assert (world.files(), world.store.images) == before
    return said.value


def test_another_apps_command_is_never_taken(there, file):
    there.catalog('[apps.other]\nimage = "docker.io/library/x:1"\n[apps.other.commands.second]\n')
    add_apps(there.context("add"), AddRequest(("other",)))

    fails(HostError, there, file, "the command 'second' belongs to the app 'other'")


def test_a_strangers_file_is_never_taken(there, file):
    os.makedirs(there.places.bin)
    Path(f"{there.places.bin}/one").write_text("mine")

    fails(HostError, there, file, "one")


def test_a_pinned_app_stays(here, there, file, tmp_path):
    arrive(there, file)
    rollback.pin_apps(there.context("pin"), ["one"], wanted=True)
    here.registry.publish(ONE, "one 2")
    upgrade.upgrade_apps(here.context("upgrade"), UpgradeOptions(), agree)
    export_bundle.export_bundle(here.context(), ["one", "two"], str(tmp_path / "newer"))

    fails(StateError, there, str(tmp_path / "newer"), "is pinned")


def test_ones_own_image_for_an_app_is_told_before_anything_happens(there, file):
    there.catalog('[apps.one]\nimage = "docker.io/me/mine:1"\n')

    fails(CatalogError, there, file, "a catalog of yours names another image for it: docker.io/me/mine:1")


def test_ones_own_changes_to_an_app_hold(there, file):
    there.catalog('[apps.one]\nnetwork_mode = "none"\n')

    arrive(there, file)

    assert deployed(there)["one"].entries["one"]["network_mode"] == "none"


def test_another_platform_is_told(there, tmp_path):
    path = tmp_path / "arm"
    path.write_bytes(bundles.tarred(bundles.bundle(arch="arm64")))

    fails(HostError, there, str(path), "one is for linux/arm64, but this engine is linux/amd64")


def test_an_engine_that_makes_another_image_is_found_out(there, file):
    there.store.trouble = "another"

    trouble = fails(
        EngineError, there, file, "the engine made another image of sha256:[0-9a-f]{64} than the bundle holds"
    )

    assert trouble.where == file
    assert past(there) == []


@pytest.mark.parametrize("busy", ["a person thinks", "its images are loaded"])
def test_a_bundle_keeps_no_writer_out_while(busy, there, file, monkeypatch):
    there.patience = 0.05

    def others():
        add_apps(there.context("add", "jq"), AddRequest(("jq",)))  # built in
        return True

    load = there.store.load
    if busy == "its images are loaded":
        monkeypatch.setattr(there.store, "load", lambda archive: load(archive) if others() else None)

    arrive(there, file, agree if busy == "its images are loaded" else lambda plan: others())

    assert sorted(deployed(there)) == ["jq", "one", "two"]
    assert past(there) == [("Install", "Ok"), ("Install", "Ok")]


def test_an_app_that_appears_while_a_person_thinks_is_not_overwritten(there, file):
    there.catalog(f'[apps.one]\nimage = "{ONE}"\n')

    def others(plan):
        add_apps(there.context("add", "one"), AddRequest(("one",)))
        return True

    with pytest.raises(StateError, match="one: it was changed while this command was at work; run it again"):
        arrive(there, file, others)
    assert (past(there), there.store.images) == ([("Install", "Ok")], {})


def test_an_engine_that_refuses_keeps_nothing(there, file):
    there.store.trouble = EngineError("engine", "cannot load the images: no space left on device", "x")

    fails(EngineError, there, file, "no space left on device")
    assert there.store.loads == 1


def test_a_switch_that_fails_takes_the_images_along(there, file, monkeypatch):
    def refused(*_):
        raise HostError("x", "cannot be written")

    monkeypatch.setattr("launcher.host.shims.write", refused)

    fails(HostError, there, file, "cannot be written")
    assert past(there) == [("Install", "Failed")]


def test_an_interrupted_load_leaves_nothing(there, file, monkeypatch):
    real = there.store.load

    def interrupted(archive):
        real(archive)
        raise KeyboardInterrupt

    monkeypatch.setattr(there.store, "load", interrupted)
    with pytest.raises(KeyboardInterrupt):
        arrive(there, file)

    assert there.store.images == {}
    assert past(there) == []


def test_an_app_without_its_image_cannot_be_exported(here, tmp_path):
    add_apps(here.context("add"), AddRequest(("jq",)))
    with pytest.raises(EngineError, match="its image is not here; applaunch pull jq"):
        export_bundle.export_bundle(here.context(), ["one", "jq"], str(tmp_path / "x"))

    here.store.images.clear()
    with pytest.raises(EngineError, match="its image is not here; applaunch pull one"):
        export_bundle.export_bundle(here.context(), ["one"], str(tmp_path / "x"))
    assert not (tmp_path / "x").exists()


def test_values_of_ones_own_are_told(here, tmp_path):
    done = export_bundle.export_bundle(here.context(), ["one", "two"], str(tmp_path / "x"))

    assert [each.variables for each in done.apps] == [("TOKEN",), ()]


def test_an_app_that_is_held_on_another_image_is_exported_as_it_runs(here, there, tmp_path):
    rollback.pin_apps(here.context("pin"), ["one"], wanted=True)
    here.catalog('[apps.one]\nimage = "docker.io/library/one:2"\n')
    path = str(tmp_path / "x")

    export_bundle.export_bundle(here.context(), ["one"], path)
    arrive(there, path)

    assert deployed(there)["one"].image == ONE


def test_a_bundle_that_is_looked_at_needs_no_engine(here, file):
    here.context().__class__.STORE = None

    found = install_bundle.inspect_bundle(here.context(), file)

    assert found.size == os.path.getsize(file)
    assert [lock.ref for lock in found.contents.locks] == [ONE, TWO]
    assert canonical_tar.BLOCK


def test_an_app_whose_commands_are_all_off_path_is_exported_with_all_of_them(here, there, tmp_path):
    expose.unexpose_commands(here.context("unexpose"), ["one"])
    path = str(tmp_path / "x")

    export_bundle.export_bundle(here.context(), ["one"], path)
    arrive(there, path)

    assert [command.name for command in deployed(there)["one"].commands] == ["one"]
