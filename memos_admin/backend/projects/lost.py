"""What else than its store and its key is lost with a project that is removed from this machine."""

from __future__ import annotations

from memos_admin.backend.display import one_line
from memos_admin.backend.home import Home, HomeError
from memos_admin.backend.projects.project import Project
from memos_admin.language import gettext as _
from memos_admin.language import ngettext

_NAMED = 5
_CELLS = 40


def lost_with(home: Home, project: Project) -> tuple[str, ...]:
    """Return it in words, without a full stop: saved filters, and other stores in its folder.

    What the configuration does not tell is left out: who removes the project is told of that anyway.
    """
    from memos_admin.backend.saved_filters import SavedFilters
    from memos_admin.store.backup import old_copies
    from memos_admin.store.restoring import replaced

    try:
        filters = [one.name for one in SavedFilters(home, project).list()]
    except HomeError:
        filters = []
    store = project.store_dir / "store.db"
    files = [path.name for path in (*old_copies(store), *replaced(store))]
    lost = []
    if filters:
        text = ngettext("its saved filter {names}", "its saved filters {names}", len(filters))
        lost.append(text.format(names=_named(filters)))
    if files:
        text = ngettext(
            "an older store beside it: {names}", "older stores beside it: {names}", len(files)
        )
        lost.append(text.format(names=_named(files)))
    return tuple(lost)


def _named(names: list[str]) -> str:
    told = _(", ").join(one_line(name, _CELLS) for name in names[:_NAMED])
    if len(names) <= _NAMED:
        return told
    return _("{found} and {count} more").format(found=told, count=len(names) - _NAMED)
