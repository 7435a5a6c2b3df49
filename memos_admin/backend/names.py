"""What can be named on the command line, from what is on this machine; MemOS is never asked.

No key is looked for either: one in the environment says which store is meant, and that is all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from memos_admin.backend.home import Home
from memos_admin.backend.projects import Projects
from memos_admin.store.errors import StoreError
from memos_admin.store.names import Name, Names

if TYPE_CHECKING:
    from memos_admin.backend.model import SubjectRef
    from memos_admin.backend.projects.project import Project

__all__ = ["Name", "Names", "filter_names", "names_of", "project_names", "values", "values_of"]

MOST = 100
"""More names at once help nobody."""


def project_names(env: Mapping[str, str]) -> list[Name]:
    """Return the names of the projects, with their addresses. Raises as `Projects` does."""
    projects = Projects(Home.from_environment(env)).list()
    return [Name(project.title, project.base_url) for project in projects]


def names_of(project: str | None, env: Mapping[str, str]) -> Names:
    """Return the names in the store of the project that is meant. Raises as `Projects.resolve`."""
    meant = Projects(Home.from_environment(env)).resolve(project, env)
    return Names(meant.store_dir / "store.db", MOST)


def filter_names(project: str | None, env: Mapping[str, str]) -> list[Name]:
    """Return the saved filters of the project that is meant. Raises as `Projects.resolve`."""
    from memos_admin.backend.saved_filters import SavedFilters

    home = Home.from_environment(env)
    found = SavedFilters(home, Projects(home).resolve(project, env)).list()
    return [Name(one.name, one.typed) for one in found]


def values_of(project: Project, ref: SubjectRef | None, field: str, begin: str) -> list[str]:
    """Return some values of a field of filters that begin so; none where it takes too long.

    Args:
        project: whose store has them.
        ref: whose tags; None: everybody's.
        field: ``tag`` or ``operator``; of others there are none here.
        begin: what is typed of it.
    """
    names = Names(project.store_dir / "store.db", MOST)
    try:
        return [name.text for name in values(names, ref, field, begin)]
    except StoreError:  # what helps to type is not worth an error
        return []


def values(names: Names, ref: SubjectRef | None, field: str, begin: str) -> list[Name]:
    """Return the same of the names in a store. Raises StoreError."""
    if field == "tag":
        return names.tags(ref, begin)
    return names.operators(begin) if field == "operator" else []
