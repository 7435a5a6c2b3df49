"""What a person can do: projects, roster, sync, browse, search, provenance, export."""
