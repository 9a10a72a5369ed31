"""From JSON to exact numbers: what is not a certificate is refused with the reason."""

import json
import re
from fractions import Fraction
from typing import Any

Vector = list[Fraction]
Matrix = list[Vector]

DIGITS = "-?(?:0x[0-9a-f]{1,100000}|[0-9]+)"
NUMBER = re.compile(rf"({DIGITS})(?:/({DIGITS})|\*2\^(-?[0-9]{{1,6}}))?")


class Refused(ValueError):
    """A certificate that is malformed, or does not prove what it claims."""


def require(condition: bool, reason: str) -> None:
    """Refuses the certificate unless the condition holds."""
    if not condition:
        raise Refused(reason)


def parse(text: bytes) -> dict[str, Any]:
    """The JSON object, in which no number is a float and no key stands twice."""
    try:
        found = json.loads(
            text, parse_float=_no_float, parse_constant=_no_float, object_pairs_hook=_object
        )
    except Refused:
        raise
    except RecursionError:
        raise Refused("the JSON is nested too deeply.") from None
    except ValueError as error:
        raise Refused(f"this is not JSON: {error}") from None
    require(isinstance(found, dict), "a certificate must be a JSON object.")
    return found


def _no_float(text: str):
    raise Refused(f'{text} is not exact; write numbers as integers, "p/q" or "m*2^e".')


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    require(len(set(keys)) == len(keys), "a key stands twice in one object.")
    return dict(pairs)


def number(value: Any, name: str) -> Fraction:
    """An integer, or a string "p", "p/q" or "m*2^e"."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Fraction(value)
    match = NUMBER.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Refused(f'{name} must hold integers or strings "p/q" or "m*2^e", not {value!a:.40}.')
    top, bottom = (_integer(digits or "1", name) for digits in match.group(1, 2))
    require(bottom != 0, f"{name} holds a quotient by zero.")
    return Fraction(top, bottom) * Fraction(2) ** int(match.group(3) or 0)


def _integer(digits: str, name: str) -> int:
    try:
        return int(digits, 16 if "x" in digits else 10)
    except ValueError:
        raise Refused(f"a number of {name} is too long for decimals; write hexadecimals.") from None


def vector(value: Any, name: str) -> Vector:
    """A list of numbers."""
    require(isinstance(value, list), f"{name} must be a list.")
    return [number(entry, name) for entry in value]


def matrix(value: Any, name: str) -> Matrix:
    """A list of lists of numbers."""
    require(isinstance(value, list), f"{name} must be a list of lists.")
    return [vector(row, name) for row in value]


def word(value: Any, name: str) -> str:
    require(isinstance(value, str), f"{name} must be a string.")
    return value


READERS = {
    **dict.fromkeys(("X", "atoms", "relations"), matrix),
    **dict.fromkeys(("y", "weights", "dual", "coefficients"), vector),
    **dict.fromkeys(("lam", "lower", "upper"), number),
    "loss": word,
}


def fields(found: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """Exactly the named fields, in exact numbers."""
    for name in names:
        require(name in found, f"the field {name} is missing.")
    for key in found:
        require(key in names, f"the field {key!a:.40} is not part of this problem.")
    return {name: READERS[name](found[name], name) for name in names}
