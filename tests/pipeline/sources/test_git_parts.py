"""The parts of the git source that need no repository."""

import random
from pathlib import Path

import pytest

from pipeline.sources import git_follow
from pipeline.sources.git_follow import fine, meet, mends, moved, rough
from pipeline.sources.git_journal import Journal
from pipeline.sources.git_order import integration_order
from pipeline.sources.git_pulls import by_merge, by_ref, merges_pull_request, squashed, trailer
from pipeline.sources.git_reputation import Reputation, read_table
from pipeline.sources.git_reverts import reason, undone
from schemas.errors import ConfigError
from schemas.records import Facts


def test_the_order_goes_by_integration_and_only_grows_at_its_end() -> None:
    graph = {"a": [], "b": ["a"], "x": ["a"], "y": ["x"], "m": ["b", "y"], "c": ["m"]}
    order = integration_order("c", graph)
    assert order.shas == ["a", "b", "x", "y", "m", "c"]
    assert order.brought == {4: 2}
    assert order.mainline == [0, 1, 4, 5]
    assert [order.closing(at) for at in range(6)] == [0, 1, 4, 4, 4, 5]
    grown = graph | {"o": ["a"], "n": ["c", "o"]}
    assert integration_order("n", grown).shas[: len(order.shas)] == order.shas
    assert integration_order("m", graph).shas == order.shas[:5]


def test_the_order_of_cut_histories_criss_cross_and_octopus_merges() -> None:
    assert integration_order("c", {"c": ["b"], "b": ["gone"]}).shas == ["b", "c"]
    cross = {"r": [], "p": ["r"], "q": ["r"], "s": ["p", "q"], "t": ["q", "p"], "u": ["s", "t", "r"]}
    order = integration_order("u", cross)
    assert order.shas == ["r", "p", "q", "s", "t", "u"]
    assert order.brought == {3: 2, 4: 4, 5: 4}
    long = {str(i): [str(i - 1)] if i else [] for i in range(5000)}
    assert integration_order("4999", long).mainline == list(range(5000))


@pytest.mark.parametrize(
    "message",
    [
        "Merge pull request #12 from a/b\n\nTitle",
        "Merge PR #3: x",
        "Merge #77",
        "Auto merge of #9 - x, r=y",
        "Merged in a/b (pull request #4)",
        "Merge branch 'x' into 'main'\n\nTitle\n\nSee merge request group/proj!5",
        "Merge https://example.org/a/b/pull/6",
        "Merge branch 'fix' (#8)",
    ],
)
def test_merges_of_pull_requests(message: str) -> None:
    assert merges_pull_request(message)


@pytest.mark.parametrize(
    "message", ["Merge branch 'main'", "Merge tag 'v1'", "Merge two loops", "Fix merge request page"]
)
def test_other_merges(message: str) -> None:
    assert not merges_pull_request(message)


def test_squashes_and_trailers() -> None:
    assert squashed("Fix it (#12)\n\nbody (#3)") == "squash #12"
    assert squashed("Fix it (!12)") == "squash !12"
    assert [squashed(text) for text in ("Fix #12", "Fix (#12) again", "Fix\n\n(#12)")] == [None] * 3
    url = "https://example.org/a/b/pull/12"
    assert trailer(f"Fix\n\nReviewed-By: A <a@b>\nPR-URL: {url}\n") == f"trailer PR-URL: {url}"
    assert trailer(f"Fix\n\nIt fixes {url}.") == f"trailer fixes: {url}"
    assert trailer("Fix\n\nReviewed-by: A <a@b>") == "trailer Reviewed-by: A <a@b>"
    assert trailer("Fix\n\nReviewed-on: https://r.example.org/1") == "trailer Reviewed-on: https://r.example.org/1"
    for none in ("PR-URL: in the subject", "Fix\n\nCloses #12", "Fix\n\nfixes https://example.org/a/b/issues/1", "Fix"):
        assert trailer(none) is None
    assert len(trailer("Fix\n\nPR-URL: " + "x" * 900) or "") == 200


def test_membership_by_merge_and_by_ref() -> None:
    graph = {"a": [], "x": ["a"], "y": ["x"], "m": ["a", "y"], "z": ["m"], "n": ["m", "z"], "k": ["n"]}
    order = integration_order("k", graph)
    at = {sha: number for number, sha in enumerate(order.shas)}
    assert by_merge(order, [at["m"], at["n"]]) == {at["x"]: at["m"], at["y"]: at["m"], at["z"]: at["n"]}
    first = [at[graph[sha][0]] if graph[sha] else None for sha in order.shas]
    refs = {"refs/pull/10/head": "y", "refs/pull/9/head": "x", "refs/pull/2/head": "k", "refs/pull/3/head": "gone"}
    assert by_ref(order, first, refs) == {
        at["k"]: ("refs/pull/2/head", at["k"]),
        at["x"]: ("refs/pull/9/head", at["x"]),
        at["y"]: ("refs/pull/10/head", at["y"]),
    }


def shas(count: int) -> list[str]:
    return [f"{number:08x}" + "0" * 32 for number in random.Random(1).sample(range(1 << 31), count)]


def test_reverts_by_sha_by_subject_and_in_other_words() -> None:
    names = shas(12)
    messages = [
        "Add a", "Add b (#1)", "Add c", "fix: d", "Add e", "Add f",
        f'Revert "Add a"\n\nThis reverts commit {names[0]}.',
        'Revert "Add b (#1)" (#2)\n\nIt leaks memory.',
        f"Take c out again\n\nThis reverts commit {names[2][:10]} since it crashes.",
        "revert: fix: d",
        f"Partially revert commit {names[4]}",
        'Revert "Something that never was"',
    ]  # fmt: skip
    found = undone(names, {}, messages)
    assert found.by == {0: 6, 1: 7, 2: 8, 3: 9}
    assert found.reason == {7: "It leaks memory.", 8: "Take c out again\n\nsince it crashes."}
    assert found.bearing == found.by


def test_a_revert_of_a_revert_cancels_and_one_more_does_not() -> None:
    names = shas(4)
    messages = ["Add a", 'Revert "Add a"', 'Revert "Revert "Add a""', 'Revert "Revert "Revert "Add a"""']
    assert undone(names[:2], {}, messages[:2]).by == {0: 1}
    twice = undone(names[:3], {}, messages[:3])
    assert (twice.by, twice.bearing) == ({1: 2}, {0: 2, 1: 2})
    assert undone(names, {}, messages).by == {0: 3, 2: 3}
    again = [*messages[:2], f'Reapply "Add a"\n\nThis reverts commit {names[1]}.', 'Revert "Reapply "Add a""']
    assert undone(names[:3], {}, again[:3]).by == {1: 2}
    assert undone(names, {}, again).by == {0: 3, 2: 3}


def test_what_is_no_revert() -> None:
    names = shas(3)
    for message in (
        f"Reland a, which was reverted by commit {names[1]}",
        f"Mention {names[0]}",
        f"This reverts commit {'f' * 40}.",
        'Quote "Revert "Add a""',
        "Revert to the old parser",
    ):
        assert undone(names, {}, ["Add a", "Add b", message]).by == {}
    assert undone(names, {}, [f"This reverts commit {names[1]}.", "Add b", "c"]).by == {}  # a later one can't be meant


def test_the_revert_of_a_merge_undoes_what_it_brought() -> None:
    names = shas(5)
    messages = [
        "a",
        "b",
        "c",
        "Merge x",
        f'Revert "Merge x"\n\nThis reverts commit {names[3]}, reversing\nchanges made to {names[0]}.',
    ]
    found = undone(names, {3: 1}, messages)
    assert found.by == {1: 4, 2: 4, 3: 4}
    assert found.reason == {}


def test_the_reason_is_what_is_left() -> None:
    boiler = "This reverts commit 0123456789abcdef0123456789abcdef01234567"
    assert (
        reason(f'Revert "x"\n\n{boiler}.\n\nSigned-off-by: A <a@b>\nChange-Id: I123\nReviewed-on: https://e.org/1')
        is None
    )
    assert reason(f'Revert "x"\n\n{boiler}: it broke the build.\nBug: 12') == "it broke the build."
    assert reason(f"Undo x\n\n{boiler}.") == "Undo x"
    assert reason('Revert "x"\n\nFixes #12') is None
    assert len(reason('Revert "x"\n\n' + "long " * 900) or "") <= 2000


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_hunks_are_exact_and_rough_ones_hold_them(end: bytes) -> None:
    draw = random.Random(5)
    for _ in range(400):
        older = [draw.choice([b"a", b"b", b"bb", b""]) for _ in range(draw.randrange(12))]
        newer = list(older)
        for _ in range(draw.randrange(4)):
            at = draw.randrange(len(newer) + 1)
            newer[at : at + draw.randrange(3)] = [draw.choice([b"a", b"c"])] * draw.randrange(3)
        a, b = (b"\n".join(lines) + end for lines in (older, newer))
        outer = rough(a, b)
        edits = fine(a, b, outer)
        built, done = b"", 0
        for (start, stop), (first, last) in edits:
            built += a[done:start] + b[first:last]
            done = stop
            assert outer is not None
            assert outer[0][0] <= start <= stop <= outer[0][1]
            assert outer[1][0] <= first <= last <= outer[1][1]
            assert all(at in (0, len(t)) or t[at - 1 : at] == b"\n" for t, at in ((a, start), (a, stop), (b, first)))
        assert built + a[done:] == b
        assert (outer is None) == (a == b)


def test_long_differences_are_one_hunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git_follow, "MAX_COMPARED_LINES", 3)
    a, b = b"1\n2\n3\n4\n5\n", b"x\n2\n3\n4\ny\n"
    assert fine(a, b, rough(a, b)) == [((0, 10), (0, 10))]


def test_ranges_meet_and_move() -> None:
    assert meet((2, 4), (3, 9)) and not meet((2, 4), (4, 5))
    assert meet((3, 3), (2, 4)) and meet((3, 3), (3, 3)) and not meet((2, 2), (2, 4)) and not meet((4, 4), (2, 4))
    edits = [((0, 0), (0, 2)), ((5, 7), (7, 7))]
    assert moved([(2, 4), (7, 8)], edits) == [(4, 6), (7, 8)]
    assert moved([(6, 9)], edits) is None


@pytest.mark.parametrize(
    "subject",
    [
        "Fix the loop", "loop: fixes", "Oops", "Correct a typo", "Forgot a file", "Add forgotten file", "Undo half",
        "Restore the check", "Add missing import", "Try again", "This broke 32 bit", "Wrong sign", 'Revert "Faster"',
        "BUGFIX: sign", "Repair the build", "Regression in parsing", "Really close the file",
    ],
)  # fmt: skip
def test_subjects_that_say_that_they_mend(subject: str) -> None:
    assert mends(subject) and mends(f"{subject}\n\nSome more.")
    assert not mends(f"Add a loop\n\n{subject}")


@pytest.mark.parametrize(
    "subject",
    ["", "Add a loop", "Use a prefix", "Debug output", "Faster", "Address of the suffix", "Against it"],
)
def test_subjects_that_do_not_say_so(subject: str) -> None:
    assert not mends(subject)


def test_hints_of_reverts_are_found_in_any_case() -> None:
    names = shas(2)
    for said in ("REVERTS", "Backs out", "backed OUT", "Backout"):
        assert undone(names, {}, ["Add a", f"X\n\n{said} {names[0]}"]).by == {0: 1}
    assert undone(names, {}, ["Add a", f"Step back and look out for {names[0]}"]).by == {}


def test_a_journal_keeps_what_is_sealed(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "deep/j.rows")

    def whole(row: list[object]) -> list[object]:
        return row

    with journal.held():
        assert journal.load(whole) == ([], [], 0)
        first = journal.append([["a", 1], ["b\udcff", 2]], "one", 0, whole)
        assert journal.load(whole)[:2] == (first, ["one"])
    assert list(journal.rows([first[1][0], first[0][0]])) == [["b\udcff", 2], ["a", 1]]
    end = journal.load(whole)[2]
    for rubbish in (b'["c",3]\n', b"[no json\n", b'["c"', b"\xff\n"):
        with journal.path.open("ab") as out:
            out.write(rubbish)
        assert journal.load(whole) == (first, ["one"], end)
    journal.append([["d", 4]], "two", end, whole)
    rows, seals, _ = journal.load(whole)
    assert ([row for _, row in rows], seals) == ([["a", 1], ["b\udcff", 2], ["d", 4]], ["one", "two"])


def test_tables_of_reputations(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("repo,stars,issues\na/b,5,\n", encoding="utf-8-sig")
    assert read_table(str(table)) == {"a/b": Reputation(5, None, None)}
    assert read_table(str(table))["a/b"].over(Facts(contributors=3)) == Facts(contributors=3, stars=5)
    lines = tmp_path / "t.jsonl"
    lines.write_text('{"repo": "a/b", "stars": 5, "contributors": 9, "issues": 0}\n\n')
    assert read_table(str(lines))["a/b"].over(Facts(contributors=3)) == Facts(contributors=9, stars=5, issues=0)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"stars\n5\n", "no column `repo`"),
        (b"", "no column `repo`"),
        (b"repo,stars\na,many\n", "line 2: stars is 'many'"),
        (b"repo,stars\na,-1\n", "line 2: stars is '-1'"),
        (b"repo,stars\n,1\n", "line 2: repo is ''"),
        (b"repo,stars\na,1,2\n", "'(too many)' is no column"),
        (b"repo,forks\na,1\n", "'forks' is no column"),
        (b"repo,stars\na,1\na,2\n", "line 3: a has a row already"),
        (b'repo\n"a"b\n', "it is no CSV"),
        (b'{"repo": "a"}\n{"repo": 1}\n', "line 2: repo is 1"),
        (b'{"repo": "a", "stars": 1.5}\n', "stars is 1.5"),
        (b'{"repo": "a"}\n[]\n', "line 2: holds list"),
        (b'{"repo"\n', "line 1: no JSON"),
        (b"repo\n\xff\n", "not UTF-8 at byte 5"),
    ],
)
def test_tables_that_are_wrong(tmp_path: Path, content: bytes, said: str) -> None:
    table = tmp_path / "t"
    table.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        read_table(str(table))
    assert str(caught.value).startswith(f"reputation: {table}: ") and said in str(caught.value)
    with pytest.raises(ConfigError, match="can't be read"):
        read_table(str(tmp_path / "gone"))
