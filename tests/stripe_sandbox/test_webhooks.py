"""Webhooks: signed, filtered, repeated until taken, never lost."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import stripe

from tests.stripe_sandbox.desk import Desk, opened


class Receiver:
    """An endpoint that writes down what comes and answers as it is told."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes]] = []
        self.answers: list[int] = []
        self.meanwhile: Callable[[], object] = lambda: None
        self.arrived = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.meanwhile()
                outer.taken.append((self.headers["Stripe-Signature"], body))
                self.send_response(outer.answers.pop(0) if outer.answers else 200)
                self.end_headers()
                outer.arrived.set()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/webhooks/stripe"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def types(self) -> list[str]:
        return [json.loads(body)["type"] for _, body in self.taken]

    def wait_for(self, count: int) -> None:
        """Until so many have come, or the patience ends."""
        deadline = time.monotonic() + 10
        while len(self.taken) < count and time.monotonic() < deadline:
            self.arrived.wait(0.5)
            self.arrived.clear()
        assert len(self.taken) >= count


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.server.shutdown()
    made.server.server_close()


def endpoint(desk: Desk, receiver: Receiver, *types: Any) -> Any:
    return desk.v1.webhook_endpoints.create(
        {"url": receiver.url, "enabled_events": list(types) or ["*"]}
    )


def deliver(desk: Desk) -> int:
    return int(desk.app.extensions["stripe_webhooks"].deliver())


def test_a_signature_verifies_with_the_sdk_even_in_another_time(
    desk: Desk, receiver: Receiver
) -> None:
    secret = endpoint(desk, receiver, "customer.created").secret
    desk.advance(days=100)
    customer = desk.v1.customers.create({"name": "Реader"})
    deliver(desk)
    [(signature, body)] = receiver.taken
    event = stripe.Webhook.construct_event(body, signature, secret)
    assert event.type == "customer.created"
    assert event.data.object.to_dict()["id"] == customer.id
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.WebhookSignature.verify_header(body.decode(), signature, "whsec_other", 300)


def test_the_secret_is_shown_once(desk: Desk, receiver: Receiver) -> None:
    made = endpoint(desk, receiver)
    assert made.secret.startswith("whsec_")
    assert "secret" not in desk.v1.webhook_endpoints.retrieve(made.id).to_dict()


def test_an_endpoint_gets_what_it_asked_for(desk: Desk, receiver: Receiver) -> None:
    endpoint(desk, receiver, "product.created", "price.created")
    desk.v1.customers.create({})
    desk.session()
    deliver(desk)
    assert receiver.types() == ["product.created", "price.created"]


def test_a_webhook_is_sent_again_until_it_is_taken(desk: Desk, receiver: Receiver) -> None:
    endpoint(desk, receiver)
    receiver.answers = [500, 302, 200]
    desk.v1.customers.create({})
    assert desk.v1.events.list({"delivery_success": False}).data[0].pending_webhooks == 1
    assert [deliver(desk) for _ in range(4)] == [0, 0, 1, 0]
    assert receiver.types() == ["customer.created"] * 3
    assert len({json.loads(body)["id"] for _, body in receiver.taken}) == 1
    assert desk.v1.events.list({"delivery_success": False}).data == []
    assert desk.v1.events.list({"delivery_success": True}).data[0].pending_webhooks == 0


def test_a_retry_waits_longer_each_time(desk: Desk, receiver: Receiver) -> None:
    endpoint(desk, receiver)
    receiver.answers = [500] * 3
    desk.v1.customers.create({})
    waits = []
    for _ in range(3):
        deliver(desk)
        with desk.app.extensions["stripe_sandbox"].store.reading() as db:
            [next_at] = db.execute("SELECT next_at FROM deliveries").fetchone()
            waits.append(round(next_at - time.time()))
    assert waits == [1, 2, 4]
    webhooks = desk.app.extensions["stripe_webhooks"]
    assert webhooks.deliver(early=False) == 0
    assert len(receiver.taken) == 3


def test_a_disabled_or_deleted_endpoint_gets_nothing(desk: Desk, receiver: Receiver) -> None:
    made = endpoint(desk, receiver)
    desk.v1.webhook_endpoints.update(made.id, {"disabled": True})
    desk.v1.customers.create({})
    assert deliver(desk) == 0
    changed = desk.v1.webhook_endpoints.update(made.id, {"disabled": False, "description": "x"})
    assert changed.status == "enabled"
    desk.v1.customers.create({})
    assert desk.v1.webhook_endpoints.delete(made.id).deleted
    assert deliver(desk) == 0
    assert receiver.taken == []


def test_an_endpoint_that_fails_for_days_is_disabled(desk: Desk, receiver: Receiver) -> None:
    made = endpoint(desk, receiver, "customer.created")
    receiver.answers = [500, 500, 500]
    desk.v1.customers.create({})
    desk.v1.customers.create({})
    deliver(desk)
    desk.advance(days=8.9)
    receiver.answers = [500, 200, 500, 500]
    deliver(desk)
    assert desk.v1.webhook_endpoints.retrieve(made.id).status == "enabled"
    desk.advance(days=8.9)
    deliver(desk)
    desk.advance(days=9.1)
    receiver.answers = [500]
    deliver(desk)
    assert desk.v1.webhook_endpoints.retrieve(made.id).status == "disabled"


def test_what_waited_for_a_disabled_endpoint_is_never_sent_but_can_be_asked_for(
    desk: Desk, receiver: Receiver
) -> None:
    made = endpoint(desk, receiver, "customer.created")
    receiver.answers = [500] * 9
    first, second = (desk.v1.customers.create({}).id for _ in "ab")
    deliver(desk)
    desk.advance(days=9.1)
    deliver(desk)
    assert desk.app.extensions["stripe_webhooks"].waiting() == 0
    enabled = desk.v1.webhook_endpoints.update(made.id, {"disabled": False})
    receiver.answers = []
    assert (enabled.status, deliver(desk)) == ("enabled", 0)
    missed = desk.v1.events.list({"delivery_success": False, "types": ["customer.created"]}).data
    assert [event.data.object.id for event in missed] == [second, first]
    assert [event.pending_webhooks for event in missed] == [1, 1]
    desk.v1.customers.create({})
    assert deliver(desk) == 1


def test_patience_without_end_disables_nothing(store: Path) -> None:
    with opened(store, disable_after_days=0) as desk:
        made = desk.v1.webhook_endpoints.create(
            {"url": "http://127.0.0.1:9/x", "enabled_events": ["*"]}
        )
        desk.v1.customers.create({})
        deliver(desk)
        desk.advance(days=400)
        deliver(desk)
        assert desk.v1.webhook_endpoints.retrieve(made.id).status == "enabled"


def test_two_endpoints_get_each_event_once(desk: Desk, receiver: Receiver) -> None:
    other = Receiver()
    endpoint(desk, receiver)
    endpoint(desk, other)
    desk.v1.customers.create({})
    assert deliver(desk) == 2
    assert receiver.types() == other.types() == ["customer.created"]
    other.server.shutdown()
    other.server.server_close()


def test_nobody_at_home_is_tried_again(desk: Desk) -> None:
    desk.v1.webhook_endpoints.create({"url": "http://127.0.0.1:9/x", "enabled_events": ["*"]})
    desk.v1.customers.create({})
    assert deliver(desk) == 0
    assert desk.app.extensions["stripe_webhooks"].waiting() == 1


def test_the_receiver_may_call_back_while_it_handles_an_event(
    store: Path, receiver: Receiver
) -> None:
    with opened(store, background=True) as desk:
        endpoint(desk, receiver, "customer.created")
        answers: list[Any] = []
        receiver.meanwhile = lambda: answers.append(desk.v1.products.create({"name": "Patron"}))
        desk.v1.customers.create({})
        receiver.wait_for(1)
        assert answers[0].name == "Patron"


def test_events_come_by_themselves_in_order_and_again_after_a_refusal(
    store: Path, receiver: Receiver
) -> None:
    with opened(store, background=True, retry_seconds=0.05) as desk:
        endpoint(desk, receiver)
        receiver.answers = [200, 500]
        desk.patron()
        receiver.wait_for(16)
        refused = receiver.types()[1]
        assert receiver.types().count(refused) == 2
        ids = [json.loads(body)["id"] for _, body in receiver.taken]
        first_tries = list(dict.fromkeys(ids))
        assert first_tries == [event.id for event in desk.events()]


def test_what_was_not_delivered_survives_a_restart(store: Path, receiver: Receiver) -> None:
    with opened(store) as desk:
        endpoint(desk, receiver)
        desk.v1.customers.create({})
    with opened(store, background=True):
        receiver.wait_for(1)
    assert receiver.types() == ["customer.created"]
