"""Attachments that a hub takes one by one: each once, behind its report, whatever happens to the others."""

from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from recipes.hubs.models import HubProfile
from recipes.hubs.profile import Profile
from runtime.objects.folder import FolderObjects
from sandbox.other_hubs.simulation import Simulation
from schemas.parts import Attachment

from .conftest import House, settled

PROFILE = Profile(
    HubProfile.model_validate(
        {
            "name": "berkas",
            "title": "Takes files one by one",
            "create": {"method": "POST", "path": "/laporan", "body": {"isi": "private.text"}},
            "attach": {
                "method": "POST",
                "path": "/laporan/{delivery.tracking_id}/berkas",
                "format": "multipart",
                "body": {
                    "kunci": "delivery.id",
                    "berkas": {
                        "file": "attachment.object",
                        "name": "attachment.filename",
                        "type": "attachment.media_type",
                    },
                },
                "confirmed": {"value": True},
            },
            "answer": {"tracking_id": "body.nomor"},
        }
    )
)


class Files(Simulation):
    """Gives reports numbers, and notes what comes for which."""

    def __init__(self) -> None:
        self.reports = 0
        self.files: list[tuple[str, str, bytes]] = []
        self.refuse: set[str] = set()
        routes = [
            Route("/laporan", self._report, methods=["POST"]),
            Route("/laporan/{nomor}/berkas", self._file, methods=["POST"]),
        ]
        super().__init__(Starlette(routes=routes))

    async def _report(self, _: Request) -> Response:
        self.reports += 1
        return JSONResponse({"nomor": str(self.reports)}, 201)

    async def _file(self, request: Request) -> Response:
        async with request.form() as form:
            file = form["berkas"]
            assert isinstance(file, UploadFile)
            name, content = str(file.filename), await file.read()
        if name in self.refuse:
            return Response(status_code=413)
        self.files.append((request.path_params["nomor"], name, content))
        return Response(status_code=204)


async def test_each_attachment_is_sent_once_behind_its_report(house: House, tmp_path: Path) -> None:
    house.objects = objects = FolderObjects(tmp_path / "objects", house.sealing)
    keys = [await objects.put(f"isi {n}".encode()) for n in range(6)]

    def files(*numbers: int) -> tuple[Attachment, ...]:
        return tuple(Attachment(filename=f"{n}.jpg", media_type="image/jpeg", object=keys[n]) for n in numbers)

    async with Files() as hub:
        served: dict[str, Any] = {"profile": PROFILE, "base_url": hub.url, "secrets": {}}
        dispatcher = await house.dispatcher({"berkas": house.hub(hub, **served)})  # type: ignore[arg-type]  # fields of any kind
        # Two files, one of them twice, and one that is known by reference only.
        await house.publish(house.complaint("c", attachments=(*files(0, 1, 0), Attachment(filename="x.jpg"))))
        await settled(house, dispatcher)
        assert hub.files == [("1", "0.jpg", b"isi 0"), ("1", "1.jpg", b"isi 1")]
        assert [each.target for each in hub.seen] == ["/laporan", "/laporan/1/berkas", "/laporan/1/berkas"]

        # A later revision brings two more; the hub takes one of them, and refuses the other for good.
        hub.refuse = {"2.jpg"}
        await house.publish(house.complaint("c", 2, attachments=files(0, 1, 2, 3)))
        await settled(house, dispatcher)
        assert [name for _, name, _ in hub.files] == ["0.jpg", "1.jpg", "3.jpg"]
        refused = await house.delivery(house.complaint("c"), "berkas", "attach")
        states = (await house.deliveries())["berkas", "attach"]
        assert sorted(states) == ["delivered", "delivered", "delivered", "rejected"]
        [letter] = await house.dead()
        assert "attach" in (letter.provenance or "")
        assert refused.subject_id == house.complaint("c").complaint_id

        # Replayed when the hub has room, it goes; everything else stays as it is.
        hub.refuse = set()
        assert await house.command("replay", letter.subject) == "to be sent again"
        await settled(house, dispatcher)
        assert [name for _, name, _ in hub.files] == ["0.jpg", "1.jpg", "3.jpg", "2.jpg"]
        assert hub.reports == 1
        ledger = await dispatcher.ledger()
        assert [check.name for check in ledger.checks if not check.holds] == []
        assert (ledger.counts["attachments"], ledger.counts["updates"]) == (4, 0)
        assert len([s for s in await house.statuses() if s.kind == "receipt"]) == 1

        # Nobody knows whether the hub took one: it waits for a person, and the citizen's next words do not wait for it.
        hub.behave(next_n={"outage": 1}, outage_mode="closed")
        await house.publish(house.complaint("c", 3, attachments=files(0, 1, 2, 3, 4)))
        await settled(house, dispatcher, step=30)
        await house.publish(house.complaint("c", 4, attachments=files(0, 1, 2, 3, 4, 5)))
        await settled(house, dispatcher)
        assert sorted((await house.deliveries())["berkas", "attach"]) == ["delivered"] * 5 + ["parked"]
        assert [name for _, name, _ in hub.files][-1] == "5.jpg"
        assert all(check.holds for check in (await dispatcher.ledger()).checks)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
async def test_in_the_shadow_no_file_leaves_and_an_approved_report_takes_its_files_along(
    house: House, tmp_path: Path
) -> None:
    house.objects = objects = FolderObjects(tmp_path / "objects", house.sealing)
    key = await objects.put(b"isi")
    complaint = house.complaint("c", attachments=(Attachment(filename="a.jpg", object=key),))
    async with Files() as hub:
        served: dict[str, Any] = {"profile": PROFILE, "base_url": hub.url, "secrets": {}, "mode": "approve"}
        dispatcher = await house.dispatcher({"berkas": house.hub(hub, **served)})  # type: ignore[arg-type]  # fields of any kind
        await house.publish(complaint)
        await settled(house, dispatcher)
        assert hub.seen == []
        assert await house.command("approve", complaint.complaint_id) == "approved: 1"
        await settled(house, dispatcher)
        assert hub.files == [("1", "a.jpg", b"isi")]

        # The connection breaks within the answer: nobody can tell, so it is parked, and not sent twice.
        more = await objects.put(b"lagi")
        later = house.complaint("c", 2, attachments=(*complaint.attachments, Attachment(filename="b.jpg", object=more)))
        await house.publish(later)
        await settled(house, dispatcher)
        assert len(hub.files) == 1  # it waits for approval, too
        hub.behave(next_n={"p_drop_after_accept": 1})
        assert await house.command("approve", complaint.complaint_id) == "approved: 1"
        await settled(house, dispatcher, step=30)
        assert (await house.delivery(later, "berkas", "attach")).state == "parked"
        assert len(hub.files) == 2
