"""A script that is one run is named after its file."""

import pytest

from launcher.core.imports.script_reader import from_script
from tests.core.imports.texts import ANA


def script(text, name="tool"):
    return from_script(text, "bin/tool", ANA, name=name)


@pytest.mark.parametrize(
    "text",
    [
        '#!/bin/sh\nexec docker run --rm alpine:3 "$@"\n',
        '#!/usr/bin/env bash\nset -euo pipefail\nIMG=alpine:3\ndocker run --rm "$IMG" "$@"\n',
        '#!/bin/bash\ntty=\n[ -t 0 ] && tty=-t\ndocker run --rm -i $tty alpine:3 "$@"\n',
        '#!/bin/sh\nif [ -t 0 ]; then\n  T=-it\nelse\n  T=-i\nfi\nexec docker run --rm ${T} alpine:3 "$@"\n',
        '#!/bin/bash\nargs=(--rm)\nargs+=(-it)\nexec docker run "${args[@]}" alpine:3 "$@"\nexit $?\n',
        '#!/bin/bash\nmain() {\n  docker run --rm alpine:3 "$@"\n}\nmain "$@"\n',
    ],
)
def test_a_script_with_one_run_is_the_app_of_its_file(text):
    (one,) = script(text).proposals

    assert one.name == "tool"
    assert one.table == {
        "image": "docker.io/library/alpine:3",
        "user": "image",
        "mount_cwd": "none",
        "path_args": "none",
    }
    assert [note.part for note in one.notes if note.fate == "refused"] in (
        [],
        ["if [ -t 0 ]"],
        ["[ -t 0 ]"],
        ["set -euo pipefail"],
    )


def test_a_file_of_aliases_is_no_script():
    found = script("#!/bin/sh\nalias a='docker run alpine:3'\n")

    assert [each.name for each in found.proposals] == ["a"]
