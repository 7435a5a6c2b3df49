r"""What stands on a command line up to the cursor, read as a shell reads it, and quoting for it.

Only what is typed is read: nothing is expanded, so ``$x`` and ``$(…)`` stand for themselves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

_PLAIN = re.compile(r"[A-Za-z0-9_./,:@%+=\-\u0080-\U0010ffff]")
"""What means nothing to bash outside of quotes, wherever in a word it stands."""

_OPERATORS = frozenset("<>|&;()")


@dataclass(frozen=True, slots=True)
class Typed:
    """A command line up to the cursor.

    Attributes:
        words: before the word that is being typed, without quotes; the program is the first.
        current: the word that is being typed, without quotes.
        quote: the quote in which the cursor stands, else empty.
        stays: so many characters of `current` the shell leaves as they are.
        redirected: the word names a file after ``<`` or ``>``.
    """

    words: tuple[str, ...]
    current: str
    quote: str = ""
    stays: int = 0
    redirected: bool = False


def read_bash(line: str, breaks: str) -> Typed:
    """Read a line of bash.

    Args:
        line: up to the cursor.
        breaks: ``COMP_WORDBREAKS``: readline replaces only what stands behind the last of these.
    """
    return _Reader(breaks, in_single="").read(line)


def read_fish(words: tuple[str, ...], current: str) -> Typed:
    r"""Read what fish gives: words without quotes, and the current one as it was typed.

    In fish, ``\'`` and ``\\`` are escapes in single quotes too.
    """
    return replace(_Reader("", in_single="'\\").read(current), words=words)


class _Reader:
    def __init__(self, breaks: str, *, in_single: str) -> None:
        self._breaks = set(breaks) - set("\"'") - _OPERATORS
        self._escapable = {"'": in_single, '"': '$`"\\\n'}
        self._words: list[str] = []
        self._word = ""
        self._begun = False
        self._quote = ""
        self._stays = self._stays_outside = 0
        self._redirected = False

    def read(self, line: str) -> Typed:
        at = 0
        while at < len(line):
            char, after = line[at], line[at + 1 : at + 2]
            at += 1
            if char == "\\" and (
                not self._quote or (after and after in self._escapable[self._quote])
            ):
                self._begun = True
                self._word += "" if after == "\n" else after
                at += 1
            elif self._quote:
                self._inside(char)
            else:
                self._outside(char)
        return Typed(tuple(self._words), self._word, self._quote, self._stays, self._redirected)

    def _inside(self, char: str) -> None:
        if char == self._quote:
            # A closed quote is part of the word that is replaced.
            self._quote, self._stays = "", self._stays_outside
        else:
            self._word += char

    def _outside(self, char: str) -> None:
        if char in "\"'":
            self._begun, self._quote, self._stays_outside = True, char, self._stays
            self._stays = len(self._word)
        elif char in " \t\n":
            if self._begun:
                self._end()
        elif char in _OPERATORS:
            if self._begun and not (char in "<>" and self._word.isdigit()):
                self._end()
            self._start()
            self._redirected = True
        else:
            self._begun = True
            self._word += char
            if char in self._breaks:
                # readline replaces an @ together with what stands behind it (a host's name to it).
                self._stays = len(self._word) - (char == "@")

    def _end(self) -> None:
        if not self._redirected:
            self._words.append(self._word)
        self._start()
        self._redirected = False

    def _start(self) -> None:
        self._word, self._begun, self._stays = "", False, 0


def quoted_for_bash(word: str, typed: Typed) -> str:
    """Return what bash is to put in place of the part of the typed word that it replaces."""
    rest = word[typed.stays :]
    if typed.quote == "'":
        # readline closes a quote but where a quote stands already: such an end is closed here.
        quoted = rest.replace("'", "'\\''")
        return quoted[:-1] if rest.endswith("'") else quoted
    if typed.quote == '"':
        # Inside of quotes nothing keeps `!` from calling up the history.
        quoted = re.sub(r'[$`"\\]', r"\\\g<0>", rest).replace("!", '"\\!"')
        return f'{quoted}"' if quoted.endswith('"') else quoted
    return "".join(char if _PLAIN.match(char) else f"\\{char}" for char in rest)
