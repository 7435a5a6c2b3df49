"""Projects: names, which is meant, what the configuration may say, and no lost edits."""

import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memos_admin.backend import journal
from memos_admin.backend.config import ConfigError
from memos_admin.backend.home import Home, HomeError
from memos_admin.backend.keys import NoProject
from memos_admin.backend.projects import (
    REGIONS,
    BadAddress,
    BadCommand,
    BadName,
    BadTimezone,
    NameTaken,
    ProjectError,
    Projects,
    UnknownProject,
)
from memos_admin.backend.projects.project import LONGEST_NAME, check_name, comparable, split_command
from memos_admin.cloud.key import ApiKey
from tests.backend.journals import entries
from tests.effort import examples

KEY = "mpg-0123456789abcdef"
UUID_1 = "0d5ba0a3-0000-4000-8000-000000000001"
UUID_2 = "0d5ba0a3-0000-4000-8000-000000000002"


@pytest.fixture
def projects(tmp_path: Path) -> Projects:
    return Projects(Home(tmp_path / "home"))


def written(projects: Projects) -> str:
    return projects.home.config_path.read_text()


def write(projects: Projects, text: str) -> None:
    projects.home.create()
    projects.home.config_path.write_text(text)
    projects.home.config_path.chmod(0o600)


def test_looking_creates_nothing(projects: Projects) -> None:
    assert projects.list() == ()
    assert projects.used() is None
    for ask in (projects.get, projects.use, projects.remove):
        with pytest.raises(UnknownProject, match="projects add"):
            ask("acme")
    assert not projects.home.path.exists()


def test_a_project_is_added_with_the_endpoints_zone(projects: Projects) -> None:
    china = projects.add("acme")
    world = projects.add("Other", base_url=REGIONS["global"] + "/")
    own = projects.add("own", base_url="http://127.0.0.1:9/x", service_timezone="Europe/Berlin")
    assert [(p.base_url, p.region, p.service_timezone) for p in (china, world, own)] == [
        ("https://memos.memtensor.cn/api/openmem/v1", "cn", "Asia/Shanghai"),
        ("https://api.memt.ai/platform/api/openmem/v1", "global", "UTC"),
        ("http://127.0.0.1:9/x", None, "Europe/Berlin"),
    ]
    assert projects.list() == (china, world, own)
    assert len({project.uuid for project in projects.list()}) == 3
    assert china.store_dir == projects.home.path / "projects" / str(china.uuid)
    assert not china.store_dir.exists()


def test_a_project_is_added_with_the_key_that_it_knows(projects: Projects) -> None:
    key = ApiKey("mpg-added-0123456789")
    assert projects.add("acme", key=key).fingerprints == (key.fingerprint,)
    assert projects.of_key({"MEMOS_API_KEY": "mpg-added-0123456789"}) == projects.get("acme")


def test_an_explicit_zone_only_is_written_so_that_a_default_can_change(projects: Projects) -> None:
    projects.add("acme")
    assert "service_timezone" not in written(projects)
    projects.set_timezone("acme", "Europe/Berlin")
    assert projects.get("acme").service_timezone == "Europe/Berlin"
    assert journal.of(projects.home).flush()
    last = entries(projects.home)[-1]
    assert (last.action, last.details["service_timezone"]) == ("project.timezone", "Europe/Berlin")


def test_the_first_project_is_used_and_use_chooses_another(projects: Projects) -> None:
    projects.add("one")
    two = projects.add("two")
    assert projects.resolve(None, {}).name == "one"
    projects.use("TWO")
    assert projects.used() == projects.resolve(None, {}) == two


@pytest.mark.parametrize("name", ["acme", "ACME", " acme ", "ａｃｍｅ"])
def test_names_are_unique_and_found_capitals_and_widths_aside(
    projects: Projects, name: str
) -> None:
    acme = projects.add("Acme")
    assert projects.get(name) == acme
    with pytest.raises(NameTaken, match="Acme already"):
        projects.add(name)
    projects.add("other")
    with pytest.raises(NameTaken):
        projects.rename("other", name)


def test_a_project_may_be_renamed_to_other_capitals(projects: Projects) -> None:
    before = projects.add("acme")
    after = projects.rename("acme", "ACME")
    assert (after.name, after.uuid) == ("ACME", before.uuid)


def test_a_planned_project_is_written_when_it_is_adopted(projects: Projects) -> None:
    planned = projects.plan("acme", "https://h/", ApiKey(KEY))
    assert not projects.home.path.exists()
    adopted = projects.adopt(planned)
    assert (adopted.uuid, adopted.name, adopted.base_url) == (planned.uuid, "acme", "https://h")
    assert adopted.fingerprints == (ApiKey(KEY).fingerprint,)
    assert projects.used() == adopted
    assert projects.adopt(projects.plan("b", "https://h", ApiKey(KEY))) == projects.used()


def test_a_name_is_free_when_it_is_planned_and_when_it_is_adopted(projects: Projects) -> None:
    planned = projects.plan("acme", "https://h", ApiKey(KEY))
    projects.add("Acme")
    with pytest.raises(NameTaken):
        projects.adopt(planned)
    with pytest.raises(NameTaken):
        projects.plan("ACME", "https://h", ApiKey(KEY))
    assert [project.name for project in projects.list()] == ["Acme"]


@pytest.mark.parametrize(
    "name",
    ["", "  ", "-x", ".x", "a/b", "a\nb", "a\x1b[31m", "a\u202eb", "a\u200bb", "x" * 65, "a[b]"],
)
def test_names_that_are_refused(projects: Projects, name: str) -> None:
    with pytest.raises(BadName) as told:
        projects.add(name)
    assert str(told.value).isprintable()
    assert not projects.home.path.exists()


@pytest.mark.parametrize(
    "name", [KEY, f" {KEY}\n", KEY.upper(), "ｍｐｇ-0123456789abcdef", "mpg-a=b"]
)
def test_a_key_is_no_name_and_is_not_repeated(projects: Projects, name: str) -> None:
    projects.add("acme")
    with pytest.raises(BadName, match="That looks like an API key, not a name") as added:
        projects.add(name)
    with pytest.raises(BadName, match="That looks like an API key, not a name") as renamed:
        projects.rename("acme", name)
    for told in (added, renamed):
        assert "mpg" not in str(told.value)
        assert "0123456789" not in str(told.value)
    assert [project.name for project in projects.list()] == ["acme"]


def test_a_name_like_a_key_in_the_configuration_can_still_be_mended(projects: Projects) -> None:
    write(projects, table(name='"mpg-team"'))
    assert projects.rename("mpg-team", "team").name == "team"


@pytest.mark.parametrize("name", ["acme-prod", "日本", "Zoë", "3com", "a@b.c", "हिन्दी"])
def test_names_of_any_script_are_fine(projects: Projects, name: str) -> None:
    assert projects.add(name).name == name
    assert projects.get(name).name == name


def test_bad_arguments_are_refused_before_anything_is_written(projects: Projects) -> None:
    with pytest.raises(BadAddress):
        projects.add("a", base_url="http://example.com")
    with pytest.raises(BadAddress):
        projects.add("a", base_url="")
    for zone in ("Mars/Base", "", "../etc/passwd", "Asia", "a\0"):
        with pytest.raises(BadTimezone, match="Asia/Shanghai"):
            projects.add("a", service_timezone=zone)
    for command in ("", [], "pass 'show", [""], ["a\0b"]):
        with pytest.raises(BadCommand):
            projects.add("a", key_command=command)
    assert not projects.home.path.exists()


def test_a_key_command_is_split_but_not_expanded(projects: Projects) -> None:
    added = projects.add("a", key_command="pass show 'my key' $HOME *")
    assert added.key_command == ("pass", "show", "my key", "$HOME", "*")
    assert projects.get("a") == added
    assert split_command(["a b", ""]) == ("a b", "")
    assert "my key" not in repr(added)


def test_removing_deletes_the_store_and_what_was_used(projects: Projects) -> None:
    gone = projects.add("gone")
    left = projects.add("left")
    for project in (gone, left):
        projects.home.create_project_dir(project.uuid)
        (project.store_dir / "store.db").write_bytes(b"x")
    assert projects.remove("GONE") == gone
    assert not gone.store_dir.exists()
    assert (left.store_dir / "store.db").exists()
    assert projects.list() == (left,)
    with pytest.raises(NoProject, match=r"There are: left\..*projects use"):
        projects.resolve(None, {})


def test_removing_a_linked_store_leaves_what_it_points_at(
    projects: Projects, tmp_path: Path
) -> None:
    project = projects.add("a")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "precious").touch()
    projects.home.projects_dir.mkdir()
    project.store_dir.symlink_to(tmp_path / "elsewhere")
    projects.remove("a")
    assert (tmp_path / "elsewhere" / "precious").exists()
    assert not project.store_dir.is_symlink()


def test_a_store_that_cannot_be_deleted_is_named(
    projects: Projects, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = projects.add("a")
    project.store_dir.mkdir(parents=True)

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("shutil.rmtree", refuse)
    with pytest.raises(HomeError, match=str(project.store_dir)):
        projects.remove("a")
    assert projects.list() == ()


def test_comments_of_the_person_survive_every_command(projects: Projects) -> None:
    projects.add("a")
    lines = [
        f"{line}  # of mine" if "=" in line else line for line in written(projects).split("\n")
    ]
    write(projects, "# head\n" + "\n".join(lines))
    projects.add("b")
    projects.use("b")
    projects.rename("a", "c")
    projects.remember_key(projects.get("c"), "0" * 16)
    projects.remove("b")
    text = written(projects)
    assert text.startswith("# head\n")
    assert 'name = "c"  # of mine\n' in text
    assert 'base_url = "https://memos.memtensor.cn/api/openmem/v1"  # of mine\n' in text


class TestKeysOfAProject:
    def test_fingerprints_are_remembered_once_and_in_order(self, projects: Projects) -> None:
        project = projects.add("a")
        for fingerprint in ("b" * 16, "a" * 16, "b" * 16):
            project = projects.remember_key(project, fingerprint)
        assert project.fingerprints == ("b" * 16, "a" * 16)
        assert projects.get("a") == project

    def test_a_known_one_writes_nothing(self, projects: Projects) -> None:
        project = projects.remember_key(projects.add("a"), "b" * 16)
        projects.home.config_path.unlink()
        assert projects.remember_key(project, "b" * 16) is project
        assert not projects.home.config_path.exists()

    def test_a_stale_value_loses_no_fingerprint(self, projects: Projects) -> None:
        stale = projects.add("a")
        projects.remember_key(stale, "a" * 16)
        assert projects.remember_key(stale, "b" * 16).fingerprints == ("a" * 16, "b" * 16)

    def test_an_unnamed_project_is_written_nowhere(self, projects: Projects) -> None:
        unnamed = projects.unnamed(REGIONS["cn"], ApiKey(KEY))
        assert projects.remember_key(unnamed, "b" * 16) is unnamed
        assert not projects.home.path.exists()

    def test_a_removed_one_is_told(self, projects: Projects) -> None:
        project = projects.add("a")
        projects.remove("a")
        with pytest.raises(UnknownProject, match="removed meanwhile"):
            projects.remember_key(project, "b" * 16)


def table(uuid: str = UUID_1, **values: str) -> str:
    texts = {"name": '"a"', "base_url": '"https://h"', **values}
    return f"[projects.{uuid}]\n" + "".join(f"{k} = {v}\n" for k, v in texts.items() if v)


@pytest.mark.parametrize(
    ("text", "line", "key", "told"),
    [
        ("projects = 1", 1, "projects", "must be a table"),
        ("[projects]\na = 1", 2, "projects.a", "UUID"),
        ("[projects.acme]\nname = 'a'", 1, "projects.acme", "UUID"),
        (table(UUID_1.upper()), 1, f"projects.{UUID_1.upper()}", "UUID"),
        ("\nuse = 1", 2, "use", "string"),
        ("use = '../..'", 1, "use", "UUID"),
        ("\n\nthem = 'dark'", 3, "them", "unknown"),
        (table(name=""), 1, f"projects.{UUID_1}", "name is missing"),
        (table(base_url=""), 1, f"projects.{UUID_1}", "base_url is missing"),
        (table(name="3"), 2, f"projects.{UUID_1}.name", "string"),
        (table(name='"a\\u001b"'), 2, f"projects.{UUID_1}.name", "cannot hold"),
        (table(base_url='"http://h"'), 3, f"projects.{UUID_1}.base_url", "plain http"),
        (table(service_timezone='"X"'), 4, f"projects.{UUID_1}.service_timezone", "time zone"),
        (table(fingerprints='["mpg-x"]'), 4, f"projects.{UUID_1}.fingerprints", "never a key"),
        (table(key_command="1"), 4, f"projects.{UUID_1}.key_command", "list of strings"),
        (table(key_command='"a \'"'), 4, f"projects.{UUID_1}.key_command", "quotes"),
        (table(key_command="[]"), 4, f"projects.{UUID_1}.key_command", "no program"),
        (table(allow_writes='"yes"'), 4, f"projects.{UUID_1}.allow_writes", "true or false"),
        (table(kee_command="[]"), 4, f"projects.{UUID_1}.kee_command", "unknown"),
        (table() + table(UUID_2, name='"A"'), 5, f"projects.{UUID_2}.name", "another project's"),
    ],
)
def test_what_the_configuration_cannot_say(
    projects: Projects, text: str, line: int, key: str, told: str
) -> None:
    write(projects, text)
    with pytest.raises(ConfigError, match=told) as error:
        projects.list()
    assert (error.value.line, error.value.key) == (line, key)
    assert f"config.toml, line {line}: {key}: " in str(error.value)
    with pytest.raises(ConfigError):
        projects.add("new")
    assert projects.home.config_path.read_text() == text


def test_changes_are_allowed_by_the_project_itself_alone(projects: Projects) -> None:
    projects.add("acme", base_url="http://127.0.0.1:9")
    env = {"MEMOS_ADMIN_ALLOW_WRITES": "true"}
    assert not projects.resolve("acme", env).allow_writes
    assert projects.allow_writes("ACME", allowed=True).allow_writes
    assert "allow_writes = true" in written(projects)
    assert projects.resolve("acme", {}).allow_writes
    assert not projects.allow_writes("acme", allowed=False).allow_writes
    with pytest.raises(UnknownProject):
        projects.allow_writes("none", allowed=True)


@pytest.mark.parametrize(
    ("text", "allowed"),
    [("true", True), (" YES ", True), ("1", True), ("", False), ("false", False), ("on", False)],
)
def test_the_environment_allows_changes_in_its_own_project(
    projects: Projects, text: str, allowed: bool
) -> None:
    env = {"MEMOS_API_KEY": KEY, "MEMOS_ADMIN_ALLOW_WRITES": text}
    assert projects.resolve(None, env).allow_writes is allowed
    assert not projects.resolve(None, {"MEMOS_API_KEY": KEY}).allow_writes


def test_nothing_is_allowed_that_cannot_be_journaled(projects: Projects) -> None:
    projects.add("acme", base_url="http://127.0.0.1:9")
    journal.close_all()
    projects.home.journal_path.unlink()
    projects.home.journal_path.mkdir()
    with pytest.raises(journal.NotJournaled):
        projects.allow_writes("acme", allowed=True)
    assert "allow_writes" not in written(projects)


def test_a_string_is_a_key_command_too(projects: Projects) -> None:
    write(projects, table(key_command='"pass show x"'))
    assert projects.get("a").key_command == ("pass", "show", "x")


@given(st.text(max_size=LONGEST_NAME + 2))
def test_a_name_is_refused_or_kept_in_one_form(name: str) -> None:
    try:
        kept = check_name(name)
    except BadName:
        return
    assert check_name(kept) == kept
    assert kept.isprintable()
    assert 1 <= len(kept) <= LONGEST_NAME
    assert comparable(kept) == comparable(name.strip())


NAMES = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=6)


@settings(max_examples=examples(25))
@given(names=st.lists(NAMES, min_size=1, max_size=6), data=st.data())
def test_the_configuration_holds_what_a_plain_list_would(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], data: st.DataObject
) -> None:
    projects = Projects(Home(tmp_path_factory.mktemp("home") / "h"))
    model: dict[str, str] = {}  # by what a person would take for one
    for raw in names:
        name = unicodedata.normalize("NFC", raw)
        action = data.draw(st.sampled_from(["add", "rename", "remove"]))
        some = data.draw(st.sampled_from(sorted(model))) if model else None
        try:
            if action == "add":
                projects.add(raw)
                assert comparable(name) not in model
                model[comparable(name)] = name
            elif some is not None and action == "rename":
                projects.rename(model[some], raw)
                assert comparable(name) not in model.keys() - {some}
                del model[some]
                model[comparable(name)] = name
            elif some is not None:
                projects.remove(model.pop(some))
        except NameTaken:
            assert comparable(name) in model
        except BadName:
            assert unicodedata.category(name[0])[0] not in "LN"
    assert sorted(str(project.name) for project in projects.list()) == sorted(model.values())


ADD = """
import sys
from pathlib import Path
from memos_admin.backend.home import Home
from memos_admin.backend.projects import Projects
projects = Projects(Home(Path(sys.argv[1])))
sys.stdin.readline()
for number in range(10):
    projects.remember_key(projects.add(f"{sys.argv[2]}{number}"), "0" * 16)
"""


def test_two_processes_lose_none_of_each_others_projects(projects: Projects) -> None:
    running = [
        subprocess.Popen(
            [sys.executable, "-c", ADD, projects.home.path, name], stdin=subprocess.PIPE
        )
        for name in ("a", "b")
    ]
    for process in running:
        assert process.stdin is not None
        process.stdin.close()  # the starting shot
    assert [process.wait() for process in running] == [0, 0]
    assert {project.name for project in projects.list()} == {
        f"{name}{number}" for name in "ab" for number in range(10)
    }
    assert all(project.fingerprints == ("0" * 16,) for project in projects.list())


HEAVY = {"keyring", "pydantic", "textual", "sqlmodel", "sqlalchemy", "httpx", "tomlkit", "rich"}
READ = """
import sys
from pathlib import Path
import memos_admin.backend.credentials, memos_admin.backend.doctor
from memos_admin.backend.home import Home
from memos_admin.backend.projects import Projects
assert Projects(Home(Path(sys.argv[1]))).get("acme").name == "acme"
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_reading_projects_imports_nothing_heavy(projects: Projects) -> None:
    projects.add("acme", service_timezone="UTC")
    done = subprocess.run(
        [sys.executable, "-c", READ, projects.home.path], capture_output=True, text=True, check=True
    )
    assert HEAVY & set(done.stdout.split()) == set()


def test_every_error_of_projects_is_one_kind() -> None:
    for kind in (BadName, NameTaken, UnknownProject, BadTimezone, BadCommand):
        assert issubclass(kind, ProjectError)
