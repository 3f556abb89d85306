"""The alerts: few, by what citizens or operators would notice, each with a page that says what to do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from tools.observability.objectives import OBJECTIVES, budgets, burns, recordings
from tools.observability.times import Times

Severity = Literal["page", "ticket"]
"""`page`: a citizen notices now, wake somebody. `ticket`: within the working day."""
RUNBOOK = "docs/alerts.md"


@dataclass(frozen=True, slots=True)
class Alert:
    """One rule."""

    name: str
    severity: Severity
    expression: Callable[[Times], str]
    wait: float
    """Minutes that it must hold."""
    words: str
    """In English, with `{{ $labels.… }}`."""
    kata: str
    """In Indonesian."""


def _refused(t: Times) -> str:
    outcomes = 'outcome=~"unavailable|overloaded"'
    return f"sum by (channel) (rate(muara_messages_received_total{{{outcomes}}}[{t.minutes(2)}])) > 0"


def _late(t: Times) -> str:
    """Not where another alert tells the cause."""
    held = "muara_hub_stopped == 1 or muara_hub_circuit_state == 2"
    return (
        f"max by (hub) (muara_delivery_oldest_pending_age_seconds) > {t.number(1800)}"
        f" unless on (hub) max by (hub) ({held})"
    )


def _certificate(severity: Severity, days: int) -> Alert:
    """Those who renew by themselves do so long before: that it comes so near says that the renewal fails."""
    left = "min by (of, name) (muara_certificate_expires_timestamp_seconds) - time()"
    return Alert(
        "MuaraCertificateEnds",
        severity,
        lambda t: f"{left} < {t.number(days * 86_400)}",
        0,
        "The certificate of {{ $labels.of }} {{ $labels.name }} ends in {{ $value | humanizeDuration }}.",
        "Sertifikat {{ $labels.of }} {{ $labels.name }} berakhir dalam {{ $value | humanizeDuration }}.",
    )


ALERTS = (
    Alert(
        "MuaraDown",
        "page",
        lambda _: 'up{job=~"connectors|normalizer|dispatcher|portal|muara"} == 0',
        2,
        "{{ $labels.job }} at {{ $labels.instance }} does not answer.",
        "{{ $labels.job }} di {{ $labels.instance }} tidak menjawab.",
    ),
    Alert(
        "MuaraNotAccepting",
        "page",
        _refused,
        1,
        "Messages of {{ $labels.channel }} are turned away at the door; their senders have to come again.",
        "Kiriman {{ $labels.channel }} ditolak di pintu; pengirimnya harus mengulang.",
    ),
    Alert(
        "MuaraSpoolFilling",
        "page",
        lambda t: f"max by (instance) (muara_spool_oldest_age_seconds) > {t.number(120)}",
        1,
        "Accepted messages wait on {{ $labels.instance }}: the log has taken none of them for minutes.",
        "Kiriman yang sudah diterima menunggu di {{ $labels.instance }}: log tidak menerimanya.",
    ),
    Alert(
        "MuaraStageStands",
        "page",
        # Of any partition: a conversation stays on one, so whoever writes there is not heard although others are.
        lambda t: f"max by (service, topic) (muara_consumer_oldest_unread_seconds) > {t.number(300)}",
        2,
        "The {{ $labels.service }} does not read {{ $labels.topic }}, or a part of it: what lies there grows old.",
        "{{ $labels.service }} tidak membaca {{ $labels.topic }}: isinya menua.",
    ),
    Alert(
        "MuaraDeadLettersGrow",
        "ticket",
        lambda t: f'sum by (channel) (increase(muara_records_processed_total{{outcome="dead"}}[{t.hours(1)}])) >= 5',
        0,
        "Messages of {{ $labels.channel }} cannot be understood: has the provider changed its format?",
        "Kiriman {{ $labels.channel }} tidak terbaca: apakah penyedia mengubah formatnya?",
    ),
    Alert(
        "MuaraRefusedByHub",
        "ticket",
        lambda t: f'sum by (hub) (increase(muara_delivery_attempts_total{{outcome="rejected"}}[{t.hours(1)}])) >= 5',
        0,
        "{{ $labels.hub }} refuses complaints: `muara dead list`.",
        "{{ $labels.hub }} menolak aduan: `muara dead list`.",
    ),
    Alert(
        "MuaraSourceSilent",
        "ticket",
        lambda _: "max by (source) (muara_source_silent) == 1",
        0,
        "Nothing comes from {{ $labels.source }} for several times its usual gap.",
        "Tidak ada kiriman dari {{ $labels.source }} jauh lebih lama dari biasanya.",
    ),
    Alert(
        "MuaraHubStopped",
        "page",
        lambda _: 'max by (hub, why) (muara_hub_stopped{why!="paused"}) == 1',
        1,
        "Nothing is sent to {{ $labels.hub }} ({{ $labels.why }}): a wrong or missing secret.",
        "Tidak ada yang dikirim ke {{ $labels.hub }} ({{ $labels.why }}): rahasianya salah atau tidak ada.",
    ),
    Alert(
        "MuaraHubCircuitOpen",
        "ticket",
        lambda _: "max by (hub) (muara_hub_circuit_state) >= 1",
        10,
        "{{ $labels.hub }} does not answer properly; complaints wait, and go out by themselves when it does again.",
        "{{ $labels.hub }} tidak menjawab dengan benar; aduan menunggu dan akan terkirim sendiri.",
    ),
    Alert(
        "MuaraDeliveriesLate",
        "page",
        _late,
        5,
        "A complaint has waited half an hour for {{ $labels.hub }}, which seems well.",
        "Ada aduan menunggu setengah jam untuk {{ $labels.hub }}, padahal hub itu tampak sehat.",
    ),
    Alert(
        "MuaraDeliveriesParked",
        "ticket",
        lambda _: 'max by (hub) (muara_deliveries{state="parked"}) > 0',
        15,
        "Of {{ $value }} deliveries nobody can tell whether {{ $labels.hub }} has them: `muara hubs parked list`.",
        "{{ $value }} pengiriman tidak jelas sampai di {{ $labels.hub }} atau tidak: `muara hubs parked list`.",
    ),
    Alert(
        "MuaraFilesGivenUp",
        "ticket",
        lambda _: 'max by (source) (muara_media_files{state="parked"}) > 0',
        15,
        "{{ $value }} files of {{ $labels.source }} were given up after many tries: `muara media list`.",
        "{{ $value }} berkas dari {{ $labels.source }} tidak dapat diambil setelah banyak coba: `muara media list`.",
    ),
    Alert(
        "MuaraLedgerUnbalanced",
        "page",
        lambda _: 'min(muara_ledger_balanced) == 0 or max(muara_ledger_deliveries{state="doubled"}) > 0',
        3,
        "A sum of the ledger does not hold: `muara audit` says which.",
        "Neraca tidak seimbang: `muara audit` menunjukkan bagian mana.",
    ),
    Alert(
        "MuaraRecordsLost",
        "page",
        lambda t: f"max by (service, topic) (delta(muara_records_lost[{t.hours(1)}])) > 0",
        0,
        "The log dropped records of {{ $labels.topic }} before the {{ $labels.service }} had read them.",
        "Log membuang isi {{ $labels.topic }} sebelum dibaca {{ $labels.service }}.",
    ),
    Alert(
        "MuaraDeadlineMissed",
        "ticket",
        lambda _: 'max by (hub, step) (muara_deadlines{state="missed"}) > 0',
        0,
        "{{ $value }} complaints at {{ $labels.hub }} have passed the deadline of {{ $labels.step }}.",
        "{{ $value }} aduan di {{ $labels.hub }} melewati tenggat {{ $labels.step }}.",
    ),
    Alert(
        "MuaraDiskFilling",
        "page",
        lambda _: "muara_disk_free_bytes / muara_disk_size_bytes < 0.1",
        5,
        "Less than a tenth of the disk of {{ $labels.instance }} is free.",
        "Sisa disk {{ $labels.instance }} kurang dari sepersepuluh.",
    ),
    _certificate("ticket", 14),
    _certificate("page", 2),
    Alert(
        "MuaraClockOff",
        "ticket",
        lambda _: "abs(muara_clock_timestamp_seconds - timestamp(muara_clock_timestamp_seconds)) > 30",
        5,
        "The clock of {{ $labels.instance }} is {{ $value }} s off: signatures are refused, deadlines are wrong.",
        "Jam {{ $labels.instance }} meleset {{ $value }} detik: tanda tangan ditolak, tenggat keliru.",
    ),
)


def rules(times: Times | None = None) -> dict[str, Any]:
    """Prometheus' rule file, as a document."""
    times = times or Times()
    return {
        "groups": [
            {"name": "muara-objectives", "interval": times.span(30), "rules": list(recordings(times))},
            {"name": "muara-budgets", "interval": times.minutes(1), "rules": list(budgets(times))},
            {"name": "muara", "interval": times.span(15), "rules": [_rule(alert, times) for alert in ALERTS]},
            {"name": "muara-burning", "interval": times.span(30), "rules": list(_burning())},
        ]
    }


def _rule(alert: Alert, times: Times) -> dict[str, Any]:
    return {
        "alert": alert.name,
        "expr": alert.expression(times),
        **({"for": times.minutes(alert.wait)} if alert.wait else {}),
        "labels": {"severity": alert.severity},
        "annotations": {"summary": alert.words, "ringkasan": alert.kata, "runbook": f"{RUNBOOK}#{alert.name.lower()}"},
    }


def _burning() -> Iterator[dict[str, Any]]:
    for objective in OBJECTIVES:
        name = f"MuaraBudgetBurns{objective.name.capitalize()}"
        for severity, expression in burns(objective):
            yield {
                "alert": name,
                "expr": expression,
                "labels": {"severity": severity},
                "annotations": {
                    "summary": f"Too little of this holds lately: {objective.words}.",
                    "ringkasan": f"Belakangan ini kurang terpenuhi: {objective.kata}.",
                    "runbook": f"{RUNBOOK}#muarabudgetburns",
                },
            }
