"""The description of the API (OpenAPI 3.1), made of the routes, their questions and answers."""

import re
from collections.abc import Iterator
from typing import Any

from flask import current_app
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from werkzeug.routing import Rule

from membership.articles.api.asking import Question
from membership.articles.api.bodies import Problem
from membership.articles.api.operations import HOW_OFTEN, JSON, Operation
from membership.articles.problems import TYPE
from membership.extensions import settings

SCHEMAS = "#/components/schemas/{model}"
Described = dict[str, Any]


def description() -> Described:
    """The whole of it, for this newsroom."""
    operations = list(_operations())
    models: dict[type[BaseModel], None] = {its.answer: None for _rule, its in operations}
    answers = [(model, "serialization") for model in [*models, Problem]]
    _by_model, schemas = models_json_schema(answers, ref_template=SCHEMAS)  # type: ignore[arg-type]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": settings.newsroom_name,
            "version": "1",
            "description": (
                "Topics, votes, their outcomes and how many carry the newsroom. Read-only. "
                "Each answer may be kept for a minute. What is asked for without a query costs "
                f"nothing; all else may be asked {HOW_OFTEN}."
            ),
        },
        "servers": [{"url": settings.site_url}],
        "security": [],
        "paths": {_path(rule): {"get": _operation(rule, its)} for rule, its in operations},
        "components": {"schemas": schemas["$defs"]},
    }


def _operations() -> Iterator[tuple[Rule, Operation]]:
    for rule in current_app.url_map.iter_rules():
        its = getattr(current_app.view_functions[rule.endpoint], "operation", None)
        if its is not None:
            yield rule, its


def _path(rule: Rule) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)


def _operation(rule: Rule, its: Operation) -> Described:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in sorted(rule.arguments)
    ]
    refused = {
        "422": "Not understood.",
        "429": "Asked too often.",
        "503": "The database is in trouble; `Retry-After` says when to ask again.",
    }
    if in_path:
        refused["404"] = "Nothing that everybody may see."
    return {
        "operationId": rule.endpoint.partition(".")[2],
        "summary": its.words,
        "parameters": in_path + _in_query(its.question),
        "responses": {
            "200": _response("As asked for.", JSON, its.answer),
            "304": {"description": "As you have it."},
            **{code: _response(why, TYPE, Problem) for code, why in sorted(refused.items())},
        },
    }


def _in_query(question: type[Question]) -> list[Described]:
    schema = question.model_json_schema(ref_template=SCHEMAS)
    parameters = []
    for name, its in schema["properties"].items():
        # What is left out is not null: an address has no null.
        kinds = [kind for kind in its.get("anyOf", [its]) if kind.get("type") != "null"]
        kind = {
            key: value for key, value in kinds[0].items() if key not in ("title", "description")
        }
        if name == "language":
            kind["enum"] = list(settings.languages)
        parameters.append(
            {"name": name, "in": "query", "description": its["description"], "schema": kind}
        )
    return parameters


def _response(why: str, mimetype: str, answer: type[BaseModel]) -> Described:
    schema = {"$ref": SCHEMAS.format(model=answer.__name__)}
    return {"description": why, "content": {mimetype: {"schema": schema}}}
