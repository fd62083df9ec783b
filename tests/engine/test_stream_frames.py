from hypothesis import given, settings
from hypothesis import strategies as st

from launcher.engine.stream_frames import FrameDecoder


def framed(stream, data):
    return bytes([stream, 0, 0, 0]) + len(data).to_bytes(4, "big") + data


def told(pieces):
    """Return what each stream got, its pieces joined."""
    frames, streams = FrameDecoder(), {}
    for piece in pieces:
        for number, part in frames.feed(piece):
            streams[number] = streams.get(number, b"") + bytes(part)
    return streams


def test_each_stream_gets_its_bytes():
    data = framed(1, b"out") + framed(2, b"err") + framed(1, b"put\n")

    assert told([data]) == {1: b"output\n", 2: b"err"}


def test_the_order_of_the_pieces_is_kept():
    data = framed(1, b"a") + framed(2, b"b") + framed(1, b"c")

    assert [(number, bytes(part)) for number, part in FrameDecoder().feed(data)] == [(1, b"a"), (2, b"b"), (1, b"c")]


def test_an_empty_frame_yields_nothing():
    assert told([framed(1, b"") + framed(2, b"") + framed(1, b"x")]) == {1: b"x"}


def test_an_incomplete_frame_yields_what_has_arrived():
    assert told([framed(1, b"half of it")[:12]]) == {1: b"half"}
    assert told([framed(1, b"x")[:7]]) == {}


def test_a_long_frame_is_not_copied():
    data = framed(1, bytes(1 << 20))

    ((_, part),) = FrameDecoder().feed(data)

    assert part.obj is data


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(max_size=40)), max_size=8),
    st.lists(st.integers(1, 13), min_size=1),
)
def test_frames_are_decoded_however_the_bytes_are_split(frames, sizes):
    data = b"".join(framed(*frame) for frame in frames)
    pieces = []
    while data:
        size = sizes[len(pieces) % len(sizes)]
        pieces.append(data[:size])
        data = data[size:]

    expected = {}
    for number, part in frames:
        if part:
            expected[number] = expected.get(number, b"") + part
    assert told(pieces) == expected
