import pytest

from launcher.core.values.invalid_value import InvalidValueError
from launcher.core.values.limits import Ulimit, read_cpus, read_size, read_ulimits


@pytest.mark.parametrize(
    ("value", "size"),
    [
        (1024, 1024),
        ("1024", 1024),
        ("1b", 1),
        ("4k", 4096),
        ("512m", 512 << 20),
        ("512M", 512 << 20),
        ("512mb", 512 << 20),
        ("512MiB", 512 << 20),
        ("2g", 2 << 30),
        ("2 GB", 2 << 30),
        ("1t", 1 << 40),
    ],
)
def test_sizes_follow_docker(value, size):
    assert read_size(value) == size


@pytest.mark.parametrize(
    "value",
    [0, -1, True, 1.5, "", "0", "0m", "-1m", "1.5g", "1x", "g", "٣m", [], {}, "9" * 5000, 1 << 63, "9999999999t"],
)
def test_an_invalid_size_is_refused_with_the_valid_form(value):
    with pytest.raises(InvalidValueError) as refused:
        read_size(value)

    assert str(refused.value) == f"{value!r} is not a size; write a number of bytes, or '512m', '2g'"


@pytest.mark.parametrize(("value", "cpus"), [(2, 2.0), (1.5, 1.5), ("0.5", 0.5)])
def test_a_fraction_of_a_processor_is_valid(value, cpus):
    assert read_cpus(value) == cpus


@pytest.mark.parametrize("value", [0, -1, True, "", "two", [], {}, float("nan"), float("inf"), "nan", 100_000, 10**400])
def test_an_invalid_number_of_processors_is_refused_with_the_valid_form(value):
    with pytest.raises(InvalidValueError) as refused:
        read_cpus(value)

    assert str(refused.value) == f"{value!r} is not a number of processors; write 2 or 1.5"


def test_a_ulimit_has_a_soft_and_a_hard_value():
    assert read_ulimits({"nofile": 1024, "nproc": {"soft": 10, "hard": 20}}) == (
        Ulimit("nofile", 1024, 1024),
        Ulimit("nproc", 10, 20),
    )


@pytest.mark.parametrize(
    "limit", ["1024", True, 1.5, {"soft": 1}, {"soft": 1, "hard": "2"}, {"soft": 1, "hard": 2, "firm": 3}, []]
)
def test_an_invalid_ulimit_is_refused_with_the_valid_form(limit):
    with pytest.raises(InvalidValueError) as refused:
        read_ulimits({"nofile": limit})

    assert str(refused.value) == "the limit 'nofile' is not a number; write 1024 or { soft = 1024, hard = 2048 }"


def test_ulimits_must_be_a_table():
    with pytest.raises(InvalidValueError, match=r"^\['nofile'\] is not a table of limits; write \{ nofile = 1024 \}$"):
        read_ulimits(["nofile"])
