"""What screens ask of the backend and of the service: it runs beside them. See `typed_ahead` for which keys wait for it."""
