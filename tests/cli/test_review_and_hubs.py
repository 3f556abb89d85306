"""`muara review` and `muara hubs`: a person decides."""

import json
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from tests.cli.conftest import Run, commands, query, rewrite
from tests.outside import refused


@pytest.fixture
def pair(home: Path) -> tuple[str, str]:
    """Two complaints, of which the first is unclear and resembles the second."""
    sql = "SELECT complaint_id, document FROM normalizer_complaints WHERE document IS NOT NULL AND state = 'settled'"
    (one, document), (other, _), *_ = query(home, sql)
    query(home, "UPDATE normalizer_complaints SET unclear = 0")
    told = json.loads(document)
    told["verdict"] |= {"target": other, "score": 0.61, "reasons": ["the same street"], "unclear": True}
    update = "UPDATE normalizer_complaints SET unclear = 1, document = ? WHERE complaint_id = ?"
    query(home, update, json.dumps(told), one)
    return str(one), str(other)


def test_unclear_cases_are_listed_with_what_they_resemble(cli: Run, home: Path, pair: tuple[str, str]) -> None:
    one, other = pair
    done = cli("review", "list", "--home", home, "--json")
    assert (done.returncode, done.err) == (0, "")
    (found,) = json.loads(done.out)
    assert (found["complaint_id"], found["verdict"]["target"]) == (one, other)
    assert "private" not in found
    shown = cli("review", "list", "--home", home).out
    assert all(each in shown for each in ("1 unclear cases", one, other, "0.61", "the same street"))


def test_complaints_without_a_category_are_listed_with_what_they_might_be(cli: Run, home: Path) -> None:
    sql = "SELECT complaint_id, document FROM normalizer_complaints WHERE document IS NOT NULL AND state = 'settled'"
    (one, document), *_ = query(home, sql)
    told = json.loads(document) | {
        "category": None,
        "title": "Sampah dan banjir",
        "text": "sampah dan banjir",
        "rahasia": False,
    }
    update = "UPDATE normalizer_complaints SET document = ?, rahasia = 0 WHERE complaint_id = ?"
    query(home, update, json.dumps(told, separators=(",", ":")), one)
    found = {
        each["complaint_id"]: each for each in json.loads(cli("review", "categories", "--home", home, "--json").out)
    }
    assert found[one]["guess"] in ("sampah", "drainase_banjir")
    assert found[one]["confidence"] < found[one]["minimum"]
    shown = cli("review", "categories", "--home", home).out
    assert one in shown
    assert "banjir*" in shown or "sampah*" in shown


@pytest.mark.parametrize(
    ("verdict", "action"),
    [("merge", "merge"), ("link", "link"), ("new", "dismiss")],
)
def test_a_decision_is_an_order_on_the_log(
    cli: Run, home: Path, pair: tuple[str, str], verdict: str, action: str
) -> None:
    one, other = pair
    done = cli("review", "decide", one.upper(), verdict, "--home", home, "--reason", "dilihat sendiri")
    assert (done.returncode, done.err) == (0, "")
    (order,) = commands(home)
    target = str(order.target) if order.target else None
    assert (order.action, order.subject, target, order.reason) == (
        action, one, other if verdict in ("merge", "link") else None, "dilihat sendiri",
    )  # fmt: skip


def test_only_what_is_joined_can_be_undone(cli: Run, home: Path, pair: tuple[str, str]) -> None:
    (gone,), *_ = query(home, "SELECT complaint_id FROM normalizer_complaints WHERE state = 'merged'")
    refused(cli("review", "decide", pair[0], "undo", "--home", home), "there is nothing to undo")
    assert commands(home) == []
    done = cli("review", "decide", gone, "undo", "--home", home, "--reason", "dilihat sendiri")
    assert (done.returncode, done.err) == (0, "")
    (order,) = commands(home)
    assert (order.action, UUID(order.subject), order.reason) == ("undo", UUID(str(gone)), "dilihat sendiri")


def test_another_target_than_the_one_that_it_resembles(cli: Run, home: Path, pair: tuple[str, str]) -> None:
    one, other = pair
    assert cli("review", "decide", other, "link", "--target", one, "--home", home).returncode == 0
    (order,) = commands(home)
    assert (order.subject, str(order.target)) == (other, one)


def test_decisions_that_cannot_be_obeyed(cli: Run, home: Path, pair: tuple[str, str]) -> None:
    one, other = pair
    stranger = str(uuid4())
    for words, arguments in [
        ("'marge' is no verdict: say merge", [one, "marge"]),
        ("'x' is no id", ["x", "merge"]),
        ("'x' is no id", [one, "merge", "--target", "x"]),
        (f"there is no published complaint {stranger}", [stranger, "new"]),
        (f"there is no published complaint {stranger}", [one, "link", "--target", stranger]),
        ("name the other complaint with --target", [other, "merge"]),
        ("cannot be a duplicate of itself", [one, "merge", "--target", one]),
        ("--target belongs to merge and link", [one, "undo", "--target", other]),
    ]:
        said = refused(cli("review", "decide", *arguments, "--home", home), words)
        assert len(said.splitlines()) == 1
    assert commands(home) == []


def test_a_category_is_an_order_on_the_log(cli: Run, home: Path) -> None:
    ((one,), *_) = query(home, "SELECT complaint_id FROM normalizer_complaints WHERE state = 'settled'")
    (gone, head), *_ = query(home, "SELECT complaint_id, merged_into FROM normalizer_complaints WHERE state = 'merged'")
    refused(
        cli("review", "category", one, "lampu", "--home", home), "there is no category 'lampu': use one of", "sampah"
    )
    refused(cli("review", "category", "x", "sampah", "--home", home), "'x' is no id")
    refused(cli("review", "category", str(uuid4()), "sampah", "--home", home), "there is no published complaint")
    refused(cli("review", "category", gone, "sampah", "--home", home), f"lives on in {UUID(str(head))}")
    assert commands(home) == []
    done = cli("review", "category", one, "sampah", "--home", home, "--reason", "ditelepon")
    assert (done.returncode, done.err) == (0, "")
    (order,) = commands(home)
    assert (order.action, UUID(order.subject)) == ("dismiss", UUID(str(one)))
    assert (order.category, order.reason) == ("sampah", "ditelepon")


def test_hubs_are_listed_with_what_they_have(cli: Run, home: Path) -> None:
    done = cli("hubs", "list", "--home", home, "--json")
    assert (done.returncode, done.err) == (0, "")
    (hub,) = json.loads(done.out)
    assert (hub["hub"], hub["profile"], hub["mode"], hub["halted"]) == ("sp4n", "sandbox", "send", None)
    ((delivered,),) = query(home, "SELECT count(*) FROM dispatcher_deliveries WHERE state = 'delivered'")
    assert hub["deliveries"]["delivered"] == delivered > 0
    assert "sp4n" in cli("hubs", "list", "--home", home).out


def test_orders_to_the_tap(cli: Run, home: Path) -> None:
    ((stored,),) = query(home, "SELECT delivery_id FROM dispatcher_deliveries LIMIT 1")
    ident = str(UUID(str(stored)))
    assert cli("hubs", "pause", "sp4n", "--reason", "libur", "--home", home).returncode == 0
    assert cli("hubs", "resume", "sp4n", "--home", home).returncode == 0
    assert cli("hubs", "approve", ident, "all", "--home", home).returncode == 0
    assert [(each.action, each.subject, each.reason) for each in commands(home)] == [
        ("pause", "sp4n", "libur"), ("resume", "sp4n", None), ("approve", ident, None), ("approve", "all", None),
    ]  # fmt: skip


def test_orders_that_cannot_be_obeyed(cli: Run, home: Path, fresh: Path) -> None:
    for action in ("pause", "resume"):
        refused(cli("hubs", action, "spn4", "--home", home), "there is no hub 'spn4'", "use one of sp4n")
        refused(cli("hubs", action, "spn4", "--home", fresh), "(none)")
    refused(cli("hubs", "approve", str(uuid4()), "al", "--home", home), "'al' is no id", "`all`")
    strangers = sorted(str(uuid4()) for _ in range(2))
    ((complaint,),) = query(home, "SELECT subject_id FROM dispatcher_deliveries LIMIT 1")
    said = refused(
        cli("hubs", "approve", *strangers, str(UUID(str(complaint))), "--home", home), "nothing was approved"
    )
    assert f"{strangers[0]}, {strangers[1]}: no complaint or delivery has this id" in said
    refused(cli("hubs", "approve", "--home", home), "Missing argument")
    assert commands(home) == []
    rewrite(fresh, "hubs: {}", "hubs: {sp4n: {profile: sandbox, url: 'http://127.0.0.1:1'}}")
    refused(cli("hubs", "pause", "sp4n", "--home", fresh), "has no data yet")
