"""The answers of people in tests."""


def agree(*_: object) -> bool:
    """Answer yes, whatever is asked."""
    return True
