"""Ids as they are shown and copied: marks such as ``⟨U+200B⟩`` stand for characters that nobody would see. Pure.

Without them what is pasted for one id could be another one, which is another person's.
"""

from __future__ import annotations

import re
import unicodedata

from memos_admin.backend.display import MAX_MARKS, safe

_MARK = re.compile(r"⟨U\+([0-9A-F]{4,6})⟩")
_LAST, _SURROGATES = 0x10FFFF, range(0xD800, 0xE000)


def marked(text: str) -> str:
    """Return a line with a mark for each character that the display gate would not leave as it is."""
    if safe(text) == text and not _has_joiner(text):
        return text
    shown: list[str] = []
    run = 0
    for char in text:
        run = run + 1 if _combines(char) else 0
        stays = bool(shown) and run <= MAX_MARKS if run else safe(char) == char
        shown.append(char if stays and not _joins(char) else f"⟨U+{ord(char):04X}⟩")
    return "".join(shown)


def meant(text: str) -> str:
    """Return an id with the characters that its marks stand for; what is no mark stays."""
    return _MARK.sub(_char, text) if "⟨" in text else text


def unmarked(text: str) -> str:
    """Return a text that is no id without its marks."""
    return _MARK.sub("", text) if "⟨" in text else text


def _char(mark: re.Match[str]) -> str:
    code = int(mark[1], 16)
    return mark[0] if code > _LAST or code in _SURROGATES else chr(code)


def _combines(char: str) -> bool:
    return unicodedata.category(char) in {"Mn", "Me", "Mc"}


def _joins(char: str) -> bool:
    """Whether a character is seen by what stands beside it alone: joiners, selectors, skin tones."""
    return (
        char in "\u200c\u200d"
        or not char.isprintable()
        or unicodedata.name(char, "").startswith(
            ("VARIATION SELECTOR", "MONGOLIAN FREE VARIATION", "EMOJI MODIFIER")
        )
    )


def _has_joiner(text: str) -> bool:
    return not text.isascii() and any(map(_joins, text))
