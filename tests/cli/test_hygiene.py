"""A hygiene scan as a command: fields, filters, counts, what a person reads."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from memos_admin.backend.hygiene import scan, settings
from memos_admin.backend.hygiene.finding import Finding
from memos_admin.backend.hygiene.kinds import RULES
from memos_admin.backend.hygiene.looking import Between
from memos_admin.backend.hygiene.pairs import Text
from memos_admin.cli import hygiene
from memos_admin.cli.output import Output
from memos_admin.emulator.thread import EmulatorThread
from tests.cli.conftest import Cli, terminal

ZHOU = ("--user", "周敏")
FIELDS = (
    "user_id,rule,kinds,reason,memory_id,version,view,title,content,other_memory_id,other_content"
)


def test_findings_with_a_filter_a_rule_and_a_limit(synced: EmulatorThread, cli: Cli) -> None:
    rows = cli("hygiene", "scan", *ZHOU, "--json").json
    assert rows
    assert all(",".join(row) == FIELDS and row["reason"] for row in rows)
    assert {row["user_id"] for row in rows} == {"周敏"}
    assert "speaker" in {row["rule"] for row in rows}
    some = cli("hygiene", "scan", *ZHOU, "--rule", "speaker", "--json").json
    assert some == [row for row in rows if row["rule"] == "speaker"]
    father = cli("hygiene", "scan", "--filter", "user:周敏 父亲", "--json").json
    assert father == [
        row for row in rows if "父亲" in row["content"] or "父亲" in (row["title"] or "")
    ]
    first = cli("hygiene", "scan", "--limit", "2")
    assert len(first.table) == 2
    assert "--limit 0 lists all" in first.err


def test_counts_are_those_of_the_list(synced: EmulatorThread, cli: Cli) -> None:
    rows = cli("hygiene", "scan", "--limit", "0", "--json").json
    counts = cli("hygiene", "scan", "--count", "--json").json
    assert [row["rule"] for row in counts] == list(RULES)
    assert all(row["findings"] == sum(one["rule"] == row["rule"] for one in rows) for row in counts)


def test_what_does_not_go_with_a_scan_is_refused(synced: EmulatorThread, cli: Cli) -> None:
    for arguments in (("--as-of", "1h"), ("--sort", "title")):
        ended = cli("hygiene", "scan", *arguments)
        assert ended.code == 2
    assert cli("hygiene", "scan", "--user", "nobody").code == 1
    none = cli("hygiene", "scan", *ZHOU, "--text", "no such words")
    assert none.code == 0
    assert (
        f"No rule found anything in what fits. Rules that looked: {', '.join(RULES)}." in none.err
    )
    one = cli("hygiene", "scan", *ZHOU, "--text", "no such words", "--rule", "speaker")
    assert "Rules that looked: speaker." in one.err
    assert "Off in config.toml" not in one.err


def test_what_a_person_reads(synced: EmulatorThread) -> None:
    seen = terminal(["hygiene", "scan", *ZHOU, "--rule", "speaker"])
    assert "speaker · " in seen.text
    assert "every source is a message of the" in " ".join(seen.text.split())
    none = terminal(["hygiene", "scan", *ZHOU, "--count", "--text", "no such words"]).text
    assert "Findings" not in none
    assert "Rules that looked: contradiction, duplicate" in none
    rules = terminal(["hygiene", "rules"]).text
    assert all(rule in rules for rule in RULES)


@pytest.mark.parametrize("options", [("--count",), ("--limit", "0")])
def test_how_far_it_is_stays_on_a_terminal_while_it_looks(
    synced: EmulatorThread, cli: Cli, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    for stream in ("on_terminal", "notes_on_terminal"):
        monkeypatch.setattr(Output, stream, True)
    monkeypatch.setattr(hygiene, "_TELL_FROM", 0)
    monkeypatch.setattr(scan, "_BATCH", 1)
    stood, rewrite = [""], Output.rewrite
    look, looked = Between.look, list[str]()

    def remember(self: Output, text: str) -> None:
        stood.append(text)
        rewrite(self, text)

    def note(self: Between, text: Text) -> Iterator[Finding]:
        looked.append(stood[-1])
        return look(self, text)

    monkeypatch.setattr(Output, "rewrite", remember)
    monkeypatch.setattr(Between, "look", note)
    assert cli("hygiene", "scan", *ZHOU, *options).code == 0
    assert len(looked) > 2
    assert all(one.startswith("comparing pairs · ") for one in looked)
    assert stood[-1] == ""
    if options == ("--count",):
        assert not any(stood[stood.index("", 1) :]), "once it is gone it stays so"


def test_the_journal_has_it(synced: EmulatorThread, cli: Cli) -> None:
    cli("hygiene", "scan", *ZHOU)
    latest = cli("journal", "list", "--limit", "1", "--json").json[0]
    assert (latest["action"], latest["details"]["what"]) == ("view", "hygiene")


def test_counts_name_the_rules_that_are_off(
    synced: EmulatorThread, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = tuple(rule for rule in RULES if rule not in {"no-source", "speaker"})
    monkeypatch.setattr(settings, "of_home", lambda _home: settings.HygieneSettings(rules))
    ended = cli("hygiene", "scan", "--count")
    assert "Off in config.toml: speaker, no-source." in ended.err
    rows = {row["rule"]: row for row in cli("hygiene", "scan", "--count", "--json").json}
    assert not rows["no-source"]["looks"]
    assert "Off in" not in cli("hygiene", "scan", "--count", "--rule", "no-source").err
