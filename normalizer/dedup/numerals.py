"""Roman numerals as streets and blocks bear them: `Jalan Melati II` is `Jalan Melati 2`."""

ROMAN = {
    "i": "1",
    "ii": "2",
    "iii": "3",
    "iv": "4",
    "v": "5",
    "vi": "6",
    "vii": "7",
    "viii": "8",
    "ix": "9",
    "x": "10",
}
