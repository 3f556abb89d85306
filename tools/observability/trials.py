"""Which fault raises which alert: what `make chaos ALERTS=1` does to a running Muara; docs/alerts.md shows it."""

FAULTS = {
    "MuaraDown": "The process ends.",
    "MuaraNotAccepting": "Another program holds the file of the log, so that nothing can be written to it.",
    "MuaraSpoolFilling": "The broker stands still (SIGSTOP).",
    "MuaraStageStands": "Another program holds the tables, so that the normalizer cannot write what it has read.",
    "MuaraDeadLettersGrow": "An agency's system sends tickets whose dates are none.",
    "MuaraRefusedByHub": "The hub's tables have none of our categories: it refuses (422).",
    "MuaraSourceSilent": "A source that has always brought something brings nothing for five hours (its row says so).",
    "MuaraHubStopped": "The hub refuses the token (401).",
    "MuaraHubCircuitOpen": "The hub answers everything with 502.",
    "MuaraDeliveriesLate": "The hub asks for a pause (429), and then for the next one.",
    "MuaraDeliveriesParked": "A delivery stands as parked (its row says so).",
    "MuaraFilesGivenUp": "The books of files tell of two that were given up.",
    "MuaraLedgerUnbalanced": "A row that nobody wrote stands in a table.",
    "MuaraRecordsLost": (
        "The log forgets what the normalizer, which stands, has not read. MuaraLedgerUnbalanced follows, and stays:"
        " nothing brings it back."
    ),
    "MuaraDeadlineMissed": "The day of a deadline has passed (its row says so).",
    "MuaraDiskFilling": "The system says that a twentieth of the disk is free.",
    "MuaraCertificateEnds": "The proxy before us shows a certificate that ends soon.",
    "MuaraClockOff": "The machine's clock is a minute and a half ahead, as it tells it.",
    "MuaraBudgetBurnsAcceptance": "As for MuaraNotAccepting: more than one in a thousand is turned away.",
    "MuaraBudgetBurnsDurable": "Other programs write into the file of the log for seconds at a time.",
    "MuaraBudgetBurnsDelivered": "What comes was accepted an hour ago, by the clock of who accepted it.",
}
"""By the name of the alert."""

BEGIN, END = "<!-- faults: made by `make boards` -->\n", "<!-- faults end -->\n"


def with_faults(page: str) -> str:
    """The page of the alerts with the table of faults in its place.

    Raises:
        ValueError: it has no such place.
    """
    before, begun, rest = page.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not begun or not ended:
        raise ValueError(f"docs/alerts.md has no place for the table of faults: {BEGIN.strip()} … {END.strip()}")
    rows = [f"| `{name}` | {words} |" for name, words in FAULTS.items()]
    return before + BEGIN + "\n".join(["| alert | fault |", "|---|---|", *rows]) + "\n" + END + after
