"""The words of a text that say what it is about. Pure."""

from __future__ import annotations

from functools import lru_cache

from memos_admin.backend.figures import is_number
from memos_admin.backend.provenance.quotes import CJK, COMMON, word_set, words

_KANA = range(0x3040, 0x3100)
_GENERIC = frozenset(
    word
    for word, _, _ in words(
        "need needs needed prefer prefers preferred ask asks asked request requests requested find"
        " finds found make makes made take takes took thing things one ones now already still even"
        " many much few lot really well every each both again always ever usually often sometimes"
        " according mention mentions mentioned state states stated tell tells told seem seems let"
        " use uses used using give gives given go goes going come comes know knows way ways don't"
        " doesn't didn't isn't aren't wasn't can't won't cannot dont cant i'm i'd i'll i've it's he's"
        " she's that's let's you're we're they're couldn't shouldn't wouldn't haven't hasn't"
        " 需要 希望 想要 觉得 认为 表示 提到 要求 喜欢 推荐 建议 已经 现在 这样 那样 自己 这些 那些 以及"
        " 户的 手的 用户 户在 户想 户要 户不 户有 户对 户家 户和 户去 户每 户今 户说 户是 手推 手建 手已"
    )
)
_FUNCTION = frozenset(
    "的了是我你他她它在有和也很吗呢吧就都还又把被给让跟与或而但如若对从到向于个要会能想说请"
)
"""Characters that are seldom a part of a word of meaning; a bigram with one of them says little."""

Script = str
"""``latin``, ``chinese`` or ``japanese``; ``""``: too little of any."""


@lru_cache(512)
def terms(text: str) -> frozenset[str]:
    """Return the words of some meaning, as `words` has them: stems, and two Chinese characters."""
    found = word_set(text) - COMMON - _GENERIC
    return frozenset(
        word
        for word in found
        if not is_number(word) and (not CJK.match(word) or _FUNCTION.isdisjoint(word))
    )


def loose_terms(text: str) -> set[str]:
    """Return more of them, for texts that are looked at closely: ``need``, and any two characters."""
    return {
        word
        for word in word_set(text)
        if word not in COMMON and not is_number(word) and (len(word) > 1 or not CJK.match(word))
    }


def script(text: str) -> Script:
    """Return in which script a text is mostly written: words of two scripts cannot be compared."""
    kana = sum(ord(char) in _KANA for char in text)
    chinese = len(CJK.findall(text))
    latin = sum(char.isalpha() for char in text) - chinese
    if kana and kana * 5 >= chinese:
        return "japanese"
    if chinese * 3 >= latin and chinese > 1:
        return "chinese"
    return "latin" if latin > 1 else ""
