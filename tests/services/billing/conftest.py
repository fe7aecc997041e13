"""A workspace that pays."""

from collections.abc import Iterator

import pytest

from store.database import Database
from tests.conftest import Member
from tests.services.billing import payers
from tests.services.billing.payers import Payer


@pytest.fixture
def payer(database: Database, member: Member) -> Iterator[Payer]:
    with payers.payer(database, member) as made:
        yield made
