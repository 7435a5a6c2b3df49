"""Which name is meant by the word that a screen has for it."""

from __future__ import annotations

from collections.abc import Mapping

from memos_admin.language import LANGUAGES, gettext, written_in


def meant(text: str, words: Mapping[str, str]) -> str | None:
    """Return the name whose word a text is in any language; None: it is no such word.

    Args:
        text: as a person types it, in capitals or not.
        words: of each name, in English.
    """
    said = text.strip().casefold()
    for language in LANGUAGES:
        with written_in(language):
            for name, word in words.items():
                if said == gettext(word).casefold():
                    return name
    return None
