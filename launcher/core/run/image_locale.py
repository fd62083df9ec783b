"""Which locale a program gets in the place of one that its image does not have."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

FOLDER = "/usr/lib/locale"
ARCHIVE = f"{FOLDER}/locale-archive"
ARCHIVE_HEAD = 1 << 20
"""How many of the archive's first bytes hold the names of its locales (glibc, locarchive.h)."""

FALLBACKS = ("C.UTF-8", "en_US.UTF-8")
"""What most images have; the second in those of older RHEL, which have no ``C.UTF-8``."""


def locale_names(locale: str) -> tuple[str, ...]:
    """Return the names that the C library looks for: as it is written, and with the codeset simplified (``utf8``)."""
    name, at, modifier = locale.partition("@")
    language, dot, codeset = name.partition(".")
    simple = "".join([char for char in codeset.lower() if char.isalnum()])
    return tuple(dict.fromkeys((locale, f"{language}{dot}{simple}{at}{modifier}")))


def has_locale(locale: str, exists: Callable[[str], bool], archive: bytes) -> bool:
    """Tell whether an image has *locale*: as a folder, or named in the first bytes of its *archive*."""
    names = locale_names(locale)
    return any(exists(f"{FOLDER}/{name}") for name in names) or any(
        b"\0%b\0" % name.encode() in archive for name in names
    )


def fitting_locale(locale: str, present: Iterable[str]) -> str:
    """Return *locale* if it is among those *present* in an image, else one that reads and writes the same bytes."""
    there = {*present}
    if locale in there:
        return locale
    if "utf" not in locale.lower():
        return "C"
    return next((each for each in FALLBACKS if each in there), FALLBACKS[0])
