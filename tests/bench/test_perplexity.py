import json
import math

import pytest

from bench import perplexity
from filters.likelihood import embedded

SOURCE = '''"""Tools for lists."""

class A:
    """Holds values."""

    def f(self):
        """Returns the sum of the values."""
        return """not documentation"""
'''
HEADER = """/**
 * Closes the file.
 * \\param f the file
 */
void close(int f);  // not alone on its line

// Opens the file
// for reading.
int open(const char *s);
"""


def test_documentation_of_python_and_comments_of_c() -> None:
    assert perplexity.docstrings(SOURCE) == ["Tools for lists.", "Holds values.", "Returns the sum of the values."]
    assert perplexity.docstrings("def f(:\n") == []
    found = perplexity.comments(HEADER)
    assert [" ".join(text.split()) for text in found] == [
        "Closes the file. \\param f the file",
        "Opens the file for reading.",
    ]


def test_a_sentence_counts_once(tmp_path) -> None:
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "a.py").write_text(SOURCE)
    (folder / "b.py").write_text(SOURCE)
    (folder / "c.h").write_text(HEADER)
    (folder / "d.txt").write_text("not read")
    spoken = list(perplexity.distinct(perplexity.texts(tmp_path, ["package"])))
    assert ("returns", "the", "sum", "of", "the", "values") in spoken and ("closes", "the", "file") in spoken
    assert len(spoken) == len(set(spoken)) and not any("read" in sentence for sentence in spoken)


def test_a_model_made_of_a_few_sentences(monkeypatch) -> None:
    spoken = [("the", "sum", "is", f"word{'abcdefghij'[i % 10]}") for i in range(60)]
    held = perplexity.fit(spoken)
    assert held == perplexity.fit(spoken)
    text = json.dumps(held)

    class File:
        def __truediv__(self, _: str) -> "File":
            return self

        def read_text(self, encoding: str) -> str:
            return text

    monkeypatch.setattr(embedded, "files", lambda _: File())
    table = embedded._table.__wrapped__()
    size = len(table.single)
    assert sorted(table.numbers) == sorted({word for sentence in spoken for word in sentence})
    pair = table.pairs[table.numbers["the"] * size + table.numbers["sum"]]
    left = 0.75 / 60
    assert pair == pytest.approx(math.log((60 - 0.75) / 60 + left * 60 / 240), abs=0.13)
    assert table.backoff[table.numbers["the"]] < -3
    assert table.single[table.numbers["sum"]] == pytest.approx(math.log(60 / 240), abs=0.13)
