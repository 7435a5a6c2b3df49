"""Names for the files that exports write."""

from __future__ import annotations

from collections.abc import Sequence

from memos_admin.backend.display import all_seen
from memos_admin.backend.keys import holds_key
from memos_admin.backend.model import SubjectRef

_LONGEST = 255 - len("-1000") - len(".manifest.json")
"""Bytes of a name: of 255 on the file systems in use, so that a number and what stands beside it have room."""

_LEAST_OF_ID = 10
"""Characters of an id that are left at least where it is cut: a third of a name, of four bytes each."""


def suggest_name(
    project: str,
    ref: SubjectRef | None = None,
    conversation_id: str | None = None,
    format: str = "csv",  # noqa: A002 - the option's name
    *,
    end: str = "",
) -> str:
    """Return a file name for an export that every system takes: no folder, and room for what is put behind it.

    Ids are any text (memos-cloud-api, "id lengths"), so what a name cannot hold becomes ``_``. Where it
    is too long the longest parts of it are cut, each at its end. A part that holds an API key is ``API-key``.

    Args:
        project: its name.
        ref: whose.
        conversation_id: of it, or what else is in the file.
        format: what the name ends in.
        end: what stands before that, such as a time: short, and never cut.
    """
    from pathvalidate import sanitize_filename

    ending = f".{format}"
    parts = [
        "-".join(project.split()),
        ref.external_id if ref else "",
        conversation_id or ("" if ref else "memories"),
    ]
    parts = [
        "API-key" if holds_key(part) else all_seen(part.strip(), "_")
        for part in parts
        if part.strip()
    ]
    ends = f"-{end}" if end else ""
    room = _LONGEST - len(f"{ends}{ending}".encode()) - len(parts)
    stem = "-".join(_cut_longest(parts, room)) + ends
    # A leading dot hides a file, a leading dash makes it an option.
    stem = stem.lstrip(".-~ ")
    stem = sanitize_filename(stem, replacement_text="_", platform="universal", max_len=_LONGEST)
    stem = stem.encode()[: _LONGEST - len(ending)].decode(errors="ignore")
    return (stem.rstrip(". ") or "export") + ending


def without_id(name: str, ref: SubjectRef) -> str:
    """Return a name of a file with ``…`` where the id of `ref` stands in it, whole or cut."""
    stem = suggest_name("", ref, format="x").removesuffix(".x")
    for whole in (ref.external_id, stem):
        name = name.replace(whole, "…")
    cuts = (stem[:length] for length in range(len(stem) - 1, _LEAST_OF_ID - 1, -1))
    cut = next((each for each in cuts if each in name), None)
    return name if cut is None else name.replace(cut, "…")


def _cut_longest(parts: Sequence[str], most: int) -> list[str]:
    """Return parts that have so many bytes together at most; those that are short stay whole."""
    sizes, share = sorted(len(part.encode()) for part in parts), most
    for number, size in enumerate(sizes):
        share = most // (len(sizes) - number)
        if size > share:
            break
        most -= size
    else:
        return [*parts]
    return [part.encode()[:share].decode(errors="ignore").rstrip() for part in parts]
