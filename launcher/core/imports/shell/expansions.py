"""Quotes and expansions of bash and zsh: where they end and what they contain."""

import re

from launcher.core.imports.shell.escapes import read_ansi_c
from launcher.core.imports.shell.lexer import Read, read_double_quoted, skip_documents
from launcher.core.imports.shell.tokens import Part, UnclosedError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_BRACED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:(?::-|:\?|\?)(?:[^$`\\\"'{}]|\$HOME\b|\$\{HOME\})*)?")
_SETTING = re.compile(r"^([A-Za-z_][A-Za-z0-9_]*):=")
_ALL_IF_ANY = re.compile(r'[1@*]:?\+"\$(?:@|\{@\})"')
_IN_QUOTES = re.compile(r"[^\"\\$`]+")
_SPECIAL = "@*#?$!-0123456789"
_DOCUMENT = re.compile(r"(?<!<)<<-?[ \t]*([A-Za-z_][A-Za-z0-9_]*|'[^'\n]*'|\"[^\"\n]*\")")


def read_single_quoted(text: str, at: int) -> Read:
    """Read text in single quotes."""
    end = text.find("'", at + 1)
    if end < 0:
        raise UnclosedError("a ' is never closed")
    return [Part("text", text[at + 1 : end])], end + 1


def read_double_quotes(text: str, at: int) -> Read:
    """Read text and expansions in double quotes."""
    return read_double_quoted(text, at + 1, '$`"\\', _expansion_or_backquoted, _IN_QUOTES)


def _expansion_or_backquoted(text: str, at: int) -> Read:
    return read_backquoted(text, at) if text[at] == "`" else read_expansion(text, at)


def read_escape(text: str, at: int) -> Read:
    """Read a backslash and the character it protects."""
    following = text[at + 1 : at + 2]
    return [Part("text", "" if following == "\n" else following or "\\")], min(at + 2, len(text))


def read_dollar(text: str, at: int) -> Read:
    """Read what begins with a dollar sign outside quotes."""
    if text.startswith("$'", at):
        body, end = read_ansi_c(text, at + 2)
        return [Part("text", body)], end
    return read_double_quotes(text, at + 1) if text.startswith('$"', at) else read_expansion(text, at)


def read_expansion(text: str, at: int) -> Read:
    """Read an expansion that begins with a dollar sign, inside double quotes or outside."""
    if text.startswith("$(", at):
        end = find_closing(text, at + 2) + 1
        kind, body = ("strange", text[at:end]) if text.startswith("$((", at) else ("command", text[at + 2 : end - 1])
        return [Part("command" if kind == "command" else "strange", body.strip(), text[at:end])], end
    if text.startswith("${", at):
        end = find_closing(text, at + 2, "}") + 1
        return [_braced(text[at + 2 : end - 1], text[at:end])], end
    if name := _NAME.match(text, at + 1):
        return [Part("variable", name[0], text[at : name.end()])], name.end()
    special = text[at + 1 : at + 2]
    if special and special in _SPECIAL:
        return [Part("arguments" if special in "@*" else "strange", special, text[at : at + 2])], at + 2
    return [Part("text", "$")], at + 1


def read_backquoted(text: str, at: int) -> Read:
    """Read a command in backquotes."""
    end = at + 1
    while end < len(text) and text[end] != "`":
        end += 2 if text[end] == "\\" else 1
    if end >= len(text):
        raise UnclosedError("a ` is never closed")
    return [Part("command", text[at + 1 : end].replace("\\`", "`").strip(), text[at : end + 1])], end + 1


def read_process(text: str, at: int) -> Read:
    """Read ``<(...)`` or ``>(...)``."""
    end = find_closing(text, at + 2) + 1
    return [Part("strange", text[at:end], text[at:end])], end


def find_closing(text: str, at: int, mark: str = ")") -> int:
    """Return the position of the *mark* that closes what was opened before *at*.

    Quotes and brackets inside are skipped. Raises `UnclosedError`.
    """
    open_ones = [mark]
    documents: list[str] = []
    while at < len(text):
        char, top = text[at], open_ones[-1]
        if top == ")" and (document := _DOCUMENT.match(text, at)):
            documents.append(document[1].strip("'\""))
            at = document.end() - 1
        elif char == "\n" and documents:
            at = skip_documents(text, at + 1, documents) - 1
            documents = []
        elif char == "\\":
            at += 1
        elif char == top:
            open_ones.pop()
            if not open_ones:
                return at
        elif char == "'" and top not in ('"', "`"):
            at = text.find("'", at + 1)
            if at < 0:
                break
        elif closes := _opened(text, at, top):
            open_ones.append(closes)
            at += char == "$"
        at += 1
    raise UnclosedError(f"a {'(' if mark == ')' else '{'} is never closed")


def _opened(text: str, at: int, top: str) -> str:
    """Return the mark that closes what is opened *at* that position, within *top*; "" if nothing is opened."""
    char, following = text[at], text[at + 1 : at + 2]
    if top == "`":
        return ""
    if char == "$" and following in ("(", "{"):
        return ")" if following == "(" else "}"
    if char in ('"', "`"):
        return char
    return ")" if char == "(" and top == ")" else ""


def _braced(body: str, source: str) -> Part:
    if body in ("@", "*") or _ALL_IF_ANY.fullmatch(body):
        return Part("arguments", body[:1] if body in ("@", "*") else "@", source)
    otherwise = _SETTING.sub(r"\1:-", body)  # which it also assigns
    return Part("variable", otherwise, source) if _BRACED.fullmatch(otherwise) else Part("strange", body, source)
