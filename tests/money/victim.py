"""Processes that spend money and die at a chosen statement: `python -m tests.money.victim WORDS`, JSON. See `tests.money.test_killed`.

The provider is a file: a line for each call that it charged, written by whoever calls it and kept whatever becomes of the caller.
"""

import json
import os
import random
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from domain.money import Purpose
from store.database import Database
from tests.trust.victim import Deadly

MOST = Decimal("0.10")
# Statements and commits of a flow, with room for those of its connection.
LAST_POINT = 32
LIFE = timedelta(minutes=1)


def main() -> None:
    words = json.loads(sys.argv[1])
    chance = random.Random(words["seed"])
    for number in range(words["flows"]):
        turn, price = chance.randint(1, LAST_POINT), Decimal(chance.randint(1, 10)) / 100
        child = os.fork()
        if child == 0:
            Deadly(turn)
            flow(words["url"], UUID(words["tenant"]), f"{words['seed']}-{number}", price, Path(words["provider"]))
            os._exit(0)
        os.waitpid(child, 0)
    sys.stdout.write("done\n")


def flow(url: str, tenant_id: UUID, operation: str, price: Decimal, provider: Path) -> None:
    """Reserve, begin, call, commit: each in its own transaction, as a run does it."""
    database, now = Database(url, pool_size=1), datetime.now(UTC)
    with database.begin(tenant_id) as uow:
        uow.ledger.reserve(operation, operation, MOST, now=now, expires_at=now + LIFE, purpose=Purpose(service="provider"))
    with database.begin(tenant_id) as uow:
        uow.ledger.began(operation)
    charge(provider, operation, price)
    with database.begin(tenant_id) as uow:
        uow.ledger.commit(operation, price)


def charge(provider: Path, operation: str, price: Decimal) -> None:
    line = os.open(provider, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(line, f"{operation} {price}\n".encode())
    os.close(line)


if __name__ == "__main__":
    main()
