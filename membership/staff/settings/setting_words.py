"""How settings and their values are called."""

from typing import Any

from flask_babel import lazy_gettext as _l

from membership.web import language_name

NAMES = {
    "newsroom_name": _l("Name of the newsroom"),
    "newsroom_contact": _l("Where readers write when something is wrong"),
    "newsroom_accent": _l("Accent on light paper"),
    "newsroom_accent_dark": _l("Accent in the dark"),
    "newsroom_imprint": _l("Page that says who you are"),
    "newsroom_privacy": _l("Page on what becomes of readers’ data"),
    "languages": _l("Languages"),
}


def name(setting: str) -> str:
    return str(NAMES.get(setting, setting))


def value(setting: str, value: Any) -> str:
    """A value as JSON knows it."""
    if setting == "languages":
        return ", ".join(language_name(code) for code in value)
    return str(value) if value != "" else "–"
