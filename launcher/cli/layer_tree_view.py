"""Show a tree of shared layers with a bar for the size of each branch."""

from collections.abc import Iterator, Sequence

from launcher.cli import output
from launcher.core.images.layer_tree import Branch
from launcher.manage.query.disk_usage import Usage

_BAR = 20


def show_usage(usage: Usage) -> None:
    """Show the tree: size, bar, and the images of each branch or what it is shared by."""
    for tree, size, words in _lines(usage.branches, ""):
        length = round(_BAR * size / usage.total) if usage.total else 0
        output.print_line(f"{output.format_size(size):>8} ", ("#" * length).ljust(_BAR), f" {tree}", words)
    output.print_line(
        f"{output.format_size(usage.total):>8}  in total; {output.format_size(usage.apparent)} without sharing"
    )


def _lines(branches: Sequence[Branch], lead: str) -> Iterator[tuple[str, int, tuple[str, str]]]:
    for at, each in enumerate(branches):
        last = at == len(branches) - 1
        own = ", ".join(each.images)
        words = own or f"shared by {len(each.every)}: {', '.join(each.every)}"
        if own and each.branches:
            words = f"{own}, and below {', '.join(name for branch in each.branches for name in branch.every)}"
        yield lead + ("`- " if last else "|- "), each.size, (words, "bold" if own else "")
        yield from _lines(each.branches, lead + ("   " if last else "|  "))
