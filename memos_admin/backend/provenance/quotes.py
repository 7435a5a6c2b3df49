"""Comparing texts that were quoted: what may differ between a message and a quote of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from memos_admin.backend.figures import CHINESE, JOINED, LETTER, has_figure, ungrouped

REACH = 100_000
"""How many characters of a message are compared more loosely than letter by letter."""

_SPACE = re.compile(r"[^\S ]\s*|\s{2,}")
"""White space that is more than one plain space."""
_MARKS = {
    **dict.fromkeys(map(ord, "“”„‟«»「」『』″〝〞"), '"'),
    **dict.fromkeys(map(ord, "‘’‚‛′`´"), "'"),
    **dict.fromkeys(map(ord, "‐‑‒–—―−"), "-"),
    **dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0xAD)),
}
_MARKED = re.compile("[" + re.escape("".join(map(chr, _MARKS))) + "]")
_CUT = re.compile(r"\s*(?:…|\.\.\.+|⋯)+\s*$")
_SPEAKER = re.compile(
    r"^\s*(?:user|assistant|system|tool|用户|助手|系统)\s*(?:[(（\[][^)）\]]{0,40}[)）\]])?\s*[:：]\s*"
    r"(?:\[[^\]]{0,40}\]\s*[:：]?\s*)?",
    re.IGNORECASE,
)
_PERSPECTIVE = re.compile(
    r"[\[【［]\s*[^\[\]【】［］]{1,30}?\s*(?:perspective|opinion|viewpoint|观点|视角)\s*[\]】］]\s*",
    re.IGNORECASE,
)
CJK = re.compile(f"[{CHINESE}]")
"""A Chinese or Japanese character."""
_PART = rf"{LETTER}+(?:['’]{LETTER}+)?"
_LATIN = re.compile(rf"{_PART}(?:{JOINED})*")
_WORD = re.compile(rf"(?P<cjk>[{CHINESE}]+)|{_LATIN.pattern}")
_SAID = re.compile(rf"(?P<cjk>[{CHINESE}]+)|{_PART}")


def normal(text: str) -> str:
    """Return the text with one form for equal characters, quote marks, dashes and white space."""
    text = text[:REACH]
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    # Translating and substituting cost far more than seeing that there is nothing to do.
    if _MARKED.search(text):
        text = text.translate(_MARKS)
    return _SPACE.sub(" ", text) if _SPACE.search(text) else text


def locate(content: str, start: int, end: int) -> tuple[int, int]:
    """Return the span of `content` whose normal form is ``normal(content)[start:end]``."""
    # A beginning's normal form is never longer than a longer beginning's: search by halves.
    first, last = _reaching(content, start + 1) - 1, _reaching(content, end)
    while last < len(content) and unicodedata.combining(content[last]):
        last += 1
    return first, last


def _reaching(content: str, length: int) -> int:
    """Return the length of the shortest beginning whose normal form has `length` characters."""
    low, high = 0, min(len(content), REACH)
    while low < high:
        middle = (low + high) // 2
        if len(normal(content[:middle])) >= length:
            high = middle
        else:
            low = middle + 1
    return low


def uncut(quote: str) -> str | None:
    """Return the quote without the mark that it was cut, None where it bears none."""
    shorter, cuts = _CUT.subn("", quote)
    return shorter if cuts else None


def lines_said(quote: str) -> list[str]:
    """Return the lines of a quote of several messages, without ``user:`` or ``user: [time]:``."""
    return [_SPEAKER.sub("", line) for line in quote.splitlines()]


def without_perspective(text: str) -> str:
    """Return a memory's text without marks such as ``[user perspective]``."""
    return _PERSPECTIVE.sub("", text)


def words(text: str) -> list[tuple[str, int, int]]:
    """Return (word, start, end): Latin words in a simple stem, Chinese and Japanese as bigrams.

    A number, a time or a code in figures is one word.
    """
    found: list[tuple[str, int, int]] = []
    for match in _WORD.finditer(text):
        start, end = match.span()
        if match["cjk"]:
            if end - start == 1:
                found.append((match[0], start, end))
            found.extend((text[n : n + 2], n, n + 2) for n in range(start, end - 1))
        else:
            found.append((_stem(match[0]), start, end))
    return found


def word_set(text: str) -> set[str]:
    """Return the words of a text as `words` has them, wherever they stand."""
    if CJK.search(text):
        return {word for word, _, _ in words(text)}
    return set(map(_stem, _LATIN.findall(text)))


def lowered(text: str) -> str:
    """Return a text in small letters, each where it stood: a few would become two.

    A pattern in small letters is looked for in it several times faster than one that ignores case.
    """
    small = text.lower()
    if len(small) == len(text):
        return small
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in text)


def says_enough(text: str, least: int) -> bool:
    """Tell whether a text has `least` words, a Chinese word being two characters, ``9:45`` being two."""
    count = 0
    for match in _SAID.finditer(text):
        count += (match.end() - match.start()) // 2 if match["cjk"] else 1
        if count >= least:
            return True
    return False


def stands_alone(text: str, start: int, end: int) -> bool:
    """Tell whether a span cuts no Latin word in two."""
    return not (_inside_word(text, start) or _inside_word(text, end))


def _inside_word(text: str, at: int) -> bool:
    return 0 < at < len(text) and all(c.isascii() and c.isalnum() for c in text[at - 1 : at + 1])


def joined_spans(spans: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return spans in order, those that touch or overlap as one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return tuple(found)


def is_common(word: str) -> bool:
    """Whether a word, as `words` has it or as it is written, stands in texts about anything."""
    return word in COMMON or _stem(word) in COMMON


@lru_cache(8_192)
def _stem(word: str) -> str:
    word = word.casefold().replace("’", "'").removesuffix("'s")
    word = ungrouped(word) if has_figure(word) else _IRREGULAR.get(word, word)
    if len(word) > 5 and word.endswith("ing"):
        return _single(word[:-3])
    if len(word) > 4 and word.endswith("ed"):
        return _single(word[:-2])
    if len(word) > 4 and word.endswith("es"):
        return word[:-1].removesuffix("e")
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    if len(word) > 3 and word.endswith("y") and word[-2] not in "aeiou":
        return f"{word[:-1]}i"
    return word.removesuffix("e") if len(word) > 3 else word


_IRREGULAR = dict(
    pair.split("/")
    for pair in [
        "ate/eat",
        "bought/buy",
        "brought/bring",
        "came/come",
        "caught/catch",
        "chose/choose",
        "did/do",
        "drank/drink",
        "drove/drive",
        "fell/fall",
        "felt/feel",
        "flew/fly",
        "forgot/forget",
        "gave/give",
        "got/get",
        "grew/grow",
        "heard/hear",
        "held/hold",
        "kept/keep",
        "knew/know",
        "lost/lose",
        "made/make",
        "meant/mean",
        "met/meet",
        "paid/pay",
        "ran/run",
        "rode/ride",
        "sang/sing",
        "sat/sit",
        "sent/send",
        "slept/sleep",
        "sold/sell",
        "spent/spend",
        "spoke/speak",
        "stood/stand",
        "swam/swim",
        "taught/teach",
        "thought/think",
        "threw/throw",
        "told/tell",
        "took/take",
        "understood/understand",
        "went/go",
        "wore/wear",
        "won/win",
        "wrote/write",
        "children/child",
        "people/person",
        "men/man",
        "women/woman",
        "feet/foot",
    ]
)


def _single(stem: str) -> str:
    """Return a stem without the second of two equal letters that an ending brought: ``plann``."""
    doubled = len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] not in "lsz"
    return stem[:-1] if doubled else stem.removesuffix("e")


COMMON = frozenset(
    word
    for word, _, _ in words(
        "a an the and or but if so of to in on at for from with by as is are was were be been being"
        " am do does did done have has had having will would can could should may might must this"
        " that these those there here it its he she they them his her their we us our you your i me"
        " my not no yes than then too very also about into over after before what which who whom"
        " when where why how all any some more most other such only own same just like user users"
        " assistant assistants said says say want wants wanted think thinks get gets got ok okay"
        " please thanks 用户 助手 我们 你们 他们 她们 这个 那个 一个 可以 什么 怎么 没有 不是 就是"
        " 如果 因为 所以 但是 的 了 是 我 你 他 她 在 有 和 也 很 不 吗 呢 吧"
    )
)
"""Words that tell nothing of what a text is about."""
