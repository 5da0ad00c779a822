"""How settings and their values are called."""

from typing import Any

from flask_babel import gettext as _

from membership.web import language_name


def name(setting: str) -> str:
    known: dict[str, str] = {
        "newsroom_name": _("Name of the newsroom"),
        "newsroom_contact": _("Where readers write when something is wrong"),
        "newsroom_accent": _("Accent on light paper"),
        "newsroom_accent_dark": _("Accent in the dark"),
        "newsroom_imprint": _("Page that says who you are"),
        "newsroom_privacy": _("Page on what becomes of readers’ data"),
        "languages": _("Languages"),
    }
    return known.get(setting, setting)


def value(setting: str, value: Any) -> str:
    """A value as JSON knows it."""
    if setting == "languages":
        return ", ".join(language_name(code) for code in value)
    return str(value) if value != "" else "–"
