"""Texts for generated stores: English, Chinese, and both in one; they follow from a seed."""

from __future__ import annotations

from itertools import accumulate
from pathlib import Path
from random import Random

_WORDS = Path(__file__).parent / "words"
ENGLISH = (_WORDS / "english.txt").read_text("utf-8").split()
CHINESE = (_WORDS / "chinese.txt").read_text("utf-8").split()

TAGS = (
    *(word for word in ENGLISH[40:] if len(word) > 3),
    *(word for word in CHINESE[30:] if len(word) > 1),
)
_POOL = 4_000
"""Sentences of a language; texts are put together from them, since that is fast."""


class Texts:
    """Makes texts. Word frequencies fall as in real texts, rare words (order numbers) included."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._english = self._sentences(ENGLISH, " ", ".", (6, 16))
        self._chinese = self._sentences(CHINESE, "", "。", (5, 14))

    def text(self, language: int, sentences: int) -> str:
        """Return a text; `language` 0 is English, 1 Chinese, 2 both in turn."""
        rng = self._rng
        if language == 2:
            pools = (self._chinese, self._english)
            text = " ".join(rng.choice(pools[n % 2]) for n in range(sentences))
        else:
            pool = self._chinese if language else self._english
            text = ("" if language else " ").join(rng.choices(pool, k=sentences))
        if rng.random() < 0.2:
            text += f" (№ {rng.randrange(10**6):06})"
        return text

    def title(self, language: int) -> str:
        """Return a short text."""
        rng = self._rng
        if language:
            return "".join(rng.choices(CHINESE, k=4))
        return " ".join(rng.choices(ENGLISH[30:], k=3)).capitalize()

    def tags(self) -> list[str]:
        """Return up to three tags, frequent and rare ones."""
        rng = self._rng
        number = rng.randrange(4)
        return list(dict.fromkeys(TAGS[int(len(TAGS) * rng.random() ** 3)] for _ in range(number)))

    def _sentences(
        self, words: list[str], space: str, stop: str, length: tuple[int, int]
    ) -> list[str]:
        weights = list(accumulate(1 / (rank + 3) for rank in range(len(words))))
        made = []
        for _ in range(_POOL):
            number = self._rng.randint(*length)
            text = space.join(self._rng.choices(words, cum_weights=weights, k=number))
            made.append(text[0].upper() + text[1:] + stop)
        return made
