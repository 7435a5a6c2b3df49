"""Where everything of ours lives: one folder that only its owner can read.

::

    MEMOS_ADMIN_HOME (default: the user's data folder of the platform)      0700
    ├── config.toml              projects and settings, never a key         0600
    ├── state.json               the theme and language chosen last         0600
    ├── journal.db               who looked at, exported or changed what    0600
    ├── journal.lock             held while it is sealed
    ├── pseudonyms.key           what other names of users are made with     0600
    ├── exports/                 files that nobody named another place for   0700
    └── projects/<uuid>/         one store per project                      0700
        ├── store.db
        ├── store.db.written  says that it was written to, so that it is missed
        ├── search.db        the full-text index; may be deleted
        ├── search.lock      held by whoever uses the index
        ├── store.lock       held by syncs and backups, alone by who removes
        ├── sync-….lock      held by a sync while it is under way
        ├── backups.jsonl    where backups were written
        ├── unerased.json    erasures that are unfinished: in which files, and what was tried
        ├── store.db.replaced-…  what a backup has taken the place of
        ├── encryption.json  the files are encrypted, and how to come by the key; see `encryption`
        └── state.json           where its screen was left
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from memos_admin.backend.private_files import HomeError, make_private_folder, refuse_unwritten
from memos_admin.language import gettext as _

__all__ = ["Home", "HomeError"]

_OURS = frozenset(
    {
        "backups",
        "config.toml",
        "config.lock",
        "exports",
        "journal.db",
        "journal.db-journal",
        "journal.lock",
        "projects",
        "pseudonyms.key",
        "state.json",
    }
)


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of everything of ours. Making the value touches no disk.

    Attributes:
        throwaway: it is gone with the process, so that nothing of it is kept elsewhere.
    """

    path: Path
    throwaway: bool = False

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> Home:
        """Return the home that ``MEMOS_ADMIN_HOME`` names, else the platform's data folder.

        The path is absolute; a leading ``~`` is expanded.

        Raises:
            HomeError: the ``~`` is of somebody whom this machine does not know, or the path is not UTF-8.
        """
        named = env.get("MEMOS_ADMIN_HOME", "")
        if named:
            try:
                path = Path(named).expanduser().absolute()
            except RuntimeError:
                raise HomeError(
                    _(
                        "MEMOS_ADMIN_HOME is {name}, and there is no such user. Set it to a folder "
                        "of your own."
                    ).format(name=f"{named!r}")
                ) from None
        else:
            import platformdirs

            path = platformdirs.user_data_path("memos-admin", appauthor=False)
        refuse_unwritten(path, _("Set MEMOS_ADMIN_HOME to a folder of your own with another name."))
        return cls(path)

    @property
    def config_path(self) -> Path:
        """The configuration; it need not exist."""
        return self.path / "config.toml"

    @property
    def config_lock_path(self) -> Path:
        """The lock that an edit of the configuration holds."""
        return self.path / "config.lock"

    @property
    def journal_path(self) -> Path:
        """The journal; it need not exist."""
        return self.path / "journal.db"

    @property
    def pseudonyms_path(self) -> Path:
        """The key of other names for users; it need not exist."""
        return self.path / "pseudonyms.key"

    @property
    def exports_dir(self) -> Path:
        """The folder of files that somebody exports; it need not exist."""
        return self.path / "exports"

    @property
    def projects_dir(self) -> Path:
        """The folder of all projects' folders; it need not exist."""
        return self.path / "projects"

    def project_dir(self, uuid: UUID) -> Path:
        """Return the folder of a project's store; it need not exist."""
        return self.projects_dir / str(uuid)

    def project_uuids(self) -> tuple[UUID, ...]:
        """Return those of the folders that are projects', whether or not they are configured.

        Raises:
            HomeError: the folder of all projects cannot be read.
        """
        try:
            names = sorted(folder.name for folder in self.projects_dir.iterdir())
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise HomeError(
                _("{path}: {problem}. Check the permissions of its folder.").format(
                    path=self.projects_dir, problem=error.strerror
                )
            ) from None
        return tuple(uuid for name in names if (uuid := uuid_of(name)) is not None)

    def create(self) -> None:
        """Make sure that the folder exists, is ours and private.

        Raises:
            HomeError: it cannot be, with what to do.
        """
        make_private_folder(self.path, contents=_OURS)

    def create_project_dir(self, uuid: UUID) -> Path:
        """Make sure that a project's folder exists, is ours and private; return it.

        Raises:
            HomeError: it cannot be, with what to do.
        """
        self.create()
        make_private_folder(self.projects_dir)
        folder = self.project_dir(uuid)
        make_private_folder(folder)
        return folder

    def create_exports_dir(self) -> Path:
        """Make sure that there is a folder for files that somebody exports, ours and private; return it.

        Raises:
            HomeError: it cannot be, with what to do.
        """
        self.create()
        make_private_folder(self.exports_dir)
        return self.exports_dir

    def unnamed_dir(self) -> Path:
        """Return the folder of a file that nobody named a place for; it is there.

        That of exports, which nobody else can read; of a throwaway home, which is gone with the process, the
        one where the program was started.

        Raises:
            HomeError: it cannot be made, with what to do.
        """
        return Path.cwd() if self.throwaway else self.create_exports_dir()


def uuid_of(text: str) -> UUID | None:
    """Return the UUID that `text` is the canonical form of: it becomes the name of a folder."""
    try:
        uuid = UUID(text)
    except ValueError:
        return None
    return uuid if str(uuid) == text else None
