"""The language of recipes, as the reference in docs/recipes.md describes it."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from recipes.expressions import compile_expression
from recipes.mapped import MappingError, Value
from recipes.paths import Context, ExpressionError

DOCUMENT = {
    "a": {"b": {"c": "deep"}, "list": [{"id": 1, "n": "one"}, {"id": 2, "n": "two"}]},
    "No. Tiket": "T-1",
    "no-hp": "0811-0000-0001",
    "blank": "  ",
    "nothing": None,
    "zero": 0,
    "no": False,
    "html": "<p>Satu<br>dua &amp; tiga</p>",
    "waktu": "24/11/2026 14:05",
    "unix": "1795503900",
    "ms": 1795503900000,
    "Url0": "u0",
    "Type0": "t0",
    "Url1": "u1",
    "kind": "photo",
    "answer": "Ya",
    "number": "1.234,5",
    "form": '{"flow_token": "x", "lokasi": "Pasar", "jumlah": 2}',
}
NOON = datetime(2026, 11, 24, 7, 5, tzinfo=UTC)

VALUES: list[tuple[Any, Any]] = [
    ("a.b.c", "deep"),
    ("a.list[1].n", "two"),
    ("a.list[-1].n", "two"),
    ("a.list[9].n", None),
    ("a.b.c.d.e", None),
    ("waktu[0]", None),
    ('"No. Tiket"', "T-1"),
    ("no-hp", "0811-0000-0001"),
    ("@", DOCUMENT),
    ("a.list[?id == `2`].n | [0]", "two"),
    ("length(a.list)", 2),
    ("kind == 'photo'", True),
    ("kind != 'photo'", False),
    ("missing == 'photo'", False),
    (["nothing", "blank", "a.b.c"], "deep"),
    (["nothing", "zero"], 0),
    (["nothing", {"value": "else"}], "else"),
    ({"first_of": ["nothing", "kind"]}, "photo"),
    ({"value": None}, None),
    ({"setting": "office"}, "Kantor"),
    ({"setting": "unset"}, None),
    ({"phone": "no-hp"}, "+6281100000001"),
    ({"phone": ["nothing", "no-hp"]}, "+6281100000001"),
    ({"email": {"value": "Siti <SITI@Warga.Example>"}}, "siti@warga.example"),
    ({"email": "no-hp"}, None),
    ({"timestamp": "unix"}, NOON),
    ({"timestamp": "ms"}, NOON),
    ({"timestamp": "waktu", "format": "DD/MM/YYYY HH:mm"}, NOON),
    ({"timestamp": "waktu", "format": "DD/MM/YYYY HH:mm", "zone": "WITA"}, datetime(2026, 11, 24, 6, 5, tzinfo=UTC)),
    ({"timestamp": "kind", "invalid": "nothing"}, None),
    ({"timestamp": "blank"}, None),
    ({"timestamp": {"value": "Tue, 24 Nov 2026 14:05:00 +07:00"}}, NOON),
    ({"timestamp": {"value": "2026-11-24 07:05:00 UTC"}}, NOON),
    ({"timestamp": {"value": "2026-11-24 07:05:00 +0000 UTC"}}, NOON),
    ({"date": "waktu", "format": ["YYYY", "DD/MM/YYYY HH:mm"][1:]}, date(2026, 11, 24)),
    ({"html_to_text": "html"}, "Satu\ndua & tiga"),
    ({"html_to_text": {"value": "5 < 6 dan 7 > 3"}}, "5 < 6 dan 7 > 3"),
    ({"strip_reply": {"value": "Belum.\n\nOn Tue, 24 Nov 2026, X wrote:\n> lama"}}, "Belum."),
    ({"join": ["kind", "blank", "a.b.c"], "with": ", "}, "photo, deep"),
    ({"join": ["nothing", "blank"]}, None),
    ({"template": 'Tiket {"No. Tiket"}: {kind}'}, "Tiket T-1: photo"),
    ({"template": "Tiket {nothing}"}, None),
    ({"numbered": ["Url", "Type"]}, [{"Url": "u0", "Type": "t0"}, {"Url": "u1"}]),
    ({"lookup": "a.list", "key": "id", "equals": {"value": 2}}, {"id": 2, "n": "two"}),
    ({"lookup": "a.list", "key": "id", "equals": "missing"}, None),
    ({"for_each": "a.list", "do": "n", "with": "; "}, "one; two"),
    ({"switch": "kind", "cases": {"photo": "a.b.c", "text": "x"}}, "deep"),
    ({"switch": "nothing", "cases": {"photo": "a"}, "otherwise": "kind"}, "photo"),
    ({"translate": "kind", "values": {"Photo": "foto"}}, "foto"),
    ({"translate": "kind", "values": {"text": 1}}, None),
    ({"translate": "kind", "values": {"text": 1}, "otherwise": "a.b.c"}, "deep"),
    ({"if": "kind == 'photo'", "then": "a.b.c", "else": "zero"}, "deep"),
    ({"if": "blank", "then": "a.b.c"}, None),
    ({"extract": "waktu", "pattern": r"(\d{4})"}, "2026"),
    ({"matches": "kind", "pattern": "^PHO"}, True),
    ({"one_of": "kind", "values": ["text", "photo"]}, True),
    ({"all": ["kind", {"not": "blank"}]}, True),
    ({"any": ["blank", "no"]}, False),
    ({"not": ["blank", "nothing"]}, True),
    ({"boolean": "answer"}, True),
    ({"number": "number"}, 1234.5),
    ({"upper": {"trim": "answer"}}, "YA"),
    ({"lower": "nothing"}, None),
    ({"field": "^no.?hp$"}, "0811-0000-0001"),
    ({"field": "C", "in": "a.b"}, "deep"),
    ({"field": "^(blank|nothing)$"}, None),
    ({"field": "x", "in": "kind"}, None),
    ({"split": {"value": "a.jpg, b.jpg,, "}}, ["a.jpg", "b.jpg"]),
    ({"split": "nothing"}, []),
    ({"split": {"value": "a|b"}, "by": "|"}, ["a", "b"]),
    ({"get": "lokasi", "of": {"json": "form"}}, "Pasar"),
    ({"get": "from.address", "of": {"mail": {"value": "From: Siti <S@warga.example>"}}}, "S@warga.example"),
    (
        {
            "get": "automatic",
            "of": {"mail": {"value": '[["From", "s@w.example"], ["Auto-Submitted", "auto-replied"]]'}},
        },
        "auto_reply",
    ),
    (
        {"get": "message_id", "of": {"mail": {"value": [{"Name": "Message-ID", "Value": "<a@w.example>\r\n"}]}}},
        "a@w.example",
    ),
    ({"mail": "blank"}, None),
    ({"json": "form"}, {"flow_token": "x", "lokasi": "Pasar", "jumlah": 2}),
    ({"json": "a.b"}, {"c": "deep"}),
    ({"json": "blank"}, None),
    ({"hex": {"value": "00410069007200210021"}}, "Air!!"),
    ({"hex": {"value": "616972"}, "charset": "utf-8"}, "air"),
    ({"hex": "kind"}, None),
    ({"number": {"value": "1e"}, "base": "16"}, 30),
    ({"number": {"value": "bukan"}, "base": "16"}, None),
    (
        {"rich_text": {"value": [{"text": ["a ", {"text": "b"}]}, {"cells": [[{"text": "c"}, {"text": "d"}]]}]}},
        "a b\nc | d",
    ),
    ({"url_decoded": {"value": "Jl.+Melati%26%C3%A9"}}, "Jl. Melati&é"),
    ({"url_decoded": {"value": "%00A%D8%3D%DE%21"}, "charset": "utf-16-be"}, "A😡"),
    ({"timestamp": {"value": "2026/11/24 2:05:00 PM GMT+7"}, "format": "YYYY/MM/DD h:mm:ss A Z"}, NOON),
    (
        {"timestamp": {"value": "24/11/2026 12:05 am +8"}, "format": "DD/MM/YYYY hh:mm A Z"},
        datetime(2026, 11, 23, 16, 5, tzinfo=UTC),
    ),
    ({"timestamp": {"value": "24/11/2026 13:05 PM"}, "format": "DD/MM/YYYY hh:mm A", "invalid": "nothing"}, None),
    ({"timestamp": {"value": "24/11/2026 13:05 +99:00"}, "format": "DD/MM/YYYY HH:mm Z", "invalid": "nothing"}, None),
    ({"answers": "form"}, "lokasi: Pasar\njumlah: 2"),
    ({"answers": {"value": ["a", 2]}}, "1: a\n2: 2"),
]


@pytest.mark.parametrize(("spec", "expected"), VALUES, ids=[str(spec) for spec, _ in VALUES])
def test_values(spec: Value, expected: Value) -> None:
    assert compile_expression(spec)(DOCUMENT, Context(settings={"office": "Kantor"})) == expected


PHONES = [
    ("0811-0000-0001", False, "+6281100000001"),
    ("811 0000 0001", False, "+6281100000001"),
    ("6281100000001", False, "+6281100000001"),
    ("+62 0 811-0000-0001", False, "+6281100000001"),
    ("+62 (0) 811 0000 0001", False, "+6281100000001"),
    ("HP: 081100000001", False, "+6281100000001"),
    ("whatsapp:+6281100000001", False, "+6281100000001"),
    ("6281100000001@s.whatsapp.net", False, "+6281100000001"),
    ("081100000001 / 081100000002", False, "+6281100000001"),
    (81100000001, False, "+6281100000001"),
    (81100000001.0, False, "+6281100000001"),
    ("81100000001.0", False, "+6281100000001"),
    ("60123456789", True, "+60123456789"),
    ("6281100000001", True, "+6281100000001"),
    ("1708", False, None),
    ("tidak ada", False, None),
    ("-", False, None),
    ("TELKOMSEL", False, None),
    ("ID.1000000000000001", True, None),
    ("siti@warga.example", False, None),
    ("3201010101010001", False, None),
    (None, False, None),
    (True, False, None),
    (["0811"], False, None),
    ("0" * 5000, False, None),
]


@pytest.mark.parametrize(("value", "international", "expected"), PHONES)
def test_phones(value: Value, international: bool, expected: str | None) -> None:
    expression = compile_expression({"phone": "x", "international": international})
    assert expression({"x": value}, Context()) == expected


TIMES = [
    ("2026-11-24T14:05:00+07:00", None),
    ("2026-11-24 14:05", None),
    ("2026-11-24T07:05:00Z", None),
    ("Tue, 24 Nov 2026 14:05:00 +0700", None),
    (1795503900, None),
    (1795503900.0, None),
    ("1795503900000", None),
    ("24 November 2026 pukul 14.05 WIB", "D MMMM YYYY [pukul] HH.mm Z"),
    ("Selasa, 24 Nop 2026 14:05", "dddd, DD MMM YYYY HH:mm"),
    ("24-11-26 15:05 WITA", "DD-MM-YY HH:mm Z"),
    ("24/11/2026 14:05:00", "DD/MM/YYYY HH:mm:ss"),
]


@pytest.mark.parametrize(("value", "spelt"), TIMES)
def test_times(value: Value, spelt: str | None) -> None:
    spec = {"timestamp": "x"} if spelt is None else {"timestamp": "x", "format": spelt}
    assert compile_expression(spec)({"x": value}, Context("Asia/Jakarta")) == NOON


FAILING = [
    ({"timestamp": "x"}, "kemarin", "neither Unix time nor ISO 8601"),
    ({"timestamp": "x", "format": "DD/MM/YYYY"}, "31/02/2026", 'the time "31/02/2026" is not written as DD/MM/YYYY'),
    ({"timestamp": "x", "format": "DD/MM/YYYY"}, "kata Siti", r"the time \(words\) is not written as DD/MM/YYYY"),
    ({"timestamp": "x", "format": "DD/MM/YYYY"}, "0811-0000-0071", r"the time \(digits\) is not written as DD/MM/YYYY"),
    ({"timestamp": "x"}, 5, "lies in the year 1970"),
    ({"timestamp": "x"}, 1e300, "out of range"),
    ({"timestamp": "x"}, "9" * 17, "out of range|lies in the year"),
    ({"timestamp": "x"}, True, "neither a text nor a number"),
    ({"date": "x"}, 5, "not a text"),
    ({"number": "x"}, "banyak", "expected a number"),
    ({"number": "x"}, "1e999", "without end"),
    ({"boolean": "x"}, "mungkin", "expected ya or tidak"),
    ({"switch": "x", "cases": {"a": "x"}}, "poll", 'x is "poll", which the recipe does not know'),
    ({"switch": "x", "cases": {"a": "x"}}, "Siti, 0811", "x is something, which"),
    ({"switch": "x", "cases": {"a": "x"}}, None, "x is missing"),
    ({"trim": "x"}, ["a"], "expected a text, found a list"),
    ({"answers": "x"}, "{", "not JSON"),
    ({"answers": "x"}, 5, "found a number"),
    ({"html_to_text": "x"}, "<p>" * 400_000, "longer than"),
    ("length(x)", None, "does not fit this payload"),
]


@pytest.mark.parametrize(("spec", "value", "message"), FAILING)
def test_what_cannot_be_read_is_a_mapping_error(spec: Value, value: Value, message: str) -> None:
    with pytest.raises(MappingError, match=message):
        compile_expression(spec)({"x": value}, Context())


def test_errors_quote_no_words_of_the_payload() -> None:
    secret = "Siti Rahasia"
    for spec in ({"timestamp": "x"}, {"number": "x"}, {"boolean": "x"}, {"switch": "x", "cases": {"a": "x"}}, "sum(x)"):
        with pytest.raises(MappingError) as caught:
            compile_expression(spec)({"x": secret}, Context())
        assert "Siti" not in str(caught.value)


WRONG: list[tuple[Any, tuple[Any, ...], str]] = [
    ("a..b", (), "neither a path nor valid JMESPath"),
    ("", (), "neither a path nor valid JMESPath"),
    ("lenght(a)", (), r"did you mean length\(\)\?"),
    ([], (), "list of expressions is empty"),
    (5, (), "no expression"),
    ({}, (), "no expression"),
    ({"fone": "a"}, ("fone",), 'did you mean "phone"\\?'),
    ({"phone": "a", "regio": "ID"}, ("regio",), 'did you mean "region"\\?'),
    ({"phone": "a", "region": "Indonesia"}, ("region",), "two capital letters"),
    ({"phone": {"phon": "a"}}, ("phone", "phon"), 'did you mean "phone"\\?'),
    (["a", {"trim": "b..c"}], (1, "trim"), "neither a path"),
    ({"timestamp": "a", "format": "DD/MM/YYY"}, ("format",), "means nothing"),
    ({"timestamp": "a", "format": "HH:mm"}, ("format",), "must name day, month and year"),
    ({"timestamp": "a", "format": "DD/DD/YYYY MM"}, ("format",), "twice"),
    ({"timestamp": "a", "zone": "Asia/Singaraja"}, ("zone",), "no time zone"),
    ({"timestamp": "a", "unit": "minutes"}, ("unit",), "use auto or seconds or milliseconds"),
    ({"lookup": "a", "key": "b"}, (), 'needs the option "equals"'),
    ({"switch": "a"}, ("cases",), "one expression per word"),
    ({"switch": "a", "cases": {"x": "b..c"}}, ("cases", "x"), "neither a path"),
    ({"extract": "a", "pattern": "("}, ("pattern",), "the pattern is wrong"),
    ({"template": "{a..b}"}, ("template",), "neither a path"),
    ({"join": "a"}, ("join",), "takes a list"),
    ({"one_of": "a"}, ("values",), "list of words"),
    ({"trim": "a", "with": "x"}, ("with",), "it has no options"),
    ({"phone": "a", "international": "ya"}, ("international",), "true or false"),
]


@pytest.mark.parametrize(("spec", "where", "message"), WRONG, ids=[str(spec) for spec, _, _ in WRONG])
def test_wrong_expressions_point_at_the_culprit(spec: Value, where: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ExpressionError, match=message) as caught:
        compile_expression(spec)
    assert caught.value.where == where
