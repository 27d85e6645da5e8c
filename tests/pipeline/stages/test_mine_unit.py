"""A unit's outcome is kept: the same again without reading, and never where a record failed."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from apache_beam.pvalue import TaggedOutput

from pipeline.sources.base import Prepared, Read, Source, Unit
from pipeline.stages.mine_unit import MineUnit
from schemas.provenance import Origin, sha256
from schemas.records import Candidate, Change, Dropped, Facts, SourceFile

READ: list[str] = []


class Texts(Source):
    """One file a word of the unit's key."""

    def prepare(self, cache: Path, progress: Callable[[str], None]) -> Prepared:
        raise NotImplementedError

    def read(self, unit: Unit, cache: Path) -> Iterator[Read]:
        READ.append(unit.key)
        for word in unit.key.split():
            origin = Origin(self.name, "repo", "1", f"{word}.py", sha256(word.encode()), "MIT", 5)
            yield (
                Dropped("mine", "too_large", "9", word, origin) if word == "big" else SourceFile(origin, "Python", word)
            )

    def replay(self, origin: Origin, cache: Path) -> SourceFile | Change:
        raise NotImplementedError


def child(record: SourceFile, windowed: bool) -> Any:
    if record.text == "bad":
        raise ValueError("no")
    if record.text == "none":
        return Dropped("mine", "undocumented", str(windowed), record.id, record.origin)
    spans = ((0, 3), (5, 9))
    facts = Facts(7, "squash #1", cves=("CVE-1-1",))
    return [
        Candidate(record.id, "p", "change", record.origin, "Python", spans, "do", "a\ud800", "b", "runtime_efficiency",
                  0.5, "m", "train", spans, True, facts)
    ]  # fmt: skip


def outputs(folder: Path, key: str, version: str = "v", digest: str = "d") -> list[Any]:
    doing = MineUnit((Texts(name="t"),), child, version, str(folder))
    plain = [
        (one.tag, one.value) if isinstance(one, TaggedOutput) else ("kept", one)
        for one in doing.process(Unit("t", key, digest))
    ]
    return [(tag, value) for tag, value in plain if tag != "counts"] + sorted(v for t, v in plain if t == "counts")


def test_a_known_unit_is_not_read_again_and_gives_the_same(tmp_path: Path) -> None:
    READ.clear()
    first = outputs(tmp_path, "one none big two")
    again = outputs(tmp_path, "one none big two")
    assert READ == ["one none big two"]
    kept = [value for tag, value in first[:4] if tag == "kept"]
    assert [one for tag, one in again[:4] if tag == "kept"] == kept
    assert [(tag, getattr(v, "reason", "")) for tag, v in first[:4]] == [
        ("kept", ""), ("dropped", "undocumented"), ("dropped", "too_large"), ("kept", "")
    ]  # fmt: skip
    assert [(t, v.reason, v.detail, v.id, v.origin.path) for t, v in again[1:3]] == [
        (t, v.reason, v.detail, v.id, v.origin.path) for t, v in first[1:3]
    ]
    assert again[4:] == first[4:] == [("children", 2), ("dropped_in", 2), ("expanded", 2), ("in", 4)]


def test_another_version_or_content_is_read_and_a_damaged_file_too(tmp_path: Path) -> None:
    READ.clear()
    outputs(tmp_path, "one")
    outputs(tmp_path, "one", version="w")
    outputs(tmp_path, "one", digest="e")
    assert len(READ) == 3
    for path in (tmp_path / "mined").iterdir():
        path.write_bytes(path.read_bytes()[:-5])
    assert [tag for tag, _ in outputs(tmp_path, "one")[:1]] == ["kept"]
    assert len(READ) == 4


def test_a_unit_with_a_failure_is_tried_again(tmp_path: Path) -> None:
    READ.clear()
    for _ in range(2):
        found = outputs(tmp_path, "one bad two")
        assert [tag for tag, _ in found[:3]] == ["kept", "dead", "kept"]
        assert found[3:] == [("children", 2), ("dead_in", 1), ("expanded", 2), ("in", 3)]
    assert READ == ["one bad two"] * 2
    assert not (tmp_path / "mined").exists()
