"""Letters in MJML, turned into HTML once; for each letter only its words are filled in.

How a letter is put together is written in [% %], what it says in {{ }} and {% %} as in any
template. The first is done here and gives plain MJML, which is turned into HTML with the second
still in it: that is the template Jinja keeps.
"""

from collections.abc import Callable
from pathlib import Path

import mjml
from flask import Flask
from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, TemplateNotFound

ENDING = ".mjml"
Source = tuple[str, str, Callable[[], bool]]


def init_app(app: Flask) -> None:
    pages, environment = app.jinja_env.loader, app.jinja_env
    assert pages is not None
    environment.loader = ChoiceLoader([Letters(Path(app.root_path) / "templates"), pages])
    environment.autoescape = lambda name: (
        app.select_jinja_autoescape(name) or (name or "").endswith(ENDING)
    )


class Letters(BaseLoader):
    """Finds `mail/<name>.mjml` as the HTML that becomes of it."""

    def __init__(self, templates: Path) -> None:
        self._structure = Environment(  # noqa: S701 - what it puts together are our own files
            loader=FileSystemLoader(templates),
            block_start_string="[%",
            block_end_string="%]",
            variable_start_string="[[",
            variable_end_string="]]",
            comment_start_string="[#",
            comment_end_string="#]",
        )

    def get_source(self, environment: Environment, template: str) -> Source:
        if not template.endswith(ENDING):
            raise TemplateNotFound(template)
        html = mjml.mjml2html(self._structure.get_template(template).render())
        return html, template, lambda: True
