"""The local store: tables, connections, migrations, reads, writes."""
