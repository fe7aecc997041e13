"""The books over a restart of the sandbox: one file in its folder, replaced as a whole whenever something changed.

It is written before whoever changed something is answered, so nothing that anybody was told of is lost. Test clocks stand where they
stood; the world's clock is real again, so what was reached by moving it lies in the future. Troubles that were switched on are forgotten.
"""

import json
from pathlib import Path
from typing import Any

from domain.errors import Unacceptable
from sandbox.stripe.books import Books, Words
from sandbox.stripe.service import Stripe
from sandbox.stripe.telling import Delivery


class Keeper:
    """Takes up what the file knows when it is made."""

    def __init__(self, path: Path, service: Stripe) -> None:
        self._path, self._service = path, service
        self._written = ""
        if path.is_file():
            self._take_up()
        else:
            # Ids that whoever knew earlier books has not seen: the milliseconds of now.
            service.books.go_on_from(int(service.books.clock.now().timestamp() * 1_000))
        service.on_change = self.keep

    def keep(self) -> None:
        """Nothing is written where nothing happened since."""
        service = self._service
        with service.books.lock:
            state = f"{service.books.made} {len(service.webhooks.sent)} {len(service.webhooks.waiting)}"
            if state != self._written:
                fresh = self._path.with_suffix(".new")
                fresh.write_text(json.dumps(_words(service)), encoding="utf-8")
                fresh.replace(self._path)
                self._written = state

    def _take_up(self) -> None:
        """Raises Unacceptable where the file is none of ours: money is not begun anew in silence."""
        try:
            words = json.loads(self._path.read_text(encoding="utf-8"))
            _put(self._service, words)
        except (ValueError, KeyError, TypeError) as error:
            raise Unacceptable(f"{self._path} cannot be read: remove it, and the sandbox's Stripe begins anew") from error


def _words(service: Stripe) -> Words:
    return {
        "made": service.books.made,
        "site": service.books.site,
        "kept": list(service.books.kept.values()),
        "keys": service.keys.written(),
        "waiting": [[each.event["id"], each.endpoint["id"], each.due, each.tries] for each in service.webhooks.waiting],
    }


def _put(service: Stripe, words: Any) -> None:
    books = service.books
    for thing in words["kept"]:
        books.put(thing)
    books.go_on_from(words["made"])
    books.site = words["site"]
    _join(books)
    service.keys.take_up(words["keys"])
    service.webhooks.waiting = [
        Delivery(books.get("event", event), books.get("webhook_endpoint", endpoint), due, tries)
        for event, endpoint, due, tries in words["waiting"]
        if endpoint in books.kept
    ]


def _join(books: Books) -> None:
    """A subscription's price is the price itself, not a copy that no change of it reaches."""
    for each in books.every("subscription"):
        for item in each["items"]["data"]:
            item["price"] = books.kept.get(item["price"]["id"], item["price"])
