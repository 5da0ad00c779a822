"""Form-encoded requests: `items[0][price]=p` as nested hashes and lists."""

import itertools
import re
from collections.abc import Iterable
from typing import Any

from stripe_sandbox.errors import invalid

KEY = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """`[("items[0][price]", "p")]` -> `{"items": ["p" under "price"]}`; `a[]` appends."""
    root: dict[str, Any] = {}
    for key, value in pairs:
        match = KEY.match(key)
        if not match:
            raise invalid(f"Invalid parameter name: {key}", key)
        names = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
        here = root
        for name, following in itertools.pairwise(names):
            here = here.setdefault(_place(here, name), {})
            if not isinstance(here, dict):
                raise invalid(f"Invalid hash at {key}, before {following}", key)
        here[_place(here, names[-1])] = value
    return {name: _listed(value) for name, value in root.items()}


def _place(here: dict[str, Any], name: str) -> str:
    return name if name else str(len(here))


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [_listed(value[key]) for key in sorted(value, key=int)]
    return {key: _listed(item) for key, item in value.items()}
