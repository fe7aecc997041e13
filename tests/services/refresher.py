"""A process of its own that wants a live token, when told to begin. Prints a fingerprint of the token that it got."""

import hashlib
import sys
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from domain.ports import Platforms
from gateways.vault import SealedVault
from services.connections import access
from store.database import Database
from tests.consent import KEYS, LittleClient


def main(url: str, provider: str, tenant: str, channel: str) -> None:
    database = Database(url)
    platforms = Platforms(google=LittleClient(provider), vault=SealedVault.of(KEYS))
    _say("ready")
    sys.stdin.readline()
    grant = access(partial(database.begin, UUID(tenant)), platforms, UUID(channel), now=datetime.now(UTC))
    _say(hashlib.sha256(grant.access_token.encode()).hexdigest())


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
