"""A run in a process of its own, which its test kills: `python -m tests.faults.victim WORDS`, JSON that says where everything is."""

import json
import sys
from datetime import datetime
from uuid import UUID

from domain.observations import Platform
from services.scraping import refresh
from store.database import Database
from tests.faults.places import PATIENT, reaching
from tests.services.alone import Alone


def main() -> None:
    words = json.loads(sys.argv[1])
    now = datetime.fromisoformat(words["now"])
    database, request_id = Database(words["database"], pool_size=8), UUID(words["request_id"])
    with database.begin(UUID(words["tenant_id"])) as uow:
        request = uow.requests.get(request_id)
    with reaching(words["url"], PATIENT, lambda: now) as platforms:
        refresh(Alone(database, request), platforms, Platform(words["platform"]), now=lambda: now)


if __name__ == "__main__":
    main()
