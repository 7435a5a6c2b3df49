"""What stands behind what is remembered, and what deserves a look; docs/evidence.md has the rules."""
