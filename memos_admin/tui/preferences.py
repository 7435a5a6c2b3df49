"""How a person wants the interface: what ``config.toml`` says, and what was chosen last."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from memos_admin.backend import config, screen_state
from memos_admin.backend.home import Home
from memos_admin.backend.interface_settings import Setting, interface_settings
from memos_admin.backend.privacy import Privacy, privacy
from memos_admin.backend.screen_state import InterfaceState
from memos_admin.language import LANGUAGES, of_locale
from memos_admin.tui import themes
from memos_admin.tui.commands import keymap
from memos_admin.tui.commands.command import Command
from memos_admin.tui.commands.table import COMMANDS


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the interface starts with.

    Attributes:
        theme: its name; it is one that there is.
        commands: the table of commands, with the keys that the configuration gives them.
        language: of the interface, one that it speaks.
        language_by: what says so.
        remapped: how many commands have other keys than ours.
        privacy: how screen-safe mode starts; where nothing is masked, whether users have other names
            as soon as it is.
        configured: how the configuration starts it, whatever was chosen last.
        chosen: what was chosen last in the palette.
    """

    theme: str = themes.DEFAULT
    commands: tuple[Command, ...] = COMMANDS
    language: str = "en"
    language_by: str = "the locale"
    remapped: int = 0
    privacy: Privacy = field(default_factory=Privacy)
    configured: Privacy = field(default_factory=Privacy)
    chosen: InterfaceState = field(default_factory=InterfaceState)


def configured(home: Home, env: Mapping[str, str] = os.environ) -> Preferences:
    """Return what the configuration says, and of the language the locale where it does not.

    Raises:
        ConfigError: it says something that cannot be, with file, line and key.
        HomeError: it cannot be read.
    """
    top = config.read(home)
    settings = interface_settings(top)
    faults, theme, commands = config.Faults(), themes.DEFAULT, COMMANDS
    with faults.collected():
        theme = _theme(settings.theme)
    with faults.collected():
        commands = keymap.remapped(settings.keys)
    safe = Privacy()
    with faults.collected():
        safe = privacy(top)
    faults.tell()
    return Preferences(
        theme=theme,
        commands=commands,
        language=settings.language or of_locale(env),
        language_by="config.toml" if settings.language else "the locale",
        remapped=len(settings.keys),
        privacy=safe,
        configured=safe,
    )


def _theme(setting: Setting | None) -> str:
    """Return the theme that the configuration names, ours where it names none."""
    if setting is None or setting.value in themes.NAMES:
        return themes.DEFAULT if setting is None else setting.value
    ours = ", ".join(known.name for known in themes.OURS)
    raise setting.error(
        f"there is no such theme. Ours: {ours}; the palette lists all that there are."
    )


def preferences(home: Home, env: Mapping[str, str] = os.environ) -> Preferences:
    """Return what to start with: what was chosen last in the palette, else the configuration's.

    ``TEXTUAL_THEME`` names a theme for one start; one that there is not is ignored.

    Raises:
        ConfigError, HomeError: as `configured`.
    """
    chosen = screen_state.load_interface(home)
    found = replace(configured(home, env), chosen=chosen)
    if chosen.language in LANGUAGES:
        found = replace(found, language=chosen.language, language_by="the palette")
    mask, names = found.configured
    if chosen.mask is not None:
        mask = chosen.mask
    if chosen.pseudonyms is not None:
        names = chosen.pseudonyms
    found = replace(found, privacy=Privacy(mask, names))
    for name in (env.get("TEXTUAL_THEME"), chosen.theme):
        if name in themes.NAMES:
            return replace(found, theme=name)
    return found


def described(home: Home) -> tuple[str, str | None]:
    """Return what to start with in a few words, and what to do if that masks less than is configured.

    Raises:
        ConfigError, HomeError: as `preferences`.
    """
    found = preferences(home)
    other = {0: "our keys", 1: "one command has other keys"}
    keys = other.get(found.remapped, f"{found.remapped} commands have other keys")
    language = f"{LANGUAGES[found.language]} as {found.language_by} says"
    told = f"theme {found.theme}, {keys}, language {language}"
    if found.configured.mask and not found.privacy.mask:
        return f"{told}; nothing is masked, as was chosen last", _MASKS
    if found.configured.mask and found.configured.pseudonyms and not found.privacy.pseudonyms:
        return f"{told}; ids of users are shown, as was chosen last", _NAMES
    return told, None


_MASKS = "The configuration masks: press m in the interface, or whichever key it has."
_NAMES = (
    "The configuration gives users other names: press U in the interface, or whichever key it has."
)
