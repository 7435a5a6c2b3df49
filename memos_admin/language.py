"""The language that the interface speaks: texts are written in English, and translated when shown.

::

    _("{name} is not on the roster.").format(name=…)         translated where it stands
    ngettext("{count} gap", "{count} gaps", n).format(…)      as a number asks for
    TITLE = N_("Memories")  …  _(TITLE)                       written here, translated when shown

Before `activate` everything is English: the command line, whose output programs read, never calls
it. What is in braces is filled in after the translation, so that nothing from outside is ever read
as a template. What is kept (in the store, in files that are exported) is never translated, but for a
document that is made for a person: that is `written_in` the person's language.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
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

_ENDS = (".", "!", "?", "…", "。", "！", "？")

_active = "en"
_catalogue: NullTranslations | None = None
_of_document: ContextVar[tuple[NullTranslations | None] | None] = ContextVar(
    "of_document", default=None
)
"""The catalogue of what is being written in a language of its own; None: nothing is."""


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
    global _active, _catalogue
    _active, _catalogue = language, _read(language, folder)


@contextmanager
def written_in(language: str) -> Iterator[None]:
    """Speak a language inside, in this thread or task alone: a document has its reader's.

    Args:
        language: one of `LANGUAGES`.
    """
    before = _of_document.set((_read(language, FOLDER),))
    try:
        yield
    finally:
        _of_document.reset(before)


def _read(language: str, folder: Path) -> NullTranslations | None:
    if language not in CATALOGUES:
        return None
    from gettext import translation

    return translation(DOMAIN, os.fspath(folder), [CATALOGUES[language]])


def _spoken() -> NullTranslations | None:
    document = _of_document.get()
    return _catalogue if document is None else document[0]


def active() -> str:
    """Return the language that is spoken."""
    return _active


def gettext(message: str) -> str:
    """Return a text in the language that is spoken; called ``_`` where it is used."""
    catalogue = _spoken()
    if catalogue is None or not message:  # gettext has the catalogue's own data under ""
        return message
    return catalogue.gettext(message)


def ngettext(one: str, many: str, number: int) -> str:
    """Return the one of two texts that a number asks for, in the language that is spoken."""
    catalogue = _spoken()
    if catalogue is None:
        return one if number == 1 else many
    return catalogue.ngettext(one, many, number)


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


def full_stop(said: str) -> str:
    """Return what may end with words from outside as a sentence, with one full stop."""
    return said if said.endswith(_ENDS) else gettext("{said}.").format(said=said)


def first_sentence(text: str) -> str:
    """Return the first sentence of a text, with its end."""
    line = text.partition("\n")[0]
    ends = [line.find(stop) + 1 for stop in (". ", "。") if stop in line]
    sentence = line[: min(ends, default=len(line))]
    return sentence if sentence.endswith((".", "。")) else f"{sentence}."


def N_(message: str) -> str:  # noqa: N802 - the name that everybody knows
    """Mark a text that is translated where it is shown; return it as it is."""
    return message
