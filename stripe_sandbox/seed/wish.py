"""What past is wished for: how large, from which seed, giving what."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Plan:
    """One way to give: an amount in minor units, by `interval` or once, as often as `weight`."""

    product: str
    currency: str
    amount: int
    interval: str | None = None
    weight: float = 1


@dataclass(frozen=True)
class Wish:
    """How large a past, and from which seed; with `every_event` none is forgotten for its age."""

    plans: tuple[Plan, ...]
    patrons: int = 300
    months: int = 18
    seed: int = 1
    every_event: bool = False
    metadata: dict[str, str] = field(default_factory=dict)
