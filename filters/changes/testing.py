"""Testing: paths of tests, fixtures, mocks and benchmarks."""

import re
from typing import Literal

from filters.base import Refusal
from filters.changes.base import ChangeFilter
from filters.changes.messages import subject
from parsers.edits import Edit
from schemas.records import Change

FOLDERS = frozenset(
    ("test", "tests", "testing", "testsuite", "testsuites", "test-suite", "test_suite", "testdata", "test-data",
     "test_data", "testutil",
     "testutils", "unittest", "unittests", "unit-tests", "unit_tests", "uitests", "spec", "specs", "__tests__",
     "__mocks__", "__fixtures__",
     "mocks", "fixtures", "fixture", "features", "cypress", "e2e", "integration-tests", "integration_tests",
     "integrationtest",
     "integrationtests", "androidtest", "selftest", "selftests", "regress", "regression", "gtest", "googletest",
     "fuzz", "fuzzing",
     "fuzzer", "fuzzers", "t", "bench", "benches", "benchmark", "benchmarks", "perf", "perftest", "perftests",
     "perf-test", "perf-tests")
)  # fmt: skip
"""Folders, in lower case, that hold what checks or times the code."""

_FOLDER = re.compile(
    r"""^(?:.*[._-])?(?:unit|functional|integration)?tests?(?:[._-](?:\w*))?$ | ^test[._-] | .[._-](?:specs?
          |benchmarks?|testing|fixtures)$
      | ^src-tests?$ | ^benchmarks?[._-] | [._-]tests?[._-]""",
    re.VERBOSE,
)
_CAMEL_FOLDER = re.compile(r"(?:^|[a-z0-9.])(?:Tests?|Specs?|Benchmarks?|TestUtils?|FunctionalTests|Specification)$")
_FILE = re.compile(
    r"""^(?:test|tests|spec|conftest|tests?[_-].+|.+[._-](?:tests?|spec|specs|bench|fuzz|fuzzer|mock|mocks|unittest
          |testutil)
          |unittest.*|testutils?|test_?helpers?|spec_?helper|bench(?:mark)?s?|bench(?:mark)?[_-].+|gtest.*|mock_.+
          |fake_.+|(?:run|check)_?tests?
          |.+[.]benchmarks?|unit-?test|testsuite|approval_?tests?)$""",
    re.VERBOSE | re.IGNORECASE,
)
_CAMEL_FILE = re.compile(
    r"^Tests?[A-Z]\w*$|^\w*[a-z0-9](?:Tests?|TestCase|TestBase|TestCases|TestSuite|Specs?|IT|Benchmarks?|Fixture|Mock)$"
)
_SUBJECT = re.compile(
    r"^(?:tests?|bench|benchmarks?)(?:\([^()]{0,60}\))?!?: |^\[(?:tests?|benchmarks?)\] ", re.IGNORECASE
)
_KINDS = (".js", ".cs", ".java", ".rb", ".py", ".cpp", ".cc", ".h", ".c", ".go", ".mjs", ".cjs", ".jsx", ".hpp", ".cxx")


class InTests(ChangeFilter):
    """Changes of tests, specifications, fixtures, mocks, fuzzers and benchmarks, by the customs of many languages."""

    kind: Literal["testing"] = "testing"

    def refuse(self, change: Change, edit: Edit) -> Refusal | None:
        """`test_path` by a folder or by the file's name, `test_subject` where the subject begins so."""
        detail = test_path(change.origin.path)
        if detail is not None:
            return Refusal("test_path", detail)
        found = _SUBJECT.search(subject(change.message))
        return Refusal("test_subject", f"subject begins with {found[0]!r}") if found else None


def test_path(path: str) -> str | None:
    """What in `path` (forward slashes) says that the file belongs to tests, or None."""
    *folders, name = path.split("/")
    for folder in folders:
        lower = folder.lower()
        if lower in FOLDERS or _FOLDER.search(lower) or _CAMEL_FOLDER.search(folder):
            return f"under {folder}/"
    stem = name
    while stem.lower().endswith(_KINDS):
        stem = stem[: stem.rindex(".")]
    return f"named {name}" if _FILE.search(stem) or _CAMEL_FILE.search(stem) else None
