"""Whether a message is a courtesy and nothing else: short thanks, an ok, a greeting. Pure."""

from __future__ import annotations

import re

LONGEST = 60
"""Characters of a longer message say more."""

_ENGLISH = frozenset(
    [
        "thanks",
        "thank",
        "thx",
        "ty",
        "cheers",
        "ok",
        "okay",
        "k",
        "kk",
        "alright",
        "great",
        "perfect",
        "good",
        "nice",
        "cool",
        "super",
        "wonderful",
        "excellent",
        "awesome",
        "lovely",
        "brilliant",
        "fine",
        "noted",
        "understood",
        "got",
        "it",
        "you",
        "very",
        "much",
        "so",
        "a",
        "lot",
        "many",
        "again",
        "all",
        "right",
        "hi",
        "hello",
        "hey",
        "bye",
        "goodbye",
        "morning",
        "evening",
        "afternoon",
        "night",
        "see",
        "welcome",
        "you're",
        "no",
        "problem",
        "pleasure",
        "my",
        "and",
        "oh",
        "ah",
        "well",
        "then",
        "sounds",
        "thankyou",
        "dear",
        "appreciated",
        "later",
    ]
)
_SURE = frozenset(
    [
        "thanks",
        "thank",
        "thx",
        "ty",
        "cheers",
        "ok",
        "okay",
        "k",
        "kk",
        "alright",
        "great",
        "perfect",
        "nice",
        "cool",
        "super",
        "wonderful",
        "excellent",
        "awesome",
        "lovely",
        "brilliant",
        "fine",
        "noted",
        "understood",
        "got",
        "hi",
        "hello",
        "hey",
        "bye",
        "goodbye",
        "morning",
        "evening",
        "afternoon",
        "night",
        "welcome",
        "pleasure",
        "thankyou",
        "appreciated",
    ]
)
"""Those of which one is enough; the others only stand beside them."""

_CHINESE = re.compile(
    r"(?:好的?|好滴|行|可以|嗯+|哦+|噢|谢谢(?:你|您|啦|了)?|多谢|感谢|非常|十分|太|真|辛苦(?:你|您)?了?|麻烦(?:你|您)?了|"
    r"收到|明白了?|知道了|了解了?|懂了|没问题|不客气|没关系|再见|拜拜|晚安|早安|早上好|上午好|中午好|下午好|晚上好|早|"
    r"你好|您好|太好了|太棒了|棒|完美|赞|ok|okay|啦|了|呀|哈+)+",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_LATIN = re.compile(r"[a-z'’]+")


def is_courtesy(text: str) -> bool:
    """Return whether all of a text is thanks, assent, a greeting or the like.

    Every word must be one of them: signs and pictures count as nothing, a number as something.
    ``yes`` and ``no`` are answers, and no courtesies.
    """
    if len(text) > LONGEST or any(char.isdigit() for char in text):
        return False
    found = [word.replace("’", "'") for word in _WORDS.findall(text.lower())]
    latin = [word for word in found if _LATIN.fullmatch(word)]
    others = [word for word in found if word not in latin]
    if not all(word in _ENGLISH for word in latin):
        return False
    if not all(_CHINESE.fullmatch(word) for word in others):
        return False
    return bool(others) or any(word in _SURE for word in latin)
