"""What is shown of one complaint, and what never is."""

from typing import Any

import pytest

from portal.views import SecretComplaint, ShownComplaint
from schemas.complaint import Complaint
from tests.stores import everything_in

from .conftest import House, complaint, identity

SECRETS = ("v1.kunci", "cmFoYXNpYQ", "a" * 64)
"""Of the sealed part, of references, of the objects."""


def with_attachments(**fields: Any) -> Complaint:  # noqa: ANN401
    file = {"media_type": "image/jpeg", "filename": "foto.jpg", "size": 12}
    return complaint(
        1, attachments=[file | {"object": "a" * 64}, file | {"reference": "v1.kunci.cmVmZXJlbnNp"}], **fields
    )


async def one(house: House, name: int) -> dict[str, Any]:
    answer = await house.http.get(f"/v1/complaints/{identity(name)}")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


async def test_the_newest_revision_as_in_the_feed(house: House) -> None:
    await house.show(with_attachments())
    await house.show(with_attachments().model_copy(update={"revision": 2, "title": "Jalan rusak"}))
    document = await one(house, 1)
    assert (document["revision"], document["title"]) == (2, "Jalan rusak")
    assert (await house.page())["items"] == [document]
    assert ShownComplaint.model_validate(document).model_dump(mode="json") == document


async def test_sealed_parts_and_references_are_never_shown(house: House) -> None:
    await house.show(with_attachments())
    answers = [await house.http.get("/v1/complaints"), await house.http.get(f"/v1/complaints/{identity(1)}")]
    for answer in answers:
        assert not [secret for secret in SECRETS if secret in answer.text]
        assert answer.headers["cache-control"] == "private, no-store"
    shown = (await one(house, 1))["attachments"]
    assert shown == [{"media_type": "image/jpeg", "filename": "foto.jpg", "size": 12}] * 2
    await house.stop()
    kept = await everything_in(house.store)
    assert b"Jalan berlubang" in kept
    assert not [secret for secret in SECRETS if secret.encode() in kept]


def test_every_field_of_the_schema_was_decided_upon() -> None:
    assert set(Complaint.model_fields) - set(ShownComplaint.model_fields) == {"private"}
    assert set(ShownComplaint.model_fields) <= set(Complaint.model_fields)


async def test_a_rahasia_complaint_is_a_stub(house: House) -> None:
    secret = with_attachments(
        rahasia=True,
        title="JUDUL",
        text="ISI",
        place={"street": "JALAN"},
        directed_to="TUJUAN",
        category={"key": "kategori-x", "title": "KATEGORI", "confidence": 1, "version": "1"},
        status={"state": "disposed", "words": "Terdisposisi ke TUJUAN", "hub": "sandbox"},
    )
    await house.show(secret)
    document = await one(house, 1)
    assert document == {
        "complaint_id": str(identity(1)),
        "revision": 1,
        "agency": "dinas-pu",
        "rahasia": True,
        "merged_into": None,
        "status": {"state": "disposed", "hub": "sandbox", "since": None},
    }
    assert SecretComplaint.model_validate(document).model_dump(mode="json") == document
    page = await house.http.get("/v1/complaints")
    assert page.json()["items"] == [document]
    for words in ("JUDUL", "ISI", "JALAN", "TUJUAN", "KATEGORI", "S***", "foto.jpg", *SECRETS):
        assert words not in page.text


async def test_what_becomes_rahasia_leaves_no_earlier_words_behind(house: House) -> None:
    await house.show(complaint(1, text="KATA-KATA"))
    assert (await one(house, 1))["text"] == "KATA-KATA"
    await house.show(complaint(1, 2, rahasia=True, title="", text=""))
    assert (await one(house, 1))["rahasia"] is True
    assert "KATA-KATA" not in (await house.http.get("/v1/complaints")).text


async def test_an_anonim_complaint_has_no_reporter(house: House) -> None:
    await house.show(complaint(1, anonim=True))
    document = await one(house, 1)
    assert document["reporter"] == {"name": None, "phone": None, "email": None}
    assert document["text"]


@pytest.mark.parametrize("rahasia", [False, True])
async def test_a_merged_complaint_says_where_it_lives_on(house: House, *, rahasia: bool) -> None:
    await house.show(complaint(1, rahasia=rahasia), complaint(2))
    await house.show(complaint(1, 2, rahasia=rahasia, merged_into=identity(2)))
    answer = await house.http.get(f"/v1/complaints/{identity(1)}")
    assert answer.json()["merged_into"] == str(identity(2))
    assert answer.headers["link"] == f'</v1/complaints/{identity(2)}>; rel="canonical"'
    alive = await house.http.get(f"/v1/complaints/{identity(2)}")
    assert alive.json()["merged_into"] is None
    assert "link" not in alive.headers


async def test_one_that_is_not_there_is_404_with_a_remedy(house: House) -> None:
    answer = await house.http.get(f"/v1/complaints/{identity(1)}")
    assert answer.status_code == 404
    assert "no complaint with this id" in answer.json()["error"]
    assert "complaint_id" in answer.json()["remedy"]


async def test_an_id_that_is_none_is_400(house: House) -> None:
    answer = await house.http.get("/v1/complaints/9165816")
    assert answer.status_code == 400
    assert "complaint_id" in answer.json()["error"]
