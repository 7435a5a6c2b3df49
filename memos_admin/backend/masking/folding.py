"""Text as a finder reads it: ASCII digits and signs for all that looks like them, simplified Chinese. Pure."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_DIGITS = {
    first + value: ord("0") + value
    for first in (0x660, 0x6F0, 0x966, *range(0x1D7CE, 0x1D800, 10))
    for value in range(10)
}
"""Arabic, Persian, Devanagari; those of mathematics."""
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−－﹣"), "-")
_SPACES = dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2007\u2009\u200a\u202f\u3000\t"), " ")
_SIMPLIFIED = str.maketrans(
    "碼電話號證驗鑰銀帳戶傳機聯線熱動態識別發給護錄為還現設換訂單運遞編貨網盤鎖門開櫃確認權復個這條頭時鐘億萬塊撥"
    "轉儲險廂啟緻務據簽賬庫狀歷當訊簡類幣員後遊",
    "码电话号证验钥银帐户传机联线热动态识别发给护录为还现设换订单运递编货网盘锁门开柜确认权复个这条头时钟亿万块拨"
    "转储险厢启致务据签账库状历当讯简类币员后游",
)
"""Of traditional characters those that words are written with by which something is known."""
_PLAIN = _FULL_WIDTH | _DIGITS | _DASHES | _SPACES | _SIMPLIFIED

_CIRCLED = str.maketrans(
    {
        char: str(value)
        for digits in ("⓪①②③④⑤⑥⑦⑧⑨", "⓿❶❷❸❹❺❻❼❽❾", "🄋➀➁➂➃➄➅➆➇➈", "🄌➊➋➌➍➎➏➐➑➒")
        for value, char in enumerate(digits)
    }
)
_ROW_OF_CIRCLED = re.compile(f"[{''.join(map(chr, _CIRCLED))}]{{4,}}")
"""A number; fewer are marks of a list, or of a footnote behind a number."""

_CONTROLS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_INVISIBLE = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_SEQUENCE = r"(?:\x1b\[|\x9b)[0-9;:?]{0,40}[@-~]"
"""Of a terminal: a colour."""
_TAG = r"</?(?:a|abbr|b|big|code|em|font|i|ins|kbd|mark|s|small|span|strong|tt|u|wbr)(?:\s[^<>]{0,200})?/?>"
_UNSEEN = re.compile(
    rf"(?<=\d)(?:{_SEQUENCE}|[{_INVISIBLE}]|{_TAG}){{1,8}}(?=\d)"
    rf"|{_SEQUENCE}|[{_INVISIBLE}{_CONTROLS}]+|\r(?=\n)",
    re.IGNORECASE,
)
"""What comes along unseen when a number is copied from a telephone, a page or a terminal; tags within digits alone."""
_MAY_BE_UNSEEN = re.compile(rf"[{_CONTROLS}{_INVISIBLE}\r<]")

_ESCAPE = re.compile(r"\\(?:[nrt]|u[0-9a-fA-F]{4})")


class Folded(NamedTuple):
    """A folded text.

    Attributes:
        text: one character for each that was not unseen.
        places: where each character was, and the length of the original; None: where it is now.
    """

    text: str
    places: Sequence[int] | None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return where a part of it, which is not empty, was."""
        if self.places is None:
            return start, end
        return self.places[start], self.places[end - 1] + 1


class Unescaped(NamedTuple):
    """A text with the characters that it has escapes for, as JSON has.

    Attributes:
        text: with them.
        places: where each character begins in the original, and the length of that.
    """

    text: str
    places: Sequence[int]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return where a part of it was."""
        return self.places[start], self.places[end]

    def behind(self, place: int) -> int:
        """Return the first place of the original from one on that is in no escape."""
        at = bisect_left(self.places, place)
        while at + 1 < len(self.places) and self.places[at + 1] - self.places[at] > 1:
            at += 1
        return self.places[at]


def fold(text: str) -> Folded:
    """Return a text as a finder reads it."""
    plain = text.replace("\t", " ") if text.isascii() else _folded(text)
    if not _MAY_BE_UNSEEN.search(plain):
        return Folded(plain, None)
    places: list[int] = []
    at = 0
    for found in _UNSEEN.finditer(plain):
        places.extend(range(at, found.start()))
        at = found.end()
    places.extend(range(at, len(plain)))
    return Folded(_UNSEEN.sub("", plain), places)


def _folded(text: str) -> str:
    return _ROW_OF_CIRCLED.sub(lambda row: row[0].translate(_CIRCLED), text.translate(_PLAIN))


def unescape(text: str) -> Unescaped | None:
    """Return a text without escapes; None: it has none."""
    if "\\" not in text:
        return None
    parts: list[str] = []
    places: list[int] = []
    at = 0
    for found in _ESCAPE.finditer(text):
        parts += text[at : found.start()], json.loads(f'"{found[0]}"')
        places.extend(range(at, found.start() + 1))
        at = found.end()
    if not parts:
        return None
    places.extend(range(at, len(text) + 1))
    return Unescaped("".join((*parts, text[at:])), places)
