"""Connect MemOS projects, choose one, test and remove them.

A key sees one project, so a project here is an address and a key. Keys are kept in the keyring of
your system, or come from MEMOS_API_KEY, a key_command in config.toml, or a prompt at every run.
They are never written to a file of ours and never an argument.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from memos_admin.cli.arguments import add_list_options, add_yes
from memos_admin.cli.context import Context
from memos_admin.cli.exits import Exit, Usage
from memos_admin.cli.input_wait import told_while_waiting
from memos_admin.cli.lists import counted, tell_cut
from memos_admin.cli.parser import commands
from memos_admin.cli.progress import NOTHING_READ, asking
from memos_admin.cli.table import Column, text

if TYPE_CHECKING:
    from uuid import UUID

    from memos_admin.backend.credentials import FoundKey
    from memos_admin.backend.projects import Project
    from memos_admin.backend.projects.stored import Listing, Unnamed
    from memos_admin.backend.workspace import Workspace

FIELDS = (
    "name",
    "used",
    "base_url",
    "region",
    "service_timezone",
    "key_command",
    "fingerprints",
    "project_uuid",
    "store",
    "encrypted",
    "environment",
    "allow_writes",
)
COLUMNS = (
    Column("Name", lambda row: row["name"] or f"({row['title']})", least=16),
    text("used", "Used"),
    text("base_url", "Address", least=24),
    Column("Changes", lambda row: "allowed" if row["allow_writes"] else "", gives=1),
    text("service_timezone", "Zone of the service", gives=2),
    text("project_uuid", "Folder", gives=3),
)

ALTERNATIVES = """\
Without a keyring the key can come from:
  MEMOS_API_KEY     as in: MEMOS_API_KEY=… memos-admin --project {name}
  key_command       in config.toml: a program that prints it, such as ["pass", "show", "memos/acme"]
  a prompt          at every run, where there is a terminal"""


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = commands(parser)

    add = verbs.add_parser("add", help="connect a project; asks for its key")
    add.add_argument("name", metavar="NAME", help="what you will call it")
    where = add.add_mutually_exclusive_group()
    where.add_argument(
        "--region", choices=("cn", "global"), help="the service's region (default cn)"
    )
    where.add_argument("--base-url", metavar="URL", help="another address: https, or http to here")
    _add_key_stdin(add)
    add.set_defaults(run=add_project, seals=True)

    listed = verbs.add_parser("list", help="list the projects")
    add_list_options(listed)
    listed.set_defaults(run=list_projects)

    use = verbs.add_parser("use", help="use a project from now on")
    use.add_argument("name", metavar="NAME", help="which one")
    use.set_defaults(run=use_project)

    test = verbs.add_parser("test", help="ask the service whether address and key work")
    test.add_argument(
        "name", nargs="?", metavar="NAME", help="which one (default: the used project)"
    )
    test.set_defaults(run=run_test)

    set_key = verbs.add_parser("set-key", help="give a project a new key (a rotation)")
    set_key.add_argument("name", metavar="NAME", help="which one")
    _add_key_stdin(set_key)
    set_key.set_defaults(run=set_project_key, seals=True)

    rename = verbs.add_parser("rename", help="rename a project; nothing is moved")
    rename.add_argument("name", metavar="NAME", help="which one")
    rename.add_argument("new", metavar="NEW_NAME", help="what to call it from now on")
    rename.set_defaults(run=rename_project, seals=True)

    writes = verbs.add_parser("allow-writes", help="let what MemOS holds be changed, or only read")
    writes.add_argument("name", metavar="NAME", help="which one")
    writes.add_argument("--off", action="store_true", help="only read from now on, as by default")
    writes.set_defaults(run=allow_writes, seals=True)

    remove = verbs.add_parser("remove", help="remove a project, its API key and its store")
    remove.add_argument("name", metavar="NAME", help="which one")
    add_yes(remove)
    remove.set_defaults(run=remove_project, seals=True)


def add_project(context: Context, args: argparse.Namespace) -> Exit:
    """``projects add``: everything is checked before the key is asked for."""
    from memos_admin.backend.projects.project import check_name

    address = _address(context, args)
    name = check_name(args.name)
    _refuse_taken(context, name)
    key = _given_key(context, args, name, address)
    tried = context.projects.plan(name, address, key.key)
    if _test(context, tried, key, fatal=False) is Exit.CREDENTIALS:
        context.out.note(f"{name} was not added. Add it with a valid key.")
        return Exit.CREDENTIALS
    project = context.projects.add(name, base_url=address, key=key.key)
    context.out.note(f"Added project {project.title} at {project.base_url}.")
    _keep_key(context, project, key)
    return Exit.DONE


def _address(context: Context, args: argparse.Namespace) -> str:
    from memos_admin.backend.projects import REGIONS, environment

    if args.region is not None:
        return REGIONS[args.region]
    if args.base_url is None:
        return environment.address(context.env) or REGIONS["cn"]
    given = environment.address({"MEMOS_BASE_URL": args.base_url})
    if given is None:
        raise Usage("The base URL is empty.")
    return given


def _refuse_taken(context: Context, name: str) -> None:
    """Tell before a person types a key what `Projects.add` would say after it."""
    from memos_admin.backend.projects import NameTaken, UnknownProject

    try:
        taken = context.projects.get(name)
    except UnknownProject:
        return
    raise NameTaken(
        f"There is a project {taken.title} already. Choose another name, or give it a new key: "
        f"memos-admin projects set-key {shlex.quote(taken.title)}"
    )


def list_projects(context: Context, args: argparse.Namespace) -> Exit:
    """``projects list``."""
    from memos_admin.backend.projects.stored import listing, unnamed

    found = listing(context.home, context.env)
    here = () if context.options.demo else unnamed(context.home, found)
    rows = [_row(project, found.used) for project in found.named]
    rows += [_unnamed_row(project, found.environment) for project in here]
    context.out.rows(rows[: args.limit or None], fields=FIELDS, columns=COLUMNS, as_json=args.json)
    if here:
        context.out.note(
            f"{counted(len(here), 'project')} without a name, made by MEMOS_API_KEY. It opens with "
            "that key only; to be rid of what was read, delete its folder."
        )
    of_key = _of_environment(context, found)
    if of_key:
        context.out.note(of_key)
    elif not rows:
        context.out.note("No project yet. Connect one: memos-admin projects add NAME")
    tell_cut(context.out, args.limit, len(rows), "projects")
    return Exit.DONE


def _of_environment(context: Context, found: Listing) -> str:
    """Return what a list of projects has to say of the environment's, ``""``: nothing."""
    from memos_admin.backend.projects.stored import new_here

    project = found.environment
    if project is None or context.options.demo:
        return found.problem
    return new_here(project) or f"MEMOS_API_KEY means {project.title} at {project.base_url}."


def use_project(context: Context, args: argparse.Namespace) -> Exit:
    """``projects use``."""
    project = context.projects.use(args.name)
    context.out.note(f"Using {project.title} from now on.")
    if context.env.get("MEMOS_API_KEY") and not _is_key_of(context, project):
        context.out.note("MEMOS_API_KEY is set and goes before it; unset it, or give --project.")
    return Exit.DONE


def _is_key_of(context: Context, project: Project) -> bool:
    """Return whether the environment's key means this project too."""
    from memos_admin.backend.keys import BadKey
    from memos_admin.backend.projects import BadAddress

    try:
        return context.projects.of_key(context.env) == project
    except (BadKey, BadAddress):
        return False


def run_test(context: Context, args: argparse.Namespace) -> Exit:
    """``projects test``."""
    project = context.project() if args.name is None else context.choose(args.name)
    return _test(context, project, context.key(), fatal=True)


def set_project_key(context: Context, args: argparse.Namespace) -> Exit:
    """``projects set-key``."""
    project = context.choose(args.name)
    key = _given_key(context, args, project.title, project.base_url)
    # As if it were known already: a key that is only tried is not noted as one of the project's.
    tried = replace(project, fingerprints=(*project.fingerprints, key.key.fingerprint))
    if _test(context, tried, key, fatal=False) is Exit.CREDENTIALS:
        context.out.note(f"The key was not kept; {project.title} is as it was.")
        return Exit.CREDENTIALS
    if _keep_key(context, project, key):
        return Exit.DONE
    context.out.note(f"{project.title} takes this key from now on, wherever it comes from.")
    return Exit.REFUSED


def rename_project(context: Context, args: argparse.Namespace) -> Exit:
    """``projects rename``."""
    project = context.projects.rename(args.name, args.new)
    context.out.note(f"{args.name} is now called {project.title}.")
    return Exit.DONE


def allow_writes(context: Context, args: argparse.Namespace) -> Exit:
    """``projects allow-writes``."""
    project = context.projects.allow_writes(args.name, allowed=not args.off)
    if project.allow_writes:
        context.out.note(
            f"What {project.title} holds in MemOS may be edited, archived and deleted from now on. "
            "Each change is shown before, wants an id to be typed (on the screen not to archive or to restore, "
            "which can be taken back), and is journaled."
        )
    else:
        context.out.note(f"{project.title} is only read from now on.")
    return Exit.DONE


def remove_project(context: Context, args: argparse.Namespace) -> Exit:
    """``projects remove``."""
    from memos_admin.backend import credentials
    from memos_admin.backend.projects.lost import lost_with
    from memos_admin.backend.projects.stored import look_at_store

    project = context.projects.get(args.name)
    more = "; ".join(lost_with(context.home, project))
    lost = f" Gone with it: {more}." if more else ""
    store = look_at_store(project)
    held = f" ({store.holds})" if store.holds else ""
    stays = (
        " The key of its encrypted store is not deleted, since copies and backups may need it."
        if store.encrypted
        else ""
    )
    context.person.ask_name(
        project.title,
        f"This removes project {project.title}, its API key and all that was read of it{held} from "
        f"this machine, not from MemOS.{lost} Copies of the folder of memos-admin share the API key in the "
        f"keyring, and lose it too.{stays}",
        yes=args.yes,
    )
    removed = credentials.remove_project(context.projects, args.name)
    context.out.note(f"Removed {removed.project.title} and its store.")
    for note in removed.notes:
        context.out.note(note)
    return Exit.DONE


def _given_key(context: Context, args: argparse.Namespace, name: str, address: str) -> FoundKey:
    from memos_admin.backend.credentials import FoundKey
    from memos_admin.backend.keys import check_key, unusual

    if args.key_stdin:
        with told_while_waiting(context.out, "the API key, which is seen", end="Enter"):
            key = check_key(sys.stdin.readline(), "standard input")
    else:
        key = check_key(context.person.ask_key(name, address), "The prompt")
    warning = unusual(key)
    if warning:
        context.out.note(warning)
    return FoundKey(key, "prompt")


def _keep_key(context: Context, project: Project, key: FoundKey) -> bool:
    """Return whether the keyring keeps the key now; tell where it is, or what to do without one.

    The project knows the key either way, so that it may come from elsewhere.
    """
    from memos_admin.backend import credentials
    from memos_admin.backend.keys import KeyringError

    try:
        credentials.set_key(context.projects, project, key.key)
    except KeyringError as error:
        context.out.note(f"The key was not kept: {error}")
        context.out.note(ALTERNATIVES.format(name=shlex.quote(project.title)))
        return False
    context.out.note("The key is in the keyring of your system, and nowhere else.")
    return True


def _test(context: Context, project: Project, key: FoundKey, *, fatal: bool) -> Exit:
    """Ask the service for one page; a refused key is 3, another failure 1 where `fatal`."""
    from memos_admin.backend.errors import CloudError, Refused
    from memos_admin.backend.projects.connection import try_connection

    async def ask(workspace: Workspace) -> None:
        with asking(context.out, await workspace.remote(), NOTHING_READ):
            await try_connection(workspace)

    context.choose_key(project, key)
    try:
        context.run(ask, online=True, store=False)
    except Refused as error:
        context.out.note(f"{project.title}: {error}")
        return Exit.CREDENTIALS
    except CloudError as error:
        if fatal:
            context.out.note(f"{error}")
            return Exit.REFUSED
        later = f"memos-admin projects test {shlex.quote(project.title)}"
        context.out.note(f"{project.title}: the key was not tested: {error}")
        context.out.note(f"It is taken all the same. Test it when MemOS answers: {later}")
        return Exit.DONE
    context.out.note(f"{project.title}: {project.origin} answers and accepts the key.")
    return Exit.DONE


def _row(project: Project, used: UUID | None) -> dict[str, Any]:
    from memos_admin.backend.projects.stored import is_encrypted

    return {
        "name": project.name,
        "used": used == project.uuid,
        "base_url": project.base_url,
        "region": project.region,
        "service_timezone": project.service_timezone,
        "key_command": project.key_command is not None,
        "fingerprints": list(project.fingerprints),
        "project_uuid": str(project.uuid),
        "store": str(project.store_dir),
        "encrypted": is_encrypted(project.store_dir),
        "environment": False,
        "allow_writes": project.allow_writes,
    }


def _unnamed_row(project: Unnamed, of_key: Project | None) -> dict[str, Any]:
    from memos_admin.backend.projects.stored import is_encrypted

    meant = of_key is not None and of_key.uuid == project.uuid and of_key.allow_writes
    return {
        **dict.fromkeys(FIELDS),
        "title": project.title,
        "used": False,
        "base_url": project.base_url,
        "key_command": False,
        "fingerprints": [] if project.fingerprint is None else [project.fingerprint],
        "project_uuid": str(project.uuid),
        "store": str(project.store_dir),
        "encrypted": is_encrypted(project.store_dir),
        "environment": True,
        "allow_writes": meant,
    }


def _add_key_stdin(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--key-stdin", action="store_true", help="read the key from standard input")
