"""Every record of the log is accounted for once: redeliveries, dead letters, replays, crashes, zombies, losses."""

import json
from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy import event, insert, select

from normalizer import queries
from normalizer import tables as t
from normalizer.intake.reading import Incoming
from normalizer.origin import settle_origin
from runtime.bus.protocol import Gap, Partition, Received
from runtime.store.positions import PositionMoved
from schemas.identity import complaint_id
from schemas.raw import RawComplaint
from schemas.topics import COMPLAINTS, DEAD, RAW

from .rig import KETUT, WAYAN, Rig, text, wa

LAMP = "Lampu jalan mati di Jalan Melati RT 3"
OTHERS = ("Sampah di pasar Banyuasri tidak diangkut", "Air PDAM keruh di Penarukan sejak kemarin")


async def test_a_redelivery_in_the_same_batch_is_counted_and_harmless(rig: Rig) -> None:
    """Trap 1."""
    await rig.whatsapp(text(LAMP, ident="wamid.1"))
    await rig.whatsapp(text(LAMP, ident="wamid.1"))
    await rig.work()
    assert len(await rig.events()) == 1
    assert await rig.counts("complaint", "redelivered", "received") == (1, 1, 1)
    assert rig.batches[0].outcomes == {("whatsapp_cloud", "complaint"): 1, ("whatsapp_cloud", "redelivered"): 1}


async def test_a_redelivery_in_a_later_batch_is_counted_and_harmless(rig: Rig) -> None:
    for _ in range(3):
        await rig.whatsapp(text(LAMP, ident="wamid.1"))
        await rig.work()
    assert (await rig.one()).revision == 1
    assert await rig.counts("complaint", "redelivered") == (1, 2)


async def test_a_redelivery_on_another_partition_is_counted_and_harmless(rig: Rig) -> None:
    """A provider may name the sender otherwise the second time."""
    await rig.whatsapp(text(LAMP, ident="wamid.1"))
    (record,) = await rig.log(RAW.name)
    for name in range(8):  # some of these keys lie on the other partition
        await rig.publish(RAW.name, f"other-{name}", record.value)
    await rig.work()
    assert {each.partition.number for each in await rig.log(RAW.name)} == {0, 1}
    assert (await rig.one()).revision == 1
    assert await rig.counts("complaint", "redelivered") == (1, 8)


async def poison(rig: Rig, kind: str) -> None:
    if kind == "mapping":
        await rig.receive("wa-kota", b'{"entry":[{"changes":[{"field":"messages","value":{"messages":["broken"]}}]}]}')
    elif kind == "unsupported":
        await rig.whatsapp({"from": KETUT, "id": "wamid.x", "timestamp": "1", "type": "unsupported"})
    elif kind == "no JSON":
        await rig.publish(RAW.name, "somebody", b"\xff\x00 no JSON at all")
    elif kind == "no raw complaint":
        await rig.publish(RAW.name, "somebody", b'{"hello": "world"}')
    else:
        await rig.whatsapp(text("x", ident="wamid.x", sender=KETUT))
        record = (await rig.log(RAW.name))[-1]
        raw = json.loads(record.value)
        changed = {
            "unknown source": {"source": "wa-lama"},
            "foreign key": {"payload": raw["payload"].replace("v1.", "v1.00", 1)},
            "altered": {"payload": raw["payload"][:-8] + "AAAAAAAA"},
            "object gone": {"payload": None, "payload_object": "ab" * 32},
            "defect": {"defect": "the row broke off\x00"},
        }[kind]
        raw |= {**changed, "message_id": str(wa("wamid.y"))}
        await rig.publish(RAW.name, "somebody", json.dumps(raw).encode())


@pytest.mark.parametrize(
    ("kind", "words", "extra"),
    [
        ("mapping", "message", 0),
        ("unsupported", "could not hand the message over", 0),
        ("no JSON", "no raw complaint", 0),
        ("no raw complaint", "message_id: Field required", 0),
        ("unknown source", "add it to muara.yaml", 1),
        ("foreign key", "give the right master key", 1),
        ("altered", "was altered", 1),
        ("object gone", "object abab", 1),
        ("defect", "the row broke off", 1),
    ],
)
async def test_a_bad_message_among_good_ones_is_a_dead_letter_and_the_rest_flow(
    rig: Rig, kind: str, words: str, extra: int
) -> None:
    """Trap 4."""
    await rig.say(OTHERS[0])
    await poison(rig, kind)
    await rig.say(OTHERS[1], sender=WAYAN, name="Wayan Contoh")
    await rig.work()
    assert {complaint.text for complaint in await rig.live()} >= set(OTHERS)
    (letter,) = await rig.dead()
    assert words in letter.reason
    assert "\x00" not in letter.reason
    assert letter.stage == "normalizer"
    (row,) = await queries.dead_letters(rig.store)
    assert (row.message_id, row.reason) == (letter.subject, letter.reason)
    # Of the five kinds that were made from a good message, that one is ignored or a complaint of its own.
    complaints, ignored, dead = await rig.counts("complaint", "ignored", "dead")
    assert (complaints + ignored, dead) == (2 + extra, 1)


async def test_a_fault_in_a_recipe_is_a_dead_letter(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = rig.sources["wa-kota"].channel
    right = type(channel).map

    def wrong(self: object, payload: bytes, *args: object, **settings: object) -> object:
        if b"celaka" in payload:
            raise RuntimeError("quoting celaka")
        return right(channel, payload, *args, **settings)  # type: ignore[arg-type]  # as it is called

    monkeypatch.setattr(type(channel), "map", wrong)
    await rig.say("celaka", sender=KETUT)
    await rig.say(LAMP)
    await rig.work()
    (letter,) = await rig.dead()
    assert "RuntimeError" in letter.reason
    assert "celaka" not in letter.reason
    assert await rig.counts("complaint", "dead") == (1, 1)


async def test_a_batch_that_the_database_refuses_is_halved_to_the_culprit(rig: Rig) -> None:
    """As PostgreSQL refuses NUL: here the database refuses one message's row, whatever it is."""
    culprit = wa("wamid.5")
    engine = rig.store._engine.sync_engine

    def refuse(*call: object) -> None:
        statement, parameters = str(call[2]), str(call[3])
        if statement.startswith("INSERT INTO normalizer_complaints") and str(culprit) in parameters:
            call[1].execute("INSERT INTO normalizer_ignored VALUES (1, NULL)")  # type: ignore[attr-defined]  # a cursor

    for number in range(10):
        await rig.whatsapp(text(f"{LAMP} nomor {number}", ident=f"wamid.{number}", after=1000 * number))
    event.listen(engine, "before_cursor_execute", refuse)
    try:
        await rig.work()
    finally:
        event.remove(engine, "before_cursor_execute", refuse)
    (letter,) = await rig.dead()
    assert letter.subject == culprit
    assert "cannot be stored" in letter.reason
    states = [state for state, _ in (await rig.states()).values()]
    assert (len(states), states.count("dead")) == (10, 1)
    await rig.counts()


async def test_a_database_that_refuses_even_the_bare_record_is_not_believed_to_have_it(rig: Rig) -> None:
    message = await rig.say(LAMP)
    async with rig.store.writing() as connection:  # its row is there already: whatever is tried, it cannot be written
        row = {"message_id": message, "state": "dead", "attempt": 0, "requested_attempt": 0, "agency": "a"}
        row |= {"channel": "c", "source": "s", "received_at": rig.clock(), "raw": b""}
        await connection.execute(insert(t.messages), [row])
    with pytest.raises(Exception, match=r"(?i)unique"):
        await rig.take_in()
    assert (await rig.ledger()).counts["positions_raw"] == 0


async def failed(rig: Rig) -> UUID:
    """A message that dies, since its source is unknown."""
    message = await rig.say(LAMP)
    rig.reader._sources = {}
    await rig.work()
    return message


async def test_a_replay_goes_through_once_more_and_a_second_one_is_absorbed(rig: Rig) -> None:
    """Trap 16."""
    sources = rig.reader._sources
    message = await failed(rig)
    assert await rig.counts("dead") == (1,)
    rig.reader._sources = sources
    await rig.command("replay", message)
    await rig.command("replay", message)
    assert await rig.told() == ["attempt 1", "already on its way"]
    (_, again) = await rig.log(RAW.name)
    assert RawComplaint.model_validate_json(again.value).attempt == 1
    await rig.publish(RAW.name, again.key, again.value)  # and the same replay delivered twice
    await rig.work()
    assert (await rig.one()).complaint_id == complaint_id(message)
    assert await queries.dead_letters(rig.store) == []
    assert await rig.counts("complaint", "dead", "replays", "redelivered") == (1, 0, 1, 1)


async def test_a_replay_that_fails_again_can_be_replayed_again(rig: Rig) -> None:
    sources = rig.reader._sources
    message = await failed(rig)
    await rig.command("replay", message)
    await rig.work()
    assert [letter.attempt for letter in await rig.dead()] == [0, 1]
    assert await rig.counts("dead", "replays") == (1, 1)
    rig.reader._sources = sources
    await rig.command("replay", message)
    await rig.work()
    assert await rig.told() == ["attempt 1", "attempt 2"]
    assert await rig.counts("complaint", "dead", "replays") == (1, 0, 2)


async def test_a_dead_letter_given_up_is_ignored_and_stays_so(rig: Rig) -> None:
    message = await failed(rig)
    await rig.command("discard", message, reason="spam")
    await rig.command("replay", message)
    await rig.command("discard", message)
    assert await rig.told() == ["discarded", "not a dead letter: it is ignored", "no such dead letter here"]
    assert await rig.states() == {message: ("ignored", "discarded")}
    assert await rig.counts("ignored", "dead") == (1, 0)


async def test_a_replay_that_arrives_after_its_message_was_given_up_is_counted_and_harmless(rig: Rig) -> None:
    sources = rig.reader._sources
    message = await failed(rig)
    await rig.command("replay", message)
    await rig.command("discard", message)
    rig.reader._sources = sources
    await rig.work()
    assert await rig.live() == []
    assert await rig.counts("ignored", "replays") == (1, 1)


@pytest.mark.parametrize(
    ("subject", "words"),
    [(UUID(int=7), "no such message here"), ("sp4n", "the subject is no id")],
)
async def test_a_replay_of_nothing_is_told_so(rig: Rig, subject: object, words: str) -> None:
    await rig.command("replay", subject)
    assert await rig.told() == [words]
    await rig.counts()


async def test_a_record_that_never_was_one_cannot_be_replayed(rig: Rig) -> None:
    await poison(rig, "no JSON")
    await rig.work()
    (letter,) = await rig.dead()
    await rig.command("replay", letter.subject)
    assert "whoever published it" in (await rig.told())[0]


async def test_the_same_command_twice_is_obeyed_once(rig: Rig) -> None:
    message = await failed(rig)
    await rig.command("replay", message, event_id=UUID(int=1))
    await rig.work()
    await rig.command("replay", message, event_id=UUID(int=1))
    assert await rig.told() == ["attempt 1", "the same command as before"]
    assert await rig.counts("replays") == (1,)


async def test_attempts_that_come_back_together_after_the_tables_were_lost(rig: Rig) -> None:
    """Everything is read again from the log: the first attempt dies again, its replay revives it in one batch."""
    sources = rig.reader._sources
    message = await failed(rig)
    await rig.command("replay", message)
    rig.reader._sources = sources
    async with rig.store.writing() as connection:
        for table in reversed(t.metadata.sorted_tables):
            await connection.execute(table.delete())
    await settle_origin(rig.store, rig.bus)
    await rig.work()
    assert (await rig.one()).complaint_id == complaint_id(message)
    await rig.counts()


async def test_a_replay_whose_first_attempt_the_log_has_forgotten(rig: Rig) -> None:
    await rig.say(LAMP)
    (record,) = await rig.log(RAW.name)
    raw = RawComplaint.model_validate_json(record.value).model_copy(update={"attempt": 1, "message_id": UUID(int=9)})
    await rig.publish(RAW.name, record.key, raw.model_dump_json().encode())
    await rig.work()
    assert len(await rig.live()) == 1
    assert await rig.counts("received", "replays") == (2, 0)


# Trap 5


async def waiting(rig: Rig) -> int:
    return (await rig.ledger()).counts["outbox"]


async def test_a_crash_between_commit_and_publication_is_made_good_by_the_sweeper(rig: Rig) -> None:
    await poison(rig, "no raw complaint")
    await rig.say(LAMP)
    await rig.intake.write(await rig.reader.read(await rig.records(RAW.name)))
    rig.clock.advance(600)
    await rig.settler.settle()
    # Here the process died: nothing reached the log.
    assert (await rig.dead(), await rig.events()) == ([], [])
    assert await waiting(rig) == 2
    assert await t.outbox.sweep(rig.store, rig.bus, older_than=-rig.intake._policy.wait) == 2
    assert len(await rig.dead()) == 1
    assert (await rig.one()).text == LAMP
    assert await waiting(rig) == 0
    await rig.counts()


async def test_a_crash_between_publication_and_deletion_publishes_twice_which_is_harmless(rig: Rig) -> None:
    await rig.say(LAMP)
    await rig.take_in()
    rig.clock.advance(600)
    settled = await rig.settler.settle()
    assert settled is not None
    for sent in settled.events:  # published, but the process died before it could delete
        await rig.publish(sent.topic, sent.key, sent.value)
    await t.outbox.sweep(rig.store, rig.bus, older_than=-rig.intake._policy.wait)
    first, second = await rig.events()
    assert first == second  # one id, one revision: whoever has one passes over the other
    assert await waiting(rig) == 0


async def test_a_crash_before_the_commit_did_nothing(rig: Rig) -> None:
    await rig.say(LAMP)
    batch = await rig.reader.read(await rig.records(RAW.name))

    async def die_before_the_commit() -> None:
        async with rig.store.writing() as connection:
            await rig.intake._transaction(connection, batch)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await die_before_the_commit()
    await rig.work()
    assert (await rig.one()).revision == 1
    assert await rig.counts("complaint", "redelivered") == (1, 0)


@pytest.mark.parametrize("mixed", [False, True], ids=["new records", "a redelivery among them"])
async def test_a_zombie_finds_its_position_moved_and_doubles_nothing(rig: Rig, mixed: bool) -> None:
    if mixed:
        await rig.whatsapp(text(LAMP, ident="wamid.0"))
        await rig.take_in()
        await rig.whatsapp(text(LAMP, ident="wamid.0"))
    else:
        await rig.say(LAMP)
    records = await rig.records(RAW.name)
    first, second = await rig.reader.read(records), await rig.reader.read(records)
    await rig.intake.write(first)
    with pytest.raises(PositionMoved):
        await rig.intake.write(second)
    await rig.work()
    assert (await rig.one()).revision == 1
    assert await rig.counts("complaint", "redelivered") == (1, int(mixed))


async def test_zombies_of_the_other_topics_find_their_positions_moved_too(rig: Rig) -> None:
    message = await failed(rig)
    await rig.command("replay", message)
    await rig.status(complaint_id(message))
    commands, statuses = await rig.log("complaints.commands"), await rig.log("complaints.statuses")
    with pytest.raises(PositionMoved):
        await rig.commands.write(commands)
    with pytest.raises(PositionMoved):
        await rig.statuses.write(statuses)
    await rig.counts()


async def test_records_that_the_log_dropped_unread_are_a_loss_that_the_ledger_shows(rig: Rig) -> None:
    for number in range(4):
        await rig.say(f"{LAMP} nomor {number}", after=1000 * number)
    found: list[Received] = await rig.records(RAW.name)
    (partition,) = {record.partition for record in found}
    await rig.intake.write(await rig.reader.read(found[:1]))
    await t.positions.on_gap(rig.store)(Gap(partition, 1, 3))
    await rig.intake.write(await rig.reader.read(found[3:]))
    rig.clock.advance(600)
    await rig.settle()
    assert await rig.counts("lost", "received") == (2, 2)


@pytest.mark.parametrize("topic", ["complaints.statuses", "complaints.commands"])
async def test_a_loss_of_statuses_or_commands_is_a_fault_in_words(rig: Rig, topic: str) -> None:
    await t.positions.on_gap(rig.store)(Gap(Partition(topic, 0), 0, 5))
    found = await rig.ledger()
    assert all(check.holds for check in found.checks)
    (fault,) = found.faults
    assert f"5 records of {topic}" in fault


async def test_unreadable_statuses_and_commands_are_accounted_for(rig: Rig) -> None:
    await rig.publish("complaints.statuses", "x", b"nothing")
    await rig.publish("complaints.commands", "x", b'{"action": "explode"}')
    await rig.take_statuses()
    await rig.take_commands()
    assert await rig.told() == ["unreadable"]
    assert await rig.counts("positions_statuses", "positions_commands") == (1, 1)


async def test_a_command_for_another_service_is_passed_over(rig: Rig) -> None:
    await rig.command("pause", "sp4n")
    assert await rig.told() == ["not for the normalizer"]


async def test_by_channel_tells_what_became_of_each_channels_messages(rig: Rig) -> None:
    await rig.whatsapp(text(LAMP, ident="wamid.1"))
    await rig.whatsapp(text(LAMP, ident="wamid.1"))
    await rig.say("tes", sender=WAYAN)
    await rig.row(1, isi="Pungutan liar di loket", rahasia="mungkin")
    await rig.work()
    assert [
        (row.channel, row.received, row.complaints, dict(row.ignored), row.dead, row.redelivered)
        for row in await queries.by_channel(rig.store)
    ] == [("whatsapp_cloud", 2, 1, {"test": 1}, 0, 1), ("laporan_csv", 1, 0, {}, 1, 0)]
    (letter,) = await rig.dead()
    assert letter.provenance == "laporan.csv:1"


async def test_events_and_dead_letters_are_keyed_by_ids_only(rig: Rig) -> None:
    await rig.say(LAMP)
    await poison(rig, "mapping")
    await rig.work()
    complaint, letter = await rig.one(), (await rig.dead())[0]
    assert [record.key for record in await rig.log(COMPLAINTS.name)] == [str(complaint.complaint_id)]
    assert [record.key for record in await rig.log(DEAD.name)] == [str(letter.subject)]


async def test_a_dead_letter_keeps_its_record_as_it_was_accepted(rig: Rig) -> None:
    message = await failed(rig)
    (record,) = await rig.log(RAW.name)
    row = await queries.dead_letter(rig.store, message)
    assert row is not None
    assert row.raw == record.value
    assert await queries.dead_letter(rig.store, UUID(int=1)) is None
    async with rig.store.reading() as connection:
        requested = (await connection.execute(select(t.messages.c.requested_attempt))).scalar_one()
    assert requested == 0


async def test_each_batch_says_what_became_of_its_records(rig: Rig) -> None:
    await rig.say(LAMP)
    records = await rig.records(RAW.name)
    batch: Sequence[Incoming] = await rig.reader.read(records)
    written = await rig.intake.write(batch)
    assert written.outcomes == {("whatsapp_cloud", "complaint"): 1}
    assert written.events == ()
