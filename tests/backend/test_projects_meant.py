"""Which project is meant: the option, the environment, the used one, in this order."""

from pathlib import Path

import pytest

from memos_admin.backend.home import Home
from memos_admin.backend.keys import BadKey, CredentialsError, NoProject
from memos_admin.backend.projects import REGIONS, BadAddress, Projects, SeveralProjects, environment
from memos_admin.cloud.key import ApiKey

KEY = "mpg-0123456789abcdef"


@pytest.fixture
def projects(tmp_path: Path) -> Projects:
    return Projects(Home(tmp_path / "home"))


def test_the_order_is_option_environment_use(projects: Projects) -> None:
    named = projects.add("named")
    used = projects.add("used")
    projects.use("used")
    env = {"MEMOS_API_KEY": KEY}
    assert projects.resolve("named", env) == named
    assert projects.resolve(None, env).name is None
    assert projects.resolve(None, {"MEMOS_API_KEY": "  "}) == used
    assert projects.resolve(None, {}) == used


def test_without_any_both_ways_are_named(projects: Projects) -> None:
    with pytest.raises(NoProject, match=r"projects add NAME.*MEMOS_API_KEY") as told:
        projects.resolve(None, {})
    assert isinstance(told.value, CredentialsError)


def test_a_used_project_that_a_person_deleted_is_none(projects: Projects) -> None:
    projects.home.create()
    projects.home.config_path.write_text('use = "0d5ba0a3-0000-4000-8000-000000000001"\n')
    with pytest.raises(NoProject):
        projects.resolve(None, {})
    projects.add("a")
    assert projects.resolve(None, {}).name == "a"


def test_the_environments_project_is_the_same_each_time(projects: Projects) -> None:
    first = projects.resolve(None, {"MEMOS_API_KEY": KEY})
    again = projects.resolve(None, {"MEMOS_API_KEY": f" {KEY}\n"})
    assert first == again
    assert first.fingerprints == (ApiKey(KEY).fingerprint,)
    assert first.service_timezone == "Asia/Shanghai"
    # Pinned: computed in another way, everybody's store would be lost.
    assert str(first.uuid) == "0c718a3f-11b8-53be-9949-b154dc325f84"
    assert not projects.home.path.exists()


def test_another_key_or_address_is_another_project(projects: Projects) -> None:
    environments: list[dict[str, str]] = [
        {},
        {"MEMOS_API_KEY": "mpg-other"},
        {"MEMOS_IS_GLOBAL": "true"},
        {"MEMOS_BASE_URL": "http://localhost:1"},
        {"MEMOS_BASE_URL": "http://localhost:2"},
    ]
    made = [projects.resolve(None, {"MEMOS_API_KEY": KEY, **env}) for env in environments]
    assert len({project.uuid for project in made}) == len(made)


def test_another_path_of_the_same_origin_is_the_same_project(projects: Projects) -> None:
    one, two = (
        projects.resolve(None, {"MEMOS_API_KEY": KEY, "MEMOS_BASE_URL": f"https://h/{path}"})
        for path in ("a", "b/")
    )
    assert one.uuid == two.uuid
    assert (one.base_url, two.base_url) == ("https://h/a", "https://h/b")


def test_the_address_is_checked_before_anything_else(projects: Projects) -> None:
    projects.add("a")
    for name in ("a", "unknown", None):
        with pytest.raises(BadAddress):
            projects.resolve(name, {"MEMOS_BASE_URL": "http://example.com", "MEMOS_API_KEY": ""})


def test_an_impossible_key_is_told_without_it(projects: Projects) -> None:
    with pytest.raises(BadKey, match="MEMOS_API_KEY") as told:
        projects.resolve(None, {"MEMOS_API_KEY": "mpg-sec ret"})
    assert "mpg-sec" not in str(told.value)


def known(projects: Projects, name: str) -> None:
    """Add a project at an address of its own that knows the key."""
    project = projects.add(name, base_url=f"http://127.0.0.1:9/{name}")
    projects.remember_key(project, ApiKey(KEY).fingerprint)


def test_a_known_key_without_an_address_means_its_project(projects: Projects) -> None:
    projects.add("used")
    known(projects, "acme")
    assert projects.resolve(None, {"MEMOS_API_KEY": KEY}) == projects.get("acme")
    assert projects.of_environment({"MEMOS_API_KEY": KEY}) is None
    assert projects.resolve(None, {"MEMOS_API_KEY": "mpg-other"}).name is None


@pytest.mark.parametrize("more", [{"MEMOS_IS_GLOBAL": "true"}, {"MEMOS_BASE_URL": "https://h"}])
def test_a_known_key_goes_where_the_environment_says(
    projects: Projects, more: dict[str, str]
) -> None:
    known(projects, "acme")
    env = {"MEMOS_API_KEY": KEY, **more}
    meant = projects.resolve(None, env)
    assert meant.name is None
    assert meant.base_url == environment.address(env)


def test_of_several_that_know_the_key_the_used_one_is_meant(projects: Projects) -> None:
    projects.add("third")
    known(projects, "acme")
    known(projects, "beta")
    with pytest.raises(SeveralProjects, match=r"acme, beta\. .*--project NAME"):
        projects.resolve(None, {"MEMOS_API_KEY": KEY})
    projects.use("beta")
    assert projects.resolve(None, {"MEMOS_API_KEY": KEY}) == projects.get("beta")


@pytest.mark.parametrize(
    ("env", "address"),
    [
        ({}, None),
        ({"MEMOS_IS_GLOBAL": ""}, None),
        ({"MEMOS_IS_GLOBAL": "False"}, REGIONS["cn"]),
        ({"MEMOS_IS_GLOBAL": "0"}, REGIONS["cn"]),
        ({"MEMOS_IS_GLOBAL": "TRUE"}, REGIONS["global"]),
        ({"MEMOS_IS_GLOBAL": " yes "}, REGIONS["global"]),
        ({"MEMOS_IS_GLOBAL": "1"}, REGIONS["global"]),
        ({"MEMOS_IS_GLOBAL": "1", "MEMOS_BASE_URL": " https://h/x/ "}, "https://h/x"),
    ],
)
def test_the_address_of_the_environment(env: dict[str, str], address: str | None) -> None:
    assert environment.address(env) == address


def test_an_answer_that_is_neither_yes_nor_no_sends_a_key_nowhere() -> None:
    with pytest.raises(BadAddress, match="MEMOS_IS_GLOBAL"):
        environment.address({"MEMOS_IS_GLOBAL": "maybe"})
