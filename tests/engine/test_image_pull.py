"""A pull from the rig's registry into the rig's engine, and every way in which it fails."""

import json
import time
import urllib.request

import pytest

from launcher.core.images.pull_events import PullEvent
from launcher.core.values.reference import parse
from launcher.engine.image_pull import parse_event, pull_image
from launcher.engine.local_images import has_image, inspect
from launcher.errors import EngineError


@pytest.mark.parametrize(
    ("said", "step"),
    [
        ({"status": "Pulling from library/jq", "id": "1.7"}, PullEvent("1.7", "Pulling from library/jq")),
        (
            {"status": "Downloading", "id": "ab", "progressDetail": {"current": 1, "total": 9}, "progress": "[>]"},
            PullEvent("ab", "Downloading", 1, 9),
        ),
        (
            {"status": "Extracting", "id": "ab", "progressDetail": {"current": 3, "units": "s"}},
            PullEvent("ab", "Extracting", text="3 s"),
        ),
        ({"status": "Waiting", "id": "ab", "progressDetail": {}}, PullEvent("ab", "Waiting")),
        (
            {"status": "Pull complete", "id": "ab", "progressDetail": {"hidecounts": True}},
            PullEvent("ab", "Pull complete"),
        ),
        ({"status": "WARNING: other platform"}, PullEvent("", "WARNING: other platform")),
        ({"id": None, "progressDetail": {"current": "x", "total": None}}, PullEvent("", "")),
        ({}, PullEvent("", "")),
    ],
)
def test_the_events_of_all_engines_are_parsed(said, step):
    assert parse_event(said) == step


@pytest.mark.engine
def test_a_pull_reports_each_layer_and_the_digest_and_status(client, published):
    ref, seen = published(3_000_000), []

    pulled = pull_image(client, ref, show=seen.append)

    assert pulled.digest == inspect(client, ref.exact).digest_in(ref.repo)
    assert pulled.status == f"Downloaded newer image for {ref.full}"
    assert seen[0] == PullEvent("1", f"Pulling from {ref.repository}")
    assert seen[-1].status == "Pull complete"
    assert any(step.status == "Downloading" and 0 < step.current <= step.total for step in seen)
    assert not any(step.status.startswith(("Digest", "Status")) for step in seen)


@pytest.mark.engine
def test_a_second_pull_reports_an_up_to_date_image_with_the_same_digest(client, published):
    ref = published()
    first = pull_image(client, ref)

    second = pull_image(client, ref)

    assert second.digest == first.digest
    assert second.status == f"Image is up to date for {ref.full}"


@pytest.mark.engine
def test_a_pinned_image_is_pulled_by_its_digest(client, published):
    ref = published()
    pinned = ref.with_digest(pull_image(client, ref).digest)
    client.remove_image(ref.exact)

    assert pull_image(client, pinned).digest == pinned.digest
    assert has_image(client, pinned.exact)
    assert not has_image(client, ref.exact)


@pytest.mark.engine
def test_an_image_for_another_platform_is_refused(client, published):
    with pytest.raises(EngineError, match=r"there is no image for linux/s390x, only for linux/amd64"):
        pull_image(client, published(), "linux/s390x")


@pytest.mark.engine
@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("{registry}/engine-room/none:1", "has no engine-room/none tagged '1'; check the name and the tag"),
        (
            "{registry}/engine-room/none@sha256:" + "0" * 64,
            "has no engine-room/none with that digest (any more); install the current one with: applaunch upgrade",
        ),
        ("127.0.0.1:1/x:1", "127.0.0.1:1 does not answer: "),
    ],
)
def test_an_unknown_image_is_reported_in_one_line(engine, client, name, what):
    with pytest.raises(EngineError) as trouble:
        pull_image(client, parse(name.format(registry=engine.registry)))

    assert what in trouble.value.line


@pytest.mark.engine
def test_a_missing_layer_fails_the_pull_in_the_middle_of_the_stream(engine, client, published):
    ref, seen = published(), []
    url = f"http://{engine.registry}/v2/{ref.repository}"
    accept = {"Accept": "application/vnd.docker.distribution.manifest.v2+json"}
    with urllib.request.urlopen(urllib.request.Request(f"{url}/manifests/1", headers=accept)) as answer:
        layer = json.load(answer)["layers"][0]["digest"]
    urllib.request.urlopen(urllib.request.Request(f"{url}/blobs/{layer}", method="DELETE")).close()

    with pytest.raises(EngineError) as trouble:
        pull_image(client, ref, show=seen.append)

    assert seen
    assert trouble.value.where == ref.familiar
    assert not has_image(client, ref.exact)


@pytest.mark.engine
def test_an_unreachable_registry_is_reported_in_one_line(registry, client, published):
    ref = published()
    registry.stop_registry()

    with pytest.raises(EngineError) as trouble:
        pull_image(client, ref)

    assert f"{ref.registry} does not answer: " in trouble.value.line
    assert trouble.value.line.endswith("connection refused; check the network and try again")


@pytest.mark.engine
def test_ctrl_c_also_stops_the_pull_in_the_engine(client, published):
    ref = published(150_000_000)

    def interrupt(step):
        if step.status == "Downloading":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pull_image(client, ref, show=interrupt)

    time.sleep(4)  # a pull that goes on takes less
    assert not has_image(client, ref.exact)


@pytest.mark.engine
def test_a_failure_of_the_output_is_not_reported_as_an_engine_failure(client, published):
    def broken(step):
        raise BrokenPipeError(step.status)

    with pytest.raises(BrokenPipeError):
        pull_image(client, published(), show=broken)
