"""The words for what an overview counts, as screens and commands tell it; translated where shown."""

from __future__ import annotations

from memos_admin.language import N_

TITLES = {
    "users": N_("Users and agents"),
    "readings": N_("All memories last read"),
    "conversations": N_("Conversations"),
    "problems": N_("Problems"),
    "views": N_("Memories by view"),
    "statuses": N_("Memories by status"),
    "ages": N_("Memories updated"),
    "tags": N_("Top tags"),
    "days": N_("Changes by day"),
    "verdicts": N_("Verdicts by view"),
}
"""Of the sections."""

_AGO = {
    "1d": N_("last 24 hours"),
    "7d": N_("1 to 7 days ago"),
    "30d": N_("7 to 30 days ago"),
    "91d": N_("30 to 91 days ago"),
    "365d": N_("91 to 365 days ago"),
}

ITEMS: dict[str, dict[str, str]] = {
    "users": {
        "users": N_("users"),
        "agents": N_("agents"),
        "listed": N_("all memories read"),
        "never": N_("not yet all read"),
        "behind": N_("not read for 24 hours"),
        "problem": N_("with a problem"),
    },
    "readings": _AGO | {"older": N_("over 30 days ago"), "never": N_("never")},
    "conversations": {
        "known": N_("known"),
        "unread": N_("never read"),
        "empty": N_("read, and empty"),
        "stale": N_("changed since read"),
        "messages": N_("messages"),
    },
    "problems": {
        "problem": N_("users with a problem"),
        "gap": N_("gaps"),
        "reset": N_("resets"),
        "uncertain": N_("uncertain seams"),
        "beginning": N_("beginnings unknown"),
        "last_sync": N_("last sync incomplete"),
        "store": N_("unreadable in the store"),
        "key": N_("keys that are refused"),
    },
    "views": {
        "archived": N_("archived, not listed"),
        "vanished": N_("gone from MemOS"),
        "missed": N_("missing once"),
    },
    "statuses": {"": N_("no status")},
    "ages": _AGO | {"older": N_("over a year ago"), "untimed": N_("at no known time")},
    "tags": {},
    "days": {},
    "verdicts": {},
}
"""Of what is counted in each section, where that is not a name from MemOS, or a day."""

LOOKED_AT_BY = {"store": "memos-admin store check", "key": "memos-admin doctor"}
"""The commands that know what an overview does not look at."""

UNITS = {"conversations": frozenset({"messages"})}
"""What is counted in another unit than the rest of its section: it has no bar beside them."""
