"""The owner of a tree, and the permission bits that give its owner the same rights as a user in a container."""

from __future__ import annotations

from launcher.fast_stdlib import NamedTuple


class TreeOwner(NamedTuple):
    """The user who runs programs from a tree, and to whom its files belong unless it is root."""

    uid: int
    gid: int
    groups: tuple[int, ...] = ()  # supplementary groups

    def mode_for(self, mode: int, uid: int, gid: int) -> int:
        """Return the permission bits in the tree of a file with *mode* that belongs to *uid* and *gid* in the image.

        A container runs as this user, so the file's owner, its group or all others are meant. In the tree the file
        belongs to this user, so these bits become the owner's. Setuid and setgid are dropped. Root's trees keep the
        image's owners, and so all other bits.
        """
        kept = mode & 0o1777
        if self.uid in (0, uid):
            return kept
        own = kept >> 3 if gid == self.gid or gid in self.groups else kept
        return kept & ~0o700 | (own & 7) << 6
