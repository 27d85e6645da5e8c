import gc
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import pytest

from parsers import syntax as module
from parsers.language import languages
from parsers.syntax import MAX_DEPTH, depth, error_bytes, parse, walk
from schemas.errors import ParseRefused


@pytest.mark.parametrize("name", sorted(languages()))
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("(" * 100_000, "line_too_long"),
        ("(\n" * 100_000, "too_deep"),
        ("x = " + "[\n" * 50_000 + "]\n" * 50_000, "too_deep"),
        ("x" * 10_000_000, "too_large"),
        ("x\n" * 400_000 + "é\n" * 100_000, "too_large"),
        ("a = 1\0\n", "nul_bytes"),
        ("a = '\ud800'\n", "lone_surrogate"),
    ],
)
def test_hostile_text_is_refused(name, text, reason):
    with pytest.raises(ParseRefused) as refused:
        parse(name, text)
    assert refused.value.reason == reason


@pytest.mark.parametrize("name", ["C++", "C#", "Java"])
def test_open_type_arguments_are_refused(name):
    with pytest.raises(ParseRefused, match="too_deep"):
        parse(name, "a<\n" * 20_000)


def test_many_brackets_that_close_are_fine():
    text = "x = [\n" + "  f(a[0], {}),\n" * 2_000 + "]\n"
    assert error_bytes(parse("Python", text).root) == 0
    assert error_bytes(parse("Java", "class A { void f() {\n" + "if (a < b) { c(); }\n" * 2_000 + "} }\n").root) == 0


def test_a_tree_deeper_than_the_bound_is_refused():
    nested = "x = " + "(\n" * MAX_DEPTH + "1" + ")\n" * MAX_DEPTH
    with pytest.raises(ParseRefused, match="too_deep"):
        parse("Python", nested)


def test_time_bound_stops_the_parse_and_leaves_the_parser_fit(monkeypatch):
    text = "x = 1\n" * 20_000
    monkeypatch.setattr(module, "TIMEOUT_S", -1.0)
    with pytest.raises(ParseRefused, match="parse_timeout"):
        parse("Python", text)
    monkeypatch.undo()
    assert depth(parse("Python", "y\n").root) == 3
    assert error_bytes(parse("Python", text).root) == 0


def test_walk_and_depth_agree_with_the_tree():
    syntax = parse("Python", "f(a, (b))\nx\n")
    levels = [(node.type, level) for node, level in walk(syntax.root)]
    assert levels[:4] == [("module", 1), ("expression_statement", 2), ("call", 3), ("identifier", 4)]
    assert depth(syntax.root) == max(level for _, level in levels) == 6

    def recursive(node):
        return 1 + max((recursive(child) for child in node.children), default=0)

    for node, level in walk(syntax.root):
        assert depth(node) == recursive(node)
        assert level + depth(node) - 1 <= 6
    leaf = syntax.nodes("identifiers", "identifier")[0]
    assert [node for node, _ in walk(leaf)] == [leaf]


def test_error_bytes():
    assert error_bytes(parse("C", "int f(void) { return 1; }\n").root) == 0
    assert error_bytes(parse("C", "int f(void) { return 1 }\n").root) == 1
    broken = parse("Python", "x = 1\n$$$$ y\n")
    assert 4 <= error_bytes(broken.root) <= 7
    assert error_bytes(parse("C", ")))) @@@@\n").root) >= 8


def test_data_is_kept_as_it_is():
    data = b"\xef\xbb\xbfdef f():\r\n    return '\xff'\r\n"
    syntax = parse("Python", data)
    assert syntax.data == data
    assert error_bytes(parse("Python", "\ufeffdef f():\r\n    return 1\r\n").root) == 0
    (returned,) = syntax.nodes("returns", "value")
    assert syntax.text(returned) == "'�'"


def test_matches_within_a_node_and_each_node_once():
    syntax = parse("Python", "def f():\n    return 1\ndef g():\n    return 2\n")
    second = syntax.nodes("functions", "function")[1]
    assert [syntax.text(n) for n in syntax.nodes("numbers", "number", second)] == ["2"]
    assert [syntax.text(n) for n in syntax.nodes("numbers", "number")] == ["1", "2"]


def test_parsed_texts_do_not_stay_in_memory() -> None:
    def grown(count: int) -> int:
        tracemalloc.start()
        for number in range(count):
            parse("Python", f"x = {number}\n" * 2_000)
        gc.collect()
        now, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return now

    parse("Python", "x = 1\n" * 2_000)
    assert grown(60) < 400_000  # the texts have 1.2 MB


def test_threads_parse_their_own_texts() -> None:
    texts = [f"def f{number}():\n    return {number}\n" * 900 for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        for text, syntax in zip(texts * 4, pool.map(lambda text: parse("Python", text), texts * 4), strict=True):
            assert not syntax.root.has_error
            assert syntax.root.child_count == 900
            assert syntax.root.end_byte == len(text)
