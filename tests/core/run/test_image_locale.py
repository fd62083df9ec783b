"""Which locale a program gets in the place of one that its image does not have."""

import pytest

from launcher.core.run.image_locale import fitting_locale, has_locale, locale_names


@pytest.mark.parametrize(
    ("locale", "names"),
    [
        ("de_DE.UTF-8", ("de_DE.UTF-8", "de_DE.utf8")),
        ("C.utf8", ("C.utf8",)),
        ("ca_ES.UTF-8@valencia", ("ca_ES.UTF-8@valencia", "ca_ES.utf8@valencia")),
        ("de_DE", ("de_DE",)),
        ("de_DE.ISO-8859-15@euro", ("de_DE.ISO-8859-15@euro", "de_DE.iso885915@euro")),
    ],
)
def test_a_codeset_may_be_written_in_two_ways(locale, names):
    assert locale_names(locale) == names


def test_an_image_has_a_locale_as_a_folder_or_in_its_archive():
    there = {"/usr/lib/locale/C.utf8", "/usr/lib/locale/C.UTF-8"}.__contains__

    assert has_locale("C.UTF-8", there, b"")
    assert has_locale("de_DE.UTF-8", there, b"\0\0de_AT.utf8\0de_DE.utf8\0")
    assert not has_locale("de_DE.UTF-8", there, b"\0xde_DE.utf8\0de_DE.utf8@x\0")


@pytest.mark.parametrize(
    ("locale", "present", "given"),
    [
        ("de_DE.UTF-8", ("de_DE.UTF-8", "C.UTF-8"), "de_DE.UTF-8"),
        ("de_DE.UTF-8", ("C.UTF-8", "en_US.UTF-8"), "C.UTF-8"),
        ("de_DE.utf8", ("en_US.UTF-8",), "en_US.UTF-8"),  # RHEL 7
        ("de_DE.UTF-8", (), "C.UTF-8"),  # built into glibc since 2.35, and musl takes any
        ("UTF-8", ("C.UTF-8",), "C.UTF-8"),  # ssh from macOS
        ("de_DE", ("C.UTF-8",), "C"),  # a terminal for Latin-1
        ("de_DE@euro", ("C.UTF-8",), "C"),
    ],
)
def test_what_takes_its_place_reads_and_writes_the_same_bytes(locale, present, given):
    assert fitting_locale(locale, present) == given
