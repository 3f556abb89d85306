"""The portal as a service: its documentation, its gauges, its behaviour when something is away."""

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from prometheus_client import CollectorRegistry
from sqlalchemy import Connection, text

from portal import tables as t
from portal.api import FeedPage
from portal.feed import Choice, Feed
from portal.metrics import MOST_DISTRICTS, OTHERS, PortalMetrics
from portal.migrations import SERVICE, VERSIONS
from runtime.store.migrate import migrate
from schemas.complaint import Complaint
from schemas.parts import Category, Place
from tests.stores import OpenStore

from .conftest import House, complaint, identity


async def test_the_description_is_complete(house: House) -> None:
    document = (await house.http.get("/openapi.json")).json()
    assert set(document["components"]["securitySchemes"]) == {"HTTPBearer", "APIKeyHeader"}
    for path in ("/v1/complaints", "/v1/complaints/{complaint_id}"):
        operation = document["paths"][path]["get"]
        assert operation["security"] == [{"HTTPBearer": []}, {"APIKeyHeader": []}]
        assert operation["summary"]
        assert operation["description"]
        assert set(operation["responses"]) == {"200", "default"}
        assert operation["responses"]["default"]["content"]["application/json"]["schema"]["$ref"].endswith("/Refusal")
    parameters = {p["name"]: p for p in document["paths"]["/v1/complaints"]["get"]["parameters"]}
    assert {"after", "limit", "agency", "channel", "status"} <= set(parameters)
    assert parameters["limit"]["schema"]["maximum"] == 1000
    assert all(p.get("description") for p in parameters.values() if p["in"] == "query")
    shown = document["components"]["schemas"]["ShownComplaint"]["properties"]
    assert shown["title"]["description"] == Complaint.model_fields["title"].description
    assert [name for name, field in shown.items() if not field.get("description")] == []
    assert "private" not in shown
    assert set(document["paths"]["/v1/complaints"]["get"]["responses"]["200"]["content"]) == {
        "application/json",
        "application/x-ndjson",
    }


def test_the_example_is_a_true_one() -> None:
    (example,) = FeedPage.model_json_schema()["examples"]
    page = FeedPage.model_validate(example)
    assert page.model_dump(mode="json") == example
    assert [type(item).__name__ for item in page.items] == ["ShownComplaint", "SecretComplaint"]


async def test_the_documentation_page_is_there(house: House) -> None:
    answer = await house.http.get("/docs")
    assert (answer.status_code, "swagger" in answer.text.lower()) == (200, True)


async def test_requests_and_records_are_counted(house: House) -> None:
    await house.show(complaint(1), complaint(1))
    await house.page()
    await house.http.get(f"/v1/complaints/{identity(2)}")
    await house.http.get("/v1/complaints?limit=0")
    await house.http.get("/v1/complaints", headers={"Authorization": "Bearer x"})

    def value(name: str, **labels: str) -> float | None:
        return house.registry.get_sample_value(name, labels)

    assert value("muara_portal_requests_total", route="feed", outcome="answered") == 1
    assert value("muara_portal_requests_total", route="complaint", outcome="not_found") == 1
    assert value("muara_portal_requests_total", route="feed", outcome="bad_request") == 1
    assert value("muara_portal_requests_total", route="feed", outcome="unauthorized") == 1
    assert value("muara_portal_records_total", outcome="appeared") == 1
    assert value("muara_portal_records_total", outcome="passed_over") == 1
    assert value("muara_portal_delay_seconds_count") == 2


async def test_what_people_complain_of_is_counted_without_what_is_secret(house: House) -> None:
    lamps = Category(key="lampu_jalan", title="Lampu jalan", confidence=1, version="1")
    names = "Majapahit, Lubuk Linggau Timur I, Kota Lubuk Linggau, Sumatera Selatan"
    village = Place(region_code="16.73.02.1001", region_name=names)
    city = Place(region_code="16.73", region_name="Kota Lubuk Linggau, Sumatera Selatan")
    await house.show(
        complaint(1, category=lamps, place=village),
        complaint(1, revision=2, category=lamps, place=city),
        complaint(2, category=lamps, place=city),
        complaint(3, category=lamps, place=village, rahasia=True, title="", text=""),
        complaint(4, category=lamps, historical=True),
        complaint(5),
    )
    families = {each.name: each for each in house.registry.collect()}
    shown = {
        tuple(sample.labels.values()): sample.value
        for name in ("muara_complaints", "muara_complaints_by_district")
        for sample in families[name].samples
        if sample.name.endswith("_total")
    }
    assert shown == {
        ("lampu_jalan",): 2,
        ("unknown",): 1,  # of the categories, and of the districts
        ("16.73 Kota Lubuk Linggau",): 2,
    }


def test_districts_are_bounded() -> None:
    metrics = PortalMetrics(registry := CollectorRegistry())
    metrics.written({}, [("jalan", f"16.{number}") for number in range(MOST_DISTRICTS + 50)])
    assert registry.get_sample_value("muara_complaints_by_district_total", {"district": OTHERS}) == 50


async def test_the_gauges_show_the_feed_and_how_far_it_is_behind(house: House) -> None:
    await house.show(complaint(1), complaint(2))
    await house.portal._measure()
    assert house.registry.get_sample_value("muara_portal_feed_entries") == 2
    lags = [house.registry.get_sample_value("muara_portal_lag_records", {"partition": p}) for p in ("0", "1")]
    assert lags == [0, 0]


@pytest.mark.parametrize("path", ["/v1/complaints", f"/v1/complaints/{identity(1)}"])
async def test_a_database_that_is_away_is_503_and_a_problem_in_words(house: House, path: str) -> None:
    await house.show(complaint(1))
    async with house.store.writing() as connection:
        await connection.execute(text("ALTER TABLE portal_complaints RENAME TO away"))
    answer = await house.http.get(path)
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert "later" in answer.json()["remedy"]
    await house.publish(complaint(2))
    await house.until("portal.feed", well=False)
    assert "restore it from a backup" in house.portal.health.problems["portal.feed"]

    async with house.store.writing() as connection:
        await connection.execute(text("ALTER TABLE away RENAME TO portal_complaints"))
    for part in ("portal.feed", "portal.gauges"):
        await house.until(part, well=True)
    await house.settle()
    assert len((await house.page())["items"]) == 2
    assert all(check.holds for check in (await house.portal.ledger()).checks)


async def test_a_counter_that_is_gone_stops_the_feed_and_says_so(house: House) -> None:
    async with house.store.writing() as connection:
        await connection.execute(t.counter.delete())
    await house.publish(complaint(1))
    await house.until("portal.feed", well=False)
    assert "counter is gone" in house.portal.health.problems["portal.feed"]
    assert (await house.http.get("/v1/complaints")).status_code == 503


async def test_the_migration_makes_the_tables_that_the_code_has(house: House) -> None:
    def differences(connection: Connection) -> list[Any]:
        names = {table.name for table in t.metadata.sorted_tables}
        context = MigrationContext.configure(
            connection,
            opts={"include_object": lambda _o, name, kind, *_: kind != "table" or name in names, "compare_type": True},
        )
        return list(compare_metadata(context, t.metadata))

    async with house.store.reading() as connection:
        assert await connection.run_sync(differences) == []


async def test_two_databases_are_two_feeds(house: House, open_store: OpenStore) -> None:
    other = await open_store()
    await migrate(other, SERVICE, VERSIONS)
    cursor = (await Feed(other).page(None, 1, Choice())).next
    answer = await house.http.get("/v1/complaints", params={"after": str(cursor)})
    assert (answer.status_code, answer.json()["error"]) == (400, "the cursor belongs to another feed")
