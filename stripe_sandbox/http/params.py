"""Parameters, read by tables of what is accepted.

A table is a `Hash`: name -> parser. What is not in the table is refused by name, so the
tables are also the list of what the sandbox accepts.
"""

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from stripe_sandbox.errors import invalid
from stripe_sandbox.money import CURRENCIES

Parser = Callable[[Any, str], Any]
MAX_METADATA = 50


class Hash:
    """A hash of named parameters. `needs` are those that must be there."""

    def __init__(self, fields: dict[str, Parser] | None = None, *, needs: Iterable[str] = ()):
        self.fields = fields or {}
        self.needs = tuple(needs)

    def __call__(self, raw: Any, path: str = "") -> dict[str, Any]:
        """Read it all, or raise the error that Stripe would answer."""
        if not isinstance(raw, dict):
            raise invalid(f"Invalid hash: {raw}", path)
        for name in raw:
            if name not in self.fields:
                where = _under(path, name)
                raise invalid(f"Received unknown parameter: {where}", where, "parameter_unknown")
        for name in self.needs:
            if name not in raw:
                where = _under(path, name)
                raise invalid(f"Missing required param: {where}.", where, "parameter_missing")
        return {name: self.fields[name](value, _under(path, name)) for name, value in raw.items()}


class ListOf:
    """A list whose items are all read alike."""

    def __init__(self, item: Parser) -> None:
        self.item = item

    def __call__(self, raw: Any, path: str) -> list[Any]:
        """Read each item."""
        if raw == "":
            return []
        if not isinstance(raw, list):
            raise invalid("Invalid array", path)
        return [self.item(value, f"{path}[{place}]") for place, value in enumerate(raw)]


class Clearable:
    """A parameter that an empty string unsets."""

    def __init__(self, of: Parser) -> None:
        self.of = of

    def __call__(self, raw: Any, path: str) -> Any:
        """None for the empty string."""
        return None if raw == "" else self.of(raw, path)


def _under(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


def text(raw: Any, path: str) -> str:
    """Text that may not be empty, 5,000 characters at most."""
    if not isinstance(raw, str):
        raise invalid("Invalid string", path)
    if raw == "":
        raise invalid(
            f"You passed an empty string for '{path}'. We assume empty values are an attempt to "
            f"unset a parameter; however '{path}' cannot be unset.",
            path,
            "parameter_invalid_empty",
        )
    if len(raw) > 5000:
        raise invalid(f"Invalid string: {path} must be at most 5000 characters", path)
    return raw


def short(limit: int) -> Parser:
    """Text of `limit` characters at most."""

    def parse(raw: Any, path: str) -> str:
        value = text(raw, path)
        if len(value) > limit:
            raise invalid(f"Invalid string: {path} must be at most {limit} characters", path)
        return value

    return parse


def integer(raw: Any, path: str) -> int:
    """A whole number."""
    if not isinstance(raw, str) or not re.fullmatch(r"-?\d{1,15}", raw):
        raise invalid(f"Invalid integer: {raw}", path, "parameter_invalid_integer")
    return int(raw)


def natural(raw: Any, path: str) -> int:
    """A whole number of zero or more."""
    value = integer(raw, path)
    if value < 0:
        message = "This value must be greater than or equal to 0."
        raise invalid(message, path, "parameter_invalid_integer")
    return value


def decimal(raw: Any, path: str) -> Decimal:
    """A number of zero or more with at most twelve decimals."""
    if not isinstance(raw, str) or not re.fullmatch(r"\d{1,15}(\.\d{1,12})?", raw):
        raise invalid(f"Invalid decimal: {raw}", path, "parameter_invalid_decimal")
    return Decimal(raw)


def percentage(raw: Any, path: str) -> Decimal:
    """More than zero and at most a hundred."""
    value = decimal(raw, path)
    if not 0 < value <= 100:
        raise invalid("This value must be greater than 0 and at most 100.", path)
    return value


def positive(raw: Any, path: str) -> int:
    """A whole number of one or more."""
    value = integer(raw, path)
    if value < 1:
        message = "This value must be greater than or equal to 1."
        raise invalid(message, path, "parameter_invalid_integer")
    return value


def flag(raw: Any, path: str) -> bool:
    """`true` or `false`."""
    if raw not in ("true", "false", "True", "False"):
        raise invalid(f"Invalid boolean: {raw}", path)
    return bool(raw.lower() == "true")


def one_of(*choices: str) -> Parser:
    """One of the words given."""

    def parse(raw: Any, path: str) -> str:
        if raw not in choices:
            raise invalid(f"Invalid {path}: must be one of {', '.join(choices)}", path)
        return str(raw)

    return parse


def currency(raw: Any, path: str) -> str:
    """A three-letter currency that Stripe knows, in lower case."""
    value = text(raw, path).lower()
    if value not in CURRENCIES:
        raise invalid(f"Invalid currency: {value}.", path)
    return value


def email(raw: Any, path: str) -> str:
    """An address with one @ and a dot behind it."""
    value = short(512)(raw, path)
    if not is_email(value):
        raise invalid(f"Invalid email address: {value}", path, "email_invalid")
    return str(value)


def is_email(value: str) -> bool:
    """Whether it could be an e-mail address, as loosely as Stripe looks."""
    return bool(re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", value))


def url(raw: Any, path: str) -> str:
    """An absolute http or https address."""
    value = text(raw, path)
    if not re.match(r"https?://[^\s/]+", value):
        message = "Not a valid URL. URLs must include a scheme such as https://"
        raise invalid(message, path, "url_invalid")
    return value


def metadata(raw: Any, path: str) -> dict[str, str]:
    """Stripe's limits: 50 keys of 40 characters, values of 500. An empty value unsets its key."""
    if raw == "":
        return {"": ""}
    if not isinstance(raw, dict):
        raise invalid("Metadata must be a hash", path)
    if len(raw) > MAX_METADATA:
        raise invalid(f"Metadata can have at most {MAX_METADATA} keys", path)
    for key, value in raw.items():
        where = _under(path, key)
        if not isinstance(value, str) or len(value) > 500:
            raise invalid("Metadata values can have up to 500 characters", where)
        if len(key) > 40:
            raise invalid("Metadata keys can have up to 40 characters", where)
    return raw


RANGE = Hash(dict.fromkeys(("gt", "gte", "lt", "lte"), integer))


def moment(raw: Any, path: str) -> dict[str, int]:
    """A time in seconds since 1970, or a range of them, as a range."""
    if isinstance(raw, str):
        exact = integer(raw, path)
        return {"gte": exact, "lte": exact}
    return RANGE(raw, path)


def merged(old: dict[str, str], change: dict[str, str] | None) -> dict[str, str]:
    """Metadata after an update: keys are merged, an empty value unsets, `""` unsets all."""
    if change is None:
        return old
    if change == {"": ""}:
        return {}
    return {key: value for key, value in {**old, **change}.items() if value != ""}
