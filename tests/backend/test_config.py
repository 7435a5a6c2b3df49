"""``config.toml``: errors that name the place, edits that lose nothing."""

import contextlib
import stat
import tomllib
from datetime import UTC
from pathlib import Path
from uuid import UUID

import pytest
import tomlkit
from hypothesis import example, given
from hypothesis import strategies as st

from memos_admin.backend import config
from memos_admin.backend.config import ConfigError, Table
from memos_admin.backend.faulty_configuration import with_others
from memos_admin.backend.home import Home, HomeError
from memos_admin.backend.journal.settings import journal_settings
from memos_admin.backend.privacy import privacy
from memos_admin.backend.projects import Projects
from memos_admin.backend.recall import parameters as recall
from memos_admin.backend.upkeep import retention
from memos_admin.tui.preferences import configured


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.create()
    return home


def write(home: Home, text: str | bytes) -> None:
    home.config_path.write_bytes(text.encode() if isinstance(text, str) else text)
    home.config_path.chmod(0o600)


def anything(table: Table) -> None:
    """Accept every configuration."""


def test_no_file_is_an_empty_configuration_and_creates_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path / "none")
    assert config.read(home).values == {}
    assert not home.path.exists()


def test_values_are_typed() -> None:
    source = 'a = "x"\nb = ["y", "z"]\nc = {d = "e"}\nn = 1\nm = ["x", 1]\n'
    table = Table(Path("/c.toml"), source, tomllib.loads(source))
    assert table.text("a") == "x"
    assert table.texts("b") == ("y", "z")
    assert table.table("c").text("d") == "e"
    assert table.text("none") is None
    assert table.texts("none") is None
    assert table.table("none").values == {}
    for ask, key, line in (
        (table.text, "n", 4),
        (table.texts, "m", 5),
        (table.texts, "a", 1),
        (table.table, "b", 2),
    ):
        with pytest.raises(ConfigError, match=rf"^/c\.toml, line {line}: {key}: must be a") as told:
            ask(key)
        assert (told.value.path, told.value.line, told.value.key) == (Path("/c.toml"), line, key)


@pytest.mark.parametrize(
    ("source", "keys", "line"),
    [
        ("a = 1\n", ("a",), 1),
        ("# c\n\n[t]\n# c\nx = 1\ny = 2\n", ("t", "y"), 6),
        ("[t]\nx = 1\n", ("t",), 1),
        ("t.x = 1\nt.y = 2", ("t", "y"), 2),
        ("t = {x = 1, y = 2}", ("t", "y"), 1),
        ('s = """\nt = 1\n"""\nt = 2\n', ("t",), 4),
        ("l = [\n  1,\n  2,\n]\nm = [\n  3\n]\n", ("m",), 5),
        ("[[t]]\nx = 1\n", ("none",), None),
        ('"a b" = 1\nc = "\u2028"\nd = 2', ("d",), 3),
        ("a = 0\nb = false", ("b",), 2),
    ],
)
def test_the_line_of_a_key(source: str, keys: tuple[str, ...], line: int | None) -> None:
    table = Table(Path("/c"), source, tomllib.loads(source), keys[:-1])
    assert table.error(keys[-1], "bad").line == line


def test_unknown_keys_are_refused_with_those_that_are_known(home: Home) -> None:
    write(home, "a = 1\n\nbee = 2\n")
    with pytest.raises(ConfigError, match=r"config\.toml, line 3: bee: unknown.*a, b\."):
        config.read(home).only(("b", "a"))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"a = 1\nb = \xff\n", "line 2: not UTF-8"),
        (b"a = 1\nb = \n", "line 2: not TOML"),
        (b"a = [1,\n", "line 2: not TOML"),
        (b"a = 1\na = 2\n", "line 2: not TOML"),
    ],
)
def test_what_is_no_toml_is_told_with_its_line(home: Home, text: bytes, told: str) -> None:
    write(home, text)
    with pytest.raises(ConfigError, match=told):
        config.read(home)


def test_a_byte_order_mark_and_windows_line_ends_are_fine(home: Home) -> None:
    write(home, b"\xef\xbb\xbfa = 1\r\n\r\nb = 2\r\n")
    assert config.read(home).values == {"a": 1, "b": 2}


def test_an_edit_keeps_comments_and_order_and_is_private(home: Home) -> None:
    write(home, "# mine\nz = 1  # last letter\n\n# more\n[t]\nx = 1\n")
    with config.editing(home, anything) as document:
        document["t"]["y"] = 2
    assert home.config_path.read_text() == (
        "# mine\nz = 1  # last letter\n\n# more\n[t]\nx = 1\ny = 2\n"
    )
    assert stat.S_IMODE(home.config_path.stat().st_mode) == 0o600
    assert {path.name for path in home.path.iterdir()} == {"config.toml", "config.lock"}


def test_an_edit_creates_the_home(tmp_path: Path) -> None:
    home = Home(tmp_path / "new")
    with config.editing(home, anything) as document:
        document["a"] = 1
    assert config.read(home).values == {"a": 1}
    assert home.config_path.read_text().startswith("# memos-admin")


def test_an_edit_that_fails_writes_nothing(home: Home) -> None:
    write(home, "a = 1\n")
    with contextlib.suppress(RuntimeError), config.editing(home, anything) as document:
        document["a"] = 2
        raise RuntimeError
    assert home.config_path.read_text() == "a = 1\n"


def test_nothing_is_written_that_could_not_be_read(home: Home) -> None:
    write(home, "a = 1\n")
    edit = config.editing(home, lambda table: table.only(("a",)))
    with pytest.raises(ConfigError, match="b: unknown"), edit as document:
        document["b"] = 2
    assert home.config_path.read_text() == "a = 1\n"


def test_a_faulty_configuration_is_not_edited(home: Home) -> None:
    write(home, "a = \n")
    with pytest.raises(ConfigError), config.editing(home, anything):
        pytest.fail("must not get here")
    assert home.config_path.read_text() == "a = \n"


def test_an_edit_that_changes_nothing_leaves_the_file_alone(home: Home) -> None:
    write(home, "a = 1\n")
    before = home.config_path.stat()
    with config.editing(home, anything):
        pass
    after = home.config_path.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_linked_configuration_is_refused_before_it_is_replaced(home: Home) -> None:
    (home.path.parent / "dotfiles.toml").write_text("a = 1\n")
    home.config_path.symlink_to(home.path.parent / "dotfiles.toml")
    with pytest.raises(HomeError, match="symbolic link"):
        config.read(home)


LETTERS = st.characters(exclude_categories=["Cs"])
KEYS = st.text(LETTERS, max_size=8)
VALUES = st.recursive(
    st.text(LETTERS, max_size=12) | st.integers(-9, 9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@given(first=st.dictionaries(KEYS, VALUES, max_size=4), key=KEYS, value=VALUES)
def test_what_is_written_is_read_whatever_was_there(
    tmp_path_factory: pytest.TempPathFactory, first: dict[str, object], key: str, value: object
) -> None:
    home = Home(tmp_path_factory.mktemp("home") / "h")
    with config.editing(home, anything) as document:
        document.update(first)
    assert config.read(home).values == first
    with config.editing(home, anything) as document:
        document[key] = value
    assert config.read(home).values == {**first, key: value}


PROJECT = "5f0c5d0e-8f0a-4f43-9d1e-0c9f3c3b7a11"
WHOLE = f"""\
use = "{PROJECT}"
operator = "kim"

[retention]
versions = 30

[projects.{PROJECT}]
name = "acme"
base_url = "https://memos.memtensor.cn/api/openmem/v1"
service_timezone = "Asia/Shanghai"
key_command = ["pass", "show", "memos"]
fingerprints = ["0123456789abcdef"]
"""
SPOILS = st.lists(
    st.tuples(
        st.integers(0, len(WHOLE)),
        st.integers(0, 12),
        st.sampled_from(["", "=", '"', "[", "]", "\n", "#", "1", "true", "name", "\x00", "{}", "é"])
        | st.text(LETTERS, max_size=4),
    ),
    min_size=1,
    max_size=3,
)


@given(spoils=SPOILS)
def test_a_configuration_that_is_spoilt_anywhere_is_read_or_told_with_its_place(
    tmp_path_factory: pytest.TempPathFactory, spoils: list[tuple[int, int, str]]
) -> None:
    home = Home(tmp_path_factory.mktemp("home") / "h")
    home.create()
    text = WHOLE
    for at, length, instead in spoils:
        text = text[:at] + instead + text[at + length :]
    check_all_readers(home, text.encode())


def check_all_readers(home: Home, content: bytes) -> None:
    """Check that whoever reads a configuration understands it, or says where it is wrong."""
    write(home, content)
    for read in (
        Projects(home).list,
        lambda: configured(home, {}),
        lambda: journal_settings(config.read(home)),
        lambda: retention.of_project(home, UUID(PROJECT)),
        lambda: recall.of_project(home, UUID(PROJECT)),
    ):
        try:
            read()
        except ConfigError as error:
            for each in (error, *error.others):
                assert str(each).startswith(f"{home.config_path}")
                assert each.line is None or 1 <= each.line <= content.count(b"\n") + 1
                assert each.line is not None or each.key
    assert home.config_path.read_bytes() == content


SCALARS = (
    st.text(LETTERS, max_size=6)
    | st.booleans()
    | st.integers(-(10**4000), 10**4000)
    | st.floats()
    | st.datetimes(timezones=st.none() | st.just(UTC))
    | st.dates()
    | st.times()
)
WRONG = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["keys", "raw", "a"]) | KEYS, inner, max_size=3)
    ),
    max_leaves=6,
)


def table(*names: str, more: st.SearchStrategy[object] = WRONG) -> st.SearchStrategy[object]:
    """Tables with some of these names, whatever stands there."""
    return st.dictionaries(st.sampled_from(names) | KEYS, more, max_size=4)


PROJECT_TABLE = table(
    *("name", "base_url", "service_timezone", "key_command", "fingerprints", "allow_writes"),
    "retention",
    "recall",
)
CONFIGURATIONS = st.fixed_dictionaries(
    {},
    optional={
        "use": WRONG,
        "operator": WRONG,
        "journal": WRONG | table("enabled", "searches"),
        "retention": WRONG | table("versions", "raw"),
        "recall": WRONG | table("relativity", "include_memory_view", "filter"),
        "interface": WRONG | table("theme", "language", "keys"),
        "projects": WRONG | st.dictionaries(st.just(PROJECT) | KEYS, PROJECT_TABLE | WRONG),
    },
)


@given(CONFIGURATIONS)
def test_a_configuration_of_any_values_is_read_or_told_with_its_place(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, object]
) -> None:
    home = Home(tmp_path_factory.mktemp("home") / "h")
    home.create()
    check_all_readers(home, tomlkit.dumps(values).encode())


@given(st.binary() | st.text("[]{}\"'=.#\n\\ua1e+-_:T", max_size=80).map(str.encode))
@example(b"a = [\n" + b"[" * 20_000)
@example(b'a = "\n"\n' + b"b = " + b"1" * 5000)
@example(b"\n\n[interface.keys]\n" + b"a." * 3000 + b'b = "f5"')
@example(b"[projects." + b"a." * 3000 + b"b]\n")
def test_no_bytes_break_the_reading(
    tmp_path_factory: pytest.TempPathFactory, spoilt: bytes
) -> None:
    home = Home(tmp_path_factory.mktemp("home") / "h")
    home.create()
    check_all_readers(home, spoilt)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a = 1\nb = " + "1" * 5000 + "\nc = 2\n", "line 2: a number is too long"),
        ("a = 1\nb = " + "[" * 100_000 + "\nc = 2\n", "line 2: a number is too long"),
        ("a = 1\n" + "b." * 40 + "c = 2\n", "line 2: b: a number is too long, or the nesting too"),
    ],
)
def test_what_is_beyond_any_configuration_is_told_with_its_line(
    home: Home, text: str, place: str
) -> None:
    write(home, text)
    with pytest.raises(ConfigError, match=place):
        config.read(home)


def test_all_that_is_wrong_is_told_in_the_order_of_the_file(home: Home) -> None:
    home.config_path.write_text(
        "who = 1\nwhat = 1\n[journal]\nenabled = 1\n[privacy]\nmask = 1\n[interface]\nlanguage = 'xx'\n"
    )
    with pytest.raises(ConfigError) as raised:
        journal_settings(config.read(home))
    told = str(with_others(raised.value, home)).splitlines()
    begins = ("who: ", "what: ", "journal.enabled: ", "privacy.mask: ", "interface.language: ")
    for line, begin in zip(told, begins, strict=True):
        assert f": {begin}" in line
    assert str(with_others(raised.value, home)).splitlines() == told


def test_all_that_is_wrong_with_one_table_is_told_at_once(home: Home) -> None:
    uuid = "0d5ba0a3-64a2-4f5e-9c1c-3f3f7f0f2a11"
    home.config_path.write_text(
        f"[recall]\nrelativity = 9\nmemory_limit_number = 'x'\nbar = 2\n[privacy]\nmask = 7\n"
        f"pseudonyms = 'x'\n[projects.{uuid}]\nname = 7\nmore = 1\n"
        f"[projects.{uuid[::-1]}]\nname = 'a'\n[subject]\ncontroller = 7\n"
    )
    with pytest.raises(ConfigError) as raised:
        privacy(config.read(home))
    told = str(with_others(raised.value, home)).splitlines()
    places = [
        "line 2: recall.relativity",
        "line 3: recall.memory_limit_number",
        "line 4: recall.bar",
        "line 6: privacy.mask",
        "line 7: privacy.pseudonyms",
        f"line 9: projects.{uuid}.name",
        f"line 10: projects.{uuid}.more",
        f"line 11: projects.{uuid[::-1]}",
        "line 14: subject.controller",
    ]
    assert [line.removeprefix(f"{home.config_path}, ").split(": ")[:2] for line in told] == [
        place.split(": ") for place in places
    ]
