"""Stripe's webhook."""

import structlog
from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from membership import troubles
from membership.extensions import csrf, limiter, settings
from membership.gateway import BadSignature, OldSignature
from membership.inbox import inbox

bp = Blueprint("inbox", __name__)
log = structlog.get_logger()

LARGEST_EVENT = 512 * 1024


@bp.post("/webhooks/stripe")
@csrf.exempt
@limiter.exempt
def webhook() -> ResponseReturnValue:
    request.max_content_length = LARGEST_EVENT
    payload = request.get_data(cache=False)
    try:
        taken = inbox.receive(payload, request.headers.get("Stripe-Signature"))
    except SQLAlchemyError as broken:
        trouble = troubles.named(broken)
        if trouble is None:
            raise
        log.error("event not kept", trouble=trouble.words)
        return jsonify(error=f"not kept, send it again: {trouble.words}"), 503
    except OldSignature as old:
        log.warning("event refused", reason=str(old))
        return jsonify(error=f"{old}: set the clock here, or this was sent before"), 400
    except BadSignature:
        return jsonify(error="bad signature"), 400
    except inbox.WrongMode:
        return jsonify(error=f"not an event of {settings.mode} mode"), 400
    if taken.error:
        return jsonify(error="kept, not applied; send it again"), 500
    return jsonify(received=taken.id)
