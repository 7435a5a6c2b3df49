"""Screens over the main one that stay when something else is masked."""

from __future__ import annotations


class Veiled:
    """Such a screen; others are left, since their texts were made before."""

    def draw_anew(self) -> None:
        """Draw what is masked, or no longer is; by default nothing of anybody's is shown."""
