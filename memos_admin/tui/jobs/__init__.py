"""What screens ask of the backend and of the service: it runs beside them, and no key waits for it."""
