"""Secrets: API keys by their form, what an address of the web carries, passwords that are named."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from memos_admin.backend.masking.spoken import NO_MEASURE, spoken

_KEYS = re.compile(
    r"(?<![A-Za-z0-9_])(?:"
    r"(?:sk|pk|rk|mpg|hf|glpat|xox[abeoprs]|dop_v1|shpat|npm|pypi|ya29)[-_.](?=[A-Za-z_-]{0,40}\d)[\w.-]{16,400}"
    r"|glpat-[\w-]{20,255}|hf_[A-Za-z]{30,60}"
    r"|gh[pousr]_\w{20,255}|github_pat_\w{20,255}"
    r"|(?:AKIA|ASIA)[0-9A-Z]{16}(?![0-9A-Za-z])|AIza[\w-]{30,60}|LTAI[0-9A-Za-z]{12,30}"
    r"|eyJ[\w-]{8,1000}(?:\.[\w-]{2,1000}){1,2}"
    r")",
    re.ASCII,
)
_UNBROKEN = re.compile(r"[\w.~+/-]{1000,}=*", re.ASCII)
"""What is too long to be read is taken for a key, or part of one: cut, it may have lost what would say so."""
_BEARER = re.compile(r"\bBearer +([\w.~+/=-]{12,4000})", re.ASCII | re.IGNORECASE)
_PEM = re.compile(
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----"
    r"(?:[\w+/=\s:,.\\-]*?-----END [A-Z ]{0,30}PRIVATE KEY-----|[\w+/=\s:,.\\-]*)",
    re.ASCII,
)
_LINES_OF_PEM = re.compile(r"(?:[\w+/=]{60,76}(?:\s|\\[nr]){1,4}){40,}[\w+/=]*", re.ASCII)
"""So many that their beginning, which would say so, may be beyond what is looked at."""
_CODE = re.compile(
    r"(?:验证码|校验码|提取码|动态码|passcode|(?:verification|access|one-time) code)\s{0,2}(?:[:=]|是|为|is)\s{0,2}"
    r"([A-Za-z0-9]{4,12})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_CHAT_CODE = re.compile(
    r"(?:(?:验证|校验|动态|提取)码 {0,2}"
    r"|(?<![A-Za-z])(?:(?:verification|security|log-?in|sms|confirmation|access|one-time|2fa|pin) code|otp|pin"
    r"|(?:your|the) code(?= is|: ?))(?: (?:is|was)(?: still| now)?|:)? {1,2})"
    rf"((?=[A-Za-z]{{0,4}}\d)[A-Za-z0-9]{{4,8}}){NO_MEASURE}",
    re.IGNORECASE,
)
_CHAT_PASSWORD = re.compile(
    r"(?:(?:密码|口令)(?:现在|还)?(?:是)? {0,2}"
    r"|(?<![A-Za-z])pass(?:word|phrase)(?: for [\w -]{1,30}?)? (?:is|was)(?: still| now)? )"
    rf"(?=[!-~]{{0,40}}\d)([!-&(-+\-.-:<-\^-~]{{5,60}}[A-Za-z0-9!#$%^&*]){NO_MEASURE}",
    re.IGNORECASE,
)
_OF_TWO_SCRIPTS = re.compile(
    r"(?:密码|口令)(?:就是|是|为|[:： ]){1,3}((?=[A-Za-z\u4e00-\u9fff]{0,20}\d)[A-Za-z0-9]{2,20}"
    r"(?:[\u4e00-\u9fff]{1,6}[A-Za-z0-9]{2,20}"
    r"|(?![登进不了吗呢是也还都就请谢错对行可没无失被用后前时上下的吧啊呀哦哈怎什为能要会有过])[\u4e00-\u9fff]{1,2}))"
    r"(?=$|[\s，。,；;!！?？、])"
)
"""A password with Chinese within, or at its end where nothing of a sentence follows."""
_NAMED = re.compile(
    r"(?:pass(?:word|wd|phrase)|pwd|(?:api|secret|access|private|signing|encryption|master|account|storage)[_ -]?key"
    r"|secret|token|密码|口令|密钥|令牌)"
    r"[\"']?\s{0,2}(?:[:=]|是|为)\s{0,2}[\"']?(?=[^\s\"',;，。；、）)\]]{0,60}[0-9!#$%^&*])"
    r"([!-&(-+\-.-:<-\\^-~]{6,200})",
    re.IGNORECASE,
)

_ADDRESS = re.compile(
    r"(?<![A-Za-z])[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s<>\"'`\[\]，。；、）】》」』]{1,4000}"
)
_USER = re.compile(r"//([^/?#@]{1,200})@")
_PAIR = re.compile(r"(?<=[?&;#])([\w.%-]{1,60})=([^\s&#;\"'<>\[\]，。）]{1,4000})")
_SENSITIVE = re.compile(
    r"(?:^|[_.-])(?:(?:access|auth|refresh|id|session|csrf|bearer|security)?[_-]?token|"
    r"(?:api|access|secret|private|app|shared|account)?[_-]?key|(?:app|client)?[_-]?secret|"
    r"pass(?:word|wd|code)?|pwd|sig|signature|sign|hmac|auth|authorization|code|otp|pin|"
    r"session(?:_?id)?|sid|ticket|credentials?|jwt|nonce|state|invite|magic)$",
    re.IGNORECASE,
)
_PART = re.compile(r"(?<=/)[\w-]{16,400}(?=[/?#]|$)", re.ASCII)
_HEX = re.compile(r"(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]+", re.IGNORECASE)
_OPENS = re.compile(
    r"/(?:invit(?:e|ation)s?|join|r|reset|recover|shared?|s|magic|verify|confirm|activate|accept|unsubscribe|token|"
    r"log-?in|sign-?up|auth|sessions?|links?|download|dl)/$",
    re.IGNORECASE,
)
"""What stands before what opens a door to whoever knows it."""
_VERSIONS = re.compile(
    r"/(?:commits?|blobs?|trees?|raw|compare|objects?|sha\d*|digests?|assets?|static|builds?|layers?|chunks?|cache|"
    r"artifacts?|revisions?|versions?|checksums?)/$",
    re.IGNORECASE,
)
_ORDINARY = {24, 40}
"""Lengths in hexadecimal of ids of documents, and of versions of code."""
_ID = re.compile(
    r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]+|\d+|[a-z-]+", re.IGNORECASE | re.ASCII
)


def addresses(text: str) -> list[tuple[int, int]]:
    """Return where addresses of the web stand."""
    if "://" not in text:
        return []
    return [found.span() for found in _ADDRESS.finditer(text)]


def secrets(text: str, known: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield where secrets stand in a folded text, perhaps overlapping; `known`: its addresses."""
    yield from (found.span() for found in _PEM.finditer(text))
    for start, end in known:
        yield from _in_address(text[start:end], start)
    for found in _PAIR.finditer(text):
        if _SENSITIVE.search(found[1]) or _looks_random(found[2]):
            yield found.span(2)
    yield from (found.span() for found in _KEYS.finditer(text))
    for pattern in (_OF_TWO_SCRIPTS, _BEARER, _NAMED, _CODE, _CHAT_CODE, _CHAT_PASSWORD):
        yield from (found.span(1) for found in pattern.finditer(text))
    yield from spoken(text)


def unreadable(text: str) -> Iterator[tuple[int, int]]:
    """Yield what of a folded text is too long to be read, and so a key, or part of one, whatever is in it."""
    for pattern in (_UNBROKEN, _LINES_OF_PEM):
        yield from (found.span() for found in pattern.finditer(text))


def _in_address(address: str, at: int) -> Iterator[tuple[int, int]]:
    """Yield what an address says of who may open it: a user, a key in its path."""
    for found in _USER.finditer(address, 0, 300):
        yield at + found.start(1), at + found.end(1)
    for found in _PART.finditer(address):
        if _looks_random(found[0]) or _is_door(address, found):
            yield at + found.start(), at + found.end()


def _is_door(address: str, found: re.Match[str]) -> bool:
    """Whether a part of a path is a number that nobody guesses, and not that of a version of something."""
    if not _HEX.fullmatch(found[0]):
        return False
    before = address[max(0, found.start() - 20) : found.start()]
    if _OPENS.search(before):
        return True
    return len(found[0]) >= 20 and len(found[0]) not in _ORDINARY and not _VERSIONS.search(before)


def _looks_random(text: str) -> bool:
    """Whether a text is long, of letters and digits mixed as no word or number is, and no id."""
    if len(text) < 22 or _ID.fullmatch(text) or "%" in text:
        return False
    kinds = [char.isdigit() for char in text if char.isalnum()]
    changes = sum(one != other for one, other in itertools.pairwise(kinds))
    return changes >= 4 and any(char.isupper() for char in text)
