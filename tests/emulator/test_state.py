"""The state with its overlay does what a plain list would."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from memos_admin.emulator.generate import generated_data
from memos_admin.emulator.queries import Pages
from memos_admin.emulator.records import LISTED, VIEWS, Record, Subject
from memos_admin.emulator.state import State
from tests.effort import examples

USER = Subject("user", "user-000001")
VIEW = "detail_factual"


class Overlay(RuleBasedStateMachine):
    """Writes to a generated list and to a list of ids, and compares the two."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = 1_800_000_000_000
        self.state = State(
            generated_data(users=1, memories=60, seed=9), clock=lambda: self.clock, task_ms=10
        )
        self.model = [record.id for record in self.listed()]
        self.hidden: list[str] = []
        self.count = 0

    def listed(self) -> list[Record]:
        listing = self.state.listing(USER, VIEW)
        return [listing[n] for n in range(len(listing))]

    @rule()
    def tick(self) -> None:
        self.clock += 1

    @rule()
    def add(self) -> None:
        self.count += 1
        memory_id = f"new-{self.count}"
        item = {"id": memory_id, "memory_key": "", "memory_value": "", "status": "activated"}
        self.state.put(Record(memory_id, VIEW, (USER,), item, "activated", 0, self.clock))
        self.model.insert(0, memory_id)

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        memory_id = data.draw(st.sampled_from(self.model))
        self.state.delete([memory_id])
        self.model.remove(memory_id)
        assert self.state.find(memory_id) is None

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def change(self, data: st.DataObject) -> None:
        memory_id = data.draw(st.sampled_from(self.model))
        self.state.update(memory_id, content=f"at {self.clock}")
        self.model.remove(memory_id)
        self.model.insert(0, memory_id)

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def archive(self, data: st.DataObject) -> None:
        memory_id = data.draw(st.sampled_from(self.model))
        self.state.update(memory_id, status="archived")
        self.model.remove(memory_id)
        self.hidden.append(memory_id)

    @precondition(lambda self: self.hidden)
    @rule(data=st.data())
    def bring_back(self, data: st.DataObject) -> None:
        memory_id = data.draw(st.sampled_from(self.hidden))
        self.state.update(memory_id, status="activated")
        self.hidden.remove(memory_id)
        self.model.insert(0, memory_id)

    @invariant()
    def lists_agree(self) -> None:
        records = self.listed()
        assert [record.id for record in records] == self.model
        assert all(record.status in LISTED for record in records)
        for record in records:
            assert self.state.find(record.id) == record
        for memory_id in self.hidden:
            hidden = self.state.find(memory_id)
            assert hidden is not None
            assert hidden.status == "archived"

    @invariant()
    def filters_agree(self) -> None:
        condition = {"and": [{"update_time": {"gte": "2026-05-01"}}]}
        data = Pages(self.state).page(USER, [VIEW], condition, page=1, size=50)
        expected = [r.id for r in self.listed() if r.updated >= 1_777_593_600_000]
        assert [item["id"] for item in data["memory_detail_list"]] == expected[:50]
        assert data["total"] == len(expected)


Overlay.TestCase.settings = settings(
    max_examples=examples(40), stateful_step_count=25, deadline=None
)
TestOverlay = Overlay.TestCase


@given(st.integers(1, 50), st.integers(0, 130))
@settings(max_examples=examples(40), deadline=None)
def test_pages_join_to_the_list(size: int, memories: int) -> None:
    state = State(generated_data(users=1, memories=memories))
    pages = Pages(state)
    found: dict[str, list[Any]] = {view.list: [] for view in VIEWS.values()}
    page = last = 1
    while page <= last:
        data = pages.page(USER, list(VIEWS), None, page=page, size=size)
        for name in found:
            found[name] += data[name]
            assert len(data[name]) <= size
        last = data["pages"]
        page += 1
    assert sum(map(len, found.values())) == memories
    for view in VIEWS.values():
        listing = state.listing(USER, view.name)
        assert found[view.list] == [listing[n].item for n in range(len(listing))]
