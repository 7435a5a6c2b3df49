"""Answering a request from the command line: what is written, what is told, how it ends."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import zipfile
from pathlib import Path

import pytest

from memos_admin.backend.home import Home
from memos_admin.emulator.thread import EmulatorThread
from tests.cli.conftest import Cli, asked, connect

USER = "memos_user_123"


def test_an_archive_is_written_verified_and_journaled(
    synced: EmulatorThread, cli: Cli, tmp_path: Path
) -> None:
    path = tmp_path / "a.zip"
    ended = cli("subject", "export", USER, "--request", "DSR-17", "--output", str(path))
    assert (ended.code, ended.out) == (0, "")
    assert f"Wrote the archive to {path}" in ended.err
    assert "1 conversation, 4 messages, 2 memories, 0 earlier versions" in ended.err
    assert "It was last read whole from MemOS on" in ended.err
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    verified = cli("subject", "verify", str(path), "--json")
    assert verified.code == 0
    assert verified.json["whole"]
    assert verified.json["manifest"]["request"] == "DSR-17"
    assert f"SHA-256 {verified.json['sha256']}" in ended.err
    (done,) = [
        entry
        for entry in cli("journal", "list", "--action", "export", "--json").json
        if entry["details"].get("sha256") == verified.json["sha256"]
    ]
    assert (done["ticket"], done["user_id"], done["result"]) == ("DSR-17", USER, "done")
    begun = verified.json["manifest"]["journal"]["seq"]
    assert f"as entry {begun}, before it was begun, which the manifest names" in ended.err
    assert f"as entry {done['seq']}, when it was done, with the SHA-256" in ended.err
    assert verified.json["journal"]["verdict"] == "agrees"
    assert verified.json["journal"]["entry"] == done["seq"]
    assert f"Entry {done['seq']} of the operator journal here agrees: written on" in verified.err


def test_a_file_that_is_there_is_left_alone_unless_it_is_to_be_replaced(
    synced: EmulatorThread, cli: Cli, tmp_path: Path
) -> None:
    path = tmp_path / "a.zip"
    path.write_text("sent in May")
    arguments = ("subject", "export", USER, "--request", "1", "--output", str(path))
    ended = cli(*arguments)
    assert (ended.code, path.read_text()) == (1, "sent in May")
    assert f"{path} exists, and was left alone" in ended.err
    assert "add --replace" in ended.err
    ended = cli(*arguments, "--replace")
    assert ended.code == 0
    assert "The file that was there was replaced." in ended.err
    assert cli("subject", "verify", str(path)).code == 0


def test_where_the_configuration_names_nobody_who_answers_that_is_said_and_how_it_would(
    synced: EmulatorThread, cli: Cli, tmp_path: Path
) -> None:
    config = Path(os.environ["MEMOS_ADMIN_HOME"]) / "config.toml"
    before = config.read_text() if config.exists() else ""
    for number, (table, said) in enumerate(
        (
            ("", "nobody who answers, and nobody whom the person may ask: set organisation and"),
            ('organisation = "Acme"', "nobody whom the person may ask: set contact in [subject]"),
            ('contact = "p@acme.example"', "does not name who answers: set organisation in"),
            ('organisation = "Acme"\ncontact = "p@acme.example"', ""),
        )
    ):
        config.write_text(f"{before}\n[subject]\n{table}\n")
        config.chmod(0o600)
        path = tmp_path / f"{number}.zip"
        ended = cli("subject", "export", USER, "--request", "1", "--output", str(path))
        assert ended.code == 0
        assert ("The document" in ended.err) is bool(said)
        assert said in " ".join(ended.err.split())
        assert (f"[subject] of {config}" in ended.err) is bool(said)


def test_it_is_read_first_where_that_is_asked_for(
    synced: EmulatorThread, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = cli("subject", "export", USER, "--request", "DSR-17", "--sync", "--json")
    assert ended.code == 0
    assert ended.json["fresh"]
    assert ended.json["counts"]["messages"] == 4
    assert list(tmp_path.glob("*.zip")) == []
    (written,) = Home(Path(os.environ["MEMOS_ADMIN_HOME"])).exports_dir.glob("*.zip")
    assert str(written) == ended.json["path"]
    assert f"-{USER}-DSR-17-data-" in written.name


def test_what_could_not_be_read_is_said_and_the_archive_is_there(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.zip"
    arguments = ("--request", "1", "--sync", "--json", "--output", str(path))
    with EmulatorThread() as running:
        connect(monkeypatch, running)
        cli("sync", "--user", USER)
        asked(running, "/_emulator/faults", {"faults": ["code:code=40002,route=/get/message"]})
        ended = cli("subject", "export", USER, *arguments)
    assert ended.code == 4
    assert not ended.json["fresh"]
    assert "The last reading was not whole" in ended.err
    with zipfile.ZipFile(path) as archive:
        about = json.loads(archive.read("manifest.json"))
    assert about["completeness"]["last_problem"]


def test_a_document_for_somebody_who_reads_chinese(
    synced: EmulatorThread, cli: Cli, tmp_path: Path
) -> None:
    path = tmp_path / "a.zip"
    arguments = ("--request", "1", "--language", "zh", "--output", str(path))
    assert cli("subject", "export", USER, *arguments).code == 0
    with zipfile.ZipFile(path) as archive:
        assert "您的数据" in archive.read("your-data.html").decode()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((USER,), 2, "--request"),
        ((USER, "--request", " "), 2, "one line"),
        ((USER, "--request", "a\nb"), 2, "one line"),
        ((USER, "--request", "1", "--language", "de"), 2, "invalid choice"),
        ((USER, "--request", "1", "--output", "-"), 2, "is no file"),
        ((USER, "--request", "1", "--output", "/"), 2, "is no file"),
        ((USER, "--request", "1", "--output", "a.txt"), 2, "a.txt: the archive is a zip"),
        ((USER, "--request", "1", "--output", "/none/a.zip"), 1, "/none/a.zip"),
        (("nobody", "--request", "1"), 1, "nobody"),
    ],
)
def test_what_cannot_be_done_is_said(
    synced: EmulatorThread, cli: Cli, arguments: tuple[str, ...], code: int, said: str
) -> None:
    ended = cli("subject", "export", *arguments)
    assert ended.code == code
    assert said in ended.err


def test_a_changed_archive_is_not_what_it_was(
    synced: EmulatorThread, cli: Cli, tmp_path: Path
) -> None:
    path = tmp_path / "a.zip"
    cli("subject", "export", USER, "--request", "1", "--output", str(path))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("more.txt", "added later")
    ended = cli("subject", "verify", str(path))
    assert ended.code == 1
    assert "'more.txt' is in it, and the manifest does not list it." in ended.err
    assert "is not what it was when it was made" in ended.err
    assert cli("subject", "verify", str(tmp_path / "none.zip")).code == 1


def changed(path: Path, to: Path, **manifest: object) -> None:
    """Write an archive with another text, and a manifest that says so: all fits together."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    about = json.loads(files.pop("manifest.json")) | manifest
    files["your-data.md"] += b"never said\n"
    for entry in about["files"]:
        data = files[entry["name"]]
        entry |= {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    with zipfile.ZipFile(to, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
        archive.writestr("manifest.json", json.dumps(about))


def test_what_a_file_says_of_itself_is_told_where_the_journal_cannot_be_read(
    synced: EmulatorThread, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.zip"
    cli("subject", "export", USER, "--request", "1", "--output", str(path))
    home = tmp_path / "damaged"
    home.mkdir()
    (home / "journal.db").write_bytes(b"no database " * 1_000)
    monkeypatch.setenv("MEMOS_ADMIN_HOME", str(home))
    ended = cli("subject", "verify", str(path))
    assert ended.code == 4
    assert "SHA-256" in ended.err
    assert "are as the manifest says" in ended.err
    assert "The operator journal here could not be asked: " in ended.err


def test_an_archive_that_was_changed_with_its_manifest_is_compared_with_the_journal(
    synced: EmulatorThread, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, other = tmp_path / "a.zip", tmp_path / "b.zip"
    cli("subject", "export", USER, "--request", "1", "--output", str(path))

    def verified(*, code: int, verdict: str) -> str:
        ended = cli("subject", "verify", str(other), "--json")
        assert (ended.code, ended.json["whole"]) == (code, True)
        assert ended.json["journal"]["verdict"] == verdict
        assert "are as the manifest says" in ended.err
        return ended.err

    changed(path, other)
    said = verified(code=1, verdict="disagrees")
    assert "has another SHA-256: written on" in said
    assert "is not what it was when it was made" in said
    changed(path, other, journal=None)
    assert "for that project and request is another archive" in verified(code=4, verdict="unknown")
    changed(path, other, journal={"seq": "1", "hash": []}, request=["x"], project="y")
    assert "does not know this archive" in verified(code=4, verdict="unknown")
    other.write_bytes(path.read_bytes())
    verified(code=0, verdict="agrees")
    monkeypatch.setenv("MEMOS_ADMIN_HOME", str(tmp_path / "elsewhere"))
    assert "does not know this archive" in verified(code=4, verdict="unknown")
    assert not (tmp_path / "elsewhere").exists()


def test_who_was_never_read_is_read_first_or_the_archive_says_so(
    connected: EmulatorThread, cli: Cli, tmp_path: Path
) -> None:
    path = tmp_path / "a.zip"
    arguments = (USER, "--request", "1", "--json", "--output", str(path))
    assert cli("users", "add", USER).code == 0
    ended = cli("subject", "export", *arguments, "--no-sync")
    assert (ended.code, ended.json["fresh"]) == (4, False)
    assert "MemOS was not asked" in ended.err
    with zipfile.ZipFile(path) as archive:
        said = archive.read("your-data.md").decode()
    assert said.index("Perhaps not complete") < said.index("Exported for the request")
    assert "No memories are known: what MemOS has was never read whole" in said
    assert "There are no" not in said
    ended = cli("subject", "export", *arguments, "--replace")
    assert (ended.code, ended.json["counts"]["messages"]) == (0, 4)
    assert "So it is read from MemOS first" in ended.err
    with zipfile.ZipFile(path) as archive:
        assert "Perhaps not complete" not in archive.read("your-data.md").decode()
