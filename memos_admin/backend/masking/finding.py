"""Where personal data and secrets stand in a text.

Every pattern is anchored or bounded, so that the time is linear in the length of the text. What is
only a number is asked of libraries that know which numbers there are (checksums, plans of phones).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple, get_args

from stdnum import iban
from stdnum.cn import ric

from memos_admin.backend.masking.broken import broken
from memos_admin.backend.masking.cards import is_card
from memos_admin.backend.masking.emails import emails
from memos_admin.backend.masking.folding import fold, unescape
from memos_admin.backend.masking.phones import is_of_goods, phones
from memos_admin.backend.masking.secrets import addresses, secrets, unreadable
from memos_admin.backend.masking.spoken import NO_MEASURE

Kind = Literal["e-mail", "phone", "id number", "card", "account", "secret"]
KINDS: tuple[Kind, ...] = get_args(Kind)


class Found(NamedTuple):
    """A part of a text, and what it is."""

    start: int
    end: int
    kind: Kind


_WORTH = re.compile(
    r"[@=]|\d.{0,3}\d.{0,3}\d.{0,3}\d|://|[A-Za-z0-9+/_-]{16}|密码|口令|密钥|令牌|(?:提取|验证|校验|动态|取件|安全)码"
    r"|背面|QQ|微信|wechat|%(?:25)?40|pass|pwd?|cvv|cvc|code|sort|key|secret|token|contrase|clave|senha|wort|[\[(] ?at ?[\])]",
    re.DOTALL | re.IGNORECASE,
)
"""Without any of these there is nothing to be found."""

_APART = r"(?<![A-Za-z0-9_])(?<![0-9a-f]-)(?<!\d[.,])"
_OVER = r"(?![A-Za-z0-9_])(?!-[0-9A-Za-z])(?!\.\d)"
_RESIDENT = re.compile(rf"{_APART}\d{{6}}([ -]?)(?:18|19|20)\d{{6}}\1\d{{3}}[\dXx]{_OVER}")
_CALLED_RESIDENT = re.compile(
    r"(?<!\[)身[份分]证(?:统一编号|字号|号码?|号)?[^\w\n\[\]]{0,3}(?:是|为)?[^\w\n\[\]]{0,2}"
    r"(\d{15}(?:\d{2}[\dXx])?|[A-Z][1289A-D]\d{8}|[A-Z]{1,2}\d{6}\([\dA]\))(?![A-Za-z0-9])"
)
"""Of the mainland, of Taiwan, of Hong Kong."""
_AADHAAR = re.compile(
    r"(?<![a-z\[])aadhaar[^\d\n.!?;\[\]]{0,24}((?!0|1)\d{4}([ -]?)\d{4}\2\d{4})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_PASSPORT = re.compile(
    r"(?<!\[)(?i:passport|护照|通行证)(?i: ?(?:number|no\.?|号码?|号))?[^\w\n\[\]]{0,3}(?i:is |是|为)?"
    r"((?=[A-Z0-9]*\d[A-Z0-9]?\d)[A-Z0-9]{8,10})(?![A-Za-z0-9])"
)
_SOCIAL = re.compile(rf"{_APART}(?!000|666|9\d\d)\d{{3}}-(?!00)\d{{2}}-(?!0000)\d{{4}}{_OVER}")
_CALLED_SOCIAL = re.compile(
    r"(?<![a-z\[])(?:ssn|social security(?: number| no\.?)?)[^\w\n\[\]]{0,3}(?:is )?(\d{3} ?\d{2} ?\d{4})(?!\d)",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]{4}){2,7}(?:[ -]?[A-Za-z0-9]{1,4})?(?![A-Za-z0-9])"
)
_CARD = re.compile(
    rf"{_APART}[2-6]\d{{3}}(?:([ .-])\d{{4}}(?:\1\d{{2,5}}){{2,3}}|\d{{9,15}}|[ -]\d{{6}}[ -]\d{{5}}){_OVER}"
)
_CALLED_CARD = re.compile(
    r"(?<!\[)(?:银行卡|信用卡|储蓄卡|卡)(?:号码?|号)?[^\w\n\[\]]{0,3}(?:是|为)?[^\w\n\[\]]{0,2}"
    r"(\d(?:[ -]?\d){13,18})(?![A-Za-z0-9])"
)

_CALLED_ACCOUNT = re.compile(
    r"(?<![A-Za-z\[])(?:account|acct|账户|账号|帐号)(?: ?(?:number|no\.?))?[^\w\n\[\]]{0,3}(?:is |是|为)?"
    r"(?!(?:19|20)\d\d[ -]?(?:0\d|1[0-2])[ -]?[0-3]\d(?!\d))(\d(?:[ -]?\d){7,22})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_SORT = r"\d{2}-\d{2}-\d{2}|\d{2} \d{2} \d{2}|\d{6}"
_CALLED_SORT = re.compile(
    rf"(?<![A-Za-z\[])sort[ -]?codes?[^\d\n.!?;\[\]]{{0,24}}({_SORT})(?![A-Za-z0-9])(?![.,-]\d)"
    rf"(?:[^\d\n.!?;\[\]]{{1,24}}(\d{{4}} ?\d{{4}})(?![A-Za-z0-9])(?![.,-]\d))?"
    rf"|(?<![A-Za-z\[])(?:account|acct)(?: ?(?:number|no\.?))?[^\w\n\[\]]{{0,3}}(?:is )?(\d{{2}}-\d{{2}}-\d{{2}})"
    rf"(?![A-Za-z0-9])(?![.,-]\d)"
    rf"|{_APART}({_SORT})[^\w\n.!?;\[\]]{{1,3}}(?:(?:is|as|was|my|the|your|our) ){{0,2}}sort[ -]?code(?![A-Za-z])",
    re.IGNORECASE,
)
"""Of a bank in the UK, with the account that is told behind it."""
_CALLED_CHAT = re.compile(
    r"(?<!\[)(?<![A-Za-z])(?:QQ ?(?:号码?|number|num|no\.?|id)?(?:"
    r" ?(?:is |是|为|[:：]) ?(?:is |是|为|[:： \n]){0,3}([1-9]\d{4,10})"
    r"|[ \n]{0,2}(?!(?:19|20)\d\d(?:0\d|1[0-2])[0-3]\d(?!\d))([1-9]\d{5,10})"
    rf"{NO_MEASURE}(?! {{0,2}}(?:人|万|首|users|people|members|songs)))(?![A-Za-z0-9@-])(?!\.\d)"
    r"|QQ ?号码? ?([1-9]\d{4,10})(?![A-Za-z0-9@.-])"
    r"|(?:微信(?:号|是|[:：])|wechat(?: id|[:：])) ?(?:is |是|为|[:： ]){0,3}"
    r"((?=[\w-]{0,19}[\d_])[A-Za-z][\w-]{4,19})(?![\w@.-]))",
    re.IGNORECASE | re.ASCII,
)
"""Of QQ from six digits where only its name stands before them: fewer are years, versions, counts."""
_CHAT_ID = re.compile(r"(?<![A-Za-z0-9_])wxid_[a-z0-9]{6,24}(?![A-Za-z0-9_])")

_ROUNDS = 4
"""What is found makes room for what stood too close to it to be seen."""


def find(text: str) -> list[Found]:
    """Return what is personal or secret in a text, in order and apart from each other.

    In a text with escapes, as JSON has, also what is found without them.
    """
    found = _find(text)
    if (unescaped := unescape(text)) is None:
        return found
    found = [one._replace(start=unescaped.behind(one.start)) for one in found]
    found += (
        Found(*unescaped.original(one.start, one.end), one.kind) for one in _find(unescaped.text)
    )
    return _joined(one for one in found if one.start < one.end)


def _find(text: str) -> list[Found]:
    folded = fold(text)
    plain = folded.text
    if not _WORTH.search(plain):
        return []
    found: list[Found] = []
    for _ in range(_ROUNDS):
        some = _apart(_all(plain), len(plain))
        if not some:
            break
        found += some
        plain = _without(plain, some)
    found += [Found(start, end, "secret") for start, end in unreadable(folded.text)]
    return [Found(*folded.original(start, end), kind) for start, end, kind in _joined(found)]


def _all(text: str) -> Iterator[Found]:
    """Yield everything, what is surest first."""
    known = addresses(text)
    yield from (Found(start, end, kind) for start, end, kind in broken(text))
    yield from (Found(start, end, "secret") for start, end in secrets(text, known))
    yield from (Found(start, end, "e-mail") for start, end in emails(text))
    yield from (Found(start, end, "id number") for start, end in _id_numbers(text))
    for found in _ACCOUNT.finditer(text.replace("\n", " ")):
        if iban.is_valid(found[0]):
            yield Found(*found.span(), "account")
    for found in _CARD.finditer(text):
        if is_card(re.sub(r"\D", "", found[0])) and not is_of_goods(text, found.start()):
            yield Found(*found.span(), "card")
    yield from (Found(*found.span(1), "card") for found in _CALLED_CARD.finditer(text))
    yield from (Found(*found.span(1), "account") for found in _CALLED_ACCOUNT.finditer(text))
    for found in _CALLED_SORT.finditer(text):
        for group in range(1, 5):
            if found[group]:
                yield Found(*found.span(group), "account")
    for found in _CALLED_CHAT.finditer(text):
        yield Found(*found.span(found.lastindex or 0), "account")
    yield from (Found(*found.span(), "account") for found in _CHAT_ID.finditer(text))
    yield from (Found(start, end, "phone") for start, end in phones(text, known))


def _id_numbers(text: str) -> Iterator[tuple[int, int]]:
    for found in _RESIDENT.finditer(text):
        if ric.is_valid(re.sub(r"[ -]", "", found[0])):
            yield found.span()
    yield from (found.span() for found in _SOCIAL.finditer(text))
    for pattern in (_CALLED_RESIDENT, _CALLED_SOCIAL, _AADHAAR, _PASSPORT):
        yield from (found.span(1) for found in pattern.finditer(text))


def _apart(found: Iterable[Found], length: int) -> list[Found]:
    """Return of what overlaps the surest, which came first."""
    kept: list[Found] = []
    taken = bytearray(length)
    for one in found:
        part = slice(one.start, one.end)
        if not any(taken[part]):
            taken[part] = b"\1" * (one.end - one.start)
            kept.append(one)
    return kept


def _joined(found: Iterable[Found]) -> list[Found]:
    """Return them in order, and as one what was found around something that was found before."""
    joined: list[Found] = []
    for one in sorted(found):
        if not joined or one.start >= joined[-1].end:
            joined.append(one)
            continue
        last = joined[-1]
        longer = max(last, one, key=lambda it: it.end - it.start)
        joined[-1] = Found(last.start, max(last.end, one.end), longer.kind)
    return joined


def _without(text: str, found: Iterable[Found]) -> str:
    parts, at = [], 0
    for start, end, _kind in sorted(found):
        parts += [text[at:start], "]" * (end - start)]
        at = end
    return "".join((*parts, text[at:]))
