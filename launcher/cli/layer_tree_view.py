"""Show a tree of shared layers with a bar for the size of each branch, and the unpacked images."""

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


def show_trees(usage: Usage) -> None:
    """Show the unpacked images: size, bar, and the deployments that use them."""
    most = max(each.size for each in usage.trees)
    for each in usage.trees:
        length = round(_BAR * each.size / most) if most else 0
        names = ", ".join(each.names) or f"{each.image_id[:19]}, used by no app"
        shared = f", {output.format_size(each.shared)} shared" if each.shared else ""
        bar = ("#" * length).ljust(_BAR)
        output.print_line(f"{output.format_size(each.size):>8} ", bar, "  ", (names, "bold"), f" (unpacked{shared})")
    output.print_line(f"{output.format_size(usage.unpacked):>8}  unpacked in total")


def _lines(branches: Sequence[Branch], lead: str) -> Iterator[tuple[str, int, tuple[str, str]]]:
    for at, each in enumerate(branches):
        last = at == len(branches) - 1
        own = ", ".join(each.images)
        words = own or f"shared by {len(each.every)}: {', '.join(each.every)}"
        if own and each.branches:
            words = f"{own}, and below {', '.join(name for branch in each.branches for name in branch.every)}"
        yield lead + ("`- " if last else "|- "), each.size, (words, "bold" if own else "")
        yield from _lines(each.branches, lead + ("   " if last else "|  "))
