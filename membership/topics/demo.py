"""Topics and rounds of an invented newsroom."""

import random
from collections.abc import Sequence

from membership.patrons.models import Person


def furnish(people: Sequence[Person], chance: random.Random) -> None:
    """Nothing to vote on yet."""
