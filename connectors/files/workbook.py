"""Rows of an Excel workbook, with the header wherever it stands below titles and logos."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any, BinaryIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from connectors.files.archive import measured
from connectors.files.columns import checked, fold
from connectors.files.lines import UnreadableFile
from connectors.files.row import Row
from recipes.decoding import encode

SUFFIXES = frozenset({".xlsx", ".xlsm"})
_HEADER_WITHIN = 50
"""Rows in which the header must be found."""
_FULL_FILL = 100_000
"""Cells of merged areas whose value is carried down; areas beyond are formatting, not data."""
Cell = int | float | str | bool | time | date | datetime | timedelta


def workbook_rows(file: BinaryIO, options: Mapping[str, Any], words: frozenset[str]) -> Iterator[Row]:
    """The rows of one sheet: values as text, days and times as ISO 8601, a merged cell's value in each of its rows.

    Options: `sheet` (its name or its number from 1; by default the first that is visible), `header_row` (its number;
    by default the row with the most names that the channel reads), `columns` (names that must all be there).

    Raises:
        UnreadableFile: it is no workbook, is protected or damaged, or its sheet has no header.
    """
    content = measured(file)
    try:
        with CalamineWorkbook.from_filelike(content) as book:
            sheet = _sheet(book, options.get("sheet"))
            return _rows(sheet, options, words)
    except CalamineError as error:
        raise UnreadableFile(
            f"the workbook cannot be read ({type(error).__name__}); open it, and save it again as .xlsx"
        ) from None


def _sheet(book: CalamineWorkbook, wanted: object) -> CalamineSheet:
    names = [each.name for each in book.sheets_metadata if each.typ == SheetTypeEnum.WorkSheet]
    visible = [each.name for each in book.sheets_metadata if each.visible == SheetVisibleEnum.Visible]
    if wanted is None:
        chosen = next((name for name in names if name in visible), None)
    elif isinstance(wanted, int):
        chosen = names[wanted - 1] if 0 < wanted <= len(names) else None
    else:
        chosen = next((name for name in names if name.strip().casefold() == str(wanted).strip().casefold()), None)
    if chosen is None:
        asked = "a visible sheet" if wanted is None else f"the sheet {wanted!r} of the setting `sheet`"
        raise UnreadableFile(f"the workbook does not have {asked}; it has {', '.join(names[:10]) or 'none'}")
    return book.get_sheet_by_name(chosen)


def _rows(sheet: CalamineSheet, options: Mapping[str, Any], words: frozenset[str]) -> Iterator[Row]:
    # `iter_rows` begins at the first row of the sheet, whatever is in it, but at the first column that is filled in.
    cells = enumerate(sheet.iter_rows(), 1)
    number, names = _header(list(islice(cells, _HEADER_WITHIN)), options, words)
    header = checked(names, options, words, place=f"row {number}")
    carried = _merged(sheet, number, sheet.start[1] if sheet.start else 0)
    return _data(enumerate(sheet.iter_rows(), 1), number, header, carried)


def _data(
    cells: Iterator[tuple[int, Sequence[Cell]]],
    header_row: int,
    header: Sequence[str],
    carried: Mapping[tuple[int, int], tuple[int, int]],
) -> Iterator[Row]:
    above: dict[tuple[int, int], str] = {}
    tops = set(carried.values())
    for number, row in cells:
        texts = [_text(cell) for cell in row]
        if number <= header_row or not any(text.strip() for text in texts) or [fold(text) for text in texts] == header:
            continue  # blank, or the header again at the top of a printed page
        for column, text in enumerate(texts):
            place = (number, column)
            if place in tops:
                above[place] = text
            elif place in carried:
                texts[column] = above.get(carried[place], text)
        if any(text.strip() for text in texts[len(header) :]):
            yield Row(number, _json(dict(enumerate(texts))), f"row {number} has values beyond the last named column")
        else:
            yield Row(number, _json(dict(zip(header, texts, strict=False))))


def _header(
    beginning: Sequence[tuple[int, Sequence[Cell]]], options: Mapping[str, Any], words: frozenset[str]
) -> tuple[int, list[str]]:
    wanted = options.get("header_row")
    named = [(number, [_text(cell) for cell in row]) for number, row in beginning]
    named = [(number, texts) for number, texts in named if any(text.strip() for text in texts)]
    if wanted is not None:
        named = [(number, texts) for number, texts in named if number == wanted]
    if not named:
        where = f"row {wanted}" if wanted is not None else f"its first {_HEADER_WITHIN} rows"
        raise UnreadableFile(f"the sheet has nothing in {where}; the names of the columns should stand there")

    def fitting(entry: tuple[int, list[str]]) -> tuple[int, int]:
        number, texts = entry
        return len({fold(text) for text in texts} & words), -number

    number, texts = max(named, key=fitting) if words else named[0]
    while texts and not texts[-1].strip():
        texts.pop()
    return number, texts


def _merged(sheet: CalamineSheet, header_row: int, first_column: int) -> dict[tuple[int, int], tuple[int, int]]:
    """Cells below the first of a merged area, in its first column → that first cell, by row and place in it."""
    found: dict[tuple[int, int], tuple[int, int]] = {}
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        if top + 1 <= header_row or len(found) + bottom - top > _FULL_FILL:
            continue
        column = left - first_column
        found.update({(row + 1, column): (top + 1, column) for row in range(top + 1, bottom + 1)})
    return found


def _text(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e18:
        return str(int(cell))
    if isinstance(cell, datetime):
        # Excel's days are fractions: half a second is rounding.
        return (cell + timedelta(microseconds=500_000)).replace(microsecond=0).isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)


def _json(document: Mapping[Any, str]) -> bytes:
    return encode(document)
