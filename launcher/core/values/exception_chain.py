"""An exception and all its causes."""

from collections.abc import Iterator
from typing import Any


def exception_chain(error: BaseException) -> Iterator[BaseException]:
    """Yield *error* and its causes; requests and urllib3 store a cause in three different places."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        inner: Any = getattr(link, "reason", None)
        nested = [arg for arg in (inner, *link.args) if isinstance(arg, BaseException)]
        link = nested[0] if nested else link.__cause__ or (None if link.__suppress_context__ else link.__context__)
