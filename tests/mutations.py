"""Damaged JSON: every truncation of a text, and random mutations of it, the same ones at each run."""

import json
import random

VALUES = (None, True, 0, -1, 1.5, 10**400, "", "x", "\0", "\ud800", [], [None], [[]], {}, {"a": None}, [[1, "2"]])
WORDS = (b"NaN", b"-Infinity", b"1e999", b"9" * 5000, b"[" * 100_000, b'"\\ud800"', b"\xff\xfe", b"\0", b"\xef\xbb\xbf")


def truncations(text):
    """Return every beginning of *text* that is shorter than it."""
    return [text[:length] for length in range(len(text))]


def mutations(text, number, seed=12):
    """Return *number* mutations of the JSON *text*: half of them in its bytes, half in its values."""
    chance = random.Random(seed)
    value = json.loads(text)
    return [_in_bytes(text, chance) if each % 2 else _in_values(value, chance) for each in range(number)]


def _in_bytes(text, chance):
    data = bytearray(text)
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        place = chance.randrange(len(data)) if data else 0
        match chance.randrange(5):
            case 0 if data:
                data[place] = chance.randrange(256)
            case 1 if data:
                del data[place : place + chance.choice((1, 1, 2, 10))]
            case 2:
                data[place:place] = bytes([chance.choice(b'"{}[],:0\\n \x00\xff')])
            case 3:
                data[place:place] = data[place : place + chance.randrange(20)]
            case 4 if chance.random() < 0.1:
                data[place:place] = chance.choice(WORDS)
    return bytes(data)


def _in_values(value, chance):
    """Replace, remove or add one value somewhere: what is left is valid JSON of another shape."""
    copy = json.loads(json.dumps({"top": value}))
    holder, key = copy, "top"
    while isinstance(holder[key], dict | list) and holder[key] and chance.random() < 0.8:
        holder = holder[key]
        key = chance.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
    match chance.randrange(4):
        case 0 if holder is not copy:
            del holder[key]
        case 1 if isinstance(holder[key], dict):
            holder[key]["another"] = chance.choice(VALUES)
        case _:
            holder[key] = chance.choice(VALUES)
    return json.dumps(copy["top"]).encode()
