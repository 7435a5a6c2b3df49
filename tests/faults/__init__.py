"""What goes wrong around the program: the service, the clock, the disk, the store, the process itself."""
