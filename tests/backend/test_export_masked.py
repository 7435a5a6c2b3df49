"""Masked exports: nothing personal in any format, and all else as it is without a mask."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook  # type: ignore[import-untyped]

from memos_admin.backend import journal, roster
from memos_admin.backend.export.exporting import FORMATS, Format, export, preview
from memos_admin.backend.export.mask import Mask
from memos_admin.backend.export.scope import ConversationScope, MemoriesScope, Scope, SubjectScope
from memos_admin.backend.home import Home
from memos_admin.backend.model import Filter, Reads, SubjectRef
from memos_admin.backend.privacy import Privacy
from memos_admin.backend.sync import SyncScope, sync
from memos_admin.backend.workspace import Workspace
from memos_admin.cloud.answers import Source
from tests.backend.journals import entries
from tests.backend.service import Service, a_memory, a_message
from tests.masking.canaries import CANARIES, CARD, EMAIL, KEY, PHONE, TEXT

NUMBER = "13712345678"
HIDDEN = (*CANARIES, NUMBER)
FORMULA = f"={TEXT}"
WHO, OTHER = SubjectRef("user", EMAIL), SubjectRef("user", "usr_4711")
TALK = f"talk {PHONE}"
MASKED, NAMED = Privacy(True), Privacy(True, True)

SCOPES: list[Scope] = [ConversationScope(WHO, TALK), SubjectScope(WHO), MemoriesScope(Filter())]


@pytest.fixture
async def filled(workspace: Workspace, service: Service) -> Workspace:
    raw = {
        "content": TEXT,
        "user_id": EMAIL,
        "mobile": int(NUMBER),
        EMAIL: {"nested": [TEXT, {"to": f"+86{NUMBER}"}]},
        "exact": 0.1,
        "at": 1758095885922,
    }
    call = {"function": {"name": "mail", "arguments": json.dumps({"to": EMAIL})}}
    said = replace(a_message(FORMULA), role_name=EMAIL, role_id=PHONE, tool_calls=(call,), raw=raw)
    service.say(EMAIL, TALK, said, a_message("Ask usr_4711 about 2025-06-11, order 4711."))
    service.put(
        EMAIL,
        replace(
            a_memory(
                "m1",
                TEXT,
                title=f"Contact {EMAIL}",
                tags=(EMAIL, PHONE, "trip"),
                conversation_id=TALK,
                sources=(Source("chat", excerpt=f"Write to {EMAIL}", role="user"),),
            ),
            raw=raw,
        ),
    )
    service.put(OTHER.external_id, a_memory("m2", "likes tea", conversation_id=None))
    await roster.add_subjects(workspace, [OTHER, WHO])
    await sync(workspace, SyncScope(full=True))
    return workspace


def everything_in(path: Path) -> str:
    """Return all texts of a file, as a reader finds them and as they stand there."""
    if path.suffix == ".xlsx":
        rows = load_workbook(path).active.iter_rows(values_only=True)
        return "\n".join(str(cell) for row in rows for cell in row)
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".jsonl":
        text += "".join(
            json.dumps(json.loads(line), ensure_ascii=False) for line in text.splitlines()
        )
    return text


@pytest.mark.parametrize("privacy", [MASKED, NAMED], ids=["masked", "names"])
@pytest.mark.parametrize("scope", SCOPES, ids=lambda scope: type(scope).__name__)
@pytest.mark.parametrize("form", FORMATS)
async def test_nothing_personal_is_in_the_file(
    filled: Workspace, tmp_path: Path, scope: Scope, form: Format, privacy: Privacy
) -> None:
    plain, path = tmp_path / f"plain.{form}", tmp_path / f"masked.{form}"
    export(filled, scope, format=form, output=plain)
    report = export(filled, scope, format=form, output=path, privacy=privacy)
    assert all(canary in everything_in(plain) for canary in (EMAIL, PHONE, CARD, KEY))
    text = everything_in(path)
    assert [canary for canary in HIDDEN if canary in text] == []
    assert ("usr_4711" in text) is not privacy.pseudonyms
    assert "[phone **]" in text
    assert report.masked
    assert report.incomplete[0].startswith("Masked: ")


@pytest.mark.parametrize("form", FORMATS)
async def test_a_title_that_is_a_bare_code_is_masked_by_its_content(
    filled: Workspace, service: Service, tmp_path: Path, form: Format
) -> None:
    content = "The door code is 482913."
    coded = a_memory("m3", content, title="482913")
    raw = {"memory_key": "482913", "memory_value": content}
    service.put(OTHER.external_id, replace(coded, raw=raw))
    await sync(filled, SyncScope(full=True))
    path = tmp_path / f"masked.{form}"
    export(filled, MemoriesScope(Filter()), format=form, output=path, privacy=MASKED)
    assert "482913" not in everything_in(path)


async def test_a_masked_cell_is_guarded_after_it_is_masked(
    filled: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "m.csv"
    report = export(filled, SubjectScope(WHO), output=path, privacy=MASKED)
    assert report.guarded == 1
    with path.open(newline="", encoding="utf-8") as file:
        first, second = csv.DictReader(file)
    assert first["content"].startswith("'=Write to user-")
    assert first["conversation_id"] == "talk [phone **]"
    assert second["content"] == "Ask usr_4711 about 2025-06-11, order 4711."
    assert first["user_id"] == second["user_id"] == first["content"].split()[2]


def objects(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


async def test_what_needs_no_mask_stays_in_json_lines(filled: Workspace, tmp_path: Path) -> None:
    plain, path = tmp_path / "plain.jsonl", tmp_path / "masked.jsonl"
    export(filled, SubjectScope(WHO), format="jsonl", output=plain)
    export(filled, SubjectScope(WHO), format="jsonl", output=path, privacy=MASKED)
    for before, after in zip(objects(plain), objects(path), strict=True):
        assert list(after) == list(before)
        for key in set(before) - {"raw", "tool_calls", "sources"}:
            if not any(canary in str(before[key]) for canary in HIDDEN):
                assert after[key] == before[key]
    first = next(one for one in objects(path) if one["type"] == "message")
    assert (first["raw"]["exact"], first["raw"]["at"]) == (0.1, 1758095885922)
    assert first["raw"]["mobile"] == "[phone **]"
    assert first["raw"]["user_id"] == first["user_id"] == first["role_name"]


async def test_the_file_says_the_same_of_a_user_whatever_stands_before(
    filled: Workspace, tmp_path: Path
) -> None:
    path = tmp_path / "m.csv"
    names = set()
    for scope in (MemoriesScope(Filter()), MemoriesScope(Filter(subject=OTHER))):
        export(filled, scope, output=path, privacy=NAMED)
        with path.open(newline="", encoding="utf-8") as file:
            names.add(
                next(row["user_id"] for row in csv.DictReader(file) if row["memory_id"] == "m2")
            )
    export(filled, SubjectScope(WHO), output=path, privacy=NAMED)
    (name,) = names
    assert f"Ask {name} about" in path.read_text(encoding="utf-8")


async def test_a_preview_is_what_the_file_holds(filled: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    shown = preview(filled, SubjectScope(WHO), privacy=NAMED)
    export(filled, SubjectScope(WHO), output=path, privacy=NAMED)
    with path.open(newline="", encoding="utf-8") as file:
        assert [list(row) for row in shown.rows] == list(csv.reader(file))[1:]
    assert shown.incomplete[0].endswith("not found.")
    assert "other names" in shown.incomplete[0]


async def test_it_is_journaled(filled: Workspace, tmp_path: Path) -> None:
    export(filled, SubjectScope(WHO), output=tmp_path / "a.csv")
    report = export(filled, SubjectScope(WHO), output=tmp_path / "b.csv", privacy=NAMED)
    assert journal.of(filled.home).flush()
    plain, masked = (
        [one for one in entries(filled.home) if (one.file or "").endswith(name)]
        for name in ("a.csv", "b.csv")
    )
    assert not any("masked" in {**one.details, **one.counts} for one in plain)
    assert all(one.details["masked"] and one.details["pseudonyms"] for one in masked)
    assert masked[-1].counts["masked"] == report.masked


class Empty:
    """A store without anybody."""

    def subject_ids(self) -> list[tuple[str, str]]:
        return []


SAFE = st.text(st.sampled_from('ab "\\\n\x00é你\U0001f600{}:,[]'), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(allow_nan=False) | SAFE,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(SAFE, inner, max_size=4),
)


@given(value=JSON, escaped=st.booleans())
def test_json_means_the_same_but_for_its_masks(value: Any, escaped: bool) -> None:
    mask = Mask(Home(Path("nowhere"), throwaway=True), cast("Reads", Empty()), names=False)
    line = json.dumps({"a": value, "b": f"到 {EMAIL}"}, ensure_ascii=escaped)
    found = mask.line(line)
    assert found.startswith(line.rpartition(', "b"')[0])
    assert json.loads(found) == {"a": value, "b": "到 [e-mail **]"}
    assert mask.parts == 1


@pytest.mark.parametrize("form", ["csv", "jsonl"])
async def test_an_agent_with_the_id_of_a_user_is_called_as_an_agent(
    workspace: Workspace, service: Service, tmp_path: Path, form: Format
) -> None:
    user, agent = SubjectRef("user", "both_1"), SubjectRef("agent", "both_1")
    for ref in (agent, user):
        service.put("both_1", a_memory(ref.kind, "tea", conversation_id=None), kind=ref.kind)
    await roster.add_subjects(workspace, [agent, user])
    await sync(workspace, SyncScope(full=True))
    for ref in (user, agent):
        path = tmp_path / f"{ref.kind}.{form}"
        report = export(
            workspace, MemoriesScope(Filter(subject=ref)), format=form, output=path, privacy=NAMED
        )
        text = path.read_text(encoding="utf-8")
        assert report.rows == 1
        assert f"{ref.kind}-" in text
        assert "both_1" not in text
