import pytest

from filters.changes import messages
from filters.changes.bots import Bots
from filters.changes.intents import Intents
from filters.changes.language import MessageLanguage
from filters.changes.lint import Lint
from filters.changes.merges import Merges
from filters.changes.releases import Releases
from filters.changes.reverts import Reverts
from filters.changes.unfinished import Unfinished
from filters.changes.vague import Vague
from tests.filters.changes.planted import change, reason

PLANTED = {
    Merges(): (
        ["Merge branch 'master' into x", "Merge pull request #12 from a/b", "Merged in trunk r1234",
        "resolve merge conflicts"],
        ["Merge adjacent free blocks", "Merge pull request from GHSA-48w2-rm65-62xx", "Merge commit from fork",
        "merge in the defaults of the parent", "Emerge from sleep early"],
    ),
    Reverts(): (
        ['Revert "Cache the size"', "reverted: r12", "Undo the last commit", "backed out 12345",
        "re-land commit 1234567", "revert: cache"],
        ["Reverse the list in place", "revert to the default when unset", "roll back the transaction on error",
        "undo stack leaks"],
    ),
    Unfinished(): (
        ["WIP", "wip: parser", "fixup! Add x", "squash! Add x", "tmp commit", "checkpoint", "debugging",
        "experiment: other order",
         "temporary hack for windows", "more debug output", "not working yet"],
        ["Fix a leak of temporary files", "try the next server first", "Start with an empty buffer",
        "Debug builds keep the frame pointer",
         "work with empty lists", "Fix the timeout not working in clusters"],
    ),
    Releases(): (
        ["Bump version to 1.2", "1.2.3", "v2.0.0-rc1", "Release :gem: 3.1.0", "2.6.4 release candidate 2",
        "prepare release", "update changelog",
         "Bump lodash from 1.2 to 1.3", "Copyright year", "preparing for next development iteration"],
        ["Release the lock on error", "bump the buffer to its size", "Read the version of the header first",
        "release memory of 3 tables",
         "Rebuild the index when stale"],
    ),
    Bots(): (
        ["Bump a from 1.0 to 2.0", "chore(deps): new things", "Update translations", "[bot] weekly",
        "Backport of #12", "sync with upstream"],
        ["Translate paths before the open call", "sync to disk on close", "Regenerate the session id after login"],
    ),
    Lint(): (
        ["Fix compiler warning", "fix warning C4706", "rubocop", "[lint] x: pylint says so", "Fix checkstyle.",
        "avoid -Wshadow warnings",
         "pep8", "reformat", "Remove trailing whitespace", "coding style", "whitespace cleanup", "style(parser): x",
         "lint: x", "fix typo and nits"],
        ["Warn when the file is missing", "Strip whitespace around header names", "Blackhole unknown hosts",
        "fix black screen on resume",
         "Fix formatting of negative dates", "handle long lines in the parser", "Print the warning only once"],
    ),
    Vague(): (
        ["fix", "update foo.c", "minor cleanup", "Fixed bug", "JsonWriter.cs", "more fixes", "Fix for #1527",
        "-Code cleanup", "Cleanup"],
        ["fix leak", "Optimize the loop", "fix\n\nThe buffer was freed twice.", "Speed up copyall"],
    ),
    Intents(): (
        ["Fix the leak; add a cache", "Add x and remove y", "Rename a to b, update the callers", "various fixes",
        "Clean x while at it",
         "fix x\n\nAlso removed the old table.", "Parser work\n\n- add a table\n- fix the leak\n- remove the lock"],
        ["Fix parsing of lists and tables", "Remove the lock and its waiters", "Reduce copies and improve speed",
        "fix x, y and z",
         "Speed up\n\n- 3 times on lists\n- 2 times on maps\n- no change on sets", "Reuse the buffer to avoid a copy",
         "Simplify a\n\nThis also fixes a crash."],
    ),
    MessageLanguage(): (
        ["исправлена утечка памяти", "修复内存泄漏",
        "Corrige la fuite de mémoire lors de la fermeture du fichier de configuration",
         "Corrige o problema de vazamento na leitura dos arquivos compactados"],
        ["Fix crash", "Fix a crash of the parser when a table is empty", "Grüße: fix encoding of names",
        "fix NPE in FooBarBaz.qux()"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("filter_", "message"), [(one, message) for one, (refused, _) in PLANTED.items() for message in refused]
)
def test_refused_by_the_message(filter_, message):
    reasons = {
        "merge": "merge", "revert": "revert", "unfinished": "unfinished", "release": "release", "bot": "bot",
        "lint": "lint",
        "vague": "vague_message", "intents": "several_intents", "message_language": "not_english",
    }  # fmt: skip
    assert reason(filter_, change(message)) == reasons[filter_.kind]


@pytest.mark.parametrize(
    ("filter_", "message"), [(one, message) for one, (_, kept) in PLANTED.items() for message in kept]
)
def test_kept_by_the_message(filter_, message):
    assert reason(filter_, change(message)) is None


def test_vague_options():
    assert reason(Vague(names=False), change("fix JsonWriter")) == "vague_message"
    assert reason(Vague(), change("fix JsonWriter")) is None
    assert reason(Vague(min_words=3), change("fix double free")) == "vague_message"
    assert reason(Vague(min_words=0, min_subject_words=0), change("fix")) is None


def test_intents_options():
    assert reason(Intents(max_clauses=2), change("Add x and remove y")) is None
    assert reason(Intents(also=False), change("various fixes")) is None
    assert reason(Intents(max_items=3), change("Work\n\n- add a\n- fix b\n- drop c")) is None


def test_what_tools_add_is_left_out():
    message = (
        "[perf] Reuse x (#12) [ci skip]\n\nBody.\n\nSigned-off-by: A <a@b.c>\nCloses #12\ngit-svn-id: https://x y\n"
    )
    assert messages.subject(message) == "[perf] Reuse x"
    assert messages.plain_subject(message) == "reuse x"
    assert messages.body(message) == "Body."
    assert messages.plain_subject("fix(parser): Reuse x") == "reuse x"
    assert messages.subject("") == messages.body("") == ""
