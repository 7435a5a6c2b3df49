"""Our own themes: a calm desk with one accent, dark, light, of high contrast, and in 16 colours.

Textual's own are in the palette too.

Text is readable on every ground that we put it on: 4.5 : 1, in high contrast 7 : 1 (WCAG 2 AA and
AAA); a test computes it. In sixteen colours the terminal decides; we use its own foreground and
background, and of the others only those that can be read on black and on white.
"""

from __future__ import annotations

from textual.theme import BUILTIN_THEMES, Theme

DARK = Theme(
    name="desk-dark",
    primary="#7fb0e0",
    secondary="#7fb0e0",
    accent="#7fb0e0",
    warning="#d8a657",
    error="#e5837b",
    success="#8fbf8a",
    foreground="#d5d9df",
    background="#15181d",
    surface="#1b1f26",
    panel="#1f242c",
    dark=True,
    variables={
        "border": "#7fb0e0",
        "border-blurred": "#39414d",
        "text-muted": "#939ba7",
        "text-disabled": "#939ba7",
        "text-error": "#f09a92",
        "block-cursor-background": "#2b3c52",
        "block-cursor-foreground": "#f2f5f9",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#232932",
        "block-cursor-blurred-foreground": "#d5d9df",
        "scrollbar": "#39414d",
        "scrollbar-hover": "#4a5462",
        "scrollbar-active": "#7fb0e0",
        "scrollbar-background": "#15181d",
        "scrollbar-background-hover": "#15181d",
        "scrollbar-background-active": "#15181d",
    },
)

LIGHT = Theme(
    name="desk-light",
    primary="#1f5fa5",
    secondary="#1f5fa5",
    accent="#1f5fa5",
    warning="#8a5a00",
    error="#b3261e",
    success="#2f6b2f",
    foreground="#23272e",
    background="#fbfaf7",
    surface="#f3f1ec",
    panel="#ebe8e1",
    dark=False,
    variables={
        "border": "#1f5fa5",
        "border-blurred": "#c9c5bb",
        "text-muted": "#5f6570",
        "text-disabled": "#5f6570",
        "text-error": "#a1221b",
        "block-cursor-background": "#d3e2f3",
        "block-cursor-foreground": "#101418",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#ece9e2",
        "block-cursor-blurred-foreground": "#23272e",
        "scrollbar": "#c9c5bb",
        "scrollbar-hover": "#aaa598",
        "scrollbar-active": "#1f5fa5",
        "scrollbar-background": "#fbfaf7",
        "scrollbar-background-hover": "#fbfaf7",
        "scrollbar-background-active": "#fbfaf7",
    },
)

CONTRAST = Theme(
    name="desk-contrast",
    primary="#b8e0ff",
    secondary="#b8e0ff",
    accent="#b8e0ff",
    warning="#ffd75f",
    error="#ffa8a0",
    success="#9ff09f",
    foreground="#ffffff",
    background="#000000",
    surface="#0a0a0a",
    panel="#101010",
    dark=True,
    variables={
        "border": "#ffffff",
        "border-blurred": "#9a9a9a",
        "text-muted": "#cfcfcf",
        "text-disabled": "#cfcfcf",
        "text-error": "#ffb3ac",
        "block-cursor-background": "#00457f",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-background": "#2a2a2a",
        "block-cursor-blurred-foreground": "#ffffff",
        "scrollbar": "#9a9a9a",
        "scrollbar-hover": "#cfcfcf",
        "scrollbar-active": "#ffffff",
        "scrollbar-background": "#000000",
        "scrollbar-background-hover": "#000000",
        "scrollbar-background-active": "#000000",
    },
)

ANSI = Theme(
    name="desk-ansi",
    ansi=True,
    primary="ansi_bright_blue",
    secondary="ansi_bright_blue",
    accent="ansi_bright_blue",
    warning="ansi_magenta",
    error="ansi_red",
    success="ansi_green",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    dark=True,
    variables={
        "ansi-background": "ansi_default",
        "ansi-foreground": "ansi_default",
        "border": "ansi_bright_blue",
        "border-blurred": "ansi_default",
        "text-muted": "ansi_default",
        "text-disabled": "ansi_default",
        "text-error": "ansi_red",
        "block-cursor-background": "ansi_default",
        "block-cursor-foreground": "ansi_default",
        "block-cursor-text-style": "reverse",
        "block-cursor-blurred-background": "ansi_default",
        "block-cursor-blurred-foreground": "ansi_default",
        "block-cursor-blurred-text-style": "bold",
        "input-selection-background": "ansi_bright_blue",
        "input-selection-foreground": "ansi_black",
        "screen-selection-background": "ansi_bright_blue",
        "screen-selection-foreground": "ansi_black",
        "scrollbar": "ansi_bright_blue",
        "scrollbar-hover": "ansi_bright_blue",
        "scrollbar-active": "ansi_bright_blue",
        "scrollbar-background": "ansi_default",
        "scrollbar-background-hover": "ansi_default",
        "scrollbar-background-active": "ansi_default",
        "footer-key-foreground": "ansi_bright_blue",
    },
)

OURS = (DARK, LIGHT, CONTRAST, ANSI)

DEFAULT = DARK.name

NAMES = (*(theme.name for theme in OURS), *sorted(BUILTIN_THEMES))
"""Of all themes that can be chosen; ours first."""
