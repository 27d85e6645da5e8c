"""What is kept of a commit's message."""

import pytest

from pipeline.criterion.message import MAX_BODY_WORDS, MAX_CHARS, MAX_TEXT_CHARS, message, stem


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("net: fix the leak", ("<scope>", "fix", "the", "leak")),
        ("net/http: server: fix the leak", ("<scope>", "fix", "the", "leak")),
        ("[core] [io] fix the leak", ("<scope>", "fix", "the", "leak")),
        ("*.c: fix the leak", ("<scope>", "fix", "the", "leak")),
        ("api(v2): fix the leak", ("<scope>", "fix", "the", "leak")),
        ("fix the leak", ("fix", "the", "leak")),
        ("Fix: the leak", ("fix", "the", "leak")),
        ("perf: the leak", ("perf", "the", "leak")),
    ],
)
def test_scope_of_a_subject(text: str, subject: tuple[str, ...]) -> None:
    assert message(text).subject == subject


@pytest.mark.parametrize(
    "name",
    [
        "free_list", "free()", "list.free", "std::list", "src/list.c", "`the list`", "`list`", "utf8",
        "1.2.3", "a/b/c", "/dev/null", "_list",
    ],
)  # fmt: skip
def test_identifiers_are_not_words(name: str) -> None:
    assert message(f"Check {name} for overflow").subject == ("check", "<id>", "for", "overflow")
    assert message(f"Check\n\nWe check {name} for overflow").body == ("we", "check", "<id>", "for", "overflow")


def test_two_plain_words_with_a_slash_stay() -> None:
    assert message("Avoid read/write of it").subject == ("avoid", "read", "writ", "of", "it")


@pytest.mark.parametrize("mark", ["#12", "(#12)", "GH-12", "(GH-12)"])
def test_issues(mark: str) -> None:
    assert message(f"Fix a crash {mark}").subject == ("fix", "crash", "<issue>")


def test_vulnerabilities() -> None:
    found = message("Fix CVE-2021-12345\n\nand CVE-2021-5 too")
    assert (found.subject, found.body) == (("fix", "<cve>"), ("and", "<cve>", "too"))


@pytest.mark.parametrize(
    "line",
    [
        "Signed-off-by: Some Body <some@body.org>",
        "Reviewed-by: Some Body",
        "Change-Id: I0123456789",
        "PR-URL: https://example.org/1",
        "Fixes: #12",
        "fixes #12 and more",
        "  Closes: it",
        "Bug: 12",
        "See also: the manual",
        "Cc: everybody",
        "Tests: done",
    ],
)
def test_trailers_say_nothing(line: str) -> None:
    bare = message("Fix a crash\n\nThe list was empty.")
    assert message(f"Fix a crash\n\nThe list was empty.\n{line}") == bare
    assert message(f"Fix a crash\n\nThe list was empty.\r\n\r\n{line}\r\n") == bare
    assert message(f"Fix a crash\n\n{line}\nThe list was empty.").body == bare.body


def test_trailer_as_subject_is_the_subject() -> None:
    assert message("Tests: drop what is old").subject == ("<scope>", "drop", "what", "is", "old")


def test_links_and_addresses_say_nothing() -> None:
    found = message("Fix a crash of https://example.org/list?a=1\n\nSee some.body@example.org it")
    assert found.subject == ("fix", "crash", "of")
    assert found.body == ("see", "it")
    assert found.text == "Fix a crash of See it"


@pytest.mark.parametrize(
    "forms",
    [
        "fix fixes fixed fixing",
        "handle handles handled handling handler",
        "simplify simplifies simplified simplifying",
        "stop stops stopped stopping",
        "optimize optimizes optimized optimizing",
        "allocate allocates allocated allocating",
        "cache caches cached caching",
        "copy copies copied copying",
        "leak leaks leaked leaking",
        "call calls called calling",
    ],
)
def test_forms_of_one_verb_have_one_stem(forms: str) -> None:
    assert len({stem(form) for form in forms.split()}) == 1


def test_stems_of_other_words_differ() -> None:
    words = "fix leak cache copy call crash add remove check handle bound buffer free lock"
    assert len({stem(word) for word in words.split()}) == len(words.split())


@pytest.mark.parametrize("word", ["is", "use", "bed", "red", "as", "bus", "ing", "sing"])
def test_short_words_are_whole(word: str) -> None:
    assert stem(word) == word


def test_long_messages_are_cut() -> None:
    found = message("Begin\n\n" + "word " * 1000)
    assert found.body == ("word",) * MAX_BODY_WORDS
    assert len(found.text) == MAX_TEXT_CHARS and found.text.startswith("Begin. word word")
    assert len(message("b" * 1000).first_line) == MAX_TEXT_CHARS


def test_what_is_beyond_the_bound_is_not_read() -> None:
    assert message("a " * MAX_CHARS + "crash") == message("a " * MAX_CHARS)
    assert message("\n" * MAX_CHARS + "crash").subject == ("crash",)


def test_text_for_an_encoder_keeps_names() -> None:
    found = message("net: Fix freeList()\n\nIt  was\nempty in `v2`.\n\nFixes: #1")
    assert found.text == "net: Fix freeList(). It was empty in `v2`."
    assert found.first_line == "net: Fix freeList()"


@pytest.mark.parametrize("text", ["", "  \n ", "\n\n"])
def test_nothing_said(text: str) -> None:
    found = message(text)
    assert (found.subject, found.body, found.first_line) == ((), (), "")


@pytest.mark.parametrize("text", ["\0\x01\ud800", "(" * 500, "`" * 501, "修正", "\u2028a\u2029"])
def test_odd_text_makes_no_odd_words(text: str) -> None:
    found = message(f"{text}\n\n{text}")
    assert set(found.subject) | set(found.body) <= {"<id>"}


@pytest.mark.parametrize("filler", ["\n", "\r\n", " ", "\t\n", "a.", "[", "`", "a: "])
def test_hostile_messages_end(filler: str) -> None:
    """Blank lines once took minutes."""
    found = message("Fix" + filler * 200_000 + "it")
    assert len(found.body) <= MAX_BODY_WORDS
    assert len(found.text) <= MAX_TEXT_CHARS
