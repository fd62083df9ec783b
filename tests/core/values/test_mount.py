import pytest

from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.mount import Mount

SHAPE = "; write 'SOURCE:TARGET' or 'SOURCE:TARGET:ro'"


@pytest.mark.parametrize(
    ("value", "mount"),
    [
        ("/a:/b", Mount("/a", "/b")),
        ("/a:/b:ro", Mount("/a", "/b", read_only=True)),
        ("/a:/b:rw", Mount("/a", "/b")),
        ("/a:/b:z", Mount("/a", "/b", relabel="z")),
        ("/a:/b:ro,Z", Mount("/a", "/b", read_only=True, relabel="Z")),
        ("/a:/b/", Mount("/a", "/b")),
        ("/a b:/c,d", Mount("/a b", "/c,d")),
        ("~/v:/v", Mount("~/v", "/v")),
        ("~/v:~/v", Mount("~/v", "~/v")),
        ("~:/host-home", Mount("~", "/host-home")),
        ("${D}/x:/x", Mount("${D}/x", "/x")),
        ("${D:-/tmp}:/x:ro", Mount("${D:-/tmp}", "/x", read_only=True)),
        ("cache:/c", Mount("cache", "/c", kind="volume")),
        ("my.cache-1:/c:ro", Mount("my.cache-1", "/c", read_only=True, kind="volume")),
        ({"source": "/a", "target": "/b"}, Mount("/a", "/b")),
        ({"type": "bind", "source": "/a:1", "target": "/b"}, Mount("/a:1", "/b")),
        ({"type": "volume", "source": "cache", "target": "/b"}, Mount("cache", "/b", kind="volume")),
        ({"source": "~/a", "target": "/b", "read_only": True, "required": False}, Mount("~/a", "/b", True, False)),
    ],
)
def test_volumes_follow_compose(value, mount):
    assert Mount.parse(value) == mount


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("", "'' is not a volume" + SHAPE),
        ("/a", "'/a' is not a volume" + SHAPE),
        (":/b", "':/b' is not a volume" + SHAPE),
        ("/a:", "'/a:' is not a volume" + SHAPE),
        ("/a:/b:ro:z", "'/a:/b:ro:z' is not a volume" + SHAPE),
        ("/a:/b:", "'/a:/b:' is not a volume" + SHAPE),
        ("/a:/b:r", "'/a:/b:r' has the unknown option 'r'; the options are ro, rw, z and Z"),
        ("/a:/b:ro,", "'/a:/b:ro,' has the unknown option ''; the options are ro, rw, z and Z"),
        ("/a:b", "the target of the volume '/a:b' is not an absolute path" + SHAPE),
        ("/a:/b/../c", "the target of the volume '/a:/b/../c' is not an absolute path" + SHAPE),
        ("/a:/", "the target of the volume '/a:/' would hide everything; name a folder inside it"),
        ("/a:~/", "the target of the volume '/a:~/' would hide everything; name a folder inside it"),
        ("./a:/b", "the source of the volume './a:/b' is neither a path nor a volume's name; start it with / or ~/"),
        ("../a:/b", "the source of the volume '../a:/b' is neither a path nor a volume's name; start it with / or ~/"),
        (
            "~ana/x:/b",
            "the source of the volume '~ana/x:/b' is neither a path nor a volume's name; start it with / or ~/",
        ),
        ("a/b:/b", "the source of the volume 'a/b:/b' is neither a path nor a volume's name; start it with / or ~/"),
        ({"src": "/a"}, "a volume has the unknown key 'src'; its keys are type, source, target, read_only, required"),
        ({"source": "/a"}, "a volume needs 'source' and 'target' as strings"),
        ({"source": 1, "target": "/b"}, "a volume needs 'source' and 'target' as strings"),
        (
            {"source": "/a", "target": "/b", "read_only": "yes"},
            "'read_only' and 'required' of a volume are true or false",
        ),
        (
            {"type": "volume", "source": "/a", "target": "/b"},
            "the volume '/a' is not of type 'volume'; 'bind' takes a path, 'volume' a name",
        ),
        (
            {"type": "tmpfs", "source": "/a", "target": "/b"},
            "the volume '/a' is not of type 'tmpfs'; 'bind' takes a path, 'volume' a name",
        ),
    ],
)
def test_an_invalid_volume_is_refused_with_the_valid_form(value, message):
    with pytest.raises(InvalidValueError) as refused:
        Mount.parse(value)

    assert str(refused.value) == message
