"""One plan that many tests look at, and the moment that it is drawn for."""

from datetime import UTC, datetime

import pytest

from sandbox.city.plan import Plan, plan_city

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def plan() -> Plan:
    return plan_city(7, 2000, now=NOW)
