"""A commit's way to a candidate: message, window, filters, classifier, excerpt; and a change that was undone."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from pipeline.criterion.classify import EmbeddedClassifier
from pipeline.stages.mine_changes import ChangeOptions, mine_change
from pipeline.stages.windows import Windows
from schemas.errors import ParseRefused
from schemas.provenance import Origin, sha256
from schemas.records import Candidate, Change, Dropped, Facts

BEFORE = '''import json


class Reader:
    """Reads records, one a line."""

    def __init__(self, path):
        self.path = path

    def records(self):
        """Every record of the file, in its order."""
        handle = open(self.path)
        found = []
        for line in handle:
            found.append(json.loads(line))
        return found

    def count(self):
        """Number of records."""
        total = 0
        for index in range(1, len(self.records())):
            total += 1
        return total
'''
AFTER = BEFORE.replace("range(1, len(self.records()))", "range(len(self.records()))")
MESSAGE = "Fix off by one error: the first record was not counted\n\nThe loop began at the second record."
NONE = Facts()
ALL = ChangeOptions(classifier=EmbeddedClassifier(threshold=0))


def seconds(year: int, month: int = 1, day: int = 1) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp())


def change(
    before: str = BEFORE, after: str = AFTER, message: str = MESSAGE, facts: Facts = NONE, year: int = 2018
) -> Change:
    origin = Origin("git", "github.com/a/b", "c0ffee", "lib/a.py", sha256(after.encode()), "MIT", seconds(year))
    return Change(origin, "Python", message, before, after, facts)


def kept(record: Change, options: ChangeOptions = ALL, windowed: bool = True) -> Candidate:
    found = mine_change(record, options, windowed, 1)
    assert isinstance(found, Candidate), found
    return found


def reason(record: Change, options: ChangeOptions = ALL, windowed: bool = True) -> str:
    found = mine_change(record, options, windowed, 1)
    assert isinstance(found, Dropped)
    assert (found.stage, found.id, found.origin) == ("mine", record.id, record.origin)
    return found.reason


def test_a_fix_becomes_a_candidate_for_its_criterion_at_the_default_threshold() -> None:
    record = change()
    found = kept(record, ChangeOptions())
    assert (found.kind, found.criterion, found.parent_id) == ("change", "functional_correctness", record.id)
    assert found.confidence is not None
    assert ChangeOptions().classifier.thresholds()["default"] <= found.confidence < 1
    assert (found.before, found.after, found.window, found.reversed) == (BEFORE, AFTER, "train", False)
    assert found.message == MESSAGE
    assert "off by one" not in found.instruction.lower()
    assert kept(record, ChangeOptions()) == found


def test_function_granularity_keeps_the_edited_function_with_its_class() -> None:
    found = kept(change(), ALL.model_copy(update={"granularity": "function"}))
    assert "class Reader:" in found.after
    assert "def count(self):" in found.after
    assert "def records(self):" not in found.after
    assert found.spans != found.before_spans or found.spans
    text = AFTER.encode()
    assert b"def count" in b"".join(text[start:end] for start, end in found.spans)
    assert b"range(1" in b"".join(BEFORE.encode()[start:end] for start, end in found.before_spans)


@pytest.mark.parametrize(
    ("record", "options", "expected"),
    [
        (change(message="fix bug"), ALL, "message_length"),
        (change(message="fix " * 4_000), ALL, "message_length"),
        (change(year=2022), ALL, "outside_window"),
        (change(facts=Facts(authored_at=seconds(2019, 4))), ALL, "outside_window"),
        (change(facts=Facts(reverted_by="d" * 40)), ALL, "reverted"),
        (change(after=BEFORE.replace("one a line", "one on each line")), ALL, "comment_only"),
        (change(), ChangeOptions(classifier=EmbeddedClassifier(threshold=1)), "low_confidence"),
        (change(), ALL.model_copy(update={"max_tokens": 20}), "excerpt_too_long"),
    ],
)
def test_why_a_commit_makes_no_candidate(record: Change, options: ChangeOptions, expected: str) -> None:
    assert reason(record, options) == expected


def test_a_side_outside_the_parsers_bounds_is_refused() -> None:
    with pytest.raises(ParseRefused, match="NUL"):
        mine_change(change(after=AFTER.replace("total += 1", "total += 1\0")), ALL, True, 1)


def test_what_is_abstained_from_says_how_sure_it_was() -> None:
    found = mine_change(change(), ChangeOptions(classifier=EmbeddedClassifier(threshold=1)), True, 1)
    assert isinstance(found, Dropped)
    criterion, probability, *rest = found.detail.split(" ")
    assert (criterion, rest) == ("functional_correctness", ["at", "least", "1.0000"])
    assert 0 < float(probability.rstrip(",")) < 1


def test_windows_hold_only_for_sources_that_have_them() -> None:
    assert kept(change(year=2022), windowed=False).window is None
    assert kept(change(year=2022), ALL.model_copy(update={"windows": None})).window is None
    assert kept(change(year=2020)).window == "benchmark"
    late = ALL.model_copy(
        update={
            "windows": Windows(
                train_before=date(2023, 1, 1), benchmark_from=date(2023, 1, 1), benchmark_to=date(2024, 1, 1)
            )
        }
    )
    assert kept(change(year=2022), late).window == "train"


def test_a_change_undone_for_a_stated_defect_makes_the_older_side_win() -> None:
    facts = Facts(reverted_by="d" * 40, revert_reason="Fix crash: the first record must be skipped, it is the header")
    record = change(before=AFTER, after=BEFORE, message="Count from the second record", facts=facts)
    found = kept(record)
    assert found.reversed
    assert (found.before, found.after, found.facts) == (AFTER, BEFORE, facts)
    assert reason(record, ALL.model_copy(update={"reversed_pairs": False})) == "reverted"
    assert reason(replace(record, facts=Facts(reverted_by="d" * 40))) == "reverted"


def test_a_change_whose_source_names_its_cve_is_one_of_security() -> None:
    found = kept(change(facts=Facts(cves=("CVE-2020-1",))), ChangeOptions())
    assert (found.criterion, found.confidence) == ("security_hardness", 1.0)
