"""The MemOS Cloud API: one async client, wire models, error tree, rate limit."""
