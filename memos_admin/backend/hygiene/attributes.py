"""What a person has one of at a time, as the last word of a key names it, English and Chinese.

A key that is not named here may hold several values: of ``likes``, ``hobby`` or ``note`` two of them contradict
nothing. So may what people often have two of, such as a phone, an e-mail address or a citizenship.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_NAMED = re.compile(
    "name|surname|forename|first name|last name|full name|family name|city|town|hometown|home town|village"
    "|country|province|district|address|street|postcode|postal code|zip|zip code|employer|company|school"
    "|university|diet|birthplace|place of birth|religion|job|position|role"
)
"""Of these much else can be said (“her job is hard”): in a sentence the value has to be a name or a number."""
_TOLD = re.compile(
    "age|birthday|birth date|birthdate|date of birth|year of birth|birth year|gender|height|weight|blood type"
    "|blood group|shoe size|ring size|hat size|shirt size|dress size|clothing size|hair colour|eye colour"
    "|handedness|job title|profession|occupation|salary|rent|marital status|relationship status|timezone"
    "|time zone|currency|mother tongue|native language|first language|bedtime|measurement system|date format"
    "|temperature unit"
)
_BEFORE = re.compile(
    "user|profile|basic|personal|private|demographics|identity|general|info|preferences|settings|account|home"
    "|work|birth|family|legal|residence|residential|living|postal|mailing|office|business|job|career"
    "|employment|professional|education|body|physical|health|food|current|present|main|primary|monthly|annual"
)
"""What may stand before them without a word of whose it is: ``children.son.age`` says it of somebody else."""
_DROPPED = frozenset({"the", "user", "my", "profile", "current", "present"})
_FAVOURITE = frozenset({"favourite", "preferred"})
_SPELLED = {"favorite": "favourite", "color": "colour"}
_LONGEST = 4

_SPLIT = re.compile(r"(?<=[a-z])(?=[A-Z])|['’]s\b|[\W_]+")

_CHINESE = re.compile(
    "(?:(?:家庭|工作|现居|当前|目前|现在|本人|个人|常住|所在)的?)*"
    "(?:姓名|名字|年龄|性别|生日|出生日期|出生年份|出生地|籍贯|身高|体重|血型|鞋码|鞋号|衣服尺码|常住地|居住地|居住城市|城市"
    "|所在地|住址|地址|国家|省份|邮编|公司|单位|雇主|职业|职务|职位|岗位|学校|大学|专业|学历|母语|婚姻状况|宗教信仰|时区"
    "|货币|月薪|年薪|工资|房租)"
    "|最(?:喜欢|喜爱|爱)的[^的\\s]{1,6}"
)


def attribute(key: str) -> str | None:
    """Return what a key names in one form, ``shoe size`` of ``user.shoe_size``; None: it may hold several."""
    if _CHINESE.fullmatch(key):
        return key.replace("的", "")
    words = [_SPELLED.get(word, word) for word in map(str.lower, _SPLIT.split(key)) if word]
    while words and words[0] in _DROPPED:
        del words[0]
    if not 1 <= len(words) <= _LONGEST:
        return None
    if words[0] in _FAVOURITE:
        return " ".join(words) if len(words) > 1 and not _is_plural(words[-1]) else None
    for start, last in _endings(words):
        if _NAMED.fullmatch(last) or _TOLD.fullmatch(last):
            of_user = all(map(_BEFORE.fullmatch, words[:start]))
            return " ".join(words) if of_user else None
    return None


def takes_words(name: str) -> bool:
    """Whether any words are a value of it in a sentence, not a name or a number only."""
    words = name.split()
    return words[0] in _FAVOURITE or any(_TOLD.fullmatch(last) for _, last in _endings(words))


def _endings(words: Sequence[str]) -> Iterator[tuple[int, str]]:
    for start in range(len(words)):
        yield start, " ".join(words[start:])


def _is_plural(word: str) -> bool:
    return word.endswith("s") and not word.endswith(("ss", "us", "is"))
