"""Writes docs/configuration.md's table and .env.example from the settings themselves."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from pydantic.fields import FieldInfo  # noqa: E402

from config import Settings  # noqa: E402

PAGE = ROOT / "docs" / "configuration.md"
EXAMPLE = ROOT / ".env.example"

INTRODUCTION = """\
# Configuration

Every setting is an environment variable, or a line in a file named `.env` beside `app.py`
(`.env.example` lists them all). A wrong one stops the start with its name and what it must
be. `flask --app app doctor` looks at each in turn. This page is written by
`python deploy/configuration.py`; a test keeps it in step with `config.py`.

Without any setting the newsroom runs in sandbox mode: SQLite, jobs and keys under
`instance/`, mail on the page `/dev/mail`, and Stripe played by `stripe_sandbox`.

What an admin sets at `/staff/settings` (the newsroom's name, logo, contact, accents, languages,
time zone and pages; currencies and the largest amount in each; who votes, hours' bands, proposals
a month; the delay) lies over what stands here, which is its first value; every process knows it
within a second.

| variable | default | is |
|---|---|---|
"""


def page() -> str:
    rows = (
        f"| `{name.upper()}` | {_default(field)} | {field.description} |\n"
        for name, field in Settings.model_fields.items()
    )
    return INTRODUCTION + "".join(rows)


def example() -> str:
    lines = ["# Copy to .env and uncomment what differs from the default.\n"]
    for name, field in Settings.model_fields.items():
        lines.append(f"\n# {field.description}\n# {name.upper()}={_plain(field.default)}\n")
    return "".join(lines)


def _default(field: FieldInfo) -> str:
    return "none" if field.default in (None, ()) else f"`{_plain(field.default)}`"


def _plain(default: object) -> str:
    if default is None:
        return ""
    return ",".join(map(str, default)) if isinstance(default, tuple) else str(default)


if __name__ == "__main__":
    PAGE.write_text(page())
    EXAMPLE.write_text(example())
