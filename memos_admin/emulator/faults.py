"""What can go wrong on purpose, and how it is asked for.

A SPEC is ``NAME`` or ``NAME:key=value,key=value``. Every fault takes these keys, which say which
requests it strikes (all where none is given):

* ``route=/get/memory``: only this route (``/get/memory/{memory_id}`` for a single memory);
* ``after=N``: not the first N matching requests;
* ``times=N``: at most N requests;
* ``every=N``: only each N-th of them;
* ``chance=P``: only with probability P, from a fixed seed, so that runs repeat.

Faults that lose an answer (reset, time-out, truncation, …) strike after the request was carried
out; those that refuse one (429, 5xx, codes) strike before.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

Stage = Literal["delay", "refuse", "handle", "answer"]


class Kind(NamedTuple):
    """A kind of fault: when it strikes, what it takes, what it does."""

    stage: Stage
    defaults: dict[str, str]
    does: str


KINDS: Final[dict[str, Kind]] = {
    "latency": Kind("delay", {"ms": "200"}, "every answer comes MS milliseconds later"),
    "jitter": Kind("delay", {"ms": "200"}, "answers come up to MS milliseconds later, at random"),
    "rate-limit": Kind(
        "refuse", {"retry-after": ""}, "HTTP 429, with Retry-After if RETRY-AFTER (seconds) is set"
    ),
    "error": Kind(
        "refuse", {"status": "500"}, "HTTP STATUS (500, 502, 503, …) without an envelope"
    ),
    "code": Kind(
        "refuse",
        {"code": "50004", "status": "200"},
        "an envelope with CODE (40300, 50004, 40304, …)",
    ),
    "expired-key": Kind("refuse", {}, "code 40132; with after=N the key expires after N calls"),
    "html": Kind("refuse", {"status": "502"}, "an HTML error page with HTTP STATUS"),
    "timeout": Kind("answer", {"seconds": "600"}, "no answer, the connection stays open"),
    "reset": Kind("answer", {}, "the connection is reset instead of an answer"),
    "truncate": Kind("answer", {}, "the body ends half-way"),
    "invalid-json": Kind("answer", {}, "the body is not JSON"),
    "content-type": Kind("answer", {"type": "text/plain"}, "the right body as content type TYPE"),
    "invalid-utf8": Kind("answer", {}, "the body has bytes that are not UTF-8"),
    "drip": Kind("answer", {"bytes": "64", "ms": "20"}, "BYTES bytes of the body every MS ms"),
    "missing-fields": Kind(
        "answer", {}, "items lose all fields but id and text, lists their total"
    ),
    "unknown-fields": Kind("answer", {}, "fields and a view that no documentation names"),
    "duplicate-ids": Kind(
        "handle", {}, "a page of get/memory repeats the last item of the one before"
    ),
    "shifting-pages": Kind(
        "handle",
        {"by": "insert"},
        "before page 2 and each later one the subject gains (by=insert) or loses (by=delete) a"
        " memory for good",
    ),
    "reversed-messages": Kind("handle", {}, "get/message answers newest first"),
    "ignored-filter": Kind("handle", {}, "filters of get/memory have no effect"),
    "refused-filter": Kind("handle", {}, "filters of get/memory are answered with code 40000"),
}

FAULTS: Final[dict[str, str]] = {name: kind.does for name, kind in KINDS.items()}
"""Every fault's name and what it does, for ``--help``."""

SHORT: Final[dict[str, str]] = {
    "429": "rate-limit",
    "500": "error:status=500",
    "502": "error:status=502",
    "503": "error:status=503",
    "40300": "code:code=40300",
    "50004": "code:code=50004",
}
"""Numbers that stand for a fault."""

WHICH: Final = ("route", "after", "times", "every", "chance")
NUMBERS: Final = frozenset(
    {"after", "times", "every", "ms", "status", "code", "bytes", "seconds", "retry-after", "chance"}
)

_MOST_DIGITS = 12
_BODILESS = {204, 205, 304}


class BadFault(ValueError):
    """A SPEC that cannot be understood; the text says why and what would be."""


@dataclass
class Fault:
    """A fault that is in force, and how often it matched and struck."""

    name: str
    options: dict[str, str]
    spec: str
    matched: int = 0
    struck: int = 0

    def __post_init__(self) -> None:
        # of its own, so that two faults do not strike the same requests; repeatable, not secret
        self._random = random.Random(self.spec)  # noqa: S311 - faults, not secrets

    def number(self, name: str) -> float:
        """Return a numeric option, 0 where it is empty."""
        return float(self.options.get(name) or 0)

    def strikes(self, route: str) -> bool:
        """Count a request on `route` and say whether the fault strikes it."""
        options = self.options
        if options.get("route", route) != route:
            return False
        self.matched += 1
        beyond = self.matched - int(self.number("after"))
        if beyond <= 0 or ("times" in options and self.struck >= self.number("times")):
            return False
        if "every" in options and beyond % max(1, int(self.number("every"))):
            return False
        if "chance" in options and self._random.random() >= self.number("chance"):
            return False
        self.struck += 1
        return True

    def jitter(self) -> float:
        """Return a random delay in seconds up to the option ``ms``."""
        return self._random.random() * self.number("ms") / 1000


def parse_fault(spec: str) -> Fault:
    """Return the fault that a SPEC asks for. Raises BadFault."""
    name, _, text = spec.strip().partition(":")
    name = name.strip().lower().replace("_", "-")
    if name in SHORT:
        name, _, first = SHORT[name].partition(":")
        text = ",".join(part for part in (first, text) if part)
    if name not in KINDS:
        raise BadFault(f"no fault {name!r}; there are {', '.join(KINDS)}")
    options = dict(KINDS[name].defaults)
    for pair in filter(None, text.split(",")):
        key, equals, value = (part.strip() for part in pair.partition("="))
        key = key.lower().replace("_", "-")
        if key not in WHICH and key not in KINDS[name].defaults:
            allowed = ", ".join((*KINDS[name].defaults, *WHICH))
            raise BadFault(f"{name} takes no {key!r}; it takes {allowed}")
        if not equals or not value or (key in NUMBERS and not _is_number(value)):
            raise BadFault(f"{key} of {name} needs a value, a number where it counts: {pair!r}")
        if not _can_be_sent(key, value):
            raise BadFault(f"{key} of {name} cannot be sent with a body: {value!r}")
        options[key] = value
    return Fault(name, options, spec)


def _is_number(text: str) -> bool:
    digits = text.replace(".", "", 1)
    return digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS


def _can_be_sent(key: str, value: str) -> bool:
    """Return whether HTTP has such a status for an answer with a body, or such a header."""
    if key == "status":
        return 200 <= float(value) < 1000 and int(float(value)) not in _BODILESS
    return key != "type" or (value.isascii() and value.isprintable())


class Faults:
    """The faults in force."""

    def __init__(self, specs: Iterable[str] = ()) -> None:
        self.active = [parse_fault(spec) for spec in specs]

    def replace(self, specs: Iterable[str]) -> None:
        """Put others in their place. Raises BadFault, and then changes nothing."""
        self.active = [parse_fault(spec) for spec in specs]

    def strike(self, route: str, stage: Stage) -> list[Fault]:
        """Return the faults of a stage that strike this request, and count it for them."""
        of_stage = (fault for fault in self.active if KINDS[fault.name].stage == stage)
        return [fault for fault in of_stage if fault.strikes(route)]

    def find(self, name: str, route: str) -> Fault | None:
        """Return the fault of a name if it strikes this request, and count it for it."""
        return next((f for f in self.active if f.name == name and f.strikes(route)), None)
