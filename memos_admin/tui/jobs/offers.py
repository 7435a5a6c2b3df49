"""What could be typed next into the filter of the memories."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from memos_admin.backend.display import masked
from memos_admin.backend.filter_language import FIELDS, OF_STORE, completion
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.names import values_of
from memos_admin.backend.projects.project import Project
from memos_admin.language import gettext as _
from memos_admin.tui.layout.fitting import BETWEEN
from memos_admin.tui.reader import in_thread

_MOST_SAID = 8


async def offers(
    project: Project,
    ref: SubjectRef | None,
    typed: str,
    refused: Collection[str],
    known: Mapping[str, str] = FIELDS,
) -> tuple[list[str], str]:
    """Return what a typed filter could become, and the words that make it so, in a line.

    Tags and operators are those of the store that begin so; none that screen-safe mode would mask.

    Args:
        project: whose store it is.
        ref: of whose memories it is; None: of everyone's.
        typed: what stands before the cursor.
        refused: fields that do not apply there.
        known: fields of the language.
    """
    fields = {name: about for name, about in known.items() if name not in refused}
    found = completion(typed, fields)
    if found is None:
        return [], ""
    stored: list[str] = []
    if found.field in OF_STORE:
        stored = await in_thread(values_of, project, ref, found.field, found.begin)
    words = [*found.words(word for word in stored if masked(word) == word)]
    if found.field and not words and not found.begin:
        return [], _(fields[found.field])
    if words == [found.begin]:
        return [], ""
    more = ["…"] if len(words) > _MOST_SAID else []
    return [found.stem + word for word in words], BETWEEN.join([*words[:_MOST_SAID], *more])
