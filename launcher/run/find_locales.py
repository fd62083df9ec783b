"""Finds out once for an image which of the caller's locales it has, and keeps what its programs get instead."""

from __future__ import annotations

from launcher.core.run.image_locale import FALLBACKS, fitting_locale
from launcher.errors import HostError
from launcher.fast_stdlib import suppress
from launcher.host import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence


def find_locales(
    folder: str, wanted: Sequence[str], present_locales: Callable[[Collection[str]], Collection[str]]
) -> dict[str, str]:
    """Return for each of the *wanted* locales the one that programs of an image get, and keep it in *folder*.

    *present_locales* returns those of a list that the image has.
    """
    present = present_locales({*wanted, *FALLBACKS})
    found = {locale: fitting_locale(locale, present) for locale in wanted}
    for locale, given in found.items():
        with suppress(HostError):  # if the cache cannot be written, the image is asked each time
            files.create(f"{folder}/{locale}", given)
    return found
