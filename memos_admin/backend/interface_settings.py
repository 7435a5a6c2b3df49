"""The table ``[interface]`` of ``config.toml``: how the terminal interface looks and listens.

::

    [interface]
    theme = "desk-light"            # where none was chosen in the palette yet
    language = "zh"                 # where none was chosen there; else as the locale says

    [interface.keys]
    sync = "f5"                     # a command's id, and its keys, separated by commas
    move.down = "down, ctrl+j"

Which themes, commands and keys there are is known to the interface only: it says what is wrong with
a `Setting` by its `error`, which knows where it was written. Commands of the command line ask for
none of this, so that a faulty table keeps nobody from working.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from memos_admin.backend.config import ConfigError, Table
from memos_admin.language import LANGUAGES, known
from memos_admin.language import gettext as _


@dataclass(frozen=True, slots=True)
class Setting:
    """A text of the configuration that knows where it was written."""

    value: str
    table: Table = field(repr=False)
    key: str

    def error(self, problem: str) -> ConfigError:
        """Return an error about this setting, to be raised."""
        return self.table.error(self.key, problem)


@dataclass(frozen=True, slots=True)
class InterfaceSettings:
    """What ``[interface]`` says; None where it does not.

    Attributes:
        language: one of those that the interface speaks.
        keys: texts of keys by the id of a command, in the order of the file.
    """

    theme: Setting | None = None
    language: str | None = None
    keys: Mapping[str, Setting] = field(default_factory=dict)


def interface_settings(top: Table) -> InterfaceSettings:
    """Return what a configuration says about the interface.

    Raises:
        ConfigError: an unknown key or language, or a value of another type than text.
    """
    table = top.table("interface")
    table.only(("theme", "language", "keys"))
    language = named = table.text("language")
    if named is not None and (language := known(named)) is None:
        raise table.error(
            "language", _("unknown. Known: {names}.").format(names=", ".join(LANGUAGES))
        )
    theme = table.text("theme")
    return InterfaceSettings(
        theme=None if theme is None else Setting(theme, table, "theme"),
        language=language,
        keys=dict(_keys(table.table("keys"))),
    )


def _keys(table: Table, before: str = "") -> Iterator[tuple[str, Setting]]:
    """Yield ids with their keys; ``move.down = "j"`` is a table ``move`` to TOML, not to us."""
    for key, value in table.values.items():
        if isinstance(value, dict):
            yield from _keys(table.table(key), f"{before}{key}.")
        else:
            yield f"{before}{key}", Setting(table.text(key) or "", table, key)
