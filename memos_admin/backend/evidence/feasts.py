"""Feasts by their day, or by the months that they move in. Pure."""

from __future__ import annotations

import re

from memos_admin.backend.evidence.moments import Date
from memos_admin.backend.evidence.signs import has_any

_FIXED: dict[str, Date] = {
    r"\bnew year['’]?s day\b|元旦": (None, 1, 1),
    r"\bnew year['’]?s eve\b|跨年": (None, 12, 31),
    r"\bvalentine['’]?s(?: day)?\b|(?<!白色)情人节": (None, 2, 14),
    r"妇女节": (None, 3, 8),
    r"\bst\.? patrick['’]?s day\b": (None, 3, 17),
    r"\bapril fools?['’]?(?: day)?\b|愚人节": (None, 4, 1),
    r"\bmay day\b|\blabou?r day\b|劳动节|五一": (None, 5, 1),
    r"儿童节|六一": (None, 6, 1),
    r"\bindependence day\b": (None, 7, 4),
    r"\bbastille day\b": (None, 7, 14),
    r"教师节": (None, 9, 10),
    r"国庆节?|十一(?=假期|长假|黄金周)": (None, 10, 1),
    r"\bhalloween\b|万圣节": (None, 10, 31),
    r"双十一|双11": (None, 11, 11),
    r"\bchristmas eve\b|平安夜": (None, 12, 24),
    r"\b(?:christmas|xmas)\b(?: day\b)?(?! eve)|圣诞": (None, 12, 25),
    r"\bboxing day\b": (None, 12, 26),
}
_MOVABLE = {
    r"春节|除夕|过年|大年|年三十|农历新年|正月|元宵|\b(?:chinese|lunar) new year\b|\bspring festival\b": (
        1,
        2,
        3,
    ),
    r"\bcarnival\b|\bshrove\b|狂欢节": (2, 3),
    r"\beaster\b|\bgood friday\b|复活节|清明": (3, 4),
    r"\bmother['’]?s day\b|母亲节": (3, 5),
    r"\bfather['’]?s day\b|父亲节": (6,),
    r"\bpentecost\b|\bwhitsun\b": (5, 6),
    r"端午": (5, 6),
    r"七夕": (8,),
    r"中秋": (9, 10),
    r"重阳": (10,),
    r"\bthanksgiving\b|感恩节|\bblack friday\b": (10, 11),
    r"\bramadan\b|\beid\b|\bdiwali\b|\bhanukkah\b|腊八|腊月|农历|阴历": tuple(range(1, 13)),
}
_FIXED_PATTERNS = {re.compile(pattern): day for pattern, day in _FIXED.items()}
_MOVABLE_PATTERNS = {re.compile(pattern): months for pattern, months in _MOVABLE.items()}
_SIGNS = [
    "new year",
    "valentine",
    "patrick",
    "april f",
    "may day",
    "labo",
    "independence",
    "bastille",
    "halloween",
    "christmas",
    "xmas",
    "boxing",
    "spring f",
    "carnival",
    "shrove",
    "easter",
    "good friday",
    "mother",
    "father",
    "pentecost",
    "whitsun",
    "thanksg",
    "black friday",
    "ramadan",
    "eid",
    "diwali",
    "hanukkah",
]
_CHINESE_SIGNS = [
    "节",
    "旦",
    "圣",
    "宵",
    "历",
    "腊",
    "跨年",
    "五一",
    "六一",
    "国庆",
    "十一",
    "平安夜",
    "双1",
    "除夕",
    "过年",
    "大年",
    "年三十",
    "正月",
    "清明",
    "端午",
    "七夕",
    "中秋",
    "重阳",
]


def feasts(small: str) -> tuple[frozenset[Date], frozenset[int]]:
    """Return the days of the feasts of a text in small letters, and the months in which its movable ones can be."""
    if not has_any(small, _SIGNS) and (small.isascii() or not has_any(small, _CHINESE_SIGNS)):
        return frozenset(), frozenset()
    fixed = {day for pattern, day in _FIXED_PATTERNS.items() if pattern.search(small)}
    movable = {
        month
        for pattern, months in _MOVABLE_PATTERNS.items()
        if pattern.search(small)
        for month in months
    }
    return frozenset(fixed), frozenset(movable)
