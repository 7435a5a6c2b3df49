"""What could be typed next into the filter of the memories."""

from __future__ import annotations

from collections.abc import Mapping

from memos_admin.backend.display import masked
from memos_admin.backend.filter_language import FIELDS, OF_STORE, completion
from memos_admin.backend.model import SubjectRef
from memos_admin.backend.names import values_of
from memos_admin.backend.project import Project
from memos_admin.language import gettext as _
from memos_admin.tui.layout.fitting import BETWEEN
from memos_admin.tui.reader import in_thread

_MOST_SAID = 8


async def offers(
    project: Project,
    ref: SubjectRef | None,
    typed: str,
    fields: Mapping[str, str] = FIELDS,
) -> tuple[list[str], str]:
    """Return what a typed filter on some fields could become, and the words that make it so, in a line.

    Tags and operators are those of the store that begin so; none that screen-safe mode would mask.
    """
    found = completion(typed, fields)
    if found is None:
        return [], ""
    known: list[str] = []
    if found.field in OF_STORE:
        known = await in_thread(values_of, project, ref, found.field, found.begin)
    words = [*found.words(word for word in known if masked(word) == word)]
    if found.field and not words and not found.begin and found.field in fields:
        return [], _(fields[found.field])
    if words == [found.begin]:
        return [], ""
    more = ["…"] if len(words) > _MOST_SAID else []
    return [found.stem + word for word in words], BETWEEN.join([*words[:_MOST_SAID], *more])
