"""The language that the interface speaks: texts are written in English, and translated when shown.

::

    _("{name} is not on the roster.").format(name=…)         translated where it stands
    ngettext("{count} gap", "{count} gaps", n).format(…)      as a number asks for
    TITLE = N_("Memories")  …  _(TITLE)                       written here, translated when shown

Before `activate` everything is English: the command line, whose output programs read, never calls
it. What is in braces is filled in after the translation, so that nothing from outside is ever read
as a template. What is kept (in the store, in files that are exported) is never translated.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gettext import NullTranslations

LANGUAGES = {"en": "English", "zh": "中文"}
"""What the interface speaks, each in its own words."""

DOMAIN = "memos-admin"
FOLDER = Path(__file__).parent / "locale"
CATALOGUES = {"zh": "zh_CN"}
"""The folders of the catalogues; English needs none."""

_OF_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")
"""Variables that say which language a person reads, the first one that is set counting."""

_TRADITIONAL = ("hant", "tw", "hk", "mo")
"""Chinese that is written otherwise than ours."""

_FULL_WIDTH = "。，；：？"

_active = "en"
_catalogue: NullTranslations | None = None


def known(name: str) -> str | None:
    """Return the language that a name means, such as ``zh-CN`` or ``en_GB.UTF-8``; None: not ours."""
    language, *more = name.partition(".")[0].partition("@")[0].replace("-", "_").lower().split("_")
    return language if language in LANGUAGES and not {*more} & {*_TRADITIONAL} else None


def of_locale(env: Mapping[str, str]) -> str:
    """Return the language that the locale asks for, by the rules of gettext; English where none."""
    locale = next((env[name] for name in _OF_LOCALE if env.get(name)), "")
    if locale.partition(".")[0] in {"", "C", "POSIX"}:  # LANGUAGE says nothing then
        return "en"
    wanted = [*filter(None, env.get("LANGUAGE", "").split(":")), locale]
    return next((language for language in map(known, wanted) if language is not None), "en")


def activate(language: str, folder: Path = FOLDER) -> None:
    """Speak a language from now on, in the whole program.

    Args:
        language: one of `LANGUAGES`.
        folder: where the catalogues are.
    """
    global _active, _catalogue  # noqa: PLW0603 - the language is one for the program, as in gettext
    _active, _catalogue = language, None
    if language in CATALOGUES:
        from gettext import translation

        _catalogue = translation(DOMAIN, os.fspath(folder), [CATALOGUES[language]])


def active() -> str:
    """Return the language that is spoken."""
    return _active


def gettext(message: str) -> str:
    """Return a text in the language that is spoken; called ``_`` where it is used."""
    if _catalogue is None or not message:  # gettext has the catalogue's own data under ""
        return message
    return _catalogue.gettext(message)


def ngettext(one: str, many: str, number: int) -> str:
    """Return the one of two texts that a number asks for, in the language that is spoken."""
    if _catalogue is None:
        return one if number == 1 else many
    return _catalogue.ngettext(one, many, number)


def counted(number: int, one: str, many: str) -> str:
    """Return ``1 memory`` or ``2,000 memories``, of ``{count} memory`` and ``{count} memories``."""
    return ngettext(one, many, number).format(count=f"{number:,}")


def sentences(*texts: str) -> str:
    """Return sentences, those that are not empty, one behind the other; behind 。 is no space."""
    joined = ""
    for text in filter(None, texts):
        gap = " " if joined and joined[-1] not in _FULL_WIDTH else ""
        joined += gap + text
    return joined


def first_sentence(text: str) -> str:
    """Return the first sentence of a text, with its end."""
    line = text.partition("\n")[0]
    ends = [line.find(stop) + 1 for stop in (". ", "。") if stop in line]
    sentence = line[: min(ends, default=len(line))]
    return sentence if sentence.endswith((".", "。")) else f"{sentence}."


def N_(message: str) -> str:  # noqa: N802 - the name that everybody knows
    """Mark a text that is translated where it is shown; return it as it is."""
    return message
