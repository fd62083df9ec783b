"""The error for one invalid value; the caller adds the file and the line."""


class InvalidValueError(ValueError):
    """An invalid value: *what* is wrong and the *fix*. The code that reads the file adds where it is."""

    def __init__(self, what: str, fix: str = "") -> None:
        """Keep both parts, plain text without a full stop."""
        super().__init__(what, fix)
        self.what = what
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.what}; {self.fix}" if self.fix else self.what
