"""The file of weights: what is shipped is valid, what is wrong is refused with its place."""

import re
from pathlib import Path

import pytest

from normalizer.dedup import weights as module
from normalizer.dedup.weights import WeightsError, load_weights

SHIPPED = Path(module.__file__).with_name("weights.yaml").read_text(encoding="utf-8")


def test_shipped_weights_hold_the_limits_that_the_index_relies_on() -> None:
    weights = load_weights()
    assert weights.longest_window == 30
    assert "assalamualaikum" in weights.common_words
    assert weights.link.days("nothing known") == weights.link.default_days


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ((r"^  threshold_unknown: 0.83 ", "  threshold_unknown: 1.9 "), "merge.threshold_unknown"),
        (("doubt_from: 0.3", "doubt: 0.3"), "link.doubt"),
        (("^version: .*", "version: ''"), "version"),
        (("close_metres: 150", "close_metres: 900"), "limits.close_metres"),
        (("^limits:", "limits: ["), "not YAML"),
    ],
)
def test_wrong_weights_are_refused_with_file_and_place(tmp_path: Path, change: tuple[str, str], fault: str) -> None:
    changed = re.sub(change[0], change[1], SHIPPED, count=1, flags=re.MULTILINE)
    assert changed != SHIPPED
    file = tmp_path / "weights.yaml"
    file.write_text(changed, encoding="utf-8")
    with pytest.raises(WeightsError) as caught:
        load_weights(file)
    assert str(file) in str(caught.value)
    assert fault in str(caught.value)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="cannot be read"):
        load_weights(tmp_path / "none.yaml")
