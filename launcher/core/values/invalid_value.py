"""What is wrong with one value of a catalog, before anyone knows which file it stands in."""


class InvalidValueError(ValueError):  # noqa: N818  reads as the sentence: raise Wrong(what, fix)
    """A value that a reader refuses: *what* is wrong and the *fix*; who reads the file adds where."""

    def __init__(self, what: str, fix: str = "") -> None:
        """Keep both parts, plain text without a full stop."""
        super().__init__(what, fix)
        self.what = what
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.what}; {self.fix}" if self.fix else self.what
