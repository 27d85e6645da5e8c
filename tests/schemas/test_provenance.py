"""Ids never collide by joining and never change; random sources follow the record."""

import hashlib
from itertools import pairwise, product

from schemas.provenance import Origin, child_id, content_id, seeded, sha256
from schemas.records import Change, SourceFile

ORIGIN = Origin("pypi", "pypi:sums", "1.0", "sums/core.py", "ab" * 32, "MIT", 1_500_000_000)


def test_ids_are_these_values_for_good() -> None:
    """A changed id breaks every takedown and audit of data that is out: these literals may not change."""
    assert content_id() == hashlib.sha256(b"").hexdigest()
    assert content_id("a", "b") == "3c9d591045bc8876f9d0399bbfb05c6a412096e906f73278f98406cd5dca86df"
    assert content_id("größe", "文字", "\ud800") == "871114dff86b0e23f46b4adb2901f3d04b73e5da49b4db55291ad91e1dd2bc69"
    assert (
        child_id("p", "s", "1", {"b": "2", "a": "1"}, ((0, 4),))
        == "74c62933869032f2b468273c74254a50b9ad86b787932cce58db055c2aa5b9b9"
    )
    assert (
        SourceFile(ORIGIN, "Python", "x = 1\n").id == "de66d9b6d95279e1c53193df056a7eddede0cce5760f7cfec92741e0ff7dee3b"
    )


def test_parts_are_prefixed_by_their_length_in_bytes() -> None:
    data = b"".join(len(part).to_bytes(8, "big") + part for part in (b"ab", "ö".encode(), b""))
    assert content_id("ab", "ö", "") == hashlib.sha256(data).hexdigest()


def test_no_two_lists_of_parts_share_an_id_by_joining() -> None:
    pieces = ("", "a", "aa", "\0", "\0" * 7 + "\1a")
    lists = [parts for size in range(4) for parts in product(pieces, repeat=size)]
    assert len({content_id(*parts) for parts in lists}) == len(lists)


def test_child_id_follows_from_each_of_its_parts_but_not_from_the_order_of_parameters() -> None:
    base = child_id("p", "s", "1", {"a": "1", "b": "2"}, ((0, 4), (6, 9)))
    assert base == child_id("p", "s", "1", {"b": "2", "a": "1"}, ((0, 4), (6, 9)))
    others = {
        child_id("q", "s", "1", {"a": "1", "b": "2"}, ((0, 4), (6, 9))),
        child_id("p", "t", "1", {"a": "1", "b": "2"}, ((0, 4), (6, 9))),
        child_id("p", "s", "2", {"a": "1", "b": "2"}, ((0, 4), (6, 9))),
        child_id("p", "s", "1", {"a": "1", "b": "3"}, ((0, 4), (6, 9))),
        child_id("p", "s", "1", {"a": "1", "b": "2"}, ((0, 4), (6, 8))),
        child_id("p", "s", "1", {"a": "1", "b": "2"}, ((0, 4),)),
    }
    assert len(others | {base}) == 7


def test_a_file_and_a_change_are_known_by_where_they_are_and_what_they_hold() -> None:
    file = SourceFile(ORIGIN, "Python", "x = 1\n")
    change = Change(ORIGIN, "Python", "message", "", "x = 1\n")
    assert change.id == Change(ORIGIN, "Python", "another", "", "x = 1\n").id
    assert change.id != file.id  # the file at a commit and the commit's change of it are two records
    relicensed = Origin(*[*(getattr(ORIGIN, n) for n in ("source", "repo", "revision", "path", "blob_sha256"))])
    assert SourceFile(relicensed, "Python", "x = 1\n").id == file.id
    moved = Origin("pypi", "pypi:sums", "1.0", "sums/other.py", "ab" * 32)
    assert SourceFile(moved, "Python", "x = 1\n").id != file.id


def test_random_sources_repeat_and_differ_by_seed_step_and_record() -> None:
    draws = [seeded(*key).random() for key in ((1, "a", "r"), (2, "a", "r"), (1, "b", "r"), (1, "a", "s"))]
    assert draws[0] == seeded(1, "a", "r").random()
    assert all(a != b for a, b in pairwise(sorted(draws)))


def test_sha256_is_of_the_bytes() -> None:
    assert sha256(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
