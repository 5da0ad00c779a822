"""The pinned SDK's annotations, resolved, and a JSON value held against them."""

import ast
import decimal
import importlib
import inspect
import types
import typing
from functools import cache
from typing import Any, Literal, Union

import stripe
import typing_extensions
from stripe import ListObject, StripeObject
from stripe._object_classes import get_object_class
from stripe._request_options import RequestOptions
from stripe._stripe_object import UntypedStripeObject

NOTHING = type(None)


@cache
def names_of(module_name: str) -> dict[str, Any]:
    """Every name a module's annotations may use, those under TYPE_CHECKING included."""
    module = importlib.import_module(module_name)
    names = {"StripeObject": StripeObject, **vars(module)}
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("stripe"):
            source = importlib.import_module(str(node.module))
            for alias in node.names:
                names.setdefault(alias.asname or alias.name, getattr(source, alias.name))
    return names


@cache
def fields(cls: type) -> dict[str, Any]:
    """The annotated fields of an SDK class or of a TypedDict, with their types resolved."""
    found: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        for name, annotation in inspect.get_annotations(base).items():
            if base.__module__.startswith("stripe") and base not in (StripeObject, ListObject):
                found[name] = _resolved(name, annotation, cls.__module__)
    return {name: kind for name, kind in found.items() if not _is_internal(name, kind)}


def _is_internal(name: str, kind: Any) -> bool:
    return name.startswith("_") or typing.get_origin(kind) is typing.ClassVar


def class_of(name: str) -> type:
    """The SDK's class for `"object": name`."""
    found = get_object_class("V1", name)
    assert found is not StripeObject, f"the SDK knows no object {name!r}"
    return found


def wrong(value: Any, kind: Any, path: str) -> list[str]:
    """What is wrong with a JSON value that should be of a type, as lines to read."""
    if kind is Any:
        return []
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (Union, types.UnionType):
        return _wrong_union(value, arguments, path)
    if origin is Literal:
        return [] if value in arguments else [f"{path}: {value!r} is none of {arguments[:9]}"]
    if origin in (list, typing.List):  # noqa: UP006
        if not isinstance(value, list):
            return [f"{path}: {value!r} is no list"]
        return [
            line
            for place, item in enumerate(value)
            for line in wrong(item, arguments[0], f"{path}[{place}]")
        ]
    if origin is ListObject:
        return wrong_list(value, path, arguments[0])
    if origin is UntypedStripeObject:
        if not isinstance(value, dict):
            return [f"{path}: {value!r} is no hash"]
        return [
            line
            for name, item in value.items()
            for line in wrong(item, arguments[0], f"{path}.{name}")
        ]
    if isinstance(kind, type) and issubclass(kind, StripeObject):
        return wrong_object(value, kind, path)
    return _wrong_plain(value, kind, path)


def _wrong_plain(value: Any, kind: Any, path: str) -> list[str]:
    kind = str if kind is decimal.Decimal else kind
    fits = isinstance(value, kind) and not (kind is int and isinstance(value, bool))
    return [] if fits else [f"{path}: {value!r} is no {kind.__name__}"]


def _wrong_union(value: Any, arguments: tuple[Any, ...], path: str) -> list[str]:
    if value is None:
        return [] if NOTHING in arguments else [f"{path}: null, though it is not Optional"]
    literals = [kind for kind in arguments if typing.get_origin(kind) is Literal]
    if literals and isinstance(value, str):
        return wrong(value, literals[0], path)
    if isinstance(value, dict) and "object" in value:
        named = [
            kind for kind in arguments if getattr(kind, "OBJECT_NAME", None) == value["object"]
        ]
        if named:
            return wrong_any(value, path)
    tried = [wrong(value, kind, path) for kind in arguments if kind is not NOTHING]
    return min(tried, key=len)


def wrong_any(value: Any, path: str) -> list[str]:
    """Hold an object against the class that its `object` names."""
    if value.get("object") == "list":
        return wrong_list(value, path, None)
    if value.get("deleted") is True:
        expected = {"id", "object", "deleted"}
        return [] if set(value) == expected else [f"{path}: a deleted object is {set(value)}"]
    return wrong_object(value, class_of(value["object"]), path)


def wrong_list(value: Any, path: str, kind: Any) -> list[str]:
    """A list object: exactly its four fields, and each item of the kind."""
    if not isinstance(value, dict) or set(value) != {"object", "data", "has_more", "url"}:
        return [f"{path}: {str(value)[:80]} is no list object"]
    lines = []
    for place, item in enumerate(value["data"]):
        where = f"{path}.data[{place}]"
        lines += wrong(item, kind, where) if kind else wrong_any(item, where)
    return lines


def wrong_object(value: Any, cls: type, path: str) -> list[str]:
    """A hash against a class: nothing missing, nothing unknown, nothing null that may not be."""
    if not isinstance(value, dict):
        return [f"{path}: {value!r} is no {cls.__qualname__}"]
    known = fields(cls)
    lines = [f"{path}.{name}: unknown to {cls.__qualname__}" for name in value.keys() - known]
    for name, kind in known.items():
        if name in value:
            lines += wrong(value[name], kind, f"{path}.{name}")
        elif not is_optional(kind):
            lines.append(f"{path}.{name}: missing")
    return lines


def is_optional(kind: Any) -> bool:
    """Whether a field may be null or left out."""
    return NOTHING in typing.get_args(kind)


def parameters(typed_dict: str) -> type:
    """A TypedDict of stripe.params by its name, `checkout.SessionCreateParams` for one."""
    found: Any = stripe.params
    for step in typed_dict.split("."):
        if not hasattr(found, step):
            importlib.import_module(f"{found.__name__}.{step}")
        found = getattr(found, step)
    assert typing_extensions.is_typeddict(found), typed_dict
    return typing.cast(type, found)


def parameter_fields(cls: type) -> dict[str, Any]:
    """The parameters a TypedDict declares, without the SDK's own request options."""
    options = inspect.get_annotations(RequestOptions)
    own = {name: kind for name, kind in cls.__annotations__.items() if name not in options}
    return {name: _resolved(name, kind, cls.__module__) for name, kind in own.items()}


def _resolved(name: str, annotation: Any, module: str) -> Any:
    """An annotation with its forward references looked up where it was written."""
    names = names_of(module)
    holder = types.new_class("Holder")
    holder.__annotations__ = {name: annotation}
    hints = typing_extensions.get_type_hints(
        holder, globalns=names, localns=names, include_extras=True
    )
    return hints[name]
