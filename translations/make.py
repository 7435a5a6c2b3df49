"""Brings the catalogues up to date with the code: ``python -m translations.make``.

Texts are read out of the code, those of `memos_admin/locale` keep their translations, new ones
stand there without one, and what the program reads is compiled. A test compares all of it.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from memos_admin.language import CATALOGUES, DOMAIN, FOLDER

CODE = Path(__file__).parents[1] / "memos_admin"

_ALWAYS = datetime(2000, 1, 1, tzinfo=UTC)
"""The date in what is compiled, so that the same texts make the same file."""

ENGLISH = ("cli", "emulator")
"""What speaks no other language."""

KEYWORDS = {
    "_": None,
    "N_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "counted": (2, 3),
}
"""Functions whose texts are translated, and which of their arguments those are."""


METHODS = [*((f"{name}/**", "ignore") for name in ENGLISH), ("**.py", "python")]


def of_code(folder: Path = CODE) -> Catalog:
    """Return the texts of the code."""
    catalogue = Catalog(project=DOMAIN, charset="utf-8")
    found = extract_from_dir(folder, METHODS, keywords=KEYWORDS)
    for file, _line, message, comments, context in found:
        # Files without lines: a text that moves by a line is no news.
        catalogue.add(message, None, [(file, 0)], auto_comments=comments, context=context)
    return catalogue


def path_of(locale: str, ending: str) -> Path:
    """Return where the catalogue of a locale is: the one that is edited, or the one that is read."""
    return FOLDER / locale / "LC_MESSAGES" / f"{DOMAIN}.{ending}"


def read(locale: str) -> Catalog:
    """Return the catalogue that is edited."""
    with path_of(locale, "po").open("rb") as file:
        return read_po(file, locale=locale, domain=DOMAIN)


def updated(catalogue: Catalog, texts: Catalog) -> Catalog:
    """Return a catalogue with exactly these texts; translations are kept, never guessed."""
    fresh = Catalog(
        locale=catalogue.locale,
        domain=DOMAIN,
        project=DOMAIN,
        charset="utf-8",
        header_comment=catalogue.header_comment,
    )
    fresh.creation_date = fresh.revision_date = _ALWAYS
    for text in texts:
        if text.id:
            known = catalogue.get(text.id)
            if known is not None and known.pluralizable != text.pluralizable:
                known = None
            fresh.add(
                text.id,
                known.string if known is not None else None,
                locations=text.locations,
                auto_comments=text.auto_comments,
                user_comments=known.user_comments if known is not None else (),
            )
    return fresh


def as_po(catalogue: Catalog, locale: str) -> bytes:
    """Return the text of the catalogue that is edited, the same whenever it is made."""
    out = BytesIO()
    write_po(out, catalogue, width=100, sort_by_file=True, omit_header=True, include_lineno=False)
    plural = f"nplurals={catalogue.num_plurals}; plural={catalogue.plural_expr};"
    head = (
        'msgid ""\nmsgstr ""\n'
        f'"Language: {locale}\\n"\n'
        f'"Plural-Forms: {plural}\\n"\n'
        '"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Content-Transfer-Encoding: 8bit\\n"\n\n'
    )
    return head.encode() + out.getvalue()


def as_mo(catalogue: Catalog) -> bytes:
    """Return the catalogue as the program reads it."""
    out = BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def main() -> int:
    """Write the catalogues; return 1 where texts wait for a translation."""
    texts, waiting = of_code(), 0
    for locale in CATALOGUES.values():
        catalogue = updated(read(locale), texts)
        path_of(locale, "po").write_bytes(as_po(catalogue, locale))
        path_of(locale, "mo").write_bytes(as_mo(catalogue))
        missing = [text.id for text in catalogue if text.id and not _translated(text.string)]
        for text in missing:
            print(f"{locale}: no translation yet: {text!r}")
        waiting += len(missing)
    return 1 if waiting else 0


def _translated(string: str | tuple[str, ...] | list[str]) -> bool:
    return bool(string) if isinstance(string, str) else bool(string) and all(string)


if __name__ == "__main__":
    sys.exit(main())
