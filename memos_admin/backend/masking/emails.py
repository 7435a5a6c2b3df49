"""E-mail addresses: as they are, spelled, in addresses of the web, with spaces or a line break around the sign."""

from __future__ import annotations

import re
from collections.abc import Iterator

_LETTER = "A-Za-z0-9\u00c0-\u024f\u0370-\u052f"
"""Of an address: Latin, Greek, Cyrillic. Chinese stands before and behind it without a space."""
_LOCAL = re.compile(rf"[{_LETTER}!#$%&'*+/=?^_`{{|}}~-][{_LETTER}.!#$%&'*+/=?^_`{{|}}~-]{{0,63}}\Z")
_HOST = rf"(?:[{_LETTER}](?:[{_LETTER}-]{{0,61}}[{_LETTER}])?\.){{1,8}}"
_DOMAIN = re.compile(
    rf"@{_HOST}(?!(?:png|jpe?g|gif|webp|svg|pdf|js|css)(?![{_LETTER}]))[A-Za-z\u0400-\u04ff]{{2,24}}(?![{_LETTER}])"
)
_CHINESE_DOMAIN = re.compile(
    rf"@(?:[{_LETTER}\u4e00-\u9fff][{_LETTER}\u4e00-\u9fff-]{{0,30}}\.){{1,4}}"
    rf"(?:(?:cn|com|net|org)(?![{_LETTER}])|公司|网络|中国|网址|集团|在线|商城|中文网|香港|台湾)"
)
_SPELLED = re.compile(
    rf"(?<![{_LETTER}._-])[{_LETTER}._+-]{{1,64}} ?[\[({{] ?at ?[\])}}] ?[{_LETTER}-]{{1,63}}"
    rf"(?:(?:\.| ?[\[({{] ?dot ?[\])}}] ?)[{_LETTER}-]{{2,63}}){{1,5}}",
    re.IGNORECASE,
)
_LONGEST_LOCAL = 64
_CHINESE_LOCAL = re.compile(r"(?<=[是为给到送: ])[\u4e00-\u9fff]{1,6}\Z")
"""Of an address with a Chinese domain; apart from what stands before, since Chinese has no spaces."""

_COMMON = (
    r"(?:com|net|org|edu|gov|info|io|dev|app|me|co|eu|cn|hk|tw|jp|kr|in|sg|au|nz|uk|ie|de|at|ch|fr|it|es|pt|nl|be|se|no"
    r"|dk|fi|pl|cz|ru|ua|us|ca|mx|br|ar)"
    rf"(?![{_LETTER}-])(?!\.[{_LETTER}])"
)
"""What most addresses end in. Of one that is broken, any words with a dot between them might else be the end."""
_POST = (
    r"(?:gmail|googlemail|outlook|hotmail|live|yahoo|icloud|proton|protonmail|aol|gmx|web|qq|foxmail|163|126|sina|sohu"
    r"|aliyun|yandex|naver)\."
)
"""What gives people their addresses."""
_APART_DOMAIN = re.compile(rf"@ {{0,2}}\n?[ >]{{0,3}}({_HOST}{_COMMON})", re.IGNORECASE)
_APART_LOCAL = re.compile(
    rf"(?<![{_LETTER}.+_-])(?=[{_LETTER}.+_-]*[A-Za-z])([{_LETTER}][{_LETTER}.+_-]{{0,63}})( {{0,2}}\n?[ >]{{0,3}})\Z"
)
_SAYS_ADDRESS = re.compile(r"\w[._]\w|\d|[._]\d")
"""Of what stands before a sign with spaces around it: no word of a sentence is like that."""

_OF_WEB = re.compile(
    rf"(?<=[=:/?&\"'<])[{_LETTER}][{_LETTER}.+_-]{{0,63}}(?:%2[Bb][{_LETTER}._-]{{0,30}})?%(?:25)?40{_HOST}[A-Za-z]{{2,24}}"
    rf"(?![{_LETTER}])"
    rf"|(?<![{_LETTER}._%+-])(?=[{_LETTER}+-]{{0,30}}[._\d])[{_LETTER}][{_LETTER}.+_-]{{0,63}}%(?:25)?40{_HOST}{_COMMON}",
    re.IGNORECASE,
)
"""Its sign escaped, once or twice."""


def emails(text: str) -> Iterator[tuple[int, int]]:
    """Yield where e-mail addresses stand in a folded text, perhaps overlapping."""
    at = text.find("@")
    while at >= 0:
        before = text[max(0, at - _LONGEST_LOCAL) : at]
        domain, local = _DOMAIN.match(text, at), _LOCAL.search(before)
        if domain is None and (domain := _CHINESE_DOMAIN.match(text, at)) is not None:
            local = local or _CHINESE_LOCAL.search(before)
        if domain is not None and local is not None:
            if not _is_repository(text, local[0], domain):
                yield at - len(local[0]), domain.end()
        elif (place := _apart(text, at)) is not None:
            yield place
        at = text.find("@", at + 1)
    yield from (found.span() for found in _SPELLED.finditer(text))
    if "%40" in text or "%2540" in text:
        yield from (found.span() for found in _OF_WEB.finditer(text))


def _apart(text: str, at: int) -> tuple[int, int] | None:
    """Return an address with spaces or a break around its sign, where neither side is taken for a word."""
    domain = _APART_DOMAIN.match(text, at)
    if domain is None:
        return None
    begins = max(0, at - _LONGEST_LOCAL)
    local = _APART_LOCAL.search(text, begins, at)
    if local is None:
        return None
    if local[2] and not (
        _SAYS_ADDRESS.search(local[1]) or re.match(_POST, domain[1], re.IGNORECASE)
    ):
        return None
    return local.start(), domain.end()


def _is_repository(text: str, local: str, domain: re.Match[str]) -> bool:
    """Whether it is ``git@host:path``."""
    return local == "git" and text.startswith(":", domain.end())
