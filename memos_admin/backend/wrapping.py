"""Wrapping of text by terminal cells: words where there are words, characters in CJK. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.cells import cell_len, split_graphemes

_WIDE = "\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\U00020000-\U0003fffd"
_CLOSING = "、。，．：；！？）」』】》〉”’…—"
"""Punctuation that must not begin a line."""

_SPACE = "\t\x0b-\r\x1c-\x20\x85\u1680\u2000-\u200a\u2028\u2029\u205f\u3000"
"""White space where a line may break, but the line end: no-break spaces are none of it."""

_NUMBER = rf"(?:[{_WIDE}]\x20)?[0-9][0-9.,:]{{0,9}}(?:\x20?[{_WIDE}][{_CLOSING}]*|[{_CLOSING}]+|(?![^\n{_SPACE}]))"
"""A number with what counts it in CJK: 最近 50 条, 消息 1）."""

_TOKEN = re.compile(
    rf"(?:{_NUMBER}|[{_WIDE}][{_CLOSING}]*|[^\n{_SPACE}{_WIDE}]+[{_CLOSING}]*|(?=[\n{_SPACE}]))[{_SPACE}]*"
)


def wrap(text: str, width: int) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each line of `text` wrapped to `width` cells, without trailing spaces.

    Line ends of the text end a line; a word wider than a line is split between characters. Lazy, so
    that a caller who needs twelve lines of a long text pays for twelve.
    """
    width = max(width, 4)
    at = 0
    while at <= len(text):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        if end - at <= width and text[at:end].isascii():
            yield at, end
        else:
            yield from _wrap_line(text, at, end, width)
        at = end + 1


def _wrap_line(text: str, start: int, end: int, width: int) -> Iterator[tuple[int, int]]:
    line, cells, at = start, 0, start
    while at < end:
        # A token of a megabyte is taken in pieces: to look at all of it each time is quadratic.
        found = _TOKEN.match(text, at, min(end, at + 4 * width))
        stop = found.end() if found is not None and found.end() > at else at + 1
        token = text[at:stop]
        word = token.rstrip()
        need = cell_len(word)
        if cells and cells + need > width:
            yield line, _trimmed(text, line, at)
            line, cells = at, 0
            continue
        if need > width:
            *full, last = _split(word, width)
            for piece in full:
                yield at, at + len(piece)
                at += len(piece)
            line, cells, at = at, cell_len(last) + cell_len(token[len(word) :]), stop
            continue
        cells += cell_len(token)
        at = stop
    if line < end or start == end:
        yield line, _trimmed(text, line, end)


def _trimmed(text: str, start: int, end: int) -> int:
    return start + len(text[start:end].rstrip())


def _split(token: str, width: int) -> Iterator[str]:
    """Yield full lines of a word that is wider than a line; the last one may be shorter."""
    begin, cells = 0, 0
    for start, _, need in split_graphemes(token)[0]:
        if cells + need > width and start > begin:
            yield token[begin:start]
            begin, cells = start, 0
        cells += need
    yield token[begin:]
