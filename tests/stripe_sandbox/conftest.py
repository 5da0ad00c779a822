"""One sandbox for each test, in a store of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stripe_sandbox.desk import Desk, opened


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "sandbox.sqlite"


@pytest.fixture
def desk(store: Path) -> Iterator[Desk]:
    """A sandbox in which nothing happens by itself."""
    with opened(store) as made:
        yield made
