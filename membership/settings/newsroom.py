"""What a newsroom is called, looks like and speaks, and what of that makes no sense."""

from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from coloraide import Color
from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

LEAST_CONTRAST = 4.5
"""Of text to what is behind it (WCAG 2.2, 1.4.3)."""
# What hromada.css has behind the accent, and in front of it on a button.
LIGHT = ("#fbf8f1", "#f2ecdf", "#ffffff")
DARK = ("#14161c", "#1d2029")
MOST_LETTERS = 200


def contrast(colour: str, beside: tuple[str, ...]) -> float:
    """The least of a colour (`#rrggbb`) with those beside it, from 1 to 21 (WCAG 2.2)."""
    return min(Color(colour).contrast(other, method="wcag21") for other in beside)


def _legible(beside: tuple[str, ...]) -> AfterValidator:
    def check(colour: str) -> str:
        ratio = contrast(colour, beside)
        if ratio < LEAST_CONTRAST:
            raise PydanticCustomError("low_contrast", "{ratio}", {"ratio": ratio})
        return colour.lower()

    return AfterValidator(check)


def _mailbox(address: str) -> str:
    try:
        return validate_email(address, check_deliverability=False).normalized
    except EmailNotValidError:
        raise PydanticCustomError("not_an_address", "no mailbox") from None


def _web_address(address: str) -> str:
    parts = urlsplit(address)
    if address and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise PydanticCustomError("not_a_page", "no page")
    return address


def _time_zone(name: str) -> str:
    if name not in available_timezones():
        raise PydanticCustomError("not_a_time_zone", "no time zone")
    return name


Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
Page = Annotated[str, Field(max_length=MOST_LETTERS), AfterValidator(_web_address)]


class Newsroom(BaseModel):
    """Named as in config.Settings and in Rules, which it lies over."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    newsroom_name: Annotated[str, Field(min_length=1, max_length=80)]
    newsroom_contact: Annotated[str, Field(max_length=MOST_LETTERS), AfterValidator(_mailbox)]
    newsroom_accent: Annotated[Colour, _legible(LIGHT)]
    newsroom_accent_dark: Annotated[Colour, _legible(DARK)]
    newsroom_imprint: Page
    newsroom_privacy: Page
    asks_consent: bool
    timezone: Annotated[str, AfterValidator(_time_zone)]
    languages: Annotated[tuple[str, ...], Field(min_length=1)]
