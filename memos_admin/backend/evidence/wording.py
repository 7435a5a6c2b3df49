"""What a review found, in words for a person; texts from outside in them are not gated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from memos_admin.backend.author_words import name_of, whose_source
from memos_admin.backend.display import called, quoted
from memos_admin.backend.evidence.checking import Check, Numbered
from memos_admin.backend.evidence.kinds import MISSING, UNCOMPARED, CheckKind, Missing, Uncompared
from memos_admin.backend.evidence.support import Support, Unfound
from memos_admin.backend.times import utc_text
from memos_admin.language import N_, ngettext, sentences
from memos_admin.language import gettext as _

LINK_WORDS: Mapping[str, str] = {
    "message id": N_("message id"),
    "quoted text": N_("quoted text"),
    "overlap": N_("similar message"),
    "none": N_("none"),
}
MISSING_WORDS: Mapping[str, str] = {
    "nowhere": N_("nowhere"),
    "another user": N_("another user"),
    "another conversation": N_("another conversation"),
    "none given": N_("none given"),
    "not kept": N_("not kept"),
    "not fetched": N_("not fetched"),
    "outside the window": N_("outside the window"),
    "knowledge base": N_("knowledge base"),
}
UNCOMPARED_WORDS: Mapping[str, str] = {
    **{kind: MISSING_WORDS[kind] for kind in UNCOMPARED if kind in MISSING_WORDS},
    "too long": N_("too long"),
    "nothing to compare": N_("nothing to compare"),
    "other view": N_("other view"),
}
CHECK_WORDS: Mapping[str, str] = {
    "nothing shared": N_("nothing shared"),
    "negation": N_("negation"),
    "person": N_("person"),
    "number": N_("number"),
    "date": N_("date"),
    "name": N_("name"),
    "another person": N_("another person"),
    "speaker": N_("speaker"),
    "changed since": N_("changed since"),
}
TELLER_WORDS: Mapping[str, str] = {
    "user": N_("marked as the user's words"),
    "unmarked": N_("unmarked"),
    "assistant": N_("marked as inferred by the assistant"),
}
"""Short words for lists and counts, to be translated where they are shown."""

_MOST = 160
"""Characters of a clause that are quoted."""

_WHY: dict[Missing, str] = {
    "nowhere": N_(
        "MemOS quotes or names a message that is in no conversation of this user, though all that MemOS "
        "serves of this one is here."
    ),
    "another user": N_("MemOS names a message of somebody else as its source: {user}."),
    "another conversation": N_("Its source is in another conversation: {conversation}."),
    "none given": N_("MemOS names no source."),
    "not kept": N_(
        "Which message it came from cannot be known here any more: ids of messages, or what they said "
        "before, are not kept (keep_raw_json and keep_versions_days of config.toml)."
    ),
    "not fetched": N_("Its conversation was never fetched, so its messages are not here."),
    "outside the window": N_(
        "Its source may be among the messages that MemOS does not serve: those before the latest 50 of a "
        "conversation, or before the first that it still has."
    ),
    "knowledge base": N_("Its source is a document of a knowledge base, not a message."),
}
_NOT_COMPARED: dict[Uncompared, str] = {
    "too long": N_(
        "MemOS names no source of it, and its conversation, a message of it or the memory itself is so long that "
        "only a part was searched, where nothing is near to it."
    ),
    "nothing to compare": N_(
        "It has no text, or is in another script than its source and has no number, date or time."
    ),
    "other view": N_(
        "Facts, preferences and events are compared: a tool memory or a skill is a lesson, a profile a form."
    ),
}
_COMPARED_WITH = {
    True: (
        N_("It was compared with its source ({where})."),
        N_("Its source ({where}) says {said}."),
    ),
    False: (
        N_("MemOS names no source of it; it was compared with a similar message ({where})."),
        N_("MemOS names no source of it; a similar message ({where}) says {said}."),
    ),
}
"""What is said of what a memory was compared with, by whether MemOS names its source."""

_STATES_NOT: dict[CheckKind, str] = {
    "number": N_(
        "The memory says {said}. This number was found in no message of the conversation."
    ),
    "date": N_(
        "The memory says {said}. This date or time was found in no message of the conversation."
    ),
    "name": N_(
        "The memory says {said}. This name or code was found in no message of the conversation."
    ),
}


def why(support: Support) -> str:
    """Return why sources of a memory are not in its transcript, ``""`` where they are."""
    reasons = sorted(support.unfound, key=lambda one: MISSING.index(one.why))
    return why_each(support, *reasons)


def why_each(support: Support, *some: Unfound) -> str:
    """Return why these sources of a memory are not in its transcript, ``""`` for none."""
    if not some:
        return ""
    text = sentences(*dict.fromkeys(map(_why, some)))
    if support.found and support.found < support.given:
        part = _("Of {given} sources {found} are found.")
        text = sentences(text, part.format(given=support.given, found=support.found))
    return text


def _why(one: Unfound) -> str:
    whose = "" if one.whose is None else called(one.whose)
    return _(_WHY[one.why]).format(conversation=one.elsewhere, user=whose)


def why_not_compared(support: Support) -> str:
    """Return why a memory was compared with nothing, ``""`` where it was."""
    reason = support.uncompared
    if reason is None:
        return ""
    if reason in _NOT_COMPARED:
        return _(_NOT_COMPARED[reason])
    if reason != "none given":
        return sentences(why(support), _("MemOS quotes nothing of it."))
    if support.conversation_id is None:
        return _("MemOS names no source of it, and no conversation.")
    apart = _("Not all messages of its conversation are here: it may come of one that is not.")
    return sentences(why(support), apart)


def explained(check: Check, support: Support, when: Callable[[int], str] = utc_text) -> str:
    """Return what does not agree: what was compared, and with what; `when` writes a time."""
    said = _since(check, when) if check.kind == "changed since" else _explained(check, support)
    return sentences(said, *_by_others(check, support), *_changed(check, when))


def _by_others(check: Check, support: Support) -> Iterator[str]:
    """Yield of the messages that a memory was compared with those that are another person's, or may be."""
    for message in () if check.kind == "another person" else check.messages:
        told = {whose_source(one.writer) for one in support.links if one.numbered == message}
        if len(told) == 1 and (said := told.pop()):
            yield _("{message}: {said}.").format(message=_beginning(message), said=said)


def _changed(check: Check, when: Callable[[int], str]) -> Iterator[str]:
    """Yield that a message that a memory was compared with said something else before."""
    for message, at in check.changed:
        text = _("{message} said something else until {when}: see what it said before.")
        yield text.format(message=_beginning(message), when=when(at))


def _beginning(message: Numbered) -> str:
    """Return a message as a sentence begins with it."""
    text = _("Message {number}") if message.elsewhere is None else _("Message {number} of {where}")
    return text.format(number=message.seq, where=message.elsewhere)


def _since(check: Check, when: Callable[[int], str]) -> str:
    text = _(
        "Its source ({where}) has changed since: it said “{before}” (until {when}), now it says “{now}”."
    )
    before, now = (part_shown(part, check.texts) for part in check.source)
    until = "?" if check.until is None else when(check.until)
    return text.format(where=messages(check.messages), when=until, before=before, now=now)


def _explained(check: Check, support: Support) -> str:
    where = messages(check.messages)
    if check.kind == "nothing shared":
        if support.given:
            text = _("It shares no word, number, date or name with its source ({where}).")
            return text.format(where=where)
        return _("No source is given, and no message of the conversation is near to it.")
    if check.kind in {"speaker", "another person"}:
        return _not_the_users(check, support)
    if check.kind == "negation":
        text = _("The memory says “{memory}”, its source ({where}) seems to deny it: “{source}”.")
        if check.memory_denies:
            text = _("The memory seems to deny “{memory}”, its source ({where}) says: “{source}”.")
        memory, source = (part_shown(one[0], check.texts) for one in (check.memory, check.source))
        return text.format(memory=memory, source=source, where=where)
    if check.kind == "person":
        text = _(
            "The memory tells of the user “{memory}”, its source ({where}) seems to say it of somebody else: "
            "“{source}”."
        )
        memory, source = (part_shown(one[0], check.texts) for one in (check.memory, check.source))
        return text.format(memory=memory, source=source, where=where)
    said = _(_STATES_NOT[check.kind]).format(said=_listed(check.memory, check))
    # That a source has none is never said: it may tell one in a way that is not known here.
    compared, says = _COMPARED_WITH[bool(support.given)]
    stated = _(compared).format(where=where)
    if check.source:
        stated = _(says).format(where=where, said=_listed(check.source, check))
    partly = _("Some messages of this conversation are not here.") if support.partly else ""
    return sentences(said, stated, partly)


def _not_the_users(check: Check, support: Support) -> str:
    """Return that the sources of what is told of the user are the assistant's, or another person's."""
    where = messages(check.messages)
    if check.kind == "speaker":
        text = _("It is told as the user's words, but its source ({where}) is the assistant's.")
        return text.format(where=where)
    theirs = (
        one.writer
        for one in support.links
        if one.numbered in check.messages and one.writer.author == "another person"
    )
    names = _(", ").join(dict.fromkeys(map(name_of, theirs)))
    text = _(
        "It is told of the user, but its source ({where}) was said by {names}, not by this user."
    )
    return text.format(where=where, names=names)


def messages(some: Sequence[Numbered]) -> str:
    """Return ``message 3``, ``messages 3, 5; message 2 of trip``; what MemOS quotes where there is none."""
    if not some:
        return _("what MemOS quotes")
    places = dict.fromkeys(one.elsewhere for one in some)
    told = (_of_place(where, [it.seq for it in some if it.elsewhere == where]) for where in places)
    return _("; ").join(told)


def _of_place(elsewhere: str | None, seqs: Sequence[int]) -> str:
    numbers = _(", ").join(map(str, seqs))
    if elsewhere is None:
        text = ngettext("message {numbers}", "messages {numbers}", len(seqs))
    else:
        text = ngettext("message {numbers} of {where}", "messages {numbers} of {where}", len(seqs))
    return text.format(numbers=numbers, where=elsewhere)


def _listed(parts: Sequence[str], check: Check) -> str:
    return _(", ").join(f"“{part_shown(part, check.texts)}”" for part in parts)


def part_shown(part: str, texts: Sequence[str]) -> str:
    """Return a part of some texts, masked as it is there."""
    return quoted(part, texts)[:_MOST]
