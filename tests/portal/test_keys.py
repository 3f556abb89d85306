"""Who may read, and who is told why not."""

import pytest
from pydantic import ValidationError

from portal.keys import KeyEntry, Keys, digest, make_key
from tests.stores import everything_in

from .conftest import House, complaint, identity


def test_a_key_is_made_once_and_only_its_hash_is_kept() -> None:
    key, entry = make_key("Dasbor kota", ["dinas-pu"])
    prefix, identity_, secret = key.split("_", 2)
    assert (prefix, identity_) == ("muara", entry.id)
    assert len(secret) >= 43, "256 bits"
    assert entry.sha256 == digest(secret)
    assert secret not in entry.model_dump_json()
    assert (entry.name, entry.agencies) == ("Dasbor kota", ("dinas-pu",))
    assert make_key("Dasbor kota")[0] != key


def test_only_the_whole_key_is_found() -> None:
    key, entry = make_key("Satu")
    other, second = make_key("Dua")
    keys = Keys([entry, second])
    assert keys.find(key) == entry
    assert keys.find(f" {key} ") == entry
    secret = key.split("_", 2)[2]
    wrong = (
        "",
        "muara",
        "muara__",
        key[:-1],
        key + "x",
        key.upper(),
        secret,
        f"muara_{second.id}_{secret}",
        f"muara_{entry.id}_{entry.sha256}",
        f"lain_{entry.id}_{secret}",
        "muara_ñ_\U0001f600",
    )
    assert [each for each in wrong if keys.find(each)] == []
    assert keys.find(other) == second


@pytest.mark.parametrize(
    "fields",
    [{"sha256": "abc"}, {"id": "a_b_c_d"}, {"name": ""}, {"agencies": []}, {"agencies": ["Dinas PU"]}, {"agency": "x"}],
)
def test_a_wrong_entry_is_refused(fields: dict[str, object]) -> None:
    _, entry = make_key("Satu")
    with pytest.raises(ValidationError):
        KeyEntry.model_validate(entry.model_dump() | fields)


def test_an_id_twice_is_refused() -> None:
    _, entry = make_key("Satu")
    with pytest.raises(ValueError, match=f"two keys have the id {entry.id}"):
        Keys([entry, make_key("Dua")[1], entry])


async def test_both_headers_are_taken(house: House) -> None:
    del house.http.headers["Authorization"]
    for headers in ({"Authorization": f"Bearer {house.key}"}, {"X-API-Key": house.key}):
        assert (await house.http.get("/v1/complaints", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ({}, "an API key is missing"),
        ({"Authorization": "Basic YTpi"}, "an API key is missing"),
        ({"Authorization": "Bearer muara_abcdef_salah"}, "this API key is not known"),
        ({"X-API-Key": "salah"}, "this API key is not known"),
    ],
)
async def test_without_a_right_key_nothing_is_told_but_how_to_send_one(
    house: House, headers: dict[str, str], error: str
) -> None:
    await house.show(complaint(1))
    del house.http.headers["Authorization"]
    for path in ("/v1/complaints", "/v1/complaints?limit=0", f"/v1/complaints/{identity(1)}", "/v1/complaints/x"):
        answer = await house.http.get(path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.json()["error"] == error
        assert "key" in answer.json()["remedy"].lower()


async def test_no_key_configured_says_how_to_make_one(house: House) -> None:
    await house.stop()
    house.keys = []
    await house.start()
    answer = await house.http.get("/v1/complaints")
    assert answer.status_code == 401
    assert "no API key is configured" in answer.json()["error"]
    assert "muara keys new" in answer.json()["remedy"]


async def test_a_key_of_some_agencies_sees_only_those(house: House) -> None:
    await house.stop()
    house.key, entry = make_key("Dinas air", ["dinas-air", "puskesmas"])
    house.keys = [entry]
    await house.start()
    await house.show(complaint(1), complaint(2, agency="dinas-air"), complaint(3, agency="puskesmas"))

    ids = {item["complaint_id"] for item in (await house.page())["items"]}
    assert ids == {str(identity(2)), str(identity(3))}
    assert [i["complaint_id"] for i in (await house.page(agency="puskesmas"))["items"]] == [str(identity(3))]
    assert (await house.http.get(f"/v1/complaints/{identity(2)}")).status_code == 200

    hidden = await house.http.get(f"/v1/complaints/{identity(1)}")
    absent = await house.http.get(f"/v1/complaints/{identity(99)}")
    assert (hidden.status_code, hidden.json()) == (404, absent.json())
    refused = await house.http.get("/v1/complaints", params={"agency": ["dinas-air", "dinas-pu"]})
    assert refused.status_code == 403
    assert "dinas-pu" in refused.json()["error"]
    assert "dinas-air, puskesmas" in refused.json()["remedy"]


async def test_the_database_holds_no_keys(house: House) -> None:
    await house.show(complaint(1))
    assert (await house.http.get("/v1/complaints")).status_code == 200
    await house.stop()
    assert house.key.split("_")[2].encode() not in await everything_in(house.store)
