"""The projects of a home: which there are, and which is meant.

Order of what is meant: ``--project``, the environment, what `projects use` chose. ``MEMOS_API_KEY``
in the environment without an address means the named project that knows the key. Else it makes an
unnamed project per address and key, which is written nowhere: its UUID is computed from both. Every
method may raise HomeError or its ConfigError.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID, uuid4, uuid5

from memos_admin.backend import config
from memos_admin.backend.home import Home, HomeError
from memos_admin.backend.keys import NoProject
from memos_admin.backend.projects import environment
from memos_admin.backend.projects.project import (
    BadCommand,
    BadName,
    BadTimezone,
    NameTaken,
    Project,
    ProjectError,
    SeveralProjects,
    UnknownProject,
    check_free,
    check_name,
    check_timezone,
    comparable,
    default_timezone,
    read_projects,
    split_command,
)
from memos_admin.cloud.key import ApiKey
from memos_admin.cloud.origin import REGIONS, BadAddress, check_base_url, origin
from memos_admin.language import N_
from memos_admin.language import gettext as _

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

    from memos_admin.backend.journal import Action

__all__ = [
    "REGIONS",
    "BadAddress",
    "BadCommand",
    "BadName",
    "BadTimezone",
    "NameTaken",
    "NoProject",
    "Project",
    "ProjectError",
    "Projects",
    "SeveralProjects",
    "UnknownProject",
    "check_base_url",
    "check_free",
    "check_name",
]

_ENVIRONMENT = UUID("4b8e1a52-94c0-4f0e-8a53-6f3d5e1b7c20")
"""The name space of unnamed projects' UUIDs; changing it would lose their stores."""


class Projects:
    """The projects of a home. Reads the configuration at every call; keeps nothing."""

    def __init__(self, home: Home) -> None:
        self.home = home

    def list(self) -> tuple[Project, ...]:
        """Return the named projects by name."""
        return tuple(sorted(self._read()[0], key=lambda project: comparable(project.title)))

    def used(self) -> Project | None:
        """Return the project that `use` chose; None where there is none (any more)."""
        projects, used = self._read()
        return next((project for project in projects if project.uuid == used), None)

    def get(self, name: str) -> Project:
        """Return the project called `name`, capitals aside. Raises UnknownProject."""
        return _find(name, self._read()[0])

    def resolve(self, name: str | None, env: Mapping[str, str]) -> Project:
        """Return the project that is meant: `name`, else the environment's, else the used one.

        The environment's address is checked first, whoever wins.

        Raises:
            BadAddress: ``MEMOS_BASE_URL`` or ``MEMOS_IS_GLOBAL`` cannot be used.
            UnknownProject: there is no project `name`.
            BadKey: ``MEMOS_API_KEY`` cannot be a key.
            SeveralProjects: it is the key of several, and none of them is the used one.
            NoProject: nothing says which project is meant.
        """
        environment.address(env)
        if name is not None:
            return self.get(name)
        given = self.of_key(env) or self.of_environment(env)
        if given is not None:
            return given
        used = self.used()
        if used is not None:
            return used
        names = [project.title for project in self.list()]
        if names:
            raise NoProject(
                _(
                    "No project is chosen. There are: {names}. Choose one with: memos-admin "
                    "projects use NAME, or put --project NAME first."
                ).format(names=", ".join(names))
            )
        raise NoProject(
            _(
                "No project yet. Connect one with: memos-admin projects add NAME, or set "
                "MEMOS_API_KEY to its key. To look around without one: memos-admin --demo"
            )
        )

    def of_key(self, env: Mapping[str, str]) -> Project | None:
        """Return the named project whose key ``MEMOS_API_KEY`` is; None where there is none.

        None also where the environment says an address: then a person has said where the key goes.

        Raises:
            BadAddress: ``MEMOS_BASE_URL`` or ``MEMOS_IS_GLOBAL`` cannot be used.
            BadKey: ``MEMOS_API_KEY`` cannot be a key.
            SeveralProjects: it is the key of several, and none of them is the used one.
        """
        found = self._knowing(env)
        if len(found) < 2:
            return found[0] if found else None
        used = self.used()
        if used in found:
            return used
        raise SeveralProjects(
            _(
                "MEMOS_API_KEY is the key of {names}. Say which is meant: memos-admin "
                "--project NAME"
            ).format(names=", ".join(project.title for project in found))
        )

    def of_environment(self, env: Mapping[str, str]) -> Project | None:
        """Return the unnamed project that ``MEMOS_API_KEY`` makes; None where it makes none.

        It makes none where it is not set, and where it is a named project's; see `of_key`.

        Raises:
            BadAddress: ``MEMOS_BASE_URL`` or ``MEMOS_IS_GLOBAL`` cannot be used.
            BadKey: ``MEMOS_API_KEY`` cannot be a key.
        """
        address, key = environment.address(env), environment.key(env)
        if key is None or self._knowing(env):
            return None
        project = self.unnamed(address or REGIONS["cn"], key)
        return replace(project, allow_writes=environment.allows_writes(env))

    def unnamed(self, base_url: str, key: ApiKey) -> Project:
        """Return the project of an address and a key: the same UUID each time, written nowhere.

        Raises:
            BadAddress: `base_url` cannot be used.
        """
        base_url = check_base_url(base_url)
        uuid = uuid5(_ENVIRONMENT, f"{origin(base_url)} {key.fingerprint}")
        return Project(
            uuid=uuid,
            name=None,
            base_url=base_url,
            service_timezone=default_timezone(base_url),
            store_dir=self.home.project_dir(uuid),
            fingerprints=(key.fingerprint,),
        )

    def add(
        self,
        name: str,
        *,
        base_url: str | None = None,
        service_timezone: str | None = None,
        key_command: str | Sequence[str] | None = None,
        key: ApiKey | None = None,
    ) -> Project:
        """Add a project and return it; the first one is used from now on.

        Args:
            name: see `check_name`.
            base_url: the China endpoint where None.
            service_timezone: written only where given; see `default_timezone`.
            key_command: the program that prints the key.
            key: its key, whose fingerprint is written with it, so that it is no other project's.

        Raises:
            BadName, NameTaken, BadTimezone, ProjectError: about the arguments.
            BadAddress: `base_url` cannot be used.
        """
        name = check_name(name)
        base_url = check_base_url(REGIONS["cn"] if base_url is None else base_url)
        values: dict[str, object] = {"name": name, "base_url": base_url}
        if service_timezone is not None:
            values["service_timezone"] = check_timezone(service_timezone)
        if key_command is not None:
            values["key_command"] = list(split_command(key_command))
        if key is not None:
            values["fingerprints"] = [key.fingerprint]
        uuid = uuid4()
        with self._editing() as document:
            _refuse_taken(name, document)
            if not document.get("projects"):
                document["use"] = str(uuid)
            _put_project(document, str(uuid), values)
        return self._journaled("project.add", self._by_uuid(uuid))

    def plan(self, name: str, base_url: str, key: ApiKey) -> Project:
        """Return a project that is written nowhere yet.

        Its key can be tried and kept before `adopt` writes it, so that nothing is left of what does
        not come to that. Reads the configuration.

        Raises:
            BadName, NameTaken: about `name`.
            BadAddress: `base_url` cannot be used.
        """
        name = check_name(name)
        check_free(name, (project.title for project in self._read()[0]))
        return replace(self.unnamed(base_url, key), uuid=uuid4(), name=name)

    def adopt(self, project: Project) -> Project:
        """Write a project of `plan`, with its key's fingerprint, use it and return it.

        Raises:
            NameTaken: another project was given its name meanwhile.
        """
        with self._editing() as document:
            _refuse_taken(project.title, document)
            document["use"] = str(project.uuid)
            values = {"name": project.title, "base_url": project.base_url}
            _put_project(
                document, str(project.uuid), {**values, "fingerprints": list(project.fingerprints)}
            )
        return self._journaled("project.add", self._by_uuid(project.uuid))

    def use(self, name: str) -> Project:
        """Make a project the one that is meant where nothing else is said; return it.

        Raises:
            UnknownProject: there is none.
        """
        with self._changing(name) as (document, project):
            document["use"] = str(project.uuid)
        return project

    def rename(self, name: str, new_name: str) -> Project:
        """Give a project another name (or other capitals) and return it.

        Raises:
            UnknownProject: there is none `name`.
            BadName, NameTaken: about `new_name`.
        """
        new_name = check_name(new_name)
        with self._changing(name) as (document, project):
            _refuse_taken(new_name, document, but=str(project.uuid))
            document["projects"][str(project.uuid)]["name"] = new_name
        renamed = self._by_uuid(project.uuid)
        return self._journaled("project.rename", renamed, {"before": project.title})

    def set_timezone(self, name: str, service_timezone: str) -> Project:
        """Set the zone in which the service's times without one are read; return the project.

        Raises:
            UnknownProject: there is none.
            BadTimezone: it is not an IANA time zone.
        """
        zone = check_timezone(service_timezone)
        with self._changing(name) as (document, project):
            document["projects"][str(project.uuid)]["service_timezone"] = zone
        changed = self._by_uuid(project.uuid)
        return self._journaled("project.timezone", changed, {"service_timezone": zone})

    def allow_writes(self, name: str, *, allowed: bool) -> Project:
        """Let what a project holds in the service be changed, or only be read; return the project.

        Raises:
            UnknownProject: there is none.
            NotJournaled: it could not be journaled; nothing was changed.
        """
        from memos_admin.backend import journal

        event = journal.Event("project.writes", self.get(name), details={"allow_writes": allowed})
        with (
            journal.journaled(self.home, event, N_("Nothing was changed")),
            self._changing(name) as (document, project),
        ):
            document["projects"][str(project.uuid)]["allow_writes"] = allowed
        return self._by_uuid(project.uuid)

    def remember_key(self, project: Project, fingerprint: str) -> Project:
        """Note that the key with `fingerprint` is one of the project's, and return the project.

        To be called when the service has accepted a project's first key, and when a person says
        that a key is a rotation. Does nothing for a key that is known, or an unnamed project.

        Raises:
            UnknownProject: it was removed meanwhile.
        """
        if project.name is None or fingerprint in project.fingerprints:
            return project
        with self._editing() as document:
            table = document.get("projects", {}).get(str(project.uuid))
            if table is None:
                raise UnknownProject(
                    _("{project} was removed meanwhile.").format(project=project.name)
                )
            known = table.setdefault("fingerprints", [])
            if fingerprint not in known:
                known.append(fingerprint)
        return self._by_uuid(project.uuid)

    def remove(self, name: str) -> Project:
        """Remove a project and everything stored of it here, but not its key; return what it was.

        Its key is in the keyring: `memos_admin.backend.credentials.delete_key`. What the service
        holds is not touched.

        Raises:
            UnknownProject: there is none.
            NotJournaled: it could not be journaled; nothing was removed.
        """
        from memos_admin.backend import journal

        event = journal.Event("project.remove", self.get(name))
        with journal.journaled(self.home, event, N_("Nothing was removed")):
            return self._remove(name)

    def _remove(self, name: str) -> Project:
        with self._changing(name) as (document, project):
            del document["projects"][str(project.uuid)]
            if document.get("use") == str(project.uuid):
                del document["use"]
        import shutil

        try:
            if project.store_dir.is_symlink():
                project.store_dir.unlink()
            elif project.store_dir.exists():
                shutil.rmtree(project.store_dir)
        except OSError as error:
            raise HomeError(
                _(
                    "{project} is no longer a project, but {path} could not be deleted whole "
                    "({problem}). Delete that folder."
                ).format(project=project.name, path=project.store_dir, problem=error.strerror)
            ) from None
        return project

    def _journaled(
        self, action: Action, project: Project, details: Mapping[str, str] | None = None
    ) -> Project:
        from memos_admin.backend import journal

        about = {"base_url": project.base_url, **(details or {})}
        journal.of(self.home).record(journal.Event(action, project, details=about))
        return project

    def _read(self) -> tuple[tuple[Project, ...], UUID | None]:
        return read_projects(config.read(self.home), self.home)

    def _knowing(self, env: Mapping[str, str]) -> tuple[Project, ...]:
        """Return the named projects that know the environment's key, none if it has an address."""
        key = environment.key(env)
        if key is None or environment.address(env) is not None:
            return ()
        return tuple(project for project in self.list() if key.fingerprint in project.fingerprints)

    def _by_uuid(self, uuid: UUID) -> Project:
        for project in self._read()[0]:
            if project.uuid == uuid:
                return project
        raise UnknownProject(_("The project was removed meanwhile."))

    def _editing(self) -> contextlib.AbstractContextManager[TOMLDocument]:
        return config.editing(self.home, lambda top: read_projects(top, self.home))

    @contextlib.contextmanager
    def _changing(self, name: str) -> Iterator[tuple[TOMLDocument, Project]]:
        """Edit the configuration knowing that the project called `name` is in it."""
        self.get(name)  # a wrong name must not create a home
        with self._editing() as document:
            top = config.Table(self.home.config_path, "", document.unwrap())
            yield document, _find(name, read_projects(top, self.home)[0])


def _find(name: str, projects: tuple[Project, ...]) -> Project:
    """Return the project called `name`, or raise UnknownProject with the names that there are."""
    wanted = comparable(name.strip())
    for project in projects:
        if comparable(project.title) == wanted:
            return project
    names = ", ".join(sorted(project.title for project in projects))
    advice = (
        _("There are: {names}.").format(names=names)
        if names
        else _("There is none yet: memos-admin projects add NAME")
    )
    raise UnknownProject(
        _("There is no project {name}. {advice}").format(name=f"{name!r}", advice=advice)
    )


def _refuse_taken(name: str, document: TOMLDocument, *, but: str | None = None) -> None:
    """Raise NameTaken if a project of `document` other than `but` has `name`."""
    others = (table for uuid, table in document.get("projects", {}).items() if uuid != but)
    check_free(name, (str(table["name"]) for table in others))


def _put_project(document: TOMLDocument, uuid: str, values: Mapping[str, object]) -> None:
    """Add a project's table at the end of the projects."""
    import tomlkit

    table = tomlkit.table()
    for key, value in values.items():
        table.add(key, value)
    if "projects" not in document:
        document["projects"] = tomlkit.table(is_super_table=True)
    document["projects"][uuid] = table
