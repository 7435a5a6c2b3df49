"""The command line, one module a noun. Knows the backend; starts the interface and the emulator."""
