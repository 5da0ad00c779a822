"""The sandbox behind the pages."""

from flask import current_app

from stripe_sandbox.sandbox import Sandbox


def sandbox() -> Sandbox:
    """The sandbox of this application."""
    found = current_app.extensions["stripe_sandbox"]
    assert isinstance(found, Sandbox)
    return found
