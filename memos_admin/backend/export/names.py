"""Names for the files that exports write."""

from __future__ import annotations

from memos_admin.backend.display import all_seen
from memos_admin.backend.model import SubjectRef

_LONGEST = 255 - len("-1000") - len(".manifest.json")
"""Bytes of a name: of 255 on the file systems in use, so that a number and what stands beside it have room."""


def suggest_name(
    project: str,
    ref: SubjectRef | None = None,
    conversation_id: str | None = None,
    format: str = "csv",  # noqa: A002 - the option's name
) -> str:
    """Return a file name for an export that every system takes: no folder, and room for what is put behind it.

    Ids are any text (memos-cloud-api, "id lengths"), so what a name cannot hold becomes ``_``.
    """
    from pathvalidate import sanitize_filename

    parts = [
        "-".join(project.split()),
        ref.external_id if ref else "",
        conversation_id or ("" if ref else "memories"),
    ]
    stem = "-".join(part.strip() for part in parts if part.strip())
    # A leading dot hides a file, a leading dash makes it an option.
    stem = all_seen(stem, "_").lstrip(".-~ ")
    stem = sanitize_filename(stem, replacement_text="_", platform="universal", max_len=_LONGEST)
    ending = f".{format}"
    stem = stem.encode()[: _LONGEST - len(ending)].decode(errors="ignore")
    return (stem.rstrip(". ") or "export") + ending
