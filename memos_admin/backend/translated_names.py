"""Which name is meant by the word that a screen has for it, and which word that is."""

from __future__ import annotations

from collections.abc import Mapping

from memos_admin.language import LANGUAGES, gettext, written_in


def meant(text: str, words: Mapping[str, str]) -> str | None:
    """Return the name whose word a text is in any language; None: it is no such word.

    Args:
        text: as a person types it, in capitals or not.
        words: of each name, in English.
    """
    said = _folded(text)
    for language in LANGUAGES:
        with written_in(language):
            for name, word in words.items():
                if said in {_folded(name), _folded(gettext(word))}:
                    return name
    return None


def spoken(name: str, word: str) -> str:
    """Return how a name is typed in the language that is spoken: by the word that screens have for it.

    As itself where that is written in ASCII. `word`: in English.
    """
    said = _folded(gettext(word)).replace(" ", "_")
    return name if said.isascii() else said


def _folded(text: str) -> str:
    """Return a text as it is compared: ``too-sensitive`` and ``too_sensitive`` are *too sensitive*."""
    return " ".join(text.casefold().replace("-", " ").replace("_", " ").split())
