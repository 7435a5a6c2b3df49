"""Examples of every command: its help, the man page and the reference show them, a test runs them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

Words = tuple[str, ...]


class Example(NamedTuple):
    """A line for a shell, and what it does where the line does not say that."""

    command: str
    does: str = ""


_MEMORY = "0a89db3a-2061-4c97-a1b8-45700f8745bc"
_USER = "memos_user_123"
_WHOSE = f"--user {_USER}"

EXAMPLES: dict[Words, tuple[Example, ...]] = {
    (): (
        Example("memos-admin --demo", "look around without a key"),
        Example("memos-admin projects add acme-prod", "connect; asks for the key"),
        Example("memos-admin users add memos_user_123", "somebody to look after"),
        Example("memos-admin sync", "read what changed"),
        Example("memos-admin --project acme-eu users list", "another project, this once"),
        Example(f"memos-admin messages list {_WHOSE} --conversation 0610"),
        Example("memos-admin export user memos_user_123 --output answers.csv"),
    ),
    ("projects", "add"): (
        Example("memos-admin projects add acme-prod", "asks for the key and tests it"),
        Example("memos-admin projects add acme-eu --region global"),
        Example("pass show memos/acme | memos-admin projects add acme --key-stdin"),
    ),
    ("projects", "list"): (
        Example("memos-admin projects list"),
        Example("memos-admin projects list --json"),
    ),
    ("projects", "use"): (Example("memos-admin projects use acme-prod"),),
    ("projects", "test"): (
        Example("memos-admin projects test", "the used project"),
        Example("memos-admin projects test acme-prod"),
    ),
    ("projects", "set-key"): (
        Example("memos-admin projects set-key acme-prod", "asks for the new key"),
        Example("pass show memos/acme | memos-admin projects set-key acme-prod --key-stdin"),
    ),
    ("projects", "rename"): (Example("memos-admin projects rename acme-prod acme-live"),),
    ("projects", "allow-writes"): (
        Example("memos-admin projects allow-writes acme-prod"),
        Example("memos-admin projects allow-writes acme-prod --off", "only read from now on"),
    ),
    ("projects", "remove"): (
        Example("memos-admin projects remove acme-prod --yes", "without being asked"),
    ),
    ("verdicts", "list"): (
        Example("memos-admin verdicts list --verdict wrong --given-since 7d"),
        Example("memos-admin verdicts list --changed yes --json"),
    ),
    ("verdicts", "give"): (
        Example(f"memos-admin verdicts give {_MEMORY} outdated"),
        Example(f'memos-admin verdicts give {_MEMORY} wrong \\\n    --note "never said so"'),
    ),
    ("verdicts", "withdraw"): (Example(f"memos-admin verdicts withdraw {_MEMORY}"),),
    ("verdicts", "queue"): (
        Example(f"memos-admin verdicts queue unreviewed {_WHOSE}"),
        Example("memos-admin verdicts queue sample --number 50 --since 30d", "tells its seed"),
        Example("memos-admin verdicts queue sample --number 50 --seed 4711 --second"),
        Example(
            "memos-admin verdicts queue findings --rule duplicate", "what a hygiene scan finds"
        ),
    ),
    ("verdicts", "figures"): (
        Example("memos-admin verdicts figures"),
        Example("memos-admin verdicts figures --view preference --given-since 90d"),
    ),
    ("verdicts", "agreement"): (
        Example("memos-admin verdicts agreement"),
        Example("memos-admin verdicts agreement --operator ann --operator bob --json"),
    ),
    ("verdicts", "export"): (
        Example("memos-admin verdicts export --output verdicts.xlsx"),
        Example("memos-admin verdicts export --ended --format jsonl", "what was taken back too"),
    ),
    ("verdicts", "send"): (
        Example(f"memos-admin verdicts send --as feedback {_WHOSE} --dry-run"),
        Example("memos-admin verdicts send --as archive --verdict duplicate --dry-run"),
    ),
    ("users", "add"): (
        Example("memos-admin users add memos_user_123 用户一"),
        Example("memos-admin users add agent:ops-agent", "an agent; or: --agent ops-agent"),
    ),
    ("users", "import"): (
        Example("memos-admin users import customers.csv"),
        Example("memos-admin users import -", "ids from standard input"),
    ),
    ("users", "list"): (
        Example("memos-admin users list"),
        Example("memos-admin users list --json --limit 0", "all of them, for a program"),
    ),
    ("users", "show"): (
        Example("memos-admin users show memos_user_123"),
        Example("memos-admin users show ops-agent --agent"),
    ),
    ("users", "delete"): (
        Example(f"memos-admin users delete {_USER} --dry-run", "what would be done"),
        Example(
            f"memos-admin users delete {_USER} \\\n    --export before.jsonl --confirm {_USER}"
        ),
    ),
    ("users", "remove"): (Example("memos-admin users remove memos_user_123 --yes"),),
    ("sync",): (
        Example("memos-admin sync", "everybody, what changed"),
        Example(f"memos-admin sync {_WHOSE} --full"),
        Example(f"memos-admin sync {_WHOSE} --conversation 0610"),
        Example("memos-admin sync --rate 30 --json"),
    ),
    ("watch",): (
        Example(f"memos-admin watch {_WHOSE} --for 1s", "one user, for a second"),
        Example("memos-admin watch --for 1s --filter view:preference --json"),
    ),
    ("conversations", "list"): (Example(f"memos-admin conversations list {_WHOSE}"),),
    ("conversations", "add"): (Example(f"memos-admin conversations add {_WHOSE} 0610 0928"),),
    ("conversations", "remove"): (
        Example(f"memos-admin conversations remove {_WHOSE} 0610 --yes"),
    ),
    ("messages", "list"): (
        Example(f"memos-admin messages list {_WHOSE} --conversation 0610"),
        Example(f"memos-admin messages list {_WHOSE} --conversation 0610 --json"),
        Example(
            f"memos-admin messages list {_WHOSE} --conversation 0610 --as-of 7d",
            "as they had been read then",
        ),
    ),
    ("messages", "history"): (
        Example(f"memos-admin messages history {_WHOSE} --conversation 0610"),
    ),
    ("memories", "list"): (
        Example(f"memos-admin memories list {_WHOSE} --view preference"),
        Example("memos-admin memories list --since 7d --vanished yes --json"),
        Example("memos-admin memories list --tag travel --status activated"),
        Example("memos-admin memories list --text tea --sort created --reverse"),
        Example(f"memos-admin memories list {_WHOSE} --as-of 24h", "as known a day ago"),
        Example("memos-admin memories list --filter 'view:fact -tag:work trip'"),
    ),
    ("memories", "show"): (Example(f"memos-admin memories show {_MEMORY}"),),
    ("memories", "history"): (
        Example(f"memos-admin memories history {_MEMORY}"),
        Example(f"memos-admin memories history {_MEMORY[:8]}", "by how the id begins"),
    ),
    ("memories", "sources"): (Example(f"memos-admin memories sources {_MEMORY}"),),
    ("evidence", "summary"): (
        Example(f"memos-admin evidence summary {_WHOSE}"),
        Example(f"memos-admin evidence summary {_WHOSE} --conversation 0610 --json"),
        Example("memos-admin evidence summary --view preference --since 30d", "of everybody"),
    ),
    ("evidence", "links"): (
        Example(f"memos-admin evidence links {_WHOSE}"),
        Example(f"memos-admin evidence links {_WHOSE} --by message", "what came of each message"),
    ),
    ("evidence", "silent"): (
        Example(f"memos-admin evidence silent {_WHOSE} --role user"),
        Example("memos-admin evidence silent --since 30d --filter=-tea", "of everybody"),
    ),
    ("evidence", "missing"): (
        Example(f"memos-admin evidence missing {_WHOSE}"),
        Example('memos-admin evidence missing --why "outside the window" --json'),
    ),
    ("evidence", "check"): (
        Example(f"memos-admin evidence check {_WHOSE}"),
        Example("memos-admin evidence check --told-as user --since 7d", "of everybody"),
    ),
    ("evidence", "uncompared"): (
        Example(f"memos-admin evidence uncompared {_WHOSE}"),
        Example('memos-admin evidence uncompared --why "not fetched" --limit 0', "of everybody"),
    ),
    ("hygiene", "scan"): (
        Example(f"memos-admin hygiene scan {_WHOSE}"),
        Example("memos-admin hygiene scan --rule duplicate --limit 0 --json"),
        Example("memos-admin hygiene scan --filter 'view:preference updated:90d' --count"),
    ),
    ("hygiene", "rules"): (Example("memos-admin hygiene rules"),),
    ("recall", "ask"): (
        Example(f'memos-admin recall ask "Where to in summer?" {_WHOSE}'),
        Example(
            f'memos-admin recall ask "Where to in summer?" {_WHOSE} \\\n    --memory {_MEMORY}',
            "why this one is in or out",
        ),
        Example(
            f'memos-admin recall ask "Where to?" {_WHOSE} \\\n'
            "    --relativity 0.3 --at-most 6 --view preference --json"
        ),
    ),
    ("recall", "check"): (
        Example("memos-admin recall check recall.toml"),
        Example("memos-admin recall check recall.toml --json > report.json"),
        Example(
            "memos-admin recall check recall.toml \\\n    --against report.json --junit junit.xml",
            "in CI: compared with an earlier report",
        ),
    ),
    ("memories", "edit"): (
        Example(f'memos-admin memories edit {_MEMORY} \\\n    --title "A trip" --dry-run'),
        Example(
            f"memos-admin memories edit {_MEMORY} \\\n    --title Trip --confirm \\\n    {_MEMORY}"
        ),
    ),
    ("memories", "archive"): (
        Example(f"memos-admin memories archive {_MEMORY} --dry-run"),
        Example(f"memos-admin memories archive {_MEMORY} \\\n    --confirm {_MEMORY}"),
    ),
    ("memories", "restore"): (Example(f"memos-admin memories restore {_MEMORY} --dry-run"),),
    ("memories", "delete"): (
        Example(f"memos-admin memories delete {_MEMORY} --dry-run"),
        Example(f"memos-admin memories delete {_MEMORY} \\\n    --confirm {_MEMORY}"),
    ),
    ("changes",): (
        Example("memos-admin changes", "of the last 7 days"),
        Example(f"memos-admin changes --since 30d {_WHOSE} --kind vanished"),
        Example("memos-admin changes --since 2026-11-01 --until 2026-11-08 --limit 0 --json"),
    ),
    ("completeness", "list"): (Example("memos-admin completeness list"),),
    ("completeness", "show"): (
        Example("memos-admin completeness show", "of the whole project"),
        Example(f"memos-admin completeness show {_WHOSE} --json"),
    ),
    ("completeness", "gaps"): (Example(f"memos-admin completeness gaps {_WHOSE}"),),
    ("overview",): (
        Example("memos-admin overview", "of the whole project"),
        Example("memos-admin overview --filter 'view:preference tag:travel'"),
        Example(f"memos-admin overview {_WHOSE} --json"),
    ),
    ("timeline",): (
        Example(f"memos-admin timeline {_WHOSE}"),
        Example("memos-admin timeline --since 30d --json", "of the whole project"),
        Example("memos-admin timeline --filter 'view:preference'", "of one view"),
    ),
    ("sql",): (
        Example('memos-admin sql "SELECT tag, count(*) FROM memory_tags GROUP BY 1"'),
        Example("memos-admin sql", "the views and their columns; docs/sql.md has more"),
    ),
    ("filters", "list"): (Example("memos-admin --project acme-prod filters list"),),
    ("filters", "show"): (Example("memos-admin --project acme-prod filters show travel"),),
    ("filters", "save"): (
        Example("memos-admin --project acme-prod filters save travel 'tag:travel'"),
    ),
    ("filters", "rename"): (
        Example("memos-admin --project acme-prod filters rename travel journeys"),
    ),
    ("filters", "remove"): (Example("memos-admin --project acme-prod filters remove travel"),),
    ("search",): (
        Example('memos-admin search "summer vacation"'),
        Example(f"memos-admin search 旅行 {_WHOSE} --in messages"),
        Example(f'memos-admin search "where do they go?" {_WHOSE} --remote', "as MemOS recalls it"),
    ),
    ("export", "conversation"): (
        Example(
            f"memos-admin export conversation {_WHOSE} --conversation 0610 \\\n"
            "    --output 0610.csv"
        ),
    ),
    ("export", "user"): (
        Example("memos-admin export user memos_user_123 --excel --output answers.csv"),
        Example("memos-admin export user memos_user_123 --format jsonl > answers.jsonl"),
    ),
    ("export", "messages"): (
        Example("memos-admin export messages --output messages.csv"),
        Example("memos-admin export messages --format jsonl > everything.jsonl", "memories too"),
    ),
    ("export", "memories"): (
        Example("memos-admin export memories --view preference --output preferences.csv"),
        Example("memos-admin export memories --since 30d --format jsonl --output new.jsonl"),
        Example("memos-admin export memories --mask --output masked.csv", "to show to others"),
    ),
    ("subject", "export"): (
        Example(f"memos-admin subject export {_USER} --request DSR-17"),
        Example(
            f"memos-admin subject export {_USER} --request DSR-17 \\\n"
            "    --language zh --output DSR-17.zip"
        ),
    ),
    ("subject", "erase"): (
        Example(f"memos-admin subject erase {_USER} --request DSR-18", "what would be done"),
        Example(
            f"memos-admin subject erase {_USER} --request DSR-18 \\\n"
            f"    --carry-out --confirm {_USER}"
        ),
    ),
    ("subject", "verify"): (Example("memos-admin subject verify DSR-17.zip"),),
    ("store", "path"): (Example("memos-admin store path"),),
    ("store", "check"): (Example("memos-admin store check"),),
    ("store", "backup"): (Example("memos-admin store backup ~/memos-2026-11-12.db"),),
    ("store", "restore"): (
        Example("memos-admin store restore", "which backups there are"),
        Example("memos-admin store restore ~/memos-2026-11-12.db --yes"),
    ),
    ("store", "forget"): (
        Example(f"memos-admin store forget {_WHOSE} --dry-run", "what would go, and what stays"),
        Example(f"memos-admin store forget {_WHOSE} --yes"),
    ),
    ("store", "tidy"): (Example("memos-admin store tidy"),),
    ("store", "encrypt"): (
        Example("memos-admin store encrypt --yes", "without asking"),
        Example("memos-admin store encrypt --passphrase --yes", "where there is no keyring"),
    ),
    ("store", "decrypt"): (Example("memos-admin store decrypt"),),
    ("store", "key"): (Example("memos-admin store key --yes", "without asking"),),
    ("journal", "list"): (
        Example("memos-admin journal list --since 7d"),
        Example("memos-admin journal list --user memos_user_123 --action export --json"),
    ),
    ("journal", "verify"): (
        Example("memos-admin journal verify"),
        Example("memos-admin journal verify --json", "for a program"),
        Example("memos-admin journal verify --previous ~/evidence/journal.db", "it was moved away"),
    ),
    ("journal", "export"): (
        Example("memos-admin journal export --format csv --output journal.csv"),
        Example("memos-admin journal export --format jsonl > journal.jsonl", "for an auditor"),
    ),
    ("doctor",): (Example("memos-admin doctor"), Example("memos-admin doctor --json")),
    ("emulator",): (
        Example("memos-admin emulator", "the demo's data"),
        Example("memos-admin emulator --users 100 --messages 30 --seed 7"),
        Example("memos-admin emulator --latency-ms 60 --fault rate-limit:every=5"),
    ),
    ("completion",): (
        Example("memos-admin completion bash >> ~/.bashrc"),
        Example("memos-admin completion zsh > ~/.zfunc/_memos-admin"),
        Example("memos-admin completion fish > ~/.config/fish/completions/memos-admin.fish"),
    ),
}


def examples_of(words: Words, verbs: Sequence[str] = ()) -> tuple[Example, ...]:
    """Return the examples of the program, a noun or a verb; of a noun with verbs the first of each."""
    found = EXAMPLES.get(words, ())
    return found + tuple(each for verb in verbs for each in EXAMPLES.get((*words, verb), ())[:1])
