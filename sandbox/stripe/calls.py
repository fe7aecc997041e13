"""One call of the API while it is answered, and the table of addresses that lead to it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from sandbox.stripe.books import Books, Words
from sandbox.stripe.params import Params


@dataclass(frozen=True, slots=True)
class Call:
    """`key`: the id in the address. `site`: where the sandbox's own pages are."""

    books: Books
    params: Params
    key: str = ""
    site: str = ""


Does: TypeAlias = Callable[[Call], Words]
Routes: TypeAlias = Mapping[str, Does]


def found(routes: Routes, method: str, path: str) -> tuple[Does, str] | None:
    """`POST /v1/invoices/{id}/pay`; an address in words is before one with an id."""
    exact = routes.get(f"{method} {path}")
    if exact:
        return exact, ""
    for pattern, does in routes.items():
        if "{id}" in pattern:
            match = re.fullmatch(re.escape(pattern).replace(r"\{id\}", "([^/]+)"), f"{method} {path}")
            if match:
                return does, match[1]
    return None
