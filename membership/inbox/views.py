"""Stripe's webhook."""

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from membership.extensions import csrf, limiter, settings
from membership.gateway import BadSignature
from membership.inbox import inbox

bp = Blueprint("inbox", __name__)

LARGEST_EVENT = 512 * 1024


@bp.post("/webhooks/stripe")
@csrf.exempt
@limiter.exempt
def webhook() -> ResponseReturnValue:
    request.max_content_length = LARGEST_EVENT
    payload = request.get_data(cache=False)
    try:
        taken = inbox.receive(payload, request.headers.get("Stripe-Signature"))
    except BadSignature:
        return jsonify(error="bad or old signature"), 400
    except inbox.WrongMode:
        return jsonify(error=f"not an event of {settings.mode} mode"), 400
    if taken.error:
        return jsonify(error="kept, not applied; send it again"), 500
    return jsonify(received=taken.id)
