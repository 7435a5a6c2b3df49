"""From an answer to its data or to an error: the service's envelope and codes.

Codes and meanings: memos-cloud-api, "Envelope and errors". A code that the service gave decides;
where it gave none, the HTTP status does. "Not found" is believed only of the service itself: a 404
without its envelope is a wrong address, and must not look like a memory that is gone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from memos_admin.cloud import errors
from memos_admin.cloud.jsontext import BadJSON, decode
from memos_admin.cloud.redirects import Location
from memos_admin.cloud.surrogates import has_surrogate_escapes
from memos_admin.language import N_, first_sentence, sentences
from memos_admin.language import gettext as _

Repeat = Literal["never", "reads", "always"]
"""Whether trying again may help: not, only what changes nothing, or everything since the service
certainly did not carry it out."""

DOING = {
    "/get/message": N_("Reading messages"),
    "/get/memory": N_("Listing memories"),
    "/get/memory/{id}": N_("Reading a memory"),
    "/search/memory": N_("Searching memories"),
    "/get/status": N_("Reading a task"),
    "/update/memory": N_("Changing a memory"),
    "/delete/memory": N_("Deleting memories"),
    "/add/feedback": N_("Sending feedback"),
}
"""What each route does, as error texts begin."""

_SUCCESS = {0, 200}
_LONGEST_EXCERPT = 120
_CHECK_ADDRESS = N_("Check the base URL.")
_WORKED = N_(
    "MemOS has answered at this base URL before: a proxy or a sign-in page on the way may have answered "
    "instead, or MemOS has a fault. Try again in a few minutes."
)
_CHECK_ID = N_("Check the id.")
_WAIT = N_("Try again in a few minutes.")
_NEW_KEY = N_("Give a valid key: in MEMOS_API_KEY, or with `memos-admin projects set-key`.")
_NEW_QUOTA = N_("Raise the quota in the MemOS console, or wait until it is renewed.")
_UNKNOWN = N_("It is not known whether it was carried out: look before you repeat it.")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one request: data, or an error and whether to try again.

    Attributes:
        surrogates: whether `data` may hold lone surrogates.
        limited: the service limits the rate of the account, not just of this request.
        retry_after: seconds that the service asks to wait, None where it does not say.
        lost: why there was no answer; None where there was one.
        took: seconds from when this request was sent, behind all waits for its turn, until its answer.
    """

    data: Any = None
    surrogates: bool = False
    error: errors.CloudError | None = None
    repeat: Repeat = "never"
    limited: bool = False
    retry_after: float | None = None
    lost: Break | None = None
    took: float | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer, whole."""

    status: int
    content_type: str
    body: bytes
    retry_after: float | None = None
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Break:
    """Why there is no answer.

    Attributes:
        what: as it stands after "failed:".
        advice: a sentence that says what to do; ``""``: what `address_advice` says.
        sent: the request may have reached the service.
        kind: ``passing`` where trying again may help, ``lasting`` where not, ``unusable`` where an
            answer came that cannot be read.
        silent: it was sent, and nothing came in time.
    """

    what: str
    advice: str
    sent: bool
    kind: Literal["passing", "lasting", "unusable"] = "passing"
    silent: bool = False


def address_advice(*, worked: bool) -> str:
    """Return what to do where something answers that is not the service.

    Args:
        worked: the service itself has answered at this address before.
    """
    return _(_WORKED if worked else _CHECK_ADDRESS)


def judge(
    reply: Reply | Break, route: str, hide: Callable[[str], str], *, worked: bool = False
) -> Outcome:
    """Return what an answer to `route`, or the lack of one, means.

    Args:
        reply: the answer, or why there is none.
        route: as in `DOING`.
        hide: takes the key out of a text, since a service may repeat it in its message.
        worked: as `address_advice` takes it.
    """
    if isinstance(reply, Break):
        return _broken(reply, route, address_advice(worked=worked))
    if 300 <= reply.status < 400:
        return _redirected(reply, route, hide, address_advice(worked=worked))
    envelope, surrogates, flaw = _open(reply)
    if envelope is None:
        return _without_envelope(reply, route, excerpt(flaw, hide), address_advice(worked=worked))
    code = _code(envelope)
    if code in _SUCCESS and reply.status < 300:
        data = envelope.get("data")
        if isinstance(data, dict) and data.get("success") is False:
            said = excerpt(data.get("message") or envelope.get("message"), hide)
            return _declined(route, None, said)
        return Outcome(data, surrogates)
    if code in _SUCCESS:
        code = reply.status
    said = excerpt(envelope.get("message"), hide)
    return _from_code(code, reply, route, said)


def excerpt(message: Any, hide: Callable[[str], str]) -> str:
    """Return the service's message without control characters and keys, short, or ``""``."""
    if not isinstance(message, str):
        return ""
    # Hidden first and last: cutting or cleaning may neither split a key nor put one together.
    text = hide(message)[: 50 * _LONGEST_EXCERPT]
    visible = (" " if unicodedata.category(c)[0] in "CZ" else c for c in text)
    text = re.sub(r"mpg-\S+", "[API key]", hide(" ".join("".join(visible).split())))
    return text if len(text) <= _LONGEST_EXCERPT else text[: _LONGEST_EXCERPT - 1] + "…"


def failure(
    kind: type[errors.CloudError], route: str, what: str, advice: str, code: int | None = None
) -> errors.CloudError:
    """Return an error whose text says what failed and, in a second sentence, what to do."""
    doing = _(DOING[route]) if route in DOING else _("The request")
    text = _("{doing} failed: {what}.").format(doing=doing, what=what)
    return kind(sentences(text, advice), route=route, code=code)


def in_brackets(code: int | None, said: str) -> str:
    """Return code and message in brackets, ``""`` where the service gave neither."""
    number = f"HTTP {code}" if code else ""
    if code and code >= 1000:
        number = _("code {code}").format(code=code)
    parts = [number, said]
    inside = ": ".join(filter(None, parts))
    return f" ({inside})" if inside else ""


def _open(reply: Reply) -> tuple[dict[str, Any] | None, bool, str]:
    """Return the envelope or None, whether it may hold lone surrogates, and what is wrong."""
    if not reply.body.strip():
        return None, False, _("the answer is empty")
    kind = reply.content_type.partition(";")[0].strip().lower()
    if kind and not (kind.endswith(("/json", "+json"))):
        shown = kind if re.fullmatch(r"[a-z0-9.+-]+/[a-z0-9.+-]+", kind) else _("another type")
        return None, False, _("the answer is {type} instead of JSON").format(type=shown)
    try:
        text = reply.body.decode("utf-8")
        value = decode(text)
    except UnicodeDecodeError:
        return None, False, _("the answer is not valid UTF-8")
    except BadJSON as error:
        return None, False, _("the answer is not usable JSON ({error})").format(error=error)
    if not isinstance(value, dict) or _code(value) is None:
        return None, False, _("the answer is JSON, but not the service's")
    return value, has_surrogate_escapes(text), ""


def _code(envelope: dict[str, Any]) -> int | None:
    """Return the envelope's code, also from its digits, or None."""
    code = envelope.get("code")
    if isinstance(code, str) and re.fullmatch(r"[0-9]{1,9}", code):
        return int(code)
    return code if type(code) is int and 0 <= code < 10**9 else None


def _redirected(reply: Reply, route: str, hide: Callable[[str], str], advice: str) -> Outcome:
    """Return where an answer points instead of answering, and what to do."""
    what = _("the address redirects, and redirects are not followed with an API key")
    if reply.location is not None:
        what = _(
            "the address redirects to {address}, and redirects are not followed with an API key"
        ).format(address=excerpt(reply.location.address, hide))
        if reply.location.base_url is not None:
            moved = _("Where you know that MemOS is there now, give its base URL: {address}")
            moved = moved.format(address=excerpt(reply.location.base_url, hide))
            advice = sentences(advice, moved)
    return Outcome(error=failure(errors.Unusable, route, what, advice))


def _without_envelope(reply: Reply, route: str, flaw: str, advice: str) -> Outcome:
    """Return what an answer without the service's envelope means, from its HTTP status."""
    status = reply.status
    if status in {401, 403, 429} or status >= 500:
        return _from_code(status, reply, route, "")
    if status == 408:
        return _busy(reply, route, "")
    what = _("{flaw} (HTTP {status})").format(flaw=flaw, status=status)
    return Outcome(error=failure(errors.Unusable, route, what, advice))


def _from_code(code: int | None, reply: Reply, route: str, said: str) -> Outcome:
    """Return what the service's code, or the HTTP status in its place, means."""
    code = code or reply.status
    shown = in_brackets(code, said)
    status = 0 if _known(code) else reply.status
    if code in {429, 40300} or status == 429:
        return limited(route, shown, code, reply.retry_after)
    if 500 <= code < 600 or 50000 <= code < 50100 or status >= 500:
        return _busy(reply, route, shown, code)
    if code in {401, 403} or 40100 <= code < 40200:
        kind: type[errors.CloudError] = errors.Refused
        what, advice = _("the service refused the API key"), _(_NEW_KEY)
    elif code == 40304:
        kind = errors.QuotaExceeded
        what, advice = _("the account has used up its calls"), _(_NEW_QUOTA)
    elif code in {404, 40001, 40307, 40308, 50131}:
        kind, what, advice = (
            errors.NotFound,
            _("the service has nothing under this id"),
            _(_CHECK_ID),
        )
    else:
        return _declined(route, code, said)
    return Outcome(error=failure(kind, route, f"{what}{shown}", advice, code))


def limited(route: str, shown: str, code: int | None, retry_after: float | None) -> Outcome:
    """Return that the service limits the account's rate."""
    advice = _("Try again in a minute.")
    what = _("the service limits the rate of this account{shown}").format(shown=shown)
    error = failure(errors.RateLimited, route, what, advice, code)
    return Outcome(error=error, repeat="always", limited=True, retry_after=retry_after)


def _busy(reply: Reply, route: str, shown: str, code: int | None = None) -> Outcome:
    said = shown or f" (HTTP {reply.status})"
    what = _("the service cannot answer now{said}").format(said=said)
    error = failure(errors.Busy, route, what, _(_WAIT), code)
    return Outcome(error=error, repeat="reads", retry_after=reply.retry_after)


def in_doubt(outcome: Outcome, reply: Reply | Break) -> Outcome:
    """Return the outcome of a write, with a warning where nobody knows whether it took effect."""
    arrived = isinstance(reply, Reply) or reply.sent
    error = outcome.error
    if arrived and isinstance(error, errors.Unreachable | errors.Unusable | errors.Busy):
        text = sentences(first_sentence(str(error)), _(_UNKNOWN))
        return replace(outcome, error=type(error)(text, route=error.route, code=error.code))
    return outcome


def _broken(reply: Break, route: str, advice: str) -> Outcome:
    kind = errors.Unusable if reply.kind == "unusable" else errors.Unreachable
    error = failure(kind, route, reply.what, reply.advice or advice)
    if reply.kind != "passing":
        return Outcome(error=error, lost=reply)
    return Outcome(error=error, repeat="reads" if reply.sent else "always", lost=reply)


def _declined(route: str, code: int | None, said: str) -> Outcome:
    what = _("the service declined{said}").format(said=in_brackets(code, said))
    if code == 40020:
        advice = _("The project of this API key does not exist: check base URL and key.")
    elif code is not None and 40301 <= code <= 40305:
        advice = _("A length or a quota of the account is exceeded: shorten, or raise the quota.")
    elif code == 40306:
        advice = _("The service does not permit to delete this.")
    else:
        advice = _("Check the ids and values that were given.")
    return Outcome(error=failure(errors.Rejected, route, what, advice, code))


def _known(code: int) -> bool:
    """Return whether a code is one of the service's own families."""
    return 40000 <= code < 41000 or 50000 <= code < 50200
