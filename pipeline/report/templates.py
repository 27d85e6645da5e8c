"""The templates of the report's pages: every text of the data is escaped, a missing value is an error."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipeline.report import text
from pipeline.report.inputs import criterion_name
from schemas.criteria import CRITERIA

FILTERS = ("count", "percent", "share", "size", "duration", "visible")


def environment() -> Environment:
    """The environment that renders them."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in FILTERS:
        made.filters[name] = getattr(text, name)
    made.filters["criterion"] = criterion_name
    made.filters["in_order"] = in_order
    return made


def in_order(rows: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Items by class label where a key is a criterion, then by key."""
    order = list(CRITERIA)
    return sorted(rows.items(), key=lambda item: (order.index(item[0]) if item[0] in order else len(order), item[0]))
