"""A route: its address, the parameters it accepts, and the function that answers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from stripe_sandbox.http.params import Hash


@dataclass(frozen=True)
class Route:
    """`answer(books, params, **ids)` gives the object; `alone` manages its own transactions."""

    method: Literal["GET", "POST", "DELETE"]
    path: str
    answer: Callable[..., dict[str, Any]]
    params: Hash
    alone: bool = False

    @property
    def writes(self) -> bool:
        """Whether the answer may change the store."""
        return self.method != "GET"
