"""Charges that are disputed: at once by a test card, later by a control."""

from typing import Any

import pytest
import stripe

from tests.stripe_sandbox.desk import DISPUTES, INQUIRES, Desk

DELIVERY = "4000 0000 0000 2685"


def disputed(desk: Desk, card: str = DISPUTES) -> Any:
    """A payment of five euros that its payer disputes at once."""
    gift = desk.patron(card, every=None)
    [made] = desk.v1.disputes.list({"payment_intent": gift.payment_intent}).data
    return made


def answer(desk: Desk, dispute: Any, text: str, **more: Any) -> Any:
    return desk.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": text}, **more})


def since(desk: Desk, type: str) -> list[str]:
    """Types of events from the last of `type` on."""
    types = desk.event_types()
    return types[len(types) - 1 - types[::-1].index(type) :]


@pytest.mark.parametrize(
    ("card", "reason"), [(DISPUTES, "fraudulent"), (DELIVERY, "product_not_received")]
)
def test_a_card_that_disputes_takes_the_money_and_a_fee(desk: Desk, card: str, reason: str) -> None:
    dispute = disputed(desk, card)
    assert (dispute.status, dispute.reason, dispute.amount) == ("needs_response", reason, 500)
    [entry] = dispute.balance_transactions
    assert (entry.type, entry.reporting_category) == ("adjustment", "dispute")
    assert (entry.amount, entry.fee, entry.net) == (-500, 1500, -2000)
    assert desk.v1.charges.retrieve(dispute.charge).disputed
    assert since(desk, "checkout.session.completed") == [
        "checkout.session.completed",
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.updated",
    ]


def test_every_renewal_is_disputed_too(desk: Desk) -> None:
    session = desk.patron(DISPUTES)
    desk.advance(days=32)
    assert len(desk.v1.disputes.list().data) == 2
    assert desk.v1.subscriptions.retrieve(session.subscription).status == "active"


def test_winning_evidence_brings_the_amount_back_without_the_fee(desk: Desk) -> None:
    dispute = disputed(desk)
    won = answer(desk, dispute, "winning_evidence")
    assert won.status == "won"
    assert [entry.net for entry in won.balance_transactions] == [-2000, 500]
    assert won.balance_transactions[1].reporting_category == "dispute_reversal"
    assert since(desk, "charge.updated")[1:] == [
        "charge.dispute.updated",
        "charge.dispute.updated",
        "charge.dispute.funds_reinstated",
        "charge.dispute.closed",
    ]
    assert desk.v1.refunds.create({"charge": won.charge}).amount == 500


def test_losing_evidence_and_closing_lose(desk: Desk) -> None:
    lost = answer(desk, disputed(desk), "losing_evidence")
    closed = desk.v1.disputes.close(disputed(desk).id)
    assert (lost.status, closed.status) == ("lost", "lost")
    assert desk.event_types()[-1] == "charge.dispute.closed"
    with pytest.raises(stripe.InvalidRequestError, match="already closed"):
        desk.v1.disputes.close(lost.id)
    with pytest.raises(stripe.InvalidRequestError, match="already closed"):
        answer(desk, lost, "winning_evidence")


def test_evidence_may_be_staged_before_it_is_submitted(desk: Desk) -> None:
    dispute = disputed(desk)
    staged = answer(desk, dispute, "She signed it.", submit=False)
    assert (staged.status, staged.evidence_details.submission_count) == ("needs_response", 0)
    sent = desk.v1.disputes.update(dispute.id, {"submit": True})
    assert (sent.status, sent.evidence_details.submission_count) == ("under_review", 1)
    desk.advance(days=40)
    assert desk.v1.disputes.retrieve(dispute.id).status == "under_review"


def test_a_dispute_nobody_answers_is_lost_in_time(desk: Desk) -> None:
    dispute = disputed(desk)
    desk.advance(days=18)
    lost = desk.v1.disputes.retrieve(dispute.id)
    assert (lost.status, lost.evidence_details.past_due) == ("lost", True)


def test_a_disputed_charge_cannot_be_refunded(desk: Desk) -> None:
    dispute = disputed(desk)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        desk.v1.refunds.create({"charge": dispute.charge})
    assert refused.value.code == "charge_disputed"


def test_an_inquiry_moves_no_money_and_can_be_refunded(desk: Desk) -> None:
    inquiry = disputed(desk, INQUIRES)
    assert (inquiry.status, inquiry.balance_transactions) == ("warning_needs_response", [])
    assert inquiry.is_charge_refundable
    desk.v1.refunds.create({"charge": inquiry.charge})
    assert not desk.v1.disputes.retrieve(inquiry.id).is_charge_refundable
    assert answer(desk, inquiry, "winning_evidence").status == "warning_closed"
    with pytest.raises(stripe.APIError, match="closing an inquiry"):
        desk.v1.disputes.close(inquiry.id)


def test_an_inquiry_may_become_a_dispute(desk: Desk) -> None:
    inquiry = disputed(desk, INQUIRES)
    grown = answer(desk, inquiry, "escalate_inquiry_evidence")
    assert (grown.status, grown.balance_transactions[0].amount) == ("needs_response", -500)
    assert desk.event_types()[-1] == "charge.dispute.funds_withdrawn"


def test_any_paid_charge_can_be_disputed_once_by_a_control(desk: Desk) -> None:
    desk.patron()
    [charge] = desk.v1.charges.list().data
    wish: Any = {"charge": charge.id, "reason": "unrecognized", "amount": 200}
    made = desk.control("dispute", **wish)
    assert (made.status_code, made.json()["amount"]) == (200, 200)
    [found] = desk.v1.disputes.list({"charge": charge.id}).data
    assert found.id == made.json()["id"]
    for wrong in (wish, {**wish, "reason": "mood"}, {**wish, "shoe": 1}, {"charge": 3}):
        assert desk.control("dispute", **wrong).status_code == 400


def test_the_amount_of_a_dispute_is_at_most_what_was_paid(desk: Desk) -> None:
    desk.patron()
    [charge] = desk.v1.charges.list().data
    wish: Any = {"charge": charge.id, "reason": "general", "inquiry": True}
    assert desk.control("dispute", **wish, amount=501).status_code == 400
    assert desk.control("dispute", **wish).json()["status"] == "warning_needs_response"
    declined = {**wish, "charge": "ch_none"}
    assert desk.control("dispute", **declined).status_code == 400


def test_a_token_disputes_what_the_api_charges(desk: Desk) -> None:
    clock = desk.v1.test_helpers.test_clocks.create({"frozen_time": 1_790_000_000})
    customer = desk.v1.customers.create({"test_clock": clock.id})
    card = desk.v1.payment_methods.attach("pm_card_createDispute", {"customer": customer.id})
    product = desk.v1.products.create({"name": "Patron"}).id
    price: Any = {"currency": "eur", "product": product, "unit_amount": 500}
    price["recurring"] = {"interval": "month"}
    begun: Any = {"customer": customer.id, "items": [{"price_data": price}]}
    desk.v1.subscriptions.create({**begun, "default_payment_method": card.id})
    assert desk.events("charge.dispute.created")[0].created == 1_790_000_000
