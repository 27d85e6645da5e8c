"""The helper that finds hand-labelled texts again, and its figures."""

import hashlib
import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import labelled
from labelled import Case, definitions, resolve, score, text_of

SHLEX = "python/shlex.py"


def row(where, text, label=True):
    return {"where": where, "sha256": hashlib.sha256(text.encode()).hexdigest(), "label": label, "note": ""}


def test_figures():
    cases = [Case(str(n), "", "", n < 4, "0") for n in range(10)]
    figures = score(cases, lambda case: case.where in "234")
    assert figures == (labelled.Figures(2 / 3, 2 / 4, ("0", "1", "4")))
    assert score(cases[4:], lambda case: False) == labelled.Figures(1.0, 1.0, ())


def test_halves_are_told_apart_by_the_hash():
    assert [Case("", "", "", True, digit).tuned for digit in "018f"] == [True, False, True, False]


def test_parts_of_a_file():
    source = '"""Doc."""\nif True:\n    @f\n    class A:\n        """Of A."""\n\n        def g(self):\n'
    source += "            return 1\n"
    parts = definitions(source)
    assert parts["__doc__"] == "Doc." and parts["A.__doc__"] == "Of A."
    assert parts["A.g"] == "def g(self):\n    return 1"
    assert parts["A"].startswith("@f\nclass A:\n")
    whole = text_of(SHLEX, "")
    assert text_of(SHLEX, "L1-2") == "".join(whole.splitlines(keepends=True)[:2])
    assert text_of(SHLEX, "no_such_name") is None and text_of("python/no_such_file.py", "") is None


def test_a_row_is_its_text_or_says_why_not():
    text = text_of("site-packages/pydantic/main.py", "BaseModel.__doc__")
    found = resolve(row("site-packages/pydantic/main.py#BaseModel.__doc__", text))
    assert (found.text, found.path, found.label) == (text, "pydantic/main.py", True)
    assert "isn't installed as pinned" in resolve(row("site-packages/no_such_package/a.py", "x"))
    assert "another standard library" in resolve(row(SHLEX, "not its text"))
    with pytest.raises(AssertionError, match="not the text that was labelled"):
        resolve(row("site-packages/pydantic/main.py#BaseModel.__doc__", "another"))


@pytest.mark.parametrize("more", [0, 60])
def test_too_few_cases_fail_and_absent_packages_are_named(monkeypatch, tmp_path, more):
    rows = [row("site-packages/no_such_package/a.py", "x"), row("npm:a@1/b.js", "x")]
    lines = [f"L{n}-{n + 2}" for n in range(1, more + 1)]
    rows += [row(f"{SHLEX}#{part}", text_of(SHLEX, part)) for part in lines]
    (tmp_path / "some.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows))
    monkeypatch.setattr(labelled, "DATA", tmp_path)
    labelled._looked_for.cache_clear()
    if more:
        assert len(labelled.found("some")) == more
        (why,) = labelled.away("some")
        assert "no_such_package isn't installed" in why
    else:
        with pytest.raises(pytest.fail.Exception, match="at least 50"):
            labelled.found("some")
    labelled._looked_for.cache_clear()


def test_every_list_has_one_row_a_text_and_both_labels():
    for file in sorted(labelled.DATA.glob("*.jsonl")):
        rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        assert len(rows) >= 100, file.name
        assert all({"where", "sha256", "label", "note"} == set(one) and len(one["sha256"]) == 64 for one in rows)
        assert len({one["sha256"] for one in rows}) == len({one["where"] for one in rows}) == len(rows), file.name
        assert 20 <= sum(one["label"] for one in rows) <= len(rows) - 20, file.name
