"""The note on a descriptor of the caller that arguments name, and that no container gets."""

from __future__ import annotations

from launcher.errors import printable
from launcher.fast_stdlib import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from launcher.core.catalog.entry import CatalogEntry

_PATH = pattern(r"(/(?:dev|proc/(?:self|thread-self|[0-9]+))/fd/([0-9]+))(?![0-9])")
_NUMBER = pattern(r"((?:fd[ =:]|pipe:|[<>]&)([0-9]+))(?![0-9])")  # --passphrase-fd 3, -pass fd:3, pipe:3, cat <&3


def descriptor_hint(entry: CatalogEntry, args: Sequence[str], passed: Container[int], *, failed: bool) -> str:
    """Return a line for the first descriptor among *args* that the caller has *passed* on, "" if there is none.

    A path such as ``/dev/fd/63``, which a shell makes of ``<(...)``, is noted whatever came of the program; a bare
    number may mean anything, and is noted if the program *failed*.
    """
    text = " ".join(args)
    for form in (_PATH, _NUMBER) if failed else (_PATH,):
        for word, number in form.findall(text):
            if int(number) in passed:
                name = word if form is _PATH else f"descriptor {number}"
                what = f"{name} is open in your shell only: a container has no descriptors of yours"
                fix = f"use a pipe or a file, or applaunch override {entry.app} --runtime bubblewrap"
                return printable(f"applaunch: {entry.name}: note: {what}; {fix}")
    return ""
