"""From what was read to lines and panes: what stands where, at which size."""
