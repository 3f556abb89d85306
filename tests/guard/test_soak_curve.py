"""Whether a curve of memory is flat: noise is not growth, and growth is not noise."""

import random
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from benchmarks.soak_curve import Curve, trend, write_csv, write_svg


def curve(*, per_hour: float, noise: float, start_up: float = 40.0) -> Curve:
    """Half an hour, a look every two seconds; it fills up in the first minutes."""
    rng = random.Random(1)
    return [
        (at, 100 + min(start_up, at / 5) + per_hour * at / 3600 + rng.gauss(0, noise))
        for at in (2.0 * number for number in range(900))
    ]


@pytest.mark.parametrize(
    ("per_hour", "noise", "flat"),
    [
        pytest.param(0, 0.5, True, id="flat, after it has filled up"),
        pytest.param(0, 6, True, id="flat, with much noise"),
        pytest.param(60, 0.5, False, id="a leak of a megabyte a minute"),
        pytest.param(200, 6, False, id="a leak under noise"),
        pytest.param(-60, 0.5, False, id="it falls: not steady yet"),
    ],
)
def test_growth_is_told_from_noise(per_hour: float, noise: float, flat: bool) -> None:
    found = trend(curve(per_hour=per_hour, noise=noise))
    assert found.flat is flat
    assert found.per_hour == pytest.approx(per_hour, abs=5)
    assert found.noise == pytest.approx(noise, rel=0.2)


def test_too_few_looks_are_no_trend() -> None:
    with pytest.raises(ValueError, match="run for longer"):
        trend([(0, 1), (1, 1)])


def test_the_curves_are_written(tmp_path: Path) -> None:
    curves = {"normalizer": curve(per_hour=0, noise=1), "portal": curve(per_hour=10, noise=1)}
    write_csv(tmp_path / "soak.csv", curves)
    write_svg(tmp_path / "soak.svg", curves)
    rows = (tmp_path / "soak.csv").read_text(encoding="utf-8").splitlines()
    assert rows[0] == "seconds,process,mebibytes"
    assert len(rows) == 1 + 2 * 900
    picture = ET.parse(tmp_path / "soak.svg").getroot()  # noqa: S314 written just now
    assert [each.text for each in picture.iter() if each.text in curves] == list(curves)
    lines = [each for each in picture.iter() if each.tag.endswith("polyline")]
    assert [len(each.attrib["points"].split()) for each in lines] == [900, 900]
