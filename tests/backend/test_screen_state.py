"""Where a person left the screen: kept small and private, read without trust."""

from __future__ import annotations

import json
import stat
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memos_admin.backend import screen_state
from memos_admin.backend.home import Home, HomeError
from memos_admin.backend.model import Filter, MemoryOrder, SubjectOrder, SubjectRef
from memos_admin.backend.projects import Projects
from memos_admin.backend.screen_state import InterfaceState, ScreenState, load, save
from memos_admin.store import subjects
from memos_admin.store.writer import Writer

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
NAMES = TEXTS.filter(bool)
SETS = st.frozensets(NAMES, max_size=8)
STATES = st.builds(
    ScreenState,
    subject=st.none() | st.builds(SubjectRef, st.sampled_from(["user", "agent"]), NAMES),
    conversation_id=st.none() | TEXTS,
    pane=st.none() | NAMES,
    user_order=st.sampled_from(get_args(SubjectOrder)),
    zoomed=st.booleans(),
    views=SETS,
    tags=SETS,
    statuses=SETS,
    vanished=st.none() | st.booleans(),
    order=st.sampled_from(get_args(MemoryOrder)),
    descending=st.booleans(),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=10,
)
FIELDS = list(ScreenState.__dataclass_fields__)

SOME = ScreenState(
    SubjectRef("user", "memos_user_123"),
    "0610",
    pane="memories",
    zoomed=True,
    tags=frozenset({"family trip"}),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.json"


@given(STATES)
def test_what_was_saved_is_loaded(state: ScreenState) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "state.json"
        save(path, state)
        assert load(path) == state


@given(st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_any_json_gives_a_state_that_can_be_saved(values: dict[str, object]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "state.json"
        path.write_text(json.dumps(values))
        state = load(path)
        save(path, state)
        assert load(path) == state


@given(st.binary(max_size=200))
def test_junk_is_as_good_as_nothing(junk: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "state.json"
        path.write_bytes(b"\xff" + junk)
        assert load(path) == ScreenState()


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "null", "1" * 5000, "[" * 100_000, '{"pane": "us', " " * 600_000 + "{}"],
    ids=["empty", "half", "list", "null", "number", "deep", "cut", "large"],
)
def test_a_broken_file_is_as_good_as_none(path: Path, content: str) -> None:
    path.write_text(content)
    assert load(path) == ScreenState()


def test_no_file_is_the_first_start(path: Path) -> None:
    assert load(path) == ScreenState()


def test_each_field_is_read_for_itself(path: Path) -> None:
    path.write_text(
        json.dumps(
            {
                "subject": {"kind": "robot", "id": "x"},
                "conversation_id": "06\ud80010",
                "pane": "memories",
                "user_order": "age",
                "zoomed": 1,
                "views": ["Fact", 3],
                "tags": ["tea"],
                "vanished": 0,
                "since": True,
                "order": "title",
                "added in a later version": True,
            }
        )
    )
    expected = ScreenState(pane="memories", tags=frozenset({"tea"}), order="title")
    assert load(path) == expected


def test_what_is_too_large_is_not_remembered(path: Path) -> None:
    long = "x" * (screen_state.LONGEST_TEXT + 1)
    many = frozenset(str(number) for number in range(screen_state.MOST_VALUES + 1))
    large = ScreenState(
        SubjectRef("user", long), long, pane="users", tags=many, views=frozenset({long})
    )
    save(path, large)
    assert load(path) == ScreenState(pane="users")


def test_an_api_key_is_not_remembered(path: Path) -> None:
    key = "mpg-0123456789abcdefghijklmnop"
    save(path, ScreenState(SubjectRef("user", key), conversation_id=key, more=f"tag:{key}"))
    assert key not in path.read_text()
    assert load(path) == ScreenState()


def test_the_largest_state_is_small_enough_to_be_read(path: Path) -> None:
    many = frozenset(chr(0x1F600 + n) * screen_state.LONGEST_TEXT for n in range(32))
    text = "\U0001f600" * screen_state.LONGEST_TEXT
    state = ScreenState(
        SubjectRef("user", text), text, text, "name", views=many, tags=many, statuses=many
    )
    save(path, state)
    assert load(path) == state


def test_it_is_private_and_nothing_else_is_left_beside_it(path: Path) -> None:
    save(path, SOME)
    save(path, ScreenState())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_others_can_write_is_not_believed(path: Path) -> None:
    save(path, SOME)
    path.chmod(0o666)
    assert load(path) == ScreenState()


def test_a_link_is_not_followed(path: Path) -> None:
    save(path.with_name("elsewhere"), SOME)
    path.symlink_to("elsewhere")
    assert load(path) == ScreenState()


def test_the_filter_of_memories_is_remembered_without_its_text_and_subject() -> None:
    chosen = Filter(
        SubjectRef("user", "u"),
        "0610",
        views=frozenset({"preference"}),
        tags=frozenset({"tea"}),
        statuses=frozenset({"activated"}),
        since=1758095885922,
        vanished=False,
        text="typed",
        order="title",
        descending=False,
    )
    state = ScreenState().with_filter(chosen)
    expected = Filter(
        views=chosen.views,
        tags=chosen.tags,
        statuses=chosen.statuses,
        since=chosen.since,
        vanished=False,
        order="title",
        descending=False,
    )
    assert state.filter == expected


def test_a_removed_project_is_not_made_again(isolated: Path) -> None:
    home = Home(isolated)
    project = Projects(home).add("acme", base_url="http://127.0.0.1:9/api")
    home.create_project_dir(project.uuid)
    path = screen_state.screen_state_path(project.store_dir)
    save(path, SOME)
    Projects(home).remove("acme")
    assert not project.store_dir.exists()
    with pytest.raises(HomeError):
        save(path, SOME)
    assert not project.store_dir.exists()


def test_the_interfaces_state_is_kept_in_the_home_which_it_makes(isolated: Path) -> None:
    home = Home(isolated)
    assert screen_state.load_interface(home) == InterfaceState()
    assert not home.path.exists()
    kept = InterfaceState(theme="desk-light", language="zh")
    screen_state.save_interface(home, kept)
    assert screen_state.load_interface(home) == kept
    assert stat.S_IMODE(screen_state.interface_state_path(home).stat().st_mode) == 0o600


def test_a_home_with_a_state_is_still_known_as_ours(isolated: Path) -> None:
    home = Home(isolated)
    screen_state.save_interface(home, InterfaceState(theme="desk-light"))
    home.path.chmod(0o755)
    home.create_project_dir(UUID(int=1))
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700


def test_whom_the_roster_no_longer_has_is_not_written(tmp_path: Path) -> None:
    store, path = tmp_path / "store.db", tmp_path / "state.json"
    ann, bob = SubjectRef("user", "ann"), SubjectRef("user", "bob")
    with closing(Writer(store)) as writer:
        writer.submit(lambda c: subjects.add(c, [bob], "hand", 1)).result()
    for ref, kept in ((bob, bob), (ann, None)):
        state = ScreenState(ref, "c1", "memories", tags=frozenset({"tea"}))
        screen_state.save_known(path, store, state)
        assert screen_state.load(path).subject == kept
        assert screen_state.load(path).pane == "memories"
        assert bool(screen_state.load(path).tags) == (kept is not None)
