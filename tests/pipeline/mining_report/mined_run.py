"""A made-up run folder, written with the contract's writers, and a gold file whose counts are known.

Seven hand-read commits are in the run and one is not:

    sha    gold (weight)               run
    aa..   runtime, usable (3)         mined runtime .90          right
    bb..   functional, usable (1)      mined functional .80       right
    cc..   none (2)                    mined memory .70           wrong
    dd..   readability, usable (1)     mined functional .65       wrong, though `also` says so
    ee..   security, usable (4)        low confidence .40         missed, and right below the threshold
    ff..   memory, usable (1)          dropped: test_path         missed
    11..   functional, not usable (1)  dropped: not_single_file
    99..   runtime, usable (5)         not in the run
"""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.manifest import Manifest, StageEntry
from schemas import contract
from schemas.provenance import Origin, sha256
from schemas.records import Candidate, Dropped

SHAS = {name: name * 20 for name in ("aa", "bb", "cc", "dd", "ee", "ff", "11", "99")}
REPOS = {"aa": "acme/one", "bb": "acme/one", "cc": "acme/two", "dd": "acme/two", "ee": "acme/two", "ff": "acme/one",
         "11": "acme/one", "99": "acme/gone"}  # fmt: skip

GOLD = [
    ("aa", "runtime_efficiency", True, 3, []),
    ("bb", "functional_correctness", True, 1, []),
    ("cc", "none", False, 2, []),
    ("dd", "readability_maintainability", True, 1, ["functional_correctness"]),
    ("ee", "security_hardness", True, 4, []),
    ("ff", "memory_efficiency", True, 1, []),
    ("11", "functional_correctness", False, 1, []),
    ("99", "runtime_efficiency", True, 5, []),
]
MINED = [
    ("aa", "runtime_efficiency", 0.90),
    ("bb", "functional_correctness", 0.80),
    ("cc", "memory_efficiency", 0.70),
    ("dd", "functional_correctness", 0.65),
]
DROPPED = [
    ("ee", "low_confidence", "security_hardness 0.4000, at least 0.6000"),
    ("ff", "test_path", "tests/x.py"),
    ("11", "not_single_file", "3 files"),
]


def origin(name: str, path: str | None = None) -> Origin:
    at = f"src/{name}.py" if path is None else path
    return Origin("git", f"github.com/{REPOS[name]}", SHAS[name], at, "0" * 64, "MIT", 1_500_000_000)


def candidate(name: str, criterion: str, confidence: float, **more: Any) -> Candidate:
    """A mined change; its newer side is the longer one unless `more` says otherwise."""
    given = {"before": "x = 1\n", "after": "x = 1 + 1\n", "message": f"Subject of {name}\n\nBody", "window": "train"}
    given |= more
    id_ = sha256(f"{name}{criterion}".encode())
    return Candidate(id_, "parent", "change", origin(name), "Python", ((0, 5),), "Do it", criterion=criterion,
                     confidence=confidence, **given)  # fmt: skip


def dropped(name: str, reason: str, detail: str) -> Dropped:
    path = "" if reason == "not_single_file" else f"src/{name}.py"
    return Dropped("mine", reason, detail, sha256(f"{name}{reason}".encode()), origin(name, path))


def write_run(root: Path, candidates: list[Candidate], gone: list[Dropped]) -> Path:
    files = []
    for folder, file, schema, rows in (
        ("mined", "part-0.parquet", contract.MINED, [contract.candidate_row(one) for one in candidates]),
        ("dropped", "mine-part-0.parquet", contract.DROPPED, [contract.dropped_row(one) for one in gone]),
    ):
        path = root / folder / file
        path.parent.mkdir(parents=True)
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
        data = path.read_bytes()
        files.append(
            {"path": f"{folder}/{file}", "sha256": sha256(data), "rows": len(rows), "bytes": len(data)}
        )  # fmt: skip
    Manifest("made-up", 7, "id", "0").with_stage("mine", StageEntry("k", 1.0, {}, tuple(files))).save(str(root))
    return root


def gold_row(name: str, criterion: str, usable: bool, weight: float, also: list[str]) -> dict[str, Any]:
    return {
        "repo": REPOS[name], "sha": SHAS[name], "path": f"src/{name}.py", "criterion": criterion, "also": also,
        "usable": usable, "strength": 4, "confidence": "high", "kind": "code", "language": "Python", "weight": weight,
        "note": f"note of {name}", "term_matches": {"x": 1},
    }  # fmt: skip
