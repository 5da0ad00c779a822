"""Every setting, typed and read once.

A bad one stops the start with its name and what it must be.
"""

import secrets
import sys
from email.utils import parseaddr
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, NoReturn
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

# What the source is written in; every other language is a folder.
SOURCE_LANGUAGE = "en"
TRANSLATIONS = Path(__file__).parent / "translations"


class Mode(StrEnum):
    """Which Stripe the money goes through. Rows of different modes are never added up."""

    sandbox = "sandbox"
    test = "test"
    live = "live"


class Settings(BaseSettings):
    """Read from the environment and from `.env`; docs/configuration.md is generated from this."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore")

    secret_key: SecretStr | None = Field(
        None,
        description="Signs sessions and links. Needed with a Stripe key; "
        "made and kept under INSTANCE_DIR in sandbox mode.",
    )
    site_url: str = Field(
        "http://127.0.0.1:8000", description="Where readers reach this site, without a slash."
    )
    instance_dir: Path = Field(Path("instance"), description="Folder for SQLite, jobs and keys.")
    database_url: str | None = Field(
        None,
        description="`sqlite:///file` or `postgresql+psycopg://user:password@host/name`. "
        "Default: `hromada.sqlite` under INSTANCE_DIR.",
    )
    redis_url: str | None = Field(
        None,
        description="`redis://host:6379/0` for jobs and rate limits shared by many processes. "
        "Default: jobs in SQLite, limits in memory.",
    )

    stripe_secret_key: SecretStr | None = Field(
        None, description="`sk_test_…` or `sk_live_…`. Without it the sandbox plays Stripe."
    )
    stripe_live: Literal["yes", "no"] = Field(
        "no", description="`yes` allows a live key: real cards, real money."
    )
    stripe_webhook_secret: SecretStr | None = Field(
        None,
        description="`whsec_…`. Default: the one that `flask stripe connect` stored.",
    )
    sandbox_url: str = Field("http://127.0.0.1:12111", description="Where stripe_sandbox listens.")

    smtp_url: str | None = Field(
        None,
        description="`smtp://user:password@host:587` (STARTTLS), `smtps://…:465`, or "
        "`smtp://host:25`. In sandbox mode the default is the mailbox page /dev/mail.",
    )
    mail_from: str = Field(
        "Hromada <desk@hromada.example>", description="The sender of every e-mail."
    )

    newsroom_name: str = Field("The Hromada Courier", description="As readers know it.")
    newsroom_accent: str = Field(
        "#9c2f1e", pattern=r"^#[0-9a-fA-F]{6}$", description="The one accent colour, `#rrggbb`."
    )
    newsroom_accent_dark: str = Field(
        "#f0917f", pattern=r"^#[0-9a-fA-F]{6}$", description="The accent in dark mode."
    )
    newsroom_logo: Path | None = Field(None, description="An SVG or PNG file shown in the header.")
    newsroom_contact: str = Field(
        "desk@hromada.example", description="Where a reader writes when something is wrong."
    )
    newsroom_imprint: str = Field(
        "", description="Address of the page that says who is behind the newsroom."
    )
    newsroom_privacy: str = Field(
        "", description="Address of the page on what becomes of readers' data."
    )
    staff_email: str | None = Field(
        None,
        description="Where the desk tells staff of new gifts, disputes and alarms. "
        "Default: NEWSROOM_CONTACT.",
    )
    currencies: Annotated[tuple[str, ...], NoDecode] = Field(
        ("eur", "usd", "uah"), description="Accepted currencies, the first is suggested."
    )
    languages: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Languages offered, the first is the default: such as `uk,en`. "
        "Default: English and every folder of TRANSLATIONS_DIR.",
    )
    translations_dir: Path | None = Field(
        None,
        description="Folder with a folder for each language. Default: `translations`, "
        "which comes along.",
    )
    timezone: str = Field(
        "Europe/Kyiv",
        description="The newsroom's time zone, for shown times and the days of figures.",
    )
    grace_days: int = Field(
        14, ge=0, le=90, description="How long membership outlasts an unpaid renewal, in days."
    )
    max_amount: int = Field(
        1_000_000, ge=100, description="Largest single gift, in minor units of its currency."
    )

    voting_kinds: Annotated[tuple[str, ...], NoDecode] = Field(
        ("gift", "comped", "offline"),
        description="Who votes beside patrons: any of gift, comped, offline; `none` for nobody.",
    )
    reporting_bands: Annotated[tuple[int, ...], NoDecode] = Field(
        (4, 8, 16, 24, 40, 80),
        description="Hours of reporting that an editor may say a topic takes; coarse on purpose.",
    )
    proposals_per_month: int = Field(
        5, ge=1, le=100, description="How many topics one member may propose in thirty days."
    )

    stripe_silence_hours: int = Field(
        24,
        ge=1,
        le=720,
        description="Staff are alarmed when Stripe has said nothing for so long, in hours, "
        "though renewals were due.",
    )
    abandoned_days: int = Field(
        30,
        ge=2,
        le=365,
        description="How long somebody who left Checkout without paying is remembered, in days.",
    )
    checkout_delay: int = Field(
        0,
        ge=0,
        le=60,
        description="Least seconds between showing the giving form and sending it. "
        "Raise it while somebody tests stolen cards.",
    )

    trusted_proxies: int = Field(
        0, ge=0, le=5, description="How many reverse proxies set X-Forwarded-*; 0 trusts none."
    )
    rate_limits: Literal["on", "off"] = Field("on", description="Limits on how often.")
    log_format: Literal["text", "json"] = Field(
        "text", description="Log lines for people or tools."
    )

    @field_validator("currencies", "languages", "voting_kinds", "reporting_bands", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip().lower() for part in value.split(",") if part.strip())
        return value

    @field_validator("currencies")
    @classmethod
    def _three_letters(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not value or any(len(code) != 3 or not code.isalpha() for code in value):
            raise ValueError("must be three-letter codes separated by commas, such as eur,uah")
        return value

    @field_validator("voting_kinds")
    @classmethod
    def _known_kinds(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if value == ("none",):
            return ()
        if not set(value) <= {"gift", "comped", "offline"}:
            raise ValueError("must be any of gift, comped, offline separated by commas, or none")
        return value

    @field_validator("reporting_bands")
    @classmethod
    def _rising(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if not value or value[0] <= 0 or sorted(set(value)) != list(value):
            raise ValueError("must be rising numbers of hours separated by commas, such as 4,8,16")
        return value

    @field_validator("site_url", "sandbox_url")
    @classmethod
    def _bare_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError("must be an address such as https://join.newsroom.example")
        return value.rstrip("/")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("must be a time zone such as Europe/Kyiv")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _mail_address(cls, value: str | None) -> str | None:
        if value is not None and (
            urlsplit(value).scheme not in ("smtp", "smtps") or not urlsplit(value).hostname
        ):
            raise ValueError("must look like smtp://user:password@host:587")
        return value

    @model_validator(mode="after")
    def _languages_are_there(self) -> "Settings":
        known = self.known_languages
        by_name = {name.lower().replace("-", "_"): name for name in known}
        try:
            self.languages = tuple(by_name[name.replace("-", "_")] for name in self.languages)
        except KeyError:
            raise ValueError(
                f"LANGUAGES must be of {', '.join(known)}, separated by commas"
            ) from None
        self.languages = self.languages or known
        return self

    @model_validator(mode="after")
    def _mode_is_meant(self) -> "Settings":
        key = self.stripe_secret_key.get_secret_value() if self.stripe_secret_key else ""
        if key and not key.startswith(("sk_test_", "sk_live_", "rk_test_", "rk_live_")):
            raise ValueError("STRIPE_SECRET_KEY must start with sk_test_ or sk_live_")
        if "_live_" in key[:8] and self.stripe_live != "yes":
            raise ValueError("STRIPE_SECRET_KEY is a live key: set STRIPE_LIVE=yes as well")
        if self.stripe_live == "yes" and "_live_" not in key[:8]:
            raise ValueError("STRIPE_LIVE=yes needs a live STRIPE_SECRET_KEY")
        if key and self.secret_key is None:
            raise ValueError("SECRET_KEY must be set once there is a STRIPE_SECRET_KEY")
        if self.secret_key is not None and len(self.secret_key.get_secret_value()) < 32:
            raise ValueError("SECRET_KEY must have at least 32 characters")
        return self

    @property
    def mode(self) -> Mode:
        if self.stripe_secret_key is None:
            return Mode.sandbox
        return Mode.live if self.stripe_live == "yes" else Mode.test

    @property
    def stripe_key(self) -> str:
        if self.stripe_secret_key is None:
            return "sk_test_sandbox"
        return self.stripe_secret_key.get_secret_value()

    @property
    def webhook_secret(self) -> str | None:
        """The one that was set; None leaves it to what `stripe connect` stored."""
        secret = self.stripe_webhook_secret
        return secret.get_secret_value() if secret else None

    @property
    def is_secure(self) -> bool:
        return self.site_url.startswith("https://")

    @property
    def staff_address(self) -> str:
        return self.staff_email or self.newsroom_contact

    @property
    def translations(self) -> Path:
        return (self.translations_dir or TRANSLATIONS).resolve()

    @property
    def known_languages(self) -> tuple[str, ...]:
        """All that the pages could be shown in."""
        return (SOURCE_LANGUAGE, *_folders(self.translations))

    @property
    def sends_mail(self) -> bool:
        """By SMTP. Otherwise, which only sandbox mode allows, mail is kept for /dev/mail."""
        return self.smtp_url is not None or self.mode is not Mode.sandbox

    @property
    def mail_host(self) -> str:
        """What our mails' ids end in."""
        return parseaddr(self.mail_from)[1].rpartition("@")[2] or "localhost"

    @property
    def sqlalchemy_url(self) -> str:
        if self.database_url:
            return self.database_url
        return f"sqlite:///{self.instance_dir.resolve() / 'hromada.sqlite'}"

    @cached_property
    def signing_key(self) -> str:
        if self.secret_key is not None:
            return self.secret_key.get_secret_value()
        return _kept_key(self.instance_dir / "secret_key")


def load() -> Settings:
    """The settings of this process. Ends it with one line per bad setting."""
    try:
        return Settings()
    except ValidationError as error:
        stop("\n".join(_in_words(error)))


def stop(message: str) -> NoReturn:
    sys.stderr.write(message + "\n")
    raise SystemExit(1)


def _in_words(error: ValidationError) -> list[str]:
    lines = []
    for problem in error.errors():
        name = str(problem["loc"][0]).upper() + ": " if problem["loc"] else ""
        lines.append(f"Wrong setting: {name}{problem['msg'].removeprefix('Value error, ')}")
    return lines


def _folders(translations: Path) -> list[str]:
    return sorted(folder.parent.name for folder in translations.glob("*/LC_MESSAGES"))


def _kept_key(path: Path) -> str:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x") as file:
            path.chmod(0o600)
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    except OSError as error:
        stop(f"INSTANCE_DIR: cannot write {path}: {error.strerror}")
    return path.read_text()
