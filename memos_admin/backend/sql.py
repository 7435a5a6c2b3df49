"""SQL of a person's own over what is stored: read-only, over documented views, journaled."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from memos_admin.backend.workspace import Workspace
from memos_admin.store.sql import Selected, SqlAccess, SqlRefused
from memos_admin.store.sql_views import VERSION, VIEWS, View, definitions

__all__ = [
    "VERSION",
    "VIEWS",
    "Selected",
    "SqlAccess",
    "SqlRefused",
    "View",
    "definitions",
    "opened",
    "shape",
]

_LITERAL = re.compile(
    r"""--[^\n]*|/\*.*?(?:\*/|$)|x?'(?:[^']|'')*'?|"(?:[^"]|"")*"?|`[^`]*`?|\[[^\]]*\]?|\b\d[\w.]*""",
    re.DOTALL | re.IGNORECASE,
)


@contextmanager
def opened(workspace: Workspace, is_over: Callable[[], bool]) -> Iterator[SqlAccess]:
    """A connection for statements over a project's store, which is made or migrated where need be.

    Raises:
        HomeError, StoreError: it cannot be opened.
    """
    _ = workspace.reads  # brings the store up to date, and unlocks it
    with closing(SqlAccess(workspace.store_path, is_over)) as access:
        yield access


def shape(statement: str) -> str:
    """Return a statement without texts, numbers and comments: the journal keeps nobody's data."""

    def one(found: re.Match[str]) -> str:
        return " " if found[0].startswith(("--", "/*")) else "?"

    return " ".join(_LITERAL.sub(one, statement).split())
