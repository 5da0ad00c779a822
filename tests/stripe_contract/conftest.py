"""One suite, two Stripes: the sandbox, or Stripe's test mode where CONTRACT_KEY is set."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import stripe

from tests.till import open_till


@pytest.fixture
def v1(tmp_path: Path) -> Iterator[stripe.V1Services]:
    key = os.environ.get("CONTRACT_KEY")
    if key:
        assert key.startswith("sk_test_"), "the contract tests are for a test mode key"
        yield stripe.StripeClient(key).v1
        return
    with open_till(tmp_path / "sandbox.sqlite") as till:
        yield till.sdk.v1
