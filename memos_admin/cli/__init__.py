"""The command line, a module or a folder a noun. Knows the backend; starts the interface and the emulator.

stdout is data, stderr is narration. A noun has ``add_commands(parser)``, which adds its
sub-parsers; each command is a function ``(Context, argparse.Namespace) -> int`` that returns an exit
code. Nothing heavy is imported at the top of any module here: a command pays for what it does.
"""
