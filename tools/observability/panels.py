"""Panels of Grafana's boards, by what they show; laid out from left to right, row by row."""

from pathlib import Path
from typing import Literal

from grafana_foundation_sdk.builders import bargauge, common, dashboard, prometheus, stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common as kinds
from grafana_foundation_sdk.models import dashboard as models
from pydantic import BaseModel, ConfigDict
from ruamel.yaml import YAML

FOLDER = Path(__file__).with_name("boards")
SOURCE = models.DataSourceRef(type_val="prometheus", uid="prometheus")
_WIDTHS = {"number": 4, "lines": 12, "stack": 12, "bars": 12}
_HEIGHTS = {"number": 4, "lines": 8, "stack": 8, "bars": 8}


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Query(_Part):
    """One line of a panel."""

    query: str
    """PromQL; `$rate` stands for the span of a rate."""
    legend: str = ""


class Panel(_Part):
    """One panel."""

    title: str
    """English · Indonesian."""
    kind: Literal["number", "lines", "stack", "bars"]
    """`bars`: the newest value of each series, the largest first."""
    queries: tuple[Query, ...]
    unit: str = "short"
    """As Grafana names it: `short`, `s`, `percentunit`, `reqps`, `bytes`."""
    words: str = ""
    """What it means and when to worry."""
    red_from: float | None = None
    """A number of this size is shown in red; a smaller one in green."""
    red_below: float | None = None
    """A number below this is shown in red; others in green."""


class Row(_Part):
    """Panels that belong together, under a heading."""

    row: str
    panels: tuple[Panel, ...]


class Variable(_Part):
    """What the reader chooses by: the values of a label."""

    name: str
    title: str
    query: str


class Board(_Part):
    """One page: a file of the folder `boards`."""

    name: str
    """Of its file."""
    title: str
    words: str
    rows: tuple[Row, ...]
    variables: tuple[Variable, ...] = ()

    @property
    def panels(self) -> list[Panel]:
        """Every panel."""
        return [panel for row in self.rows for panel in row.panels]


def boards() -> list[Board]:
    """All boards, as the files say.

    Raises:
        ValidationError: one says what no board can say.
    """
    yaml = YAML(typ="safe")
    return [Board(name=file.stem, **yaml.load(file)) for file in sorted(FOLDER.glob("*.yaml"))]


def text(board: Board) -> str:
    """The board as Grafana reads it from a file."""
    made = (
        dashboard.Dashboard(board.title)
        .uid(f"muara-{board.name}")
        .description(board.words)
        .tags(["muara"])
        .readonly()
        .refresh("30s")
        .time("now-6h", "now")
        .timezone("browser")
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .link(
            dashboard.DashboardLink("Muara")
            .type(models.DashboardLinkType.DASHBOARDS)
            .tags(["muara"])
            .keep_time(keep_time=True)
        )
    )
    for variable in board.variables:
        made.with_variable(_variable(variable))
    for row in board.rows:
        made.with_row(dashboard.Row(row.row))
        for panel in row.panels:
            made.with_panel(_panel(panel))
    return JSONEncoder(sort_keys=True, indent=2).encode(made.build()) + "\n"


def _variable(variable: Variable) -> dashboard.QueryVariable:
    return (
        dashboard.QueryVariable(variable.name)
        .label(variable.title)
        .query(variable.query)
        .datasource(SOURCE)
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .multi(multi=True)
        .include_all(include_all=True)
        .all_value(".*")
        .current(models.VariableOption(selected=True, text="All", value="$__all"))
    )


def _panel(panel: Panel) -> stat.Panel | timeseries.Panel | bargauge.Panel:
    if panel.kind == "bars":
        return _bars(panel)
    return _number(panel) if panel.kind == "number" else _lines(panel)


def _bars(panel: Panel) -> bargauge.Panel:
    made = (
        bargauge.Panel()
        .title(panel.title)
        .description(panel.words)
        .datasource(SOURCE)
        .unit(panel.unit)
        .min(0)
        .span(_WIDTHS[panel.kind])
        .height(_HEIGHTS[panel.kind])
        .orientation(kinds.VizOrientation.HORIZONTAL)
        .display_mode(kinds.BarGaugeDisplayMode.BASIC)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .thresholds(_thresholds(panel))
    )
    for query in _queries(panel):
        made.with_target(query.instant())
    return made


def _number(panel: Panel) -> stat.Panel:
    made = (
        stat.Panel()
        .title(panel.title)
        .description(panel.words)
        .datasource(SOURCE)
        .unit(panel.unit)
        .span(_WIDTHS[panel.kind])
        .height(_HEIGHTS[panel.kind])
        .graph_mode(kinds.BigValueGraphMode.NONE)
        .color_mode(kinds.BigValueColorMode.VALUE)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .thresholds(_thresholds(panel))
    )
    for query in _queries(panel):
        made.with_target(query)
    return made


def _lines(panel: Panel) -> timeseries.Panel:
    made = (
        timeseries.Panel()
        .title(panel.title)
        .description(panel.words)
        .datasource(SOURCE)
        .unit(panel.unit)
        .min(0)
        .span(_WIDTHS[panel.kind])
        .height(_HEIGHTS[panel.kind])
        .fill_opacity(30 if panel.kind == "stack" else 0)
        .legend(
            common.VizLegendOptions()
            .display_mode(kinds.LegendDisplayMode.TABLE)
            .placement(kinds.LegendPlacement.BOTTOM)
            .show_legend(show_legend=True)
            .calcs(["lastNotNull", "max"])
        )
    )
    if panel.kind == "stack":
        made.stacking(common.StackingConfig().mode(kinds.StackingMode.NORMAL))
    for query in _queries(panel):
        made.with_target(query)
    return made


def _thresholds(panel: Panel) -> dashboard.ThresholdsConfig:
    steps = [models.Threshold(value=None, color="text")]
    if panel.red_from is not None:
        steps = [models.Threshold(value=None, color="green"), models.Threshold(value=panel.red_from, color="red")]
    if panel.red_below is not None:
        steps = [models.Threshold(value=None, color="red"), models.Threshold(value=panel.red_below, color="green")]
    return dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(steps)


def _queries(panel: Panel) -> list[prometheus.Dataquery]:
    return [
        prometheus.Dataquery()
        .ref_id(chr(ord("A") + number))
        .expr(each.query.replace("$rate", "$__rate_interval"))
        .legend_format(each.legend)
        .datasource(SOURCE)
        for number, each in enumerate(panel.queries)
    ]
