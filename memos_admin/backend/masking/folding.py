"""Text as a finder reads it: ASCII digits and signs for all that looks like them, simplified Chinese. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_DIGITS = {
    first + value: ord("0") + value
    for first in (0x660, 0x6F0, 0x966)  # Arabic, Persian, Devanagari
    for value in range(10)
}
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

_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]+")
"""What comes along unseen when a number is copied from a telephone or a page."""


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


def fold(text: str) -> Folded:
    """Return a text as a finder reads it."""
    if text.isascii():
        return Folded(text.replace("\t", " "), None)
    plain = text.translate(_PLAIN)
    if not _UNSEEN.search(plain):
        return Folded(plain, None)
    places: list[int] = []
    at = 0
    for found in _UNSEEN.finditer(plain):
        places.extend(range(at, found.start()))
        at = found.end()
    places.extend(range(at, len(plain)))
    return Folded(_UNSEEN.sub("", plain), places)
