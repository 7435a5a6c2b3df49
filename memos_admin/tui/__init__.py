"""The Textual app: screens, widgets, commands. Knows the backend only."""
