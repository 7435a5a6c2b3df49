"""Of whom a clause tells, where it says so at its beginning: I, the user, my sister, 我弟弟. Pure."""

from __future__ import annotations

import re

from memos_admin.backend.provenance.quotes import CJK

USER = "user"
_CHILD, _PARTNER = ("son", "daughter"), ("wife", "husband", "girlfriend", "boyfriend")
_NEAR: dict[tuple[str, ...], str] = {
    ("sister",): "sister 姐姐 妹妹 姐 妹",
    ("brother",): "brother 哥哥 弟弟 哥 弟",
    ("brother", "sister"): "sibling",
    ("son",): "son 儿子",
    ("daughter",): "daughter 女儿",
    _CHILD: "child kid baby toddler children twin 孩子 宝宝 小孩 双胞胎",
    ("mother",): "mother mom mum 妈妈 母亲 妈",
    ("father",): "father dad 爸爸 父亲 爸",
    ("mother", "father"): "parent 父母 爸妈",
    ("wife",): "wife 妻子 老婆 太太",
    ("husband",): "husband 丈夫 老公 先生",
    ("girlfriend",): "girlfriend 女朋友",
    ("boyfriend",): "boyfriend 男朋友",
    _PARTNER: "partner spouse fiancé fiancée 爱人",
    ("friend",): "friend roommate flatmate 朋友 室友 同学",
    ("colleague",): "colleague coworker co-worker boss 同事 老板",
    ("neighbour",): "neighbour neighbor 邻居",
    ("cousin",): "cousin 表哥 表姐 表弟 表妹 堂哥 堂姐 堂弟 堂妹",
    ("aunt",): "aunt",
    ("uncle",): "uncle",
    ("niece",): "niece",
    ("nephew",): "nephew",
    ("grandmother",): "grandmother grandma 奶奶 外婆 姥姥",
    ("grandfather",): "grandfather grandpa 爷爷 外公 姥爷",
    ("mother-in-law",): "婆婆 岳母",
    ("father-in-law",): "公公 岳父",
    ("brother-in-law",): "姐夫 妹夫",
}
"""Whom somebody near to the user may be, and the nouns for it: a child is a son or a daughter."""
_MEANT = {noun: frozenset(whom) for whom, nouns in _NEAR.items() for noun in nouns.split()}


def _any(nouns: list[str]) -> str:
    return "|".join(sorted(nouns, key=len, reverse=True))


_NOUN = _any([noun for noun in _MEANT if not CJK.match(noun)])
_CHINESE_NOUN = _any([noun for noun in _MEANT if CJK.match(noun)])
_SELF = r"(?:i|me|(?:the )?user)\b(?!['’]s)"
_ONE = (
    rf"(?:{_SELF}|(?:my|(?:the )?user['’]s|his|her|the) (?:\w+ )?(?:{_NOUN})(?:e?s)?\b(?!['’]s|-))"
)
_ENGLISH = re.compile(
    r"\W*(?:(?:and|but|so|because|since|although|though|while|also|well|yes|no|oh|hi|hello|sorry|actually|unfortunately|it['’]s|it (?:is|was))\b\W*){0,4}"
    rf"(?P<all>{_ONE}(?: (?:and|or) {_ONE}){{0,3}})",
    re.IGNORECASE,
)
_OWN = f"(?:我|用户)(?:的|家的?)?(?:大|小|老)?(?:{_CHINESE_NOUN})"
_GOES_ON_WITH = "[不没别从已也都还就只又很最有是在会能要想可每今明昨周正才刚对喜爱吃喝住用买开订养抽戒打做去来给把被和跟与]"
"""What stands behind 我 where it is no 我领导: verbs, adverbs, and what joins somebody."""
_CHINESE_SELF = f"(?:我|用户)(?={_GOES_ON_WITH})"
_LONGER = _any([noun for noun in _MEANT if CJK.match(noun) and len(noun) > 1])
_CHINESE_ONE = f"(?:{_OWN}|{_LONGER}|{_CHINESE_SELF})"
_CHINESE = re.compile(
    r"\W*(?:但是?|不过|而且|还有|所以|因为|可是?|其实|另外|对了|而是|是|只有){0,2}"
    f"(?P<all>{_CHINESE_ONE}(?:[和跟与]{_CHINESE_ONE}){{0,3}})(?![的家们])"
)
_WHO = re.compile(rf"\b(?:{_NOUN})(?=(?:e?s)?\b)|{_CHINESE_NOUN}", re.IGNORECASE)
_ALONE = re.compile(rf"{_SELF}|(?!{_OWN})(?:我|用户)", re.IGNORECASE)
_GOES_ON = re.compile(
    r"\W*(?:(?:and|but|so|because) )?(?:she|he)\b|\W*(?:而且|但是?)?[他她](?!们)", re.IGNORECASE
)


def whose(part: str, before: frozenset[str] = frozenset()) -> frozenset[str]:
    """Return of whom a clause tells, each that it may be; nobody: it is not known.

    Args:
        part: the clause.
        before: of whom the clause before it tells, which one with ``she`` goes on with.
    """
    found = _ENGLISH.match(part) or (_CHINESE.match(part) if CJK.search(part) else None)
    if found is None:
        return before - {USER} if _GOES_ON.match(part) else frozenset()
    named = found["all"]
    persons = frozenset[str]().union(*(_MEANT[one.lower()] for one in _WHO.findall(named)))
    return persons | {USER} if _ALONE.search(named) else persons


def is_subject(part: str) -> bool:
    """Whether a part of a sentence names persons and nothing else: ``my husband`` of ``my husband and I``."""
    found = _ENGLISH.match(part)
    return found is not None and not part[found.end() :].strip(" \n")


def are_others(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two clauses tell of different persons for certain."""
    return bool(one and other) and one.isdisjoint(other)
