"""Parameters as Stripe takes them: a form whose names nest, `items[0][price]=price_1`, `expand[]=customer`."""

import re
from typing import Any
from urllib.parse import parse_qsl

from sandbox.stripe.refusals import invalid, required

Params = dict[str, Any]
_NAME = re.compile(r"\[([^\]]*)\]")


def decoded(form: str) -> Params:
    """Nested objects and lists of text. An empty value takes the field back, as with Stripe."""
    top: Params = {}
    for name, value in parse_qsl(form, keep_blank_values=True):
        first, _, rest = name.partition("[")
        path = [first, *_NAME.findall(f"[{rest}")] if rest else [first]
        _put(top, path, value)
    return {name: _listed(value) for name, value in top.items()}


def _put(into: Params, path: list[str], value: str) -> None:
    for step in path[:-1]:
        inner = into.setdefault(step or str(len(into)), {})
        if not isinstance(inner, dict):
            raise invalid(f"Invalid parameter: {step} is both a value and an object", param=step)
        into = inner
    into[path[-1] or str(len(into))] = value


def _listed(value: Any) -> Any:
    """What is numbered throughout is a list."""
    if not isinstance(value, dict):
        return value
    inner = {name: _listed(each) for name, each in value.items()}
    return list(inner.values()) if inner and all(name.isdigit() for name in inner) else inner


def text(params: Params, name: str) -> str:
    value = params.get(name)
    if not isinstance(value, str) or not value:
        raise required(name)
    return value


def whole(params: Params, name: str, otherwise: int | None = None) -> int:
    value = params.get(name, otherwise)
    if value is None:
        raise required(name)
    try:
        return int(value)
    except (TypeError, ValueError):
        raise invalid(f"Invalid integer: {value}", param=name, code="parameter_invalid_integer") from None


def flag(params: Params, name: str, *, otherwise: bool = False) -> bool:
    value = params.get(name)
    if value in (None, ""):
        return otherwise
    if value not in ("true", "false"):
        raise invalid(f"Invalid boolean: {value}", param=name)
    return bool(value == "true")


def inner(params: Params, *names: str) -> Params:
    for name in names:
        params = params.get(name) or {}
        if not isinstance(params, dict):
            raise invalid(f"Invalid object: {name}", param=name)
    return params


def many(params: Params, name: str) -> list[Any]:
    value = params.get(name) or []
    if not isinstance(value, list):
        raise invalid("Invalid array", param=name)
    return value


def metadata(params: Params, before: dict[str, str] | None = None) -> dict[str, str]:
    """Merged; an empty value takes its name away."""
    merged = {**(before or {}), **inner(params, "metadata")}
    return {name: value for name, value in merged.items() if value != ""}
