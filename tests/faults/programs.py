"""The program in processes of its own: to be killed, stopped, or several at one store."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from memos_admin.backend.home import Home
from memos_admin.backend.journal.verifying import verify
from memos_admin.backend.projects import Projects
from memos_admin.backend.upkeep import maintenance
from memos_admin.backend.workspace import Workspace
from tests.faults.operations import PROJECT
from tests.processes import Running, begin, ended, go

SCRIPT = """
import sys
from memos_admin.cli.main import main
print("ready", flush=True)
sys.stdin.readline()
sys.exit(main(sys.argv[1:]))
"""
"""The program, from where its modules are loaded."""

KNOWN = {
    "memories": """SELECT s.external_id, m.memory_id, m.content, m.status, m.update_time
        FROM listing l JOIN memory m ON m.pk = l.memory_pk JOIN subject s ON s.pk = l.subject_pk
        WHERE l.vanished_at IS NULL ORDER BY 1, 2""",
    "messages": """SELECT s.external_id, c.conversation_id, m.role, m.content, m.create_time
        FROM message m JOIN conversation c ON c.pk = m.conversation_pk
        JOIN subject s ON s.pk = c.subject_pk ORDER BY 1, 2, m.position""",
}


def loaded(*arguments: str) -> Running:
    """Return the program, about to begin."""
    return begin(SCRIPT, "--project", PROJECT, *arguments, waits=True)


def run(*arguments: str) -> str:
    """Run the program to its end, which is a good one; return what it said."""
    running = loaded(*arguments)
    go(running)
    said = ended(running)
    assert running.returncode == 0, said.err
    return said.err


def sound(home: Home) -> None:
    """Fail where the store, its index or the journal is not whole."""
    (project,) = Projects(home).list()
    workspace = Workspace(project, home)
    assert maintenance.check(workspace) == []
    assert maintenance.check_index(workspace) == []
    assert verify(home).problems == ()


def known(store: Path) -> dict[str, list[Any]]:
    """Return what the store says that the service has."""
    with closing(sqlite3.connect(store)) as connection:
        return {name: connection.execute(sql).fetchall() for name, sql in KNOWN.items()}
