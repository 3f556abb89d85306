"""The clock of each hub, from what `muara.yaml` says of it."""

from dataclasses import replace

from dispatcher.deadlines import DeadlineRules
from dispatcher.hub import Hub
from muara.config import Config
from runtime.working_days import WorkingDays


def timed(hub: Hub, name: str, config: Config) -> Hub:
    """A hub with its limits. One of which no news are heard is not timed: all would be missed, whatever it does."""
    limits, common = config.hubs[name].deadlines, config.deadlines
    if limits is None or not (hub.polled or hub.pushes):
        return hub
    information, resolve = limits.resolve_information, limits.resolve
    rules = DeadlineRules(
        WorkingDays(limits.zone or config.zone, limits.days_off, joint_leave=limits.joint_leave),
        forward=common.forward if limits.forward is None else limits.forward,
        follow_up=common.follow_up if limits.follow_up is None else limits.follow_up,
        close=limits.close,
        resolve_information=common.resolve_information if information is None else information,
        resolve=common.resolve if resolve is None else resolve,
        resolve_field_check=limits.resolve_field_check,
        field_check=frozenset(limits.field_check),
        approaching=limits.approaching,
    )
    return replace(hub, deadlines=rules)
