"""The table ``[subject]`` of ``config.toml``: who answers people that ask for their data.

::

    [subject]
    organisation = "Acme Ltd"            # stands in documents for the person
    contact = "privacy@acme.example"     # whom they ask, or tell that something is wrong
"""

from __future__ import annotations

from typing import NamedTuple

from memos_admin.backend.config import Table, read
from memos_admin.backend.home import Home
from memos_admin.backend.keys import holds_key
from memos_admin.language import gettext as _


class Sender(NamedTuple):
    """Who answers, and whom a person may ask; None: the configuration does not say."""

    organisation: str | None = None
    contact: str | None = None


def sender(top: Table) -> Sender:
    """Return what a configuration says of it.

    Raises:
        ConfigError: an unknown key, a value that is no text on one line, or one with an API key in it.
    """
    table = top.table("subject")
    table.only(Sender._fields)
    return Sender(*(_line(table, key) for key in Sender._fields))


def unnamed(home: Home) -> str:
    """Return what the document does not say of who answers, and how it would; ``""``: nothing.

    Also where the configuration is gone with the process, so that nobody can say it there.

    Raises:
        ConfigError: as `sender`.
        HomeError: the configuration cannot be read.
    """
    if home.throwaway:
        return ""
    found = sender(read(home))
    if found.organisation is None and found.contact is None:
        text = _(
            "The document names nobody who answers, and nobody whom the person may ask: set organisation "
            "and contact in [subject] of {path}."
        )
    elif found.organisation is None:
        text = _("The document does not name who answers: set organisation in [subject] of {path}.")
    elif found.contact is None:
        text = _(
            "The document names nobody whom the person may ask: set contact in [subject] of {path}."
        )
    else:
        return ""
    return text.format(path=home.config_path)


def _line(table: Table, key: str) -> str | None:
    text = table.text(key)
    if text is None:
        return None
    text = text.strip()
    if not text or not text.isprintable():
        raise table.error(key, _("must be a text on one line."))
    if holds_key(text):
        raise table.error(key, _("is or holds an API key. Take it out."))
    return text
