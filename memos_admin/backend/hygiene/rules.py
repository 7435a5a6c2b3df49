"""The rules: what each finds, and why it may be wrong. The sentences stand in the interface and the pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from memos_admin.backend.hygiene.kinds import RuleId
from memos_admin.language import N_


class Rule(NamedTuple):
    """A rule in words, to be translated where it is shown.

    Attributes:
        name: in a list.
        finds: what it finds, a sentence.
        doubt: why that may be wrong, a sentence.
    """

    name: str
    finds: str
    doubt: str


DESCRIBED: Mapping[RuleId, Rule] = {
    "contradiction": Rule(
        N_("contradiction"),
        N_(
            "Two memories of a user give one key two values (home.city: Madrid, home.city: Lisbon), say the "
            "same with another number, or one denies what the other says."
        ),
        N_("Both may be true of different things or times; the later one may simply be news."),
    ),
    "duplicate": Rule(
        N_("near-duplicate"),
        N_("Two memories of a user and a view say nearly the same in nearly the same words."),
        N_("A small word may make the difference; what says the same in other words is not found."),
    ),
    "stale-date": Rule(
        N_("stale date"),
        N_(
            "It tells a day from when it was written, such as “next Tuesday”, and that is long ago."
        ),
        N_("The words may mean no day of that time, or be a part of a title or a habit."),
    ),
    "other-person": Rule(
        N_("other person's data"),
        N_("It holds health, money, an address or the like of somebody near to the user."),
        N_("The data may be the user's own; somebody who is called by name alone is not seen."),
    ),
    "sensitive": Rule(
        N_("sensitive topic"),
        N_(
            "It has a word of a topic that laws and people hold for sensitive, such as health or religion."
        ),
        N_("Lists of words see no meaning: the word may be a title, a recipe, or denied."),
    ),
    "speaker": Rule(
        N_("speaker"),
        N_(
            "It is told of the user or as the user's words, but every source is a message of the assistant, or of "
            "another person of the conversation."
        ),
        N_(
            "The user may have agreed in a message that MemOS does not name as a source; the other person may have "
            "said it of the user."
        ),
    ),
    "low-confidence": Rule(
        N_("low confidence"),
        N_("MemOS gave it a confidence below the limit."),
        N_(
            "MemOS does not say how it measures, and gives 0 also where it seems not to have measured."
        ),
    ),
    "no-source": Rule(
        N_("no source"),
        N_("MemOS names no source for a fact, preference or event."),
        N_("It may have been added by hand or by an import, and be right."),
    ),
}
