"""What each option and argument of a command names: a user, a conversation, a file and so on."""

from __future__ import annotations

import argparse

(
    FILE,
    PROJECT,
    SUBJECT,
    USER,
    AGENT,
    CONVERSATION,
    MEMORY,
    TAG,
    STATUS,
    VIEW,
    FAULT,
    FILTER,
    SAVED,
    VERDICT,
) = range(14)
"""Kinds of what can be named. `SUBJECT` is a user, or an agent where ``--agent`` says so."""

BY_OPTION = {
    "against": FILE,
    "agent": AGENT,
    "conversation": CONVERSATION,
    "edits": FILE,
    "export": FILE,
    "fault": FAULT,
    "file": FILE,
    "junit": FILE,
    "filter": FILTER,
    "memory": MEMORY,
    "output": FILE,
    "previous": FILE,
    "project": PROJECT,
    "saved": SAVED,
    "status": STATUS,
    "tag": TAG,
    "user": USER,
    "verdict": VERDICT,
    "view": VIEW,
}
"""What an option names, by its name without dashes."""

BY_ARGUMENT = {
    ("conversations", "remove", "id"): CONVERSATION,
    ("export", "user", "id"): SUBJECT,
    ("filters", "remove", "name"): SAVED,
    ("filters", "rename", "name"): SAVED,
    ("filters", "save", "expression"): FILTER,
    ("filters", "show", "name"): SAVED,
    ("memories", "archive", "ids"): MEMORY,
    ("memories", "delete", "ids"): MEMORY,
    ("memories", "edit", "id"): MEMORY,
    ("memories", "history", "id"): MEMORY,
    ("memories", "restore", "ids"): MEMORY,
    ("memories", "show", "id"): MEMORY,
    ("memories", "sources", "id"): MEMORY,
    ("projects", "allow-writes", "name"): PROJECT,
    ("verdicts", "give", "id"): MEMORY,
    ("verdicts", "withdraw", "id"): MEMORY,
    ("projects", "remove", "name"): PROJECT,
    ("projects", "rename", "name"): PROJECT,
    ("projects", "set-key", "name"): PROJECT,
    ("projects", "test", "name"): PROJECT,
    ("projects", "use", "name"): PROJECT,
    ("recall", "check", "file"): FILE,
    ("store", "backup", "file"): FILE,
    ("store", "restore", "file"): FILE,
    ("subject", "erase", "id"): SUBJECT,
    ("subject", "export", "id"): SUBJECT,
    ("subject", "verify", "file"): FILE,
    ("users", "delete", "id"): SUBJECT,
    ("users", "import", "file"): FILE,
    ("users", "remove", "id"): SUBJECT,
    ("users", "show", "id"): SUBJECT,
}
"""What an argument names, by noun, verb and the argument's name."""


def kind_of(words: tuple[str, ...], action: argparse.Action) -> int | None:
    """Return the kind of what an option or argument of a noun's verb names; None for anything else."""
    if action.option_strings:
        return BY_OPTION.get(action.dest)
    return BY_ARGUMENT.get((*words, action.dest))  # type: ignore[arg-type]  # words of any number; others are just not there
