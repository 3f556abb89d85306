"""Every channel has a page, made of its recipe."""

from pathlib import Path

import pytest

from recipes.library import load_channels
from recipes.pages import page, write

ROOT = Path(__file__).parents[2]
FOLDER, PAGES = ROOT / "connectors" / "channels", ROOT / "docs" / "channels"
CHANNELS = load_channels([FOLDER])
INDEX = (ROOT / "docs" / "channels.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CHANNELS)
def test_the_page_of_a_channel_is_that_of_its_recipe(name: str) -> None:
    written = PAGES / f"{name}.md"
    remedy = "run: python -m recipes.pages connectors/channels docs/channels"
    assert written.is_file(), remedy
    assert written.read_text(encoding="utf-8") == page(CHANNELS[name]), remedy
    assert f"](channels/{name}.md)" in INDEX, f"name {name} in the table of docs/channels.md"


@pytest.mark.parametrize("name", CHANNELS)
def test_a_page_says_what_to_do_in_both_languages_and_who_is_let_in(name: str) -> None:
    shown = page(CHANNELS[name])
    assert "## Setting it up\n\n1. " in shown
    assert "## Cara memasang\n\n1. " in shown
    assert "| the sender is known | by " in shown
    for secret in CHANNELS[name].recipe.receive.secrets:
        assert f"`{secret}`" in shown


def test_pages_are_written_where_they_are_wanted(tmp_path: Path) -> None:
    write(FOLDER, tmp_path / "pages")
    assert {path.stem for path in (tmp_path / "pages").iterdir()} == set(CHANNELS)
