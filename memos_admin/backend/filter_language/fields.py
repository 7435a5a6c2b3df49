"""The names that the language of filters knows, with a few words about each."""

from __future__ import annotations

from collections.abc import Mapping

from memos_admin.backend.verdicts.kinds import WORDS as VERDICT_WORDS
from memos_admin.backend.view_words import VIEWS
from memos_admin.language import N_

FIELDS = {
    "view": N_("fact, preference, tool, skill, event, profile; several with commas"),
    "tag": N_("memories with this tag; with commas: with one of them; twice: with both"),
    "status": N_("such as activated, archived; several with commas"),
    "updated": N_("a day, >=2026-01-01, <2026-02-01, 2026-01-01..2026-01-31, or 7d"),
    "created": N_("likewise, when it was created"),
    "vanished": N_("yes: only those that are gone; no: only those listed"),
    "inferred": N_("yes: only what an assistant inferred; no: only the rest"),
    "source": N_("yes: only those whose source MemOS names; no: only the rest"),
    "conversation": N_('those that name it; conversation:"" for those that name none'),
    "user": N_("of one user, by id"),
    "agent": N_("of one agent, by id"),
    "as-of": N_("as they were known then: a day, a time, or 7d"),
    "sort": N_("by updated, created, title, view, status or confidence; title,reverse: Z to A"),
}
"""What can stand before a colon, in the order in which it is written, and what may stand behind."""

VERDICT_FIELDS = {
    "verdict": N_("correct, wrong, outdated, duplicate …; several with commas"),
    "operator": N_(
        "given by this one; with commas: by one of them; twice: on what both have judged"
    ),
    "given": N_("when it was given: a day, >=2026-01-01, 2026-01-01..2026-01-31, or 7d"),
    "changed": N_("yes: the memory says something else since; no: it says that still"),
}
"""What else can where verdicts are narrowed."""

OF_VERDICTS = FIELDS | VERDICT_FIELDS

WORDS = {
    "view": N_("View"),
    "tag": N_("Tag"),
    "status": N_("Status"),
    "updated": N_("Updated"),
    "created": N_("Created"),
    "vanished": N_("Gone"),
    "inferred": N_("inferred"),
    "source": N_("Source"),
    "conversation": N_("Conversation"),
    "user": N_("User"),
    "agent": N_("agent"),
    "as-of": N_("As of"),
    "sort": N_("order"),
    "verdict": N_("Verdict"),
    "operator": N_("operator"),
    "given": N_("Given"),
    "changed": N_("Changed"),
}
"""What screens call the fields; in other languages than English these are names of them too."""

STATUSES = ("activated", "resolving", "archived", "deleted")
"""The statuses of the service that are known."""

ORDERS = {
    "updated": N_("Updated"),
    "created": N_("Created"),
    "title": N_("Title"),
    "view": N_("View"),
    "status": N_("Status"),
    "confidence": N_("confidence"),
}
"""What memories can be ordered by, with what screens call it, which is a name of it too."""

REVERSE = "reverse"
TURNED = {REVERSE: N_("reverse")}
"""The one word that may stand behind an order, likewise."""

ASCENDING = frozenset({"title", "view", "status"})
"""Orders that begin with the first letters; the others begin with the latest and the highest."""

SHORT_VIEWS = {word.lower(): view for view, word in VIEWS.items()}
"""The service's views by the words that we show, in small letters."""

FLAGS = {"yes": True, "no": False}

_YES_OR_NO = {name: name for name in FLAGS}
VALUES: Mapping[str, Mapping[str, str]] = {
    "view": {name: VIEWS[view] for name, view in SHORT_VIEWS.items()},
    "status": {name: name for name in STATUSES},
    "vanished": _YES_OR_NO,
    "inferred": _YES_OR_NO,
    "source": _YES_OR_NO,
    "verdict": VERDICT_WORDS,
    "changed": _YES_OR_NO,
    "sort": ORDERS,
}
"""The values that are known, with what screens call them, which is a name of them too."""
