"""What the rig says when it cannot go on: one line that holds where, what and the fix."""


class RigError(Exception):
    """The rig cannot go on; prints as ``rig: WHERE: WHAT; FIX``."""

    def __init__(self, where: str, what: str, fix: str, *, exit_code: int = 1) -> None:
        """Say *where* it stopped, *what* was found there and the *fix*; ``exit_code`` 2 means no engine at all."""
        super().__init__(f"rig: {where}: {what}; {fix}")
        self.exit_code = exit_code
