"""Settings: read once, wrong ones named, and the two lists of them in step."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from config import Mode, Settings
from deploy import configuration

ROOT = Path(__file__).parent.parent


def test_the_page_and_the_example_list_every_setting():
    assert configuration.PAGE.read_text() == configuration.page()
    assert configuration.EXAMPLE.read_text() == configuration.example()


@pytest.mark.parametrize(
    ("settings", "mode"),
    [
        ({}, Mode.sandbox),
        ({"stripe_secret_key": "sk_test_1", "secret_key": "k" * 32}, Mode.test),
        (
            {"stripe_secret_key": "sk_live_1", "secret_key": "k" * 32, "stripe_live": "yes"},
            Mode.live,
        ),
    ],
)
def test_the_key_decides_the_mode(settings, mode):
    assert Settings(**settings).mode is mode


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"stripe_secret_key": "sk_live_1", "secret_key": "k" * 32}, "STRIPE_LIVE=yes"),
        ({"stripe_live": "yes"}, "STRIPE_SECRET_KEY"),
        ({"stripe_secret_key": "pk_test_1", "secret_key": "k" * 32}, "STRIPE_SECRET_KEY"),
        ({"stripe_secret_key": "sk_test_1"}, "SECRET_KEY"),
        ({"secret_key": "short"}, "SECRET_KEY"),
        ({"currencies": "euro"}, "currencies"),
        ({"site_url": "newsroom.example"}, "site_url"),
        ({"smtp_url": "mail.example:25"}, "smtp_url"),
        ({"timezone": "Kyiv"}, "timezone"),
        ({"newsroom_accent": "red"}, "newsroom_accent"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(settings, named):
    with pytest.raises(ValidationError, match=named):
        Settings(**settings)


def test_a_wrong_setting_stops_the_start_with_one_line(tmp_path):
    environment = os.environ | {"GRACE_DAYS": "soon", "INSTANCE_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "doctor"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Wrong setting: GRACE_DAYS: ")
    assert len(done.stderr.splitlines()) == 1


def test_lists_are_separated_by_commas(monkeypatch):
    monkeypatch.setenv("CURRENCIES", "UAH, eur")
    assert Settings().currencies == ("uah", "eur")


def test_the_signing_key_is_made_once_and_kept(tmp_path):
    first = Settings(instance_dir=tmp_path).signing_key
    assert len(first) >= 32
    assert Settings(instance_dir=tmp_path).signing_key == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
