"""The home: private, ours, and created by as many processes at once as like to."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from memos_admin.backend.home import Home, HomeError
from memos_admin.backend.private_files import locked, open_private, read_private, replace_private
from tests.processes import a_dead_number

UUID_1 = UUID("0d5ba0a3-0000-4000-8000-000000000001")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def loose_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def test_the_variable_names_the_home(tmp_path: Path) -> None:
    assert Home.from_environment({"MEMOS_ADMIN_HOME": str(tmp_path)}).path == tmp_path


def test_a_relative_name_and_a_tilde_become_absolute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/somewhere")
    assert Home.from_environment({"MEMOS_ADMIN_HOME": "~/memos"}).path == Path("/somewhere/memos")
    assert Home.from_environment({"MEMOS_ADMIN_HOME": "x"}).path == Path("x").absolute()
    with pytest.raises(HomeError, match="no such user"):
        Home.from_environment({"MEMOS_ADMIN_HOME": "~nobody-at-all/x"})


def test_without_the_variable_it_is_the_platforms_folder(tmp_path: Path) -> None:
    for env in ({}, {"MEMOS_ADMIN_HOME": ""}):
        path = Home.from_environment(env).path
        assert path.name == "memos-admin"
        assert tmp_path in path.parents


@pytest.mark.parametrize("variable", ["HOME", "MEMOS_ADMIN_HOME"])
def test_a_name_that_is_not_utf_8_is_refused_also_behind_a_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/h\xff\xfe"))
    odd.mkdir()
    (tmp_path / "link").symlink_to(odd)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    for path in (odd, tmp_path / "link"):
        monkeypatch.setenv(variable, str(path))
        with pytest.raises(HomeError, match=r"not UTF-8.*MEMOS_ADMIN_HOME") as refused:
            Home.from_environment({"MEMOS_ADMIN_HOME": str(path)} if "ADMIN" in variable else {})
        assert (r"/h\xff\xfe" if path == odd else "/link") in str(refused.value)
    assert not [*odd.iterdir()]


def test_making_the_value_touches_no_disk(tmp_path: Path) -> None:
    home = Home(tmp_path / "a")
    home.project_dir(UUID_1)
    assert not home.path.exists()


@pytest.mark.usefixtures("loose_umask")
def test_folders_are_created_private_whatever_the_umask(tmp_path: Path) -> None:
    home = Home(tmp_path / "deep" / "home")
    folder = home.create_project_dir(UUID_1)
    assert folder == home.path / "projects" / str(UUID_1)
    made = (home.path.parent, home.path, home.projects_dir, folder)
    assert [mode(path) for path in made] == [0o700] * 4


def test_what_nobody_named_a_place_for_goes_where_nobody_else_can_read_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    home = Home(tmp_path / "home")
    assert (home.unnamed_dir(), mode(home.exports_dir)) == (home.path / "exports", 0o700)
    assert Home(tmp_path / "gone", throwaway=True).unnamed_dir() == tmp_path


@pytest.mark.parametrize("umask", [0, 0o777])
def test_files_are_created_private_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        os.close(open_private(tmp_path / "a", os.O_RDWR | os.O_CREAT))
        replace_private(tmp_path / "b", b"x")
    finally:
        os.umask(before)
    assert mode(tmp_path / "a") & 0o077 == 0
    assert mode(tmp_path / "b") == 0o600


def test_a_home_that_is_too_open_is_tightened(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.create_project_dir(UUID_1)
    home.path.chmod(0o755)
    home.projects_dir.chmod(0o777)
    home.create_project_dir(UUID_1)
    assert mode(home.path) == mode(home.projects_dir) == 0o700


@pytest.mark.parametrize(("before", "after"), [(0o500, 0o500), (0o555, 0o500), (0o570, 0o500)])
def test_a_folder_that_its_owner_made_read_only_stays_that(
    tmp_path: Path, before: int, after: int
) -> None:
    home = Home(tmp_path / "home")
    folder = home.create_project_dir(UUID_1)
    for path in (folder, home.projects_dir, home.path):
        path.chmod(before)
    home.create_project_dir(UUID_1)
    assert {mode(path) for path in (home.path, home.projects_dir, folder)} == {after}


def test_a_file_that_its_owner_made_read_only_stays_that(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"x")
    path.chmod(0o444)
    assert read_private(path, 10) == b"x"
    assert mode(path) == 0o400


def test_an_open_folder_with_other_things_in_it_is_not_locked_up(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    tmp_path.chmod(0o755)
    with pytest.raises(HomeError, match=r"thesis\.txt.*chmod 700"):
        Home(tmp_path).create()
    assert mode(tmp_path) == 0o755


def test_a_private_folder_may_hold_other_things(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    tmp_path.chmod(0o700)
    Home(tmp_path).create()


def test_a_file_in_the_place_of_the_home_is_told(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    with pytest.raises(HomeError, match="not a folder"):
        Home(tmp_path / "home").create()
    with pytest.raises(HomeError, match="MEMOS_ADMIN_HOME"):
        Home(tmp_path / "home" / "below").create()


def test_our_own_link_to_the_home_is_followed(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "home").symlink_to(tmp_path / "disk")
    Home(tmp_path / "home").create()
    assert mode(tmp_path / "disk") == 0o700


def as_stranger(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make everything on the disk belong to somebody else than who we are."""
    monkeypatch.setattr("os.geteuid", lambda: 4_000_000)


def test_a_strangers_link_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "home").symlink_to(tmp_path)
    if os.geteuid() == 0:  # root's links are followed: give it to somebody
        os.chown(tmp_path / "home", 4_000_001, -1, follow_symlinks=False)
    as_stranger(monkeypatch)
    with pytest.raises(HomeError, match="symbolic link made by"):
        Home(tmp_path / "home").create()


def test_a_strangers_folder_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    as_stranger(monkeypatch)
    with pytest.raises(HomeError, match=r"belongs to .*not to uid 4000000.*MEMOS_ADMIN_HOME"):
        Home(tmp_path).create()


def test_a_strangers_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace_private(tmp_path / "config.toml", b"")
    as_stranger(monkeypatch)
    with pytest.raises(HomeError, match="belongs to"):
        read_private(tmp_path / "config.toml", 10)


def test_a_readable_file_is_tightened_and_a_writable_one_refused(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    replace_private(path, b"x")
    path.chmod(0o644)
    assert read_private(path, 10) == b"x"
    assert mode(path) == 0o600
    path.chmod(0o620)
    with pytest.raises(HomeError, match=r"changed by others.*chmod 600"):
        read_private(path, 10)


def test_links_folders_and_pipes_in_the_place_of_a_file_are_refused(tmp_path: Path) -> None:
    replace_private(tmp_path / "real", b"x")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name, told in (("link", "symbolic link"), ("folder", "regular"), ("pipe", "regular")):
        with pytest.raises(HomeError, match=told):
            read_private(tmp_path / name, 10)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    replace_private(tmp_path / "a", b"12345")
    assert read_private(tmp_path / "a", 5) == b"12345"
    with pytest.raises(HomeError, match="larger than 4 bytes"):
        read_private(tmp_path / "a", 4)


def test_what_a_killed_program_left_goes_with_the_next_replacement(tmp_path: Path) -> None:
    dead = a_dead_number()
    kept = {".a.1.7", f".a.{os.getpid()}.7", f".b.{dead}.7"}
    for name in (*kept, f".a.{dead}.7"):
        (tmp_path / name).touch()
    replace_private(tmp_path / "a", b"new")
    assert {path.name for path in tmp_path.iterdir()} == {"a", *kept}


def test_a_failed_replacement_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "target"
    folder.mkdir()
    (folder / "in it").touch()
    with pytest.raises(HomeError, match=r"cannot be written.*Nothing was changed"):
        replace_private(folder, b"x")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["target"]


def test_a_lock_that_is_held_is_told_and_one_that_was_released_is_free(tmp_path: Path) -> None:
    second = locked(tmp_path / "lock", seconds=0.05)
    refused = pytest.raises(HomeError, match="Another memos-admin")
    with locked(tmp_path / "lock"), refused, second:
        pytest.fail("two hold the lock")
    with locked(tmp_path / "lock", seconds=0):
        pass


CREATE = """
import sys
from pathlib import Path
from uuid import UUID
from memos_admin.backend.home import Home
sys.stdin.readline()
Home(Path(sys.argv[1])).create_project_dir(UUID(int=7))
"""


def test_many_processes_create_the_home_at_once(tmp_path: Path) -> None:
    running = [
        subprocess.Popen([sys.executable, "-c", CREATE, tmp_path / "h"], stdin=subprocess.PIPE)
        for _ in range(4)
    ]
    for process in running:
        assert process.stdin is not None
        process.stdin.close()  # the starting shot
    assert [process.wait() for process in running] == [0] * 4
    assert mode(tmp_path / "h" / "projects" / str(UUID(int=7))) == 0o700
