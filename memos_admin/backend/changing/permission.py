"""Whether what a project holds in the service may be changed: only where a person has said so.

A named project says so in ``config.toml``, which is read again before every change, so that an
interface which is open obeys as well. What only the environment names, and the demo, obey
``MEMOS_ADMIN_ALLOW_WRITES``.
"""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from memos_admin.backend.projects import Projects
from memos_admin.backend.projects.environment import ALLOW_WRITES
from memos_admin.backend.projects.project import Project, ProjectError
from memos_admin.language import gettext as _

if TYPE_CHECKING:
    from memos_admin.backend.home import Home
    from memos_admin.backend.workspace import Workspace


class ReadOnly(ProjectError):
    """The project is only read; nothing was changed."""


def standing(home: Home, project: Project) -> Project:
    """Return a project as the configuration has it now, only to be read where that names it no more.

    What only the environment names, and the demo, are as they are.

    Raises:
        HomeError: the configuration cannot be read.
    """
    found = _in_configuration(home, project)
    if found is not None:
        return found
    return replace(project, allow_writes=False) if _is_named(home, project) else project


def _in_configuration(home: Home, project: Project) -> Project | None:
    return next((one for one in Projects(home).list() if one.uuid == project.uuid), None)


def _is_named(home: Home, project: Project) -> bool:
    return project.name is not None and not home.throwaway


def check(workspace: Workspace) -> None:
    """Raise ReadOnly unless the project may be changed. Reads the configuration.

    Raises:
        HomeError: the configuration cannot be read.
    """
    home, project = workspace.home, standing(workspace.home, workspace.project)
    if project.allow_writes:
        return
    named = _is_named(home, project)
    if named and _in_configuration(home, project) is None:
        raise ReadOnly(
            _(
                "{project} is not in {path} any more, so that it is only read. Nothing was changed."
            ).format(project=project.title, path=home.config_path)
        )
    raise ReadOnly(read_only(project, named=named))


def read_only(project: Project, *, named: bool) -> str:
    """Return that a project is only read, and how to allow more.

    Args:
        project: which.
        named: the configuration names it; else the environment does, or it is the demo.
    """
    if named:
        text = _("Read-only. To allow changes: memos-admin projects allow-writes {name}")
        return text.format(name=shlex.quote(project.title))
    text = _("Read-only. To allow changes, start memos-admin with {variable}=true.")
    return text.format(variable=ALLOW_WRITES)
