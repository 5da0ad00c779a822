"""Errors in Stripe's shape. Each carries its HTTP status."""

from typing import Any

Body = dict[str, Any]


class ApiError(Exception):
    """An answer that is an error.

    `keeps` says whether what was written before stays written: a declined card leaves a
    failed charge behind, a wrong parameter leaves nothing.
    """

    def __init__(
        self,
        status: int,
        type: str,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        keeps: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.keeps = keeps
        self.error: Body = {"message": message, "type": type}
        if code:
            self.error |= {"code": code, "doc_url": f"https://stripe.com/docs/error-codes/{code}"}
        if param:
            self.error["param"] = param
        self.error |= more

    def body(self, request_id: str) -> Body:
        """The JSON body, with the address where Stripe's dashboard would show the request."""
        log = f"https://dashboard.stripe.com/test/logs/{request_id}"
        return {"error": {**self.error, "request_log_url": log}}


def invalid(message: str, param: str | None = None, code: str | None = None) -> ApiError:
    """The request is understood and wrong."""
    return ApiError(400, "invalid_request_error", message, code=code, param=param)


def missing(kind: str, id: str, param: str | None = None) -> ApiError:
    """There is no such object: 404 where the address names it, 400 where a parameter does."""
    noun = {"test_helpers.test_clock": "test clock"}.get(kind, kind.rpartition(".")[2])
    return ApiError(
        400 if param else 404,
        "invalid_request_error",
        f"No such {noun.replace('_', ' ') if kind == 'webhook_endpoint' else noun}: '{id}'",
        code="resource_missing",
        param=param or "id",
    )


def not_played(what: str, param: str | None = None) -> ApiError:
    """Stripe does this; the sandbox does not, and says so."""
    return ApiError(
        501,
        "invalid_request_error",
        f"The Stripe sandbox does not do this: {what}. See docs/stripe-sandbox.md.",
        code="sandbox_not_implemented",
        param=param,
    )
