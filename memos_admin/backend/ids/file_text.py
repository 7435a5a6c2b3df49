"""A file of ids as text; where it is none, what it is instead and what to do."""

from __future__ import annotations

import codecs
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TextIO, cast

from memos_admin.backend.roster import BadId
from memos_admin.language import N_
from memos_admin.language import gettext as _

STDIN: Final = "-"

_WORKBOOK = N_("It is an Excel workbook. Save its sheet as CSV UTF-8.")
_ZIP = N_("It is a zip archive or an Excel workbook. Unpack it, or save its sheet as CSV UTF-8.")
_UTF_16 = N_("It is UTF-16 text. Save it as UTF-8 text (in Excel: CSV UTF-8).")
_BEGINNINGS: Final = {
    b"PK\x03\x04": _ZIP,
    b"\xd0\xcf\x11\xe0": _WORKBOOK,
    b"\x1f\x8b": N_("It is compressed with gzip. Unpack it first."),
    codecs.BOM_UTF16_LE: _UTF_16,
    codecs.BOM_UTF16_BE: _UTF_16,
}
"""What some files begin with that are often taken for lists of ids."""


@contextmanager
def opened(name: str) -> Iterator[TextIO]:
    """Give a file, or standard input for ``-``, as text, line ends as they are.

    Raises:
        BadId: it is a folder or no UTF-8 text; also from the block that reads it.
        OSError: it cannot be read.
    """
    try:
        if name == STDIN:
            if sys.stdin is None:
                raise BadId(_("It is closed."))
            text = _text(cast("io.BufferedReader", sys.stdin.buffer))
            try:
                yield text
            finally:
                text.detach()
        else:
            with Path(name).open("rb") as file, _text(file) as text:
                yield text
    except IsADirectoryError:
        raise BadId(_("It is a folder. Name a file in it.")) from None
    except UnicodeDecodeError:
        text_as = _("It is not UTF-8 text. Save it as UTF-8 text (in Excel: CSV UTF-8).")
        raise BadId(text_as) from None


def _text(file: io.BufferedReader) -> io.TextIOWrapper:
    beginning = file.peek(4096)
    for sign, told in _BEGINNINGS.items():
        if beginning.startswith(sign):
            raise BadId(_(told))
    if (
        beginning.lstrip(b"\xef\xbb\xbf \t\r\n")[:14]
        .lower()
        .startswith((b"<html", b"<!doctype html"))
    ):
        raise BadId(_("It is a web page. Give the ids alone, one a line."))
    if b"\0" in beginning:
        zeros = _(
            "It holds bytes of zero, which no text in UTF-8 does. Save it as UTF-8 text (in Excel: CSV "
            "UTF-8)."
        )
        raise BadId(zeros)
    return io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
