"""What a plan and an outcome are shown in, for screens and commands: lines of parts, each with what it is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from memos_admin.backend.display import called
from memos_admin.backend.model import SubjectRef
from memos_admin.language import N_
from memos_admin.language import gettext as _

Kind = Literal["", "dim", "strong", "gone", "new", "warn"]


class Part(NamedTuple):
    """A part of a line, and what it is; texts of the service are among them, not gated."""

    text: str
    kind: Kind = ""


Line = tuple[Part, ...]

Word = Callable[[str], str]
"""Returns what a name of the service, of a view or a status, is called where the lines are shown."""

CARRIED = {
    "done": N_("done"),
    "refused": N_("not done"),
    "unknown": N_("not known whether it was done"),
    "changed": N_("not done"),
    "not tried": N_("not tried"),
}


def text_of(line: Line) -> str:
    """Return a line as plain text."""
    return "".join(part.text for part in line)


def about(name: str) -> Part:
    """Return the beginning of a line that is about somebody or something."""
    return Part(_("{name}: ").format(name=name))


def below(text: str, kind: Kind = "dim") -> Line:
    """Return a line below what it is about."""
    return (Part(f"  {text}", kind),)


def dim(text: str) -> Line:
    """Return a line that is less than the others."""
    return (Part(text, "dim"),)


def sent(route: str, fields: Mapping[str, object], ref: SubjectRef | None) -> Line:
    """Return a request; what is sent as text is shown below it, not here, and no id with another name."""

    def said(name: str, value: object) -> str:
        if value is None:
            return name
        if ref is not None and value == ref.external_id != called(ref):
            return _("{field}, which is masked").format(field=name)
        return f"{name} {json.dumps(value, ensure_ascii=False)}"

    names = ", ".join(said(name, value) for name, value in fields.items())
    return below(_("Sent: POST {route} with {fields}").format(route=route, fields=names))


def path_of(path: Path, ref: SubjectRef) -> str:
    """Return where a file is; whoever is called otherwise here is left out of its name, which is said."""
    whole = str(path)
    if called(ref) == ref.external_id:
        return whole
    from memos_admin.backend.export.names import without_id

    shown = without_id(whole, ref)
    if shown == whole:
        return whole
    return _("{path} (… stands for the id, which is masked)").format(path=shown)


def not_kept(problem: str) -> Iterator[Line]:
    """Yield why what was changed does not stand in the store yet, where it does not."""
    if problem:
        text = _("The store here is not up to date yet: {why}")
        yield (Part(text.format(why=problem), "warn"),)
