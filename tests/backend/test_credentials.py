"""Where a key comes from, and which keys a project takes."""

import asyncio
import logging
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring.backend import KeyringBackend

from memos_admin.backend import credentials, keys
from memos_admin.backend.credentials import (
    OsKeyring,
    check_key,
    delete_key,
    find_key,
    find_key_async,
    key_state,
    remove_project,
    set_key,
    store_key,
    unusual,
)
from memos_admin.backend.home import Home
from memos_admin.backend.projects import REGIONS, BadAddress, Projects, UnknownProject
from memos_admin.backend.projects.project import Project
from memos_admin.cloud.key import ApiKey
from tests.backend import keyrings
from tests.backend.keyrings import use

KEY = "mpg-0123456789abcdef"
OTHER = "mpg-fedcba9876543210"
PRINTS_KEY = [sys.executable, "-c", f"print({KEY!r})"]
PRINTS_OTHER = [sys.executable, "-c", f"print({OTHER!r})"]


@pytest.fixture
def projects(tmp_path: Path) -> Projects:
    return Projects(Home(tmp_path / "home"))


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> keyrings.Memory:
    memory = keyrings.Memory()
    use(monkeypatch, memory)
    return memory


def knowing(projects: Projects, *texts: str, key_command: list[str] | None = None) -> Project:
    """Add a project that knows these keys."""
    project = projects.add("acme", key_command=key_command)
    for text in texts:
        project = projects.remember_key(project, ApiKey(text).fingerprint)
    return project


def never() -> str:
    raise AssertionError("nobody was to be asked")


@pytest.mark.usefixtures("memory")
class TestOrder:
    """Keyring, environment, key_command, prompt."""

    def test_the_keyring_is_first(self, projects: Projects) -> None:
        project = projects.add("acme", key_command=PRINTS_OTHER)
        store_key(project, ApiKey(KEY))
        found = find_key(project, {"MEMOS_API_KEY": OTHER}, never)
        assert (found.key.reveal(), found.source) == (KEY, "keyring")

    def test_then_the_environment(self, projects: Projects) -> None:
        project = projects.add("acme", key_command=PRINTS_OTHER)
        found = find_key(project, {"MEMOS_API_KEY": f"{KEY}\n"}, never)
        assert (found.key.reveal(), found.source) == (KEY, "environment")

    def test_then_the_command(self, projects: Projects) -> None:
        project = projects.add("acme", key_command=PRINTS_KEY)
        found = find_key(project, {"MEMOS_API_KEY": ""}, never)
        assert (found.key.reveal(), found.source) == (KEY, "key_command")

    def test_then_the_prompt(self, projects: Projects) -> None:
        found = find_key(projects.add("acme"), {}, lambda: f" {KEY} ")
        assert (found.key.reveal(), found.source) == (KEY, "prompt")

    def test_then_it_is_told_how_to_give_one(self, projects: Projects) -> None:
        with pytest.raises(keys.NoKey, match=r"set-key acme.*MEMOS_API_KEY.*key_command"):
            find_key(projects.add("acme"), {})

    def test_finding_a_key_remembers_nothing(self, projects: Projects) -> None:
        find_key(projects.add("acme"), {"MEMOS_API_KEY": KEY})
        assert projects.get("acme").fingerprints == ()

    async def test_it_can_be_awaited(self, projects: Projects) -> None:
        found = await find_key_async(projects.add("acme"), {"MEMOS_API_KEY": KEY})
        assert found.source == "environment"
        with pytest.raises(keys.NoKey):
            await find_key_async(projects.get("acme"), {})


class TestKeyringThatCannotBeUsed:
    def test_the_other_sources_are_asked(
        self, projects: Projects, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for backend in (keyrings.FAIL, keyrings.NULL, keyrings.PlaintextKeyring()):
            use(monkeypatch, backend)
            project = projects.add(type(backend).__module__.rpartition(".")[2])
            assert find_key(project, {"MEMOS_API_KEY": KEY}).source == "environment"
            assert find_key(project, {}, lambda: KEY).source == "prompt"

    def test_its_problem_is_told_where_none_has_a_key(
        self, projects: Projects, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        project = projects.add("acme")
        hanging = keyrings.Hanging()
        cases: list[tuple[KeyringBackend, type[keys.KeyringError]]] = [
            (keyrings.FAIL, keys.NoKeyring),
            (keyrings.PlaintextKeyring(), keys.KeyringInsecure),
            (hanging, keys.KeyringTimeout),
        ]
        for backend, kind in cases:
            use(monkeypatch, backend)
            with pytest.raises(kind):
                find_key(project, {}, keyring=OsKeyring(seconds=0.2 if backend is hanging else 30))
        hanging.release.set()

    async def test_a_hanging_one_blocks_no_loop(
        self, projects: Projects, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hanging = keyrings.Hanging()
        use(monkeypatch, hanging)
        waiting = asyncio.create_task(find_key_async(projects.add("acme"), {}))
        await asyncio.sleep(0)
        assert any(thread.name == "memos-admin-daemon" for thread in threading.enumerate())
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        hanging.release.set()


class TestForeignKeys:
    """A key with a fingerprint that the project does not know is not used."""

    @pytest.mark.usefixtures("memory")
    @pytest.mark.parametrize(
        ("env", "command", "prompt"),
        [
            ({"MEMOS_API_KEY": OTHER}, None, None),
            ({"MEMOS_API_KEY": OTHER}, None, never),
            ({}, PRINTS_OTHER, never),
            ({"MEMOS_API_KEY": OTHER}, PRINTS_OTHER, never),
            ({}, None, lambda: OTHER),
        ],
    )
    def test_they_are_refused_from_every_source(
        self,
        projects: Projects,
        env: dict[str, str],
        command: list[str] | None,
        prompt: Callable[[], str] | None,
    ) -> None:
        project = knowing(projects, KEY, key_command=command)
        with pytest.raises(keys.ForeignKey, match=r"set-key acme.*projects add") as told:
            find_key(project, env, prompt)
        assert ApiKey(OTHER).fingerprint in str(told.value)
        assert ApiKey(KEY).fingerprint in str(told.value)

    @pytest.mark.usefixtures("memory")
    def test_the_environments_does_not_stand_in_the_way_of_the_commands(
        self, projects: Projects
    ) -> None:
        project = knowing(projects, KEY, key_command=PRINTS_KEY)
        assert find_key(project, {"MEMOS_API_KEY": OTHER}).source == "key_command"

    def test_the_keyrings_is_refused(self, projects: Projects, memory: keyrings.Memory) -> None:
        project = projects.add("acme")
        store_key(project, ApiKey(OTHER))
        project = projects.remember_key(project, ApiKey(KEY).fingerprint)
        with pytest.raises(keys.ForeignKey, match="The keyring"):
            find_key(project, {"MEMOS_API_KEY": KEY})
        assert memory.kept

    def test_they_are_not_stored(self, projects: Projects, memory: keyrings.Memory) -> None:
        with pytest.raises(keys.ForeignKey):
            store_key(knowing(projects, KEY), ApiKey(OTHER))
        assert memory.kept == {}

    @pytest.mark.usefixtures("memory")
    def test_set_key_says_that_it_is_a_rotation(self, projects: Projects) -> None:
        project = set_key(projects, knowing(projects, KEY), ApiKey(OTHER))
        assert project.fingerprints == (ApiKey(KEY).fingerprint, ApiKey(OTHER).fingerprint)
        assert project == projects.get("acme")
        assert find_key(project, {}).key == ApiKey(OTHER)
        delete_key(project)
        assert find_key(project, {"MEMOS_API_KEY": KEY}).key == ApiKey(KEY)

    def test_a_rotation_stands_without_a_keyring(
        self, projects: Projects, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        use(monkeypatch, keyrings.FAIL)
        with pytest.raises(keys.NoKeyring):
            set_key(projects, knowing(projects, KEY), ApiKey(OTHER))
        assert find_key(projects.get("acme"), {"MEMOS_API_KEY": OTHER}).source == "environment"

    @pytest.mark.usefixtures("memory")
    def test_a_first_key_for_another_address_is_refused(self, projects: Projects) -> None:
        project = projects.add("acme")
        env = {"MEMOS_API_KEY": KEY, "MEMOS_IS_GLOBAL": "true"}
        with pytest.raises(keys.ForeignKey, match=r"api\.memt\.ai.*memos\.memtensor\.cn"):
            find_key(project, env)
        project = projects.remember_key(project, ApiKey(KEY).fingerprint)
        assert find_key(project, env).source == "environment"


@pytest.mark.usefixtures("memory")
class TestOrigin:
    """A key of the keyring goes to the origin that it was stored for."""

    def edited(self, projects: Projects, address: str) -> Project:
        path = projects.home.config_path
        path.write_text(path.read_text().replace(REGIONS["cn"], address))
        return projects.get("acme")

    def test_an_edited_address_is_refused(self, projects: Projects) -> None:
        set_key(projects, projects.add("acme"), ApiKey(KEY))
        project = self.edited(projects, "https://evil.example")
        with pytest.raises(keys.KeyBoundElsewhere, match=r"memtensor\.cn.*evil\.example.*set-key"):
            find_key(project, {"MEMOS_API_KEY": KEY}, never)

    def test_another_path_of_the_same_origin_is_fine(self, projects: Projects) -> None:
        set_key(projects, projects.add("acme"), ApiKey(KEY))
        project = self.edited(projects, "https://memos.memtensor.cn/api/openmem/v2")
        assert find_key(project, {}).source == "keyring"

    def test_set_key_confirms_the_new_address(self, projects: Projects) -> None:
        set_key(projects, projects.add("acme"), ApiKey(KEY))
        project = self.edited(projects, "https://ours.example")
        set_key(projects, project, ApiKey(KEY))
        assert find_key(project, {}).key == ApiKey(KEY)

    @pytest.mark.parametrize("key", [KEY, "of-another-kind-12345"])
    def test_an_address_that_contains_the_key_is_asked_nothing(
        self, projects: Projects, memory: keyrings.Memory, key: str
    ) -> None:
        """Each server on the way would log it, and the store and the screen would have it."""
        project = replace(projects.add("acme"), base_url=f"https://ours.example/{key}/v1")
        with pytest.raises(keys.KeyInAddress, match="base_url") as told:
            find_key(project, {"MEMOS_API_KEY": key})
        assert key not in str(told.value)
        assert key_state(project, {"MEMOS_API_KEY": key}).source is None
        env = {"MEMOS_API_KEY": key, "MEMOS_BASE_URL": project.base_url}
        with pytest.raises(BadAddress, match="API key"):
            projects.resolve(None, env)
        assert not memory.kept


class TestTheEnvironmentsProject:
    def test_its_key_is_the_environments(self, projects: Projects) -> None:
        env = {"MEMOS_API_KEY": KEY}
        assert find_key(projects.resolve(None, env), env).source == "environment"

    def test_another_key_or_none_is_told(self, projects: Projects) -> None:
        project = projects.resolve(None, {"MEMOS_API_KEY": KEY})
        with pytest.raises(keys.ForeignKey):
            find_key(project, {"MEMOS_API_KEY": OTHER})
        with pytest.raises(keys.NoKey):
            find_key(project, {}, never)

    def test_its_key_is_not_stored(self, projects: Projects, memory: keyrings.Memory) -> None:
        project = projects.resolve(None, {"MEMOS_API_KEY": KEY})
        with pytest.raises(keys.CredentialsError, match="projects add"):
            store_key(project, ApiKey(KEY))
        assert memory.kept == {}


class TestRemoval:
    def test_the_key_goes_with_the_project(
        self, projects: Projects, memory: keyrings.Memory
    ) -> None:
        set_key(projects, projects.add("acme"), ApiKey(KEY))
        removed = remove_project(projects, "ACME")
        assert removed.key_left is None
        assert memory.kept == {}
        assert projects.list() == ()

    def test_a_key_that_cannot_be_deleted_is_told(
        self, projects: Projects, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        projects.add("acme")
        use(monkeypatch, keyrings.Raising(lambda _: OSError()))
        removed = remove_project(projects, "acme")
        assert isinstance(removed.key_left, keys.KeyringFailed)
        assert projects.list() == ()

    @pytest.mark.parametrize(
        ("raised", "why"),
        [
            ("KeyringLocked", "The keyring is locked, and was not unlocked (KeyringLocked)."),
            ("Odd", "The keyring failed (Odd)."),
        ],
    )
    def test_nobody_is_told_to_try_again_what_is_done(
        self, projects: Projects, monkeypatch: pytest.MonkeyPatch, raised: str, why: str
    ) -> None:
        project = projects.add("acme")
        use(monkeypatch, keyrings.Raising(lambda _: type(raised, (Exception,), {})()))
        removed = remove_project(projects, "acme")
        assert "again" in str(removed.key_left)
        said, where = removed.notes
        assert said == f"The keyring did not delete its key. {why}"
        assert "delete it there yourself: service memos-admin" in where
        assert where.endswith(f"user {project.uuid}.")

    def test_an_unknown_project_touches_no_keyring(self, projects: Projects) -> None:
        with pytest.raises(UnknownProject):
            remove_project(projects, "acme")


class TestWhatAKeyLooksLike:
    @pytest.mark.parametrize("text", [KEY, f"  {KEY}\r\n", "x", "~" * 512])
    def test_white_space_around_is_dropped(self, text: str) -> None:
        assert check_key(text, "It").reveal() == text.strip()

    @pytest.mark.parametrize(
        "text", ["", " \n", "mpg-a b", "mpg-a\tb", "mpg-é", "mpg-\x1b[31m", "mpg-\x7f", "x" * 513]
    )
    def test_others_are_refused_without_showing_them(self, text: str) -> None:
        with pytest.raises(keys.BadKey, match=r"^It: ") as told:
            check_key(text, "It")
        shown = "".join(traceback.format_exception(told.value)).replace("(it starts with mpg-)", "")
        assert not text.strip() or text not in shown
        assert "mpg-" not in shown

    @given(st.text(max_size=600))
    def test_what_is_taken_fits_a_header(self, text: str) -> None:
        try:
            key = check_key(text, "It").reveal()
        except keys.BadKey:
            return
        assert key.isascii()
        assert key.isprintable()
        assert " " not in key
        assert 1 <= len(key) <= 512

    def test_an_unusual_beginning_is_only_warned_about(self) -> None:
        assert unusual(ApiKey(KEY)) is None
        warning = unusual(ApiKey("sk-secret"))
        assert warning is not None
        assert "sk-secret" not in warning


def test_no_key_stands_in_configuration_logs_or_tracebacks(
    projects: Projects, memory: keyrings.Memory, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    set_key(projects, projects.add("acme"), ApiKey(KEY))
    project = set_key(projects, projects.get("acme"), ApiKey(OTHER))
    told = []
    for act in (
        lambda: find_key(knowing_only(project), {"MEMOS_API_KEY": KEY}),
        lambda: projects.resolve("acme", {"MEMOS_API_KEY": KEY, "MEMOS_BASE_URL": f"http://{KEY}"}),
        lambda: store_key(knowing_only(project), ApiKey(KEY)),
        lambda: check_key(f"{KEY} {OTHER}", "It"),
    ):
        with pytest.raises(Exception) as caught:  # noqa: PT011  (whatever they raise)
            act()
        told += traceback.format_exception(caught.value)
    everything = "".join(
        [
            *told,
            caplog.text,
            repr(project),
            repr(find_key(project, {})),
            *(
                path.read_text("latin-1")
                for path in projects.home.path.rglob("*")
                if path.is_file()
            ),
        ]
    )
    assert len(told) > 20
    assert KEY not in everything
    assert OTHER not in everything
    assert memory.kept


def knowing_only(project: Project) -> Project:
    """Return the project as if it knew none of our keys."""
    return Project(project.uuid, "acme", "https://x.example", "UTC", project.store_dir, ("0" * 16,))


def test_the_errors_are_one_tree() -> None:
    kinds = [getattr(credentials, name) for name in credentials.__all__]
    errors = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Exception)]
    assert len(errors) == 15
    assert all(issubclass(kind, credentials.CredentialsError) for kind in errors)
