"""Members with points."""

import pytest

from loyalty.core.database import Database
from loyalty.customers.values import CustomerID
from tests.factories import enrol


@pytest.fixture
def ada(database: Database) -> CustomerID:
    with database.transaction() as session:
        return enrol(session).profile.id


@pytest.fixture
def bob(database: Database) -> CustomerID:
    with database.transaction() as session:
        return enrol(session, "bob@example.org").profile.id
