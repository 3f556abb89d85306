"""Every command's name, its line of help, and the module that it stands in: nothing of it is imported here."""

from muara.lazy import Entry

COMMANDS = (
    Entry(
        "demo",
        "A simulated city writes over real protocols; a simulated hub takes what comes out; the books must balance.",
        ("demo",),
    ),
    Entry("init", "Make a home: muara.yaml, a folder for recipes of your own, and the master key.", ("setup",)),
    Entry(
        "check",
        "Will it work? Configuration, recipes, secrets, key, servers, disk, ports, hubs. Exit code 1 if not.",
        ("check",),
    ),
    Entry("up", "All services in one process, until Ctrl-C.", ("serve",)),
    Entry("run", "One service, in a process of its own. `sandbox` is the simulated hub.", ("serve",)),
    Entry(
        "audit",
        "Is every message accounted for? Exit code 0 when the ledger balances, 1 when it does not.",
        ("audit",),
    ),
    Entry(
        "trace",
        "The whole story of a message or a complaint: accepted, understood, compared, sent, answered; by every"
        " service.",
        ("trace",),
    ),
    Entry(
        "lag",
        "How far is each service behind the log, partition by partition? Also what waits on this machine for the log.",
        ("lag",),
    ),
    Entry(
        "reconcile",
        "Does each hub have what we noted? Exit code 0: nothing differs; 1: something does; 2: one could not be asked.",
        ("reconcile",),
    ),
    Entry(
        "import",
        "Accept a file's rows. A bad row becomes a dead letter with its line; the same file again makes no doubles.",
        ("importing",),
    ),
    Entry(
        "channels",
        "Channel recipes: those that come with Muara, and the agency's own.",
        ("channels", "drafts", "recording"),
    ),
    Entry("sources", "Sources: whether they bring anything, and who is paused.", ("sources",)),
    Entry("dead", "Dead letters: what could not be understood, or was refused by a hub.", ("dead",)),
    Entry("media", "Files that messages only name: those that cannot be had, and why.", ("media",)),
    Entry("review", "What the normalizer would not decide alone: duplicates, categories.", ("review",)),
    Entry("dedup", "Duplicates: measured, explained, corrected, tuned.", ("dedup",)),
    Entry("hubs", "Hubs: what they have, and whether anything goes there.", ("hubs", "parked", "deadlines")),
    Entry("schemas", "The contract as JSON Schema.", ("schemas",)),
    Entry("keys", "Keys to the feed.", ("keys",)),
)
"""In the order of `muara --help`."""
