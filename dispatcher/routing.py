"""Which hubs a complaint goes to, and in which state its delivery begins there."""

from collections.abc import Mapping
from dataclasses import dataclass

from dispatcher.hub import Hub, Mode, Route
from runtime.delivery.outcomes import State
from schemas.complaint import Complaint
from schemas.parts import HubReceipt

MERGED = "merged"
SHADOW = "shadow"
APPROVAL = "approval"


def hubs_for(complaint: Complaint, hubs: Mapping[str, Hub]) -> list[str]:
    """The hubs that are to have a complaint. What was imported from the past goes nowhere."""
    if complaint.historical:
        return []
    return [name for name, hub in sorted(hubs.items()) if fits(complaint, hub.route)]


def fits(complaint: Complaint, route: Route) -> bool:
    """Whether a complaint is of the kind that a hub is there for. What is not known of it fits no list of it."""
    if route.rahasia != "also" and complaint.rahasia != (route.rahasia == "only"):
        return False
    if route.agencies and complaint.agency not in route.agencies:
        return False
    if route.categories and (complaint.category is None or complaint.category.key not in route.categories):
        return False
    region = complaint.place.region_code
    return not route.regions or (region is not None and any(_within(region, each) for each in route.regions))


def _within(region: str, wider: str) -> bool:
    return region == wider or region.startswith(f"{wider}.")


@dataclass(frozen=True, slots=True)
class Beginning:
    """The state in which a delivery begins, and why."""

    state: State
    reason: str | None = None
    receipt: HubReceipt | None = None


def beginning(complaint: Complaint, hub: str, mode: Mode) -> Beginning:
    """How the first delivery of a complaint to a hub begins."""
    # Whoever recorded a receipt knows that it stands there, whether we sent it or not; `*` is any hub.
    receipt = next((r for r in complaint.hub_receipts if r.hub in (hub, "*")), None)
    if receipt is not None:
        return Beginning("adopted", "it stood there already", receipt)
    if complaint.merged_into is not None:
        return Beginning("withheld", MERGED)
    return by_mode(mode)


def by_mode(mode: Mode) -> Beginning:
    """How a delivery begins that nothing else speaks against."""
    if mode == "shadow":
        return Beginning("withheld", SHADOW)
    if mode == "approve":
        return Beginning("withheld", APPROVAL)
    return Beginning("pending")
