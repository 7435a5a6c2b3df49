"""JSON of the service, read strictly: what two readers could read differently is refused."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from memos_admin.language import gettext as _

DEEPEST = 64
"""Levels of nesting; the deepest answer that is documented has about ten."""


class BadJSON(ValueError):
    """The text is not JSON that can be relied on. The message is a few words that say why."""


def decode(text: str) -> Any:
    """Return the value of a JSON text.

    Raises:
        BadJSON: broken or cut off, a key twice in one object, NaN or a number without bounds, or
            nested deeper than `DEEPEST`.
    """
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_float=_finite, parse_constant=_no_number
        )
    except BadJSON:
        raise
    except (ValueError, RecursionError) as error:
        raise BadJSON(_reason(error)) from None
    if _depth_exceeds(value, DEEPEST):
        raise BadJSON(_("nested too deeply"))
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise BadJSON(_("a key stands twice in one object"))
    return result


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise BadJSON(_("a number is too large"))
    return number


def _no_number(word: str) -> NoReturn:
    raise BadJSON(_("{word} is not a JSON number").format(word=word))


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return _("nested too deeply")
    if isinstance(error, json.JSONDecodeError):
        return _("broken or cut off JSON")
    return _("a number is too large")  # int() refuses thousands of digits with a plain ValueError


def _depth_exceeds(value: Any, levels: int) -> bool:
    """Return whether containers are nested deeper, level by level: no recursion, little time."""
    level = [value] if isinstance(value, dict | list) else []
    for _level in range(levels):
        if not level:
            return False
        level = [
            child
            for node in level
            for child in (node.values() if type(node) is dict else node)
            if type(child) is dict or type(child) is list
        ]
    return bool(level)
