"""A MemOS Cloud in a box: a real HTTP server for ``--demo``, tests and benchmarks.

It is the other side of the contract, written from the service's documentation and knowing nothing
of the rest of the program, so that a mistake on one side shows. Standard library and h11 only.

* `server.Emulator` serves inside a running event loop, `thread.EmulatorThread` on its own thread,
  `command.run` as the command ``memos-admin emulator``.
* `demo.demo_data` and `generate.generated_data` are what it can serve; `faults.FAULTS` lists the
  ways in which it can fail on purpose.
"""
