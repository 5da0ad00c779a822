"""Requests that only read, which a database may answer otherwise than those that write."""

from flask import has_request_context, request

METHODS = ("GET", "HEAD", "OPTIONS")


def is_at_hand() -> bool:
    """Whether a request that only reads is at hand; a job or a command may write."""
    return has_request_context() and request.method in METHODS
