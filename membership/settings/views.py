"""/logo/<digest>: the newsroom's logo, which never changes under its address."""

from flask import Blueprint, Response, abort

from membership.extensions import talisman
from membership.settings import logo

bp = Blueprint("logo", __name__, url_prefix="/logo")

A_YEAR = 365 * 24 * 3600
# Opened by itself an SVG is a page of ours.
AS_PICTURE = {"default-src": "'none'", "style-src": "'unsafe-inline'", "sandbox": ""}


@bp.get("/<digest>")
@talisman(content_security_policy=AS_PICTURE)
def shown(digest: str) -> Response:
    its = logo.kept(digest)
    if its is None:
        abort(404)
    answer = Response(its.data, mimetype=its.kind)
    answer.cache_control.public, answer.cache_control.max_age = True, A_YEAR
    answer.cache_control.immutable = True
    return answer
