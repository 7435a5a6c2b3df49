"""Why a memory is gone, as the store has it, with words that need no explanation."""

from memos_admin.language import N_

GONE = {
    "archived": N_("archived"),
    "deleted": N_("deleted"),
    "not found": N_("MemOS no longer has it"),
    "not listed twice": N_("MemOS no longer lists it"),
}
