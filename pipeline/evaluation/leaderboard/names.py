"""What a model's name tells: how many parameters it has, and which models differ from it in nothing else."""

import re

_SIZE = re.compile(r"(?<![A-Za-z0-9._])(\d+(?:[._]\d+)?)-?([BbMm])(?![A-Za-z0-9])")
_UNITS = {"b": 1e9, "m": 1e6}
TOLD_ELSEWHERE = {"FsfairX-LLaMA3-RM-v0.1": 8e9}
"""Published models whose names don't tell; from their cards."""


def parameters_of(name: str) -> float | None:
    """Parameters that a name tells, such as 1.8e9 for `internlm2-1_8-b-reward`; None where it tells none.

    Of a mixture of experts such as `30B-A3B` the total comes first.
    """
    found = _SIZE.search(name)
    if found is None:
        return TOLD_ELSEWHERE.get(name)
    return round(float(found[1].replace("_", ".")) * _UNITS[found[2].lower()])


def family_of(name: str) -> str:
    """The name without its size: models of one family are those that differ in size alone."""
    return re.sub(r"-{2,}", "-", _SIZE.sub("", name, count=1)).strip("-_. ") or name


def size_of(parameters: float | None) -> str:
    """Parameters as people write them: `0.6B`, `135M`, `2.1M`; a dash for None."""
    if parameters is None:
        return "\u2013"
    for unit, name in ((1e9, "B"), (1e6, "M")):
        if parameters >= unit / 2:
            return f"{parameters / unit:.3g}{name}"
    return f"{parameters:,.0f}"
