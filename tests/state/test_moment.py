from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.core.values.duration import describe_seconds, iso, parse_duration, parse_since

NOW = datetime(2026, 11, 23, 16, 0, 0, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("5m", 300),
        ("1h30m", 5400),
        ("365d", 31536000),
        ("2w", 1209600),
        ("1.5h", 5400),
        (" 1H ", 3600),
        ("0s", 0),
    ],
)
def test_a_duration_is_its_seconds(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "m", "-5m", "5 m", "5x", "1h30", "h5", "\N{ARABIC-INDIC DIGIT FIVE}m"])
def test_what_is_no_duration_is_told_the_forms(text):
    with pytest.raises(ValueError, match="is not a duration; write 90s, 5m, 1h30m, 365d or 2w"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2h", "2026-11-23T14:00:00Z"),
        ("3d", "2026-11-20T16:00:00Z"),
        ("now", "2026-11-23T16:00:00Z"),
        ("today", "2026-11-23T00:00:00Z"),
        ("Yesterday", "2026-11-22T00:00:00Z"),
        ("3000w", "1970-01-01T00:00:00Z"),
        ("2026-11-01", "2026-11-01T00:00:00Z"),
        ("2026-11-01T10:00", "2026-11-01T10:00:00Z"),
        ("2026-11-01 10:00:30", "2026-11-01T10:00:30Z"),
        ("2026-11-01T10:00Z", "2026-11-01T10:00:00Z"),
        ("2026-11-01T10:00+02:00", "2026-11-01T08:00:00Z"),
    ],
)
def test_a_time_word_is_a_moment(text, moment):
    assert iso(parse_since(text, NOW, UTC)) == moment


def test_a_day_begins_where_the_caller_lives():
    madrid = ZoneInfo("Europe/Madrid")

    assert iso(parse_since("2026-11-01", NOW, madrid)) == "2026-10-31T23:00:00Z"
    assert iso(parse_since("2026-07-01", NOW, madrid)) == "2026-06-30T22:00:00Z"  # summer time, asked in winter


def test_without_a_zone_a_day_is_this_machines():
    assert parse_since("2026-11-01", NOW) == datetime(2026, 11, 1).timestamp()  # noqa: DTZ001  the point


@pytest.mark.parametrize("text", ["", "soon", "2026", "2026-13-01", "2026-11-01T25:00", "99999999999999d?", "-1d"])
def test_what_is_no_time_is_told_the_forms(text):
    with pytest.raises(ValueError, match="is not a time; write 2h, 3d, today, yesterday, 2026-11-01 or"):
        parse_since(text, NOW, UTC)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0.0s"),
        (0.42, "0.4s"),
        (12.34, "12.3s"),
        (59.94, "59.9s"),
        (59.96, "1m00s"),
        (192, "3m12s"),
        (3599.6, "1h00m"),
        (7500, "2h05m"),
        (86399.9, "1d00h"),
        (273600, "3d04h"),
    ],
)
def test_a_length_of_time_is_shown_in_two_units(seconds, shown):
    assert describe_seconds(seconds) == shown


@given(st.text() | st.from_regex(r"[0-9]{1,400}[smhdw]|[0-9-]{1,12}T?[0-9:]*"))
def test_any_text_is_a_time_or_a_value_error(text):
    try:
        parse_since(text, NOW, UTC)
    except ValueError as error:
        assert "is not a time" in str(error)  # noqa: PT017  most text is none
