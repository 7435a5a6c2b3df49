"""Why a scan found something, in a sentence for a person; texts from outside in it are not gated."""

from __future__ import annotations

from collections.abc import Mapping

from memos_admin.backend.evidence.wording import part_shown
from memos_admin.backend.hygiene.finding import Finding
from memos_admin.language import N_, ngettext
from memos_admin.language import gettext as _

KIND_WORDS: Mapping[str, str] = {
    "key": N_("key"),
    "number": N_("number"),
    "negation": N_("negation"),
    "health": N_("health"),
    "religion": N_("religion"),
    "politics": N_("politics"),
    "sexuality": N_("sexuality"),
    "finance": N_("finance"),
    "minors": N_("minors"),
    "crime": N_("crime"),
    "origin": N_("origin"),
    "address or birthday": N_("address or birthday"),
    "e-mail": N_("e-mail"),
    "phone": N_("phone"),
    "id number": N_("id number"),
    "card": N_("card"),
    "account": N_("account"),
    "secret": N_("secret"),
    "another person": N_("another person"),
}
"""Words for the kinds of a `Hit`, to be translated where they are shown."""


def kinds(kind: str) -> str:
    """Return the kinds of a hit in words."""
    return _(", ").join(_(KIND_WORDS[one]) for one in kind.split(",") if one)


def reason(found: Finding) -> str:
    """Return why a memory was found, as a sentence."""
    return _REASONS[found.rule](found)


def _contradiction(found: Finding) -> str:
    mine, theirs = (_bare(part, found) for part in found.hit.parts)
    if found.hit.kind == "key":
        text = _(
            "It says “{mine}”, an earlier memory says “{theirs}”: another value of the same key."
        )
    elif found.hit.kind == "number":
        text = _("It says “{mine}”, an earlier memory says “{theirs}”: another number.")
    else:
        text = _("It says “{mine}”, an earlier memory says “{theirs}”: one denies the other.")
    return text.format(mine=mine, theirs=theirs)


def _duplicate(found: Finding) -> str:
    text = _("An earlier memory of this user says it in nearly the same words ({percent} % alike).")
    return text.format(percent=int(found.hit.number or 0))


def _stale(found: Finding) -> str:
    days = int(found.hit.number or 0)
    text = ngettext(
        "It says “{words}”, which is told from the day it was written, {days} day ago.",
        "It says “{words}”, which is told from the day it was written, {days} days ago.",
        days,
    )
    return text.format(words=_bare(found.hit.parts[0], found), days=f"{days:,}")


def _other_person(found: Finding) -> str:
    text = _("It tells of somebody else (“{whom}”): {kinds}.")
    return text.format(whom=_bare(found.hit.parts[0], found), kinds=kinds(found.hit.kind))


def _sensitive(found: Finding) -> str:
    text = _("It tells of {kinds}: {words}.")
    return text.format(kinds=kinds(found.hit.kind), words=_quoted(found))


def _speaker(found: Finding) -> str:
    if found.hit.kind == "another person":
        return _(
            "It is told of the user, but only another person of the conversation said it. The evidence of the memory "
            "says who."
        )
    return _("It is told as the user's words, but every source is a message of the assistant.")


def _low_confidence(found: Finding) -> str:
    value = found.hit.number or 0.0
    if not value:
        return _(
            "MemOS gives it a confidence of 0, which it also does where it seems not to measure."
        )
    return _("MemOS gives it a confidence of {value}.").format(value=f"{value:.2f}")


def _no_source(_found: Finding) -> str:
    return _("MemOS names no source for it.")


def _quoted(found: Finding) -> str:
    return _(", ").join(f"“{_bare(part, found)}”" for part in found.hit.parts)


_QUOTES = (("“", "”"), ("「", "」"), ("『", "』"), ("«", "»"), ('"', '"'))


def _bare(part: str, found: Finding) -> str:
    """Return a part as it is shown, to stand in quotes: without those around it, and half ones in it."""
    shown = part_shown(part, found.texts)
    for first, last in _QUOTES:
        whole = shown.startswith(first) and shown.endswith(last) and len(shown) > 1
        if first == last:
            is_half = shown.count(first) % 2 == 1
        else:
            is_half = shown.count(first) != shown.count(last)
        if is_half or (whole and shown.count(first) == (2 if first == last else 1)):
            shown = shown.replace(first, "").replace(last, "")
    return shown


_REASONS = {
    "contradiction": _contradiction,
    "duplicate": _duplicate,
    "stale-date": _stale,
    "other-person": _other_person,
    "sensitive": _sensitive,
    "speaker": _speaker,
    "low-confidence": _low_confidence,
    "no-source": _no_source,
}
