"""What the lists and checks of the evidence screen mean, a sentence each, for its help."""

from __future__ import annotations

from memos_admin.backend.evidence.wording import CHECK_WORDS
from memos_admin.language import N_
from memos_admin.tui.rows.evidence import TITLES

_LISTS = (
    N_("Memories that do not agree with the messages that they came from. Look at both."),
    N_("Memories whose source is in no message that is stored here, with the reason."),
    N_("Messages that no memory came of, as far as is known. Many need none."),
    N_("All memories with their messages, and how each link is known."),
    N_("Memories that could not be compared with what was said, and why."),
)
_CHECKS = (
    N_("Check: the memory has no word, name, number or date of its source."),
    N_("Check: of a memory and its source, one denies what the other says."),
    N_("Check: the memory tells it of the user, and its source of somebody else."),
    N_("Check: a number of the memory is in no message of the conversation."),
    N_("Check: a date or time of the memory is in no message of the conversation."),
    N_("Check: a name or code of the memory is in no message of the conversation."),
    N_("Check: it is told of the user, and only another person of the conversation said it."),
    N_("Check: it is told as the user's words, and its source is the assistant's."),
    N_(
        "Check: the memory came from what its source said before; the message says something else now."
    ),
)
# In the order of the words that they explain: where one is added there, this says so at once.
EXPLAINED = (
    *zip(TITLES.values(), _LISTS, strict=True),
    *zip(CHECK_WORDS.values(), _CHECKS, strict=True),
)
"""Names as they stand on the screen, with what they mean."""
