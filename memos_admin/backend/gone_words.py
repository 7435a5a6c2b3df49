"""Why a memory is gone, as the store has it, with words that need no explanation."""

from memos_admin.language import N_

ARCHIVED = "archived"
"""Why a memory is not listed that MemOS still has, though not as an active one."""

GONE = {
    ARCHIVED: N_("archived"),
    "deleted": N_("deleted"),
    "not found": N_("MemOS no longer has it"),
    "not listed twice": N_("MemOS no longer lists it"),
}

WAS_GONE = GONE | {
    "not found": N_("MemOS did not have it then"),
    "not listed twice": N_("MemOS did not list it then"),
}
"""The same of what is there again."""


def why_gone(reason: str | None) -> str:
    """Return the English words for a reason, the service's own word for another; ``""``: none is known."""
    return GONE.get(reason or "", reason or "")


def why_was_gone(reason: str | None) -> str:
    """Return the same of one that is there again since."""
    return WAS_GONE.get(reason or "", reason or "")
