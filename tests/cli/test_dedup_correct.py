"""`muara dedup undo|link|merge|split`: orders on the log, and words for what cannot be ordered."""

from pathlib import Path
from uuid import UUID, uuid4

from tests.cli.conftest import Run, commands, query
from tests.outside import refused

SETTLED = "SELECT complaint_id, message_id FROM normalizer_complaints WHERE state = 'settled' AND leader IS NULL"
GONE = "SELECT complaint_id, merged_into, message_id FROM normalizer_complaints WHERE state = 'merged'"
JOINED = "SELECT message_id, complaint_id FROM normalizer_supporters WHERE reason != 'same_report'"


def test_each_correction_is_an_order_on_the_log(cli: Run, home: Path) -> None:
    (one, _), (other, _), *_ = query(home, SETTLED)
    (gone, head, founder), *_ = query(home, GONE)
    (message, owner), *_ = query(home, JOINED)
    for words, arguments in [
        (f"follows {other}", ["link", one, other]),
        (f"lives on in {other}", ["merge", one, other]),
        ("no longer merged into", ["undo", gone]),
        (f"taken out of {UUID(str(owner))}", ["split", message]),
        (f"taken out of {UUID(str(head))}", ["split", founder]),
    ]:
        done = cli("dedup", *map(str, arguments), "--home", home, "--reason", "dilihat sendiri")
        assert (done.returncode, done.err) == (0, ""), done.said
        assert words in done.out
    assert [(each.action, UUID(each.subject), each.target, each.reason) for each in commands(home)] == [
        (action, UUID(str(subject)), target and str(UUID(str(target))), "dilihat sendiri")
        for action, subject, target in [
            ("link", one, other),
            ("merge", one, other),
            ("undo", gone, None),
            ("undo", message, None),
            ("undo", founder, None),
        ]
    ]


def test_corrections_that_cannot_be_obeyed(cli: Run, home: Path, fresh: Path) -> None:
    (one, founder), *_ = query(home, SETTLED)
    stranger = str(uuid4())
    cases: list[tuple[str, list[str]]] = [
        ("there is nothing to undo", ["undo", one]),
        (f"there is no published complaint {stranger}", ["undo", stranger]),
        ("'x' is no id", ["undo", "x"]),
        ("cannot be a duplicate of itself", ["link", one, one]),
        (f"there is no published complaint {stranger}", ["merge", one, stranger]),
        ("is a complaint: name the message", ["split", one]),
        ("take the other messages out of it", ["split", founder]),
        (f"no message {stranger} here", ["split", stranger]),
    ]
    for words, arguments in cases:
        said = refused(cli("dedup", *arguments, "--home", home), words)
        assert len(said.splitlines()) == 1
    assert commands(home) == []
    refused(cli("dedup", "undo", one, "--home", fresh), "has no data yet")
