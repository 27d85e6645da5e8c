from datetime import UTC, datetime

import pytest

from pipeline.sources.quilt import is_beside
from pipeline.sources.quilt_apply import Touched, Tree
from pipeline.sources.quilt_copyright import licence_of
from pipeline.sources.quilt_dep3 import PatchHeader, cve_ids, read_header
from pipeline.sources.quilt_patch import BadPatch, sections, split_header
from pipeline.sources.registries.debian_source import checksums, version_key

COPYRIGHT = """Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/

Files: *
Copyright: 2020 A
License: Expat

Files: src/gnu/* lib/?.c
Copyright: 2020 B
License: GPL-2+ or BSD-3-clause

Files: src/own.c
 src/[odd].c
 src/\\*.c
License: custom-1
 Permission to use, copy, modify, and distribute this software for any
 purpose with or without fee is hereby granted, provided that the above
 copyright notice and this permission notice appear in all copies.
 .
 THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES
 WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
 MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR
 ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
 WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
 ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF
 OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.

Files: src/named.c
License: custom-1

Files: src/odd.c
License: something-else
 Ask the author.
"""


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    return int(datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp())


def test_a_dep3_header_gives_subject_description_author_and_date() -> None:
    header = read_header(
        "12_fix.patch",
        b"Description: Check the length before the copy\n The header's length was\n trusted.\n .\n Found by fuzzing.\n"
        b"Origin: upstream, https://example.org/c/1\nBug: https://example.org/b/CVE-2021-3456\n"
        b"Bug-Debian: https://bugs.example.org/99\nAuthor: Ada <ada@example.org>\nLast-Update: 2021-03-04\n",
    )
    assert header == PatchHeader(
        subject="Check the length before the copy",
        body="The header's length was\ntrusted.\n\nFound by fuzzing.",
        author="Ada <ada@example.org>",
        last_update=at(2021, 3, 4),
        date=None,
        cves=("CVE-2021-3456",),
    )
    assert header.message == f"{header.subject}\n\n{header.body}"


def test_a_header_of_format_patch_is_read_as_mail() -> None:
    header = read_header(
        "0001-x.patch",
        b"From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001\r\n"
        b"From: =?UTF-8?q?J=C3=B6rg?= <j@example.org>\nDate: Tue, 2 Mar 2021 10:30:00 +0200\n"
        b"Subject: [PATCH 2/3] [CVE] parser: stop\n at the end\n\nThe loop ran on.\nNote: not a field of ours.\n\n"
        b"origin: https://example.org/c/2\nbug-github-issue: https://example.org/3\n---\n src/a.c | 2 +-\n",
    )
    assert header.subject == "parser: stop at the end"
    assert header.body == "The loop ran on.\nNote: not a field of ours."
    assert header.author == "Jörg <j@example.org>"
    assert header.date == at(2021, 3, 2, 8, 30)
    assert header.last_update is None


@pytest.mark.parametrize(
    ("name", "data", "subject"),
    [
        ("CVE-2020-1234.patch", b"", "CVE-2020-1234"),
        ("0007-avoid-a_leak.diff", b"Origin: upstream\n", "avoid a leak"),
        ("x.patch", b"Stop the overflow\nin two places\n", "Stop the overflow"),
        ("x.patch", b"Description:\n on the next line\n more\n", "on the next line"),
        ("x.patch", b"## DP: Description: old style\n", "old style"),
        ("x.patch", b"Description: caf\xe9 needs more room\n", "café needs more room"),
        (
            "x.patch",
            b"Subject: https://example.org/GHSA-1\n\n(CVE-2020-1234)\n\nA write past the end.\n",
            "A write past the end.",
        ),
        ("x.patch", b"Subject: GHSA-ab-1: #12,\n\n(cherry picked from commit 0123abc)\nStop.\n", "Stop."),
        ("x.patch", b"Subject: https://x" + b"CVE-1" * 2000 + b" !\n", "https://x" + "CVE-1" * 2000 + " !"),
        ("x.patch", b"Subject: CVE-2020-1234\n\nhttps://example.org/1\n", "CVE-2020-1234"),
    ],
)
def test_the_subject_is_what_says_something(name: str, data: bytes, subject: str) -> None:
    assert read_header(name, data).subject == subject


@pytest.mark.parametrize("word", ["=?u\xfaf-8?q?x?=", "=?nothing?q?x?=", "=?utf-8?b?x?=", "=?utf-8?q?=FF?="])
def test_an_encoded_word_that_is_broken_is_left_as_it_is_or_mended(word: str) -> None:
    header = read_header("x.patch", f"From: {word}\nSubject: {word} here\n".encode())
    assert header.author and header.subject.endswith("here")


@pytest.mark.parametrize("value", ["", "soon", "2021-13-01", "1969-01-01", "9" * 400, "Mon, 99 Foo 2021", "0000-00-00"])
def test_a_date_that_is_none_is_left_out(value: str) -> None:
    header = read_header("x.patch", f"Last-Update: {value}\nDate: {value}\n".encode())
    assert (header.last_update, header.date) == (None, None)


def test_cve_ids_come_from_name_and_header_sorted_and_once() -> None:
    name = "0056-CVE_2023_1289-and-CVE-2021-20312.patch"
    assert cve_ids(name, "see cve-2023-1289, CVE-2023-99, CVE-2023-10001") == (
        "CVE-2021-20312",
        "CVE-2023-1289",
        "CVE-2023-10001",
    )


def test_a_patch_is_split_before_its_first_diff() -> None:
    data = b"Subject: x\n--- a line of dashes\nnot a diff\n---\n\n--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n"
    header, diffs = split_header(data)
    assert header.endswith(b"---\n\n") and diffs.startswith(b"--- a/f\n")
    assert split_header(b"only words\n") == (b"only words\n", b"")


def diff(old: str, new: str, hunk: bytes = b"@@ -1 +1 @@\n-a\n+b\n") -> bytes:
    return f"--- {old}\n+++ {new}\n".encode() + hunk


def test_sections_know_names_and_kind() -> None:
    data = (
        diff("a/src/x.c\t2020-01-01 00:00:00", "b/src/x.c")
        + diff("/dev/null", "b/new.c", b"@@ -0,0 +1 @@\n+b\n")
        + diff("a/old.c", "/dev/null", b"@@ -1 +0,0 @@\n-a\n\\ No newline at end of file\n")
        + b"diff --git a/from.c b/to.c\nsimilarity index 100%\nrename from from.c\nrename to to.c\n"
        + b"Index: q/y.c\n"
        + diff("q.orig/y.c", "q/y.c", b"@@ -1,2 +1,2 @@\n--- a/not-a-header\n+++ b/neither\n\n")
    )
    first, made, gone, moved, last = sections(data, 1)
    assert first.names == ("src/x.c",) and not (first.creates or first.deletes or first.renames)
    assert made.creates and made.names == ("new.c",)
    assert gone.deletes and gone.names == ("old.c",)
    assert moved.renames and (moved.old, moved.new, moved.hunks) == ("from.c", "to.c", b"")
    assert last.names == ("y.c",) and last.hunks.count(b"\n") == 4
    assert sections(diff("x.c", "x.c"), 0)[0].names == ("x.c",)


@pytest.mark.parametrize(
    "name",
    [
        "a/../../etc/passwd",
        "/etc/passwd",
        "../x.c",
        "a/src/../../x.c",
        "x.c",
        "a//x.c",
        '"a/\\303.c"',
        "a/x\\y.c",
        "a/\x01.c",
    ],
)
def test_a_path_outside_the_tree_is_refused(name: str) -> None:
    with pytest.raises(BadPatch) as caught:
        sections(diff(name, "b/x.c"), 1)
    assert caught.value.reason == "unsafe_path"
    with pytest.raises(BadPatch):
        sections(diff("a/x.c", name), 1)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"words alone\n",
        diff("a/x.c", "b/x.c", b"@@ -1,3 +1,3 @@\n-a\n+b\n"),
        diff("a/x.c", "b/x.c", b"@@ -1,2 +1,2 @@\n-a\n+b\nwhat\n"),
        b"diff --git a/x b/x\nGIT binary patch\nliteral 3\n",
        diff("/dev/null", "/dev/null"),
    ],
)
def test_a_patch_that_is_no_text_diff_is_refused(data: bytes) -> None:
    with pytest.raises(BadPatch) as caught:
        sections(data, 1)
    assert caught.value.reason == "patch_failed"


def test_a_tree_takes_a_patch_whole_or_not_at_all() -> None:
    tree = Tree({"x.c": b"a\n", "y.c": b"a\n"}, {"big.c": "too_large: 9 bytes, at most 8"})
    with pytest.raises(BadPatch, match=r"y\.c"):
        tree.apply(sections(diff("a/x.c", "b/x.c") + diff("a/y.c", "b/y.c", b"@@ -1 +1 @@\n-other\n+b\n"), 1))
    assert tree.apply(sections(diff("a/x.c", "b/x.c"), 1)) == [Touched("x.c", b"a\n", b"b\n")]
    with pytest.raises(BadPatch):  # applied already
        tree.apply(sections(diff("a/x.c", "b/x.c"), 1))
    with pytest.raises(BadPatch, match="too_large"):
        tree.apply(sections(diff("a/big.c", "b/big.c"), 1))
    with pytest.raises(BadPatch, match="it is there"):
        tree.apply(sections(diff("/dev/null", "b/y.c", b"@@ -0,0 +1 @@\n+b\n"), 1))


def test_a_tree_makes_removes_and_moves_files() -> None:
    tree = Tree({"x.c": b"a\n", "y.c": b"a\n"}, {})
    made = tree.apply(sections(diff("/dev/null", "b/n.c", b"@@ -0,0 +1 @@\n+b\n"), 1))
    gone = tree.apply(sections(diff("a/x.c", "/dev/null", b"@@ -1 +0,0 @@\n-a\n"), 1))
    moved = tree.apply(
        sections(b"diff --git a/y.c b/z.c\nrename from y.c\nrename to z.c\n" + diff("a/y.c", "b/z.c"), 1)
    )
    assert made == [Touched("n.c", None, b"b\n")]
    assert gone == [Touched("x.c", b"a\n", None)]
    assert moved == [Touched("y.c", b"a\n", None), Touched("z.c", None, b"b\n")]
    assert tree.apply(sections(diff("a/z.c", "b/z.c", b"@@ -1 +1 @@\n-b\n+c\n"), 1)) == [Touched("z.c", b"b\n", b"c\n")]


def test_patch_moves_a_hunk_but_allows_no_fuzz() -> None:
    hunk = b"@@ -2,3 +2,3 @@\n one\n-two\n+2\n three\n"
    moved = Tree({"x.c": b"0\n0\n0\n0\none\ntwo\nthree\n"}, {}).apply(sections(diff("a/x.c", "b/x.c", hunk), 1))
    assert moved[0].after == b"0\n0\n0\n0\none\n2\nthree\n"
    with pytest.raises(BadPatch):
        Tree({"x.c": b"0\nONE\ntwo\nthree\n"}, {}).apply(sections(diff("a/x.c", "b/x.c", hunk), 1))


def test_line_ends_survive() -> None:
    mixed = b"@@ -1,2 +1,2 @@\n-a\r\n+b\r\n c\r\n"
    done = Tree({"x.c": b"a\r\nc\r\n"}, {}).apply(sections(diff("a/x.c", "b/x.c", mixed), 1))
    assert done[0].after == b"b\r\nc\r\n"
    whole = b"--- a/x.c\r\n+++ b/x.c\r\n@@ -1 +1 @@\r\n-a\r\n+b\r\n"  # made on Windows, for a file that is not
    assert Tree({"x.c": b"a\n"}, {}).apply(sections(whole, 1))[0].after == b"b\n"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("src/main.c", "MIT"),
        ("src/gnu/deep/er.c", "BSD-3-Clause OR GPL-2.0-or-later"),
        ("lib/x.c", "BSD-3-Clause OR GPL-2.0-or-later"),
        ("lib/xy.c", "MIT"),
        ("src/own.c", "ISC"),
        ("src/[odd].c", "ISC"),
        ("src/*.c", "ISC"),
        ("src/named.c", "ISC"),
        ("src/odd.c", None),
    ],
)
def test_the_last_paragraph_that_matches_states_the_licence(path: str, expected: str | None) -> None:
    assert licence_of(COPYRIGHT, path) == expected
    assert licence_of(COPYRIGHT.replace("\n", "\r\n"), path) == expected


def test_a_copyright_file_for_people_states_none() -> None:
    assert licence_of("This package is under the MIT licence.\n", "x.c") is None
    assert licence_of("", "x.c") is None
    assert licence_of("Files: " + "*a" * 40 + "\nLicense: Expat\n", "a" * 200 + "b") is None


def test_versions_sort_as_debian_policy_says() -> None:
    ordered = [
        "1.0~rc1-1",
        "1.0-1~deb12u1",
        "1.0-1",
        "1.0-1+deb12u2",
        "1.0-1+deb12u10",
        "1.0a-1",
        "1.0+b-1",
        "1.9",
        "1.10",
        "1:0.1",
    ]
    shuffled = [*ordered[1::2], *ordered[::2]]
    assert sorted(shuffled, key=version_key) == ordered


def test_checksums_name_plain_files_alone() -> None:
    digest = "0" * 64
    assert checksums(f"\n {digest} 12 a_1.0.dsc\n") == (("a_1.0.dsc", 12, digest),)
    for bad in (f"{digest} 12 ../a.dsc", f"{digest} 12 a/b.dsc", f"{digest} x a.dsc", "00 12 a.dsc", f"{digest} 12 .a"):
        assert checksums(bad) is None


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tests/data/test12", True),
        ("docs/api.c", True),
        ("src/test_x.py", True),
        ("src/x_test.go", True),
        ("ChangeLog", True),
        ("README", True),
        ("doc/man.1", True),
        ("src/testing.c", False),
        ("src/latest.c", False),
        ("lib/protest/x.c", False),
        ("configure.ac", False),
        ("src/history.c", False),
        ("lib/changes.py", False),
        ("src/news/feed.rb", False),
        ("changes/bug1234", True),
    ],
)
def test_tests_and_documents_stand_beside(path: str, expected: bool) -> None:
    assert is_beside(path) is expected
