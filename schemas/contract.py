"""Arrow schemas of everything that a run writes, and the way between records and rows.

Training shards carry the released columns and Hugging Face features (`Themis-CodePreference`), benchmark shards the
released columns and spellings (`Themis-CodeRewardBench`).
"""

import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from schemas.criteria import CRITERIA
from schemas.provenance import Origin, Span, Step
from schemas.records import Candidate, Curated, Dead, Dropped, Facts, Pair

LANGUAGES = ("JavaScript", "Python", "Ruby", "C++", "C", "Go", "Java", "C#", "NL")
"""Class labels of the released data, in order; new languages follow."""

BENCHMARK_LANGUAGES = {"C++": "Cpp", "C#": "CSharp"}
"""Languages that the benchmark spells differently."""

_SPANS = pa.list_(pa.struct([("start", pa.int64()), ("end", pa.int64())]))
_STEPS = pa.list_(
    pa.struct(
        [
            ("side", pa.string()),
            ("name", pa.string()),
            ("version", pa.string()),
            ("parameters", pa.string()),
            ("spans", _SPANS),
        ]
    )
)
_ORIGIN = [
    ("source", pa.string()),
    ("repo", pa.string()),
    ("revision", pa.string()),
    ("path", pa.string()),
    ("blob_sha256", pa.string()),
    ("license", pa.string()),
    ("committed_at", pa.int64()),
    ("before_sha256", pa.string()),
    ("family", pa.string()),
]
_FACTS = pa.struct(
    [
        ("authored_at", pa.int64()),
        ("pull_request", pa.string()),
        ("reverted_by", pa.string()),
        ("revert_reason", pa.large_string()),
        ("refixed_by", pa.string()),
        ("contributors", pa.int64()),
        ("age_days", pa.int64()),
        ("stars", pa.int64()),
        ("issues", pa.int64()),
        ("cves", pa.list_(pa.string())),
    ]
)

MINED = pa.schema(
    [
        ("id", pa.string()),
        ("kind", pa.string()),
        ("parent_id", pa.string()),
        *_ORIGIN,
        ("spans", _SPANS),
        ("language", pa.string()),
        ("criterion", pa.string()),
        ("confidence", pa.float64()),
        ("window", pa.string()),
        ("message", pa.large_string()),
        ("instruction", pa.large_string()),
        ("before", pa.large_string()),
        ("after", pa.large_string()),
        ("before_spans", _SPANS),
        ("reversed", pa.bool_()),
        ("facts", _FACTS),
    ]
)
PAIRS = pa.schema(
    [
        ("id", pa.string()),
        ("parent_id", pa.string()),
        ("cluster", pa.string()),
        *_ORIGIN,
        ("spans", _SPANS),
        ("language", pa.string()),
        ("criterion", pa.string()),
        ("prompt", pa.large_string()),
        ("chosen", pa.large_string()),
        ("rejected", pa.large_string()),
        ("steps", _STEPS),
        ("window", pa.string()),
        ("kind", pa.string()),
        ("label", pa.float64()),
        ("weight", pa.float64()),
    ]
)
CURATED = PAIRS.append(pa.field("split", pa.string())).append(pa.field("filters", pa.list_(pa.string())))
DROPPED = pa.schema(
    [
        ("stage", pa.string()),
        ("reason", pa.string()),
        ("detail", pa.string()),
        ("id", pa.string()),
        ("source", pa.string()),
        ("repo", pa.string()),
        ("revision", pa.string()),
        ("path", pa.string()),
    ]
)
DEAD = pa.schema([("stage", pa.string()), ("error", pa.string()), ("record", pa.large_string())])
PROVENANCE = pa.schema(
    [
        ("idx", pa.string()),
        ("cluster", pa.string()),
        *_ORIGIN,
        ("window", pa.string()),
        ("kind", pa.string()),
        ("label", pa.float64()),
        ("weight", pa.float64()),
        ("spans", _SPANS),
        ("chosen_sha256", pa.string()),
        ("rejected_sha256", pa.string()),
        ("steps", _STEPS),
        ("filters", pa.list_(pa.string())),
    ]
)
BENCHMARK = pa.schema(
    [
        ("prompt", pa.large_string()),
        ("chosen", pa.large_string()),
        ("rejected", pa.large_string()),
        ("language", pa.string()),
        ("aspect", pa.string()),
        ("subset", pa.string()),
        ("id", pa.string()),
    ]
)
BENCHMARK_PROVENANCE = PROVENANCE.set(0, pa.field("id", pa.string()))
LEDGER = pa.schema(
    [
        ("key", pa.string()),
        ("task", pa.string()),
        ("record", pa.string()),
        ("model", pa.string()),
        ("request", pa.large_string()),
        ("text", pa.large_string()),
        ("finish", pa.string()),
        ("prompt_tokens", pa.int64()),
        ("completion_tokens", pa.int64()),
        ("seconds", pa.float64()),
        ("served_model", pa.string()),
        ("server", pa.string()),
        ("asked_at", pa.int64()),
    ]
)
SCORES = pa.schema(
    [
        ("id", pa.string()),
        ("chosen_score", pa.float64()),
        ("rejected_score", pa.float64()),
        ("correct", pa.bool_()),
        ("score_diff", pa.float64()),
        ("language", pa.string()),
        ("aspect", pa.string()),
        ("subset", pa.string()),
    ]
)


def language_labels(extra: Sequence[str] = ()) -> list[str]:
    """Class labels of `language`: the released nine, then `extra` in the order given."""
    return [*LANGUAGES, *(name for name in extra if name not in LANGUAGES)]


def training_schema(extra_languages: Sequence[str] = ()) -> pa.Schema:
    """Schema of a training shard, with the Hugging Face features in its metadata."""
    labels = {
        "language": language_labels(extra_languages),
        "aspect": [c.name for c in sorted(CRITERIA.values(), key=lambda c: c.id)],
    }
    features: dict[str, dict[str, Any]] = {
        name: {"dtype": "large_string", "_type": "Value"} for name in ("system", "input", "chosen", "rejected")
    }
    features |= {name: {"names": names, "_type": "ClassLabel"} for name, names in labels.items()}
    features |= {name: {"dtype": "string", "_type": "Value"} for name in ("source", "idx")}
    types = {"large_string": pa.large_string(), "string": pa.string(), None: pa.int64()}
    fields = [(name, types[feature.get("dtype")]) for name, feature in features.items()]
    return pa.schema(fields, metadata={"huggingface": json.dumps({"info": {"features": features}})})


def spans_row(spans: Sequence[Span]) -> list[dict[str, int]]:
    """Spans as rows of the `spans` column."""
    return [{"start": start, "end": end} for start, end in spans]


def spans_from_row(rows: Sequence[dict[str, int]]) -> tuple[Span, ...]:
    """The inverse of `spans_row`."""
    return tuple((row["start"], row["end"]) for row in rows)


def steps_row(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """Steps as rows of the `steps` column; parameters become a JSON object."""
    return [
        {
            "side": step.side,
            "name": step.name,
            "version": step.version,
            "parameters": json.dumps(dict(step.parameters), sort_keys=True, ensure_ascii=False),
            "spans": spans_row(step.spans),
        }
        for step in steps
    ]


def steps_from_row(rows: Sequence[dict[str, Any]]) -> tuple[Step, ...]:
    """The inverse of `steps_row`."""
    return tuple(
        Step(
            side=row["side"],
            name=row["name"],
            version=row["version"],
            parameters=tuple(sorted(json.loads(row["parameters"]).items())),
            spans=spans_from_row(row["spans"]),
        )
        for row in rows
    )


def origin_row(origin: Origin) -> dict[str, Any]:
    """An origin as the columns that every table shares."""
    return {name: getattr(origin, name) for name, _ in _ORIGIN}


def origin_from_row(row: dict[str, Any]) -> Origin:
    """The inverse of `origin_row`; other columns are ignored."""
    return Origin(**{name: row[name] for name, _ in _ORIGIN})


_CANDIDATE = ("id", "kind", "parent_id", "language", "criterion", "confidence", "window", "message", "instruction",
              "before", "after", "reversed")  # fmt: skip
_PAIR = ("id", "parent_id", "cluster", "language", "criterion", "prompt", "chosen", "rejected", "window",
         "kind", "label", "weight")  # fmt: skip


def candidate_row(candidate: Candidate) -> dict[str, Any]:
    """A row of `mined/`."""
    plain = {name: getattr(candidate, name) for name in _CANDIDATE}
    spans = {"spans": spans_row(candidate.spans), "before_spans": spans_row(candidate.before_spans)}
    facts = {field.name: getattr(candidate.facts, field.name) for field in _FACTS}
    return {**plain, **origin_row(candidate.origin), **spans, "facts": {**facts, "cves": list(candidate.facts.cves)}}


def candidate_from_row(row: dict[str, Any]) -> Candidate:
    """The inverse of `candidate_row`."""
    plain = {name: row[name] for name in _CANDIDATE}
    facts = Facts(**{**row["facts"], "cves": tuple(row["facts"]["cves"])})
    spans, before = spans_from_row(row["spans"]), spans_from_row(row["before_spans"])
    return Candidate(**plain, origin=origin_from_row(row), spans=spans, before_spans=before, facts=facts)


def pair_row(pair: Pair) -> dict[str, Any]:
    """A row of `pairs/`."""
    plain = {name: getattr(pair, name) for name in _PAIR}
    spans = {"spans": spans_row(pair.spans), "steps": steps_row(pair.steps)}
    return {**plain, **origin_row(pair.origin), **spans}


def pair_from_row(row: dict[str, Any]) -> Pair:
    """The inverse of `pair_row`."""
    return Pair(
        **{name: row[name] for name in _PAIR},
        origin=origin_from_row(row),
        spans=spans_from_row(row["spans"]),
        steps=steps_from_row(row["steps"]),
    )


def curated_row(curated: Curated) -> dict[str, Any]:
    """A row of `curated/`."""
    return {**pair_row(curated.pair), "split": curated.split, "filters": list(curated.filters)}


def curated_from_row(row: dict[str, Any]) -> Curated:
    """The inverse of `curated_row`."""
    return Curated(pair_from_row(row), row["split"], tuple(row["filters"]))


def dropped_row(dropped: Dropped) -> dict[str, Any]:
    """A row of `dropped/`."""
    plain = {name: getattr(dropped, name) for name in ("stage", "reason", "detail", "id")}
    return plain | {name: getattr(dropped.origin, name) for name in ("source", "repo", "revision", "path")}


def dead_row(dead: Dead) -> dict[str, Any]:
    """A row of `dead/`."""
    return {"stage": dead.stage, "error": dead.error, "record": dead.record}
