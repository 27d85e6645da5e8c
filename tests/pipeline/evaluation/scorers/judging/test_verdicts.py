import pytest

from pipeline.evaluation.scorers.judging.verdicts import MAX_CHARS, own_words, read_score, read_verdict


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("Score: 4", 4.0),
        ("Fine.\n\n**Score:** 3.5", 3.5),
        ("**Score**: 4/5", 4.0),
        ("## Final score: `2`.", 2.0),
        ("- Overall rating = 1 / 5", 1.0),
        ("Score: 1\nOn second thoughts:\nScore: 5", 5.0),
        ("SCORE: 3\n\nI hope that helps.", 3.0),
        ("<think>Score: 5?</think>\nScore: 2", 2.0),
        ("<think>a</think>Score: 5</think>Score: 2", 2.0),
        ("Score: 6", None),
        ("Score: 0.99", None),
        ("Score: -3", None),
        ("Score: 4/10", None),
        ("Score: 3-4", None),
        ("Score: four", None),
        ("Score: nan", None),
        ("Score: 1e0", None),
        ("Score: 4 4", None),
        ("Score:", None),
        ("Score: 4\nScore: <number>", None),
        ("Score: 4\nScore: 40", None),
        ("I would give a score: 4 here", None),
        ("The code prints 'Score: 5'.", None),
        ("4", None),
        ("", None),
        ("<think>Score: 4", None),
        ("Score: 99999999999999999999999999", None),
        ("line 1 of 5, 4 tests, 3 errors", None),
    ],
)
def test_a_score_on_a_line(text, score):
    assert read_score(text, "line", 1, 5) == score


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ('{"score": 4}', 4.0),
        ('{"explanation": "good", "score": 4.5}', 4.5),
        ('Here:\n```json\n{\n  "explanation": "a\nb",\n  "score": "3"\n}\n```\nDone.', 3.0),
        ('{"score": "4/5", "explanation": "x"}', 4.0),
        ('{"explanation": "the code says \\"score\\": 5", "score": 2}', 2.0),
        ('{"explanation": "it returns {\\"score\\": 5}", "score": 2}', 2.0),
        ('{"score": 2, "explanation": "it returns {\\"score\\": 5} {"}', 2.0),
        ('{"score": 2, "parts": {"style": 5}}', 2.0),
        ('{"score": 1}\n{"score": 3}', 3.0),
        ('</think>{"score": 3}', 3.0),
        ('{"explanation": "it returns {"score": 5}", "score": 2}', None),
        ('{"score": 2} and then {"score": ', None),
        ('{"score": 6}', None),
        ('{"score": 562754405}', None),
        ('{"score": true}', None),
        ('{"score": null}', None),
        ('{"score": [4]}', None),
        ('{"score": NaN}', None),
        ('{"score": Infinity}', None),
        ('{"score": 1e400}', None),
        ('{"score": 5, "score": 1}', None),
        ('"score": 4', None),
        ('{"explanation": "good"} 4', None),
        ("Score: 4", None),
        ("{" * 3000 + '"score": 4', None),
        ('{"a":' * 100_000 + '{"score": 4', None),
    ],
)
def test_a_score_in_json(text, score):
    assert read_score(text, "json", 1, 5) == score


@pytest.mark.parametrize(
    ("text", "score"),
    [
        (r"\boxed{7}", 7.0),
        (r"Style \boxed{4}, tests \boxed{5}. Overall: $\boxed{8.5}$.", 8.5),
        (r"\boxed{9/10}", 9.0),
        (r"\boxed{0}", 0.0),
        (r"\boxed{9/5}", None),
        (r"\boxed{11}", None),
        (r"\boxed{}", None),
        (r"\boxed{high}", None),
        (r"\boxed{7} or rather \boxed{\text{8}}", None),
        (r"\boxed{7} or rather \boxed{8", None),
        ("boxed{7}", None),
        ("10", None),
    ],
)
def test_a_score_in_a_box(text, score):
    assert read_score(text, "boxed", 0, 10) == score


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Verdict: A", "A"),
        ("so\n**Verdict:** B.", "B"),
        ("Final verdict: `tie`", "TIE"),
        ("[[A]]", "A"),
        ("My final verdict is: [[C]]", "TIE"),
        ("Verdict: A\n... no:\nVerdict: B", "B"),
        ("Verdict: A, but see\n[[B]]", "B"),
        ("<think>Verdict: A</think>Verdict: B", "B"),
        ("Verdict: A or B", None),
        ("Verdict: [[A]]", "A"),
        ("Verdict: B\nVerdict: neither", None),
        ("A", None),
        ("Answer A is better", None),
        ("the verdict: A", None),
        ("<think>Verdict: A", None),
        ("", None),
    ],
)
def test_a_verdict(text, verdict):
    assert read_verdict(text) == verdict


@pytest.mark.parametrize("piece", ["x", "1 2 3 ", "score ", "{", '{"', "\\boxed{", "[[", "*" * 50, "\n", "Score", "[["])
def test_ten_megabytes_without_a_marker_give_nothing(piece):
    text = piece * (10_000_000 // len(piece))
    assert [read_score(text, form, 1, 5) for form in ("line", "json", "boxed")] == [None] * 3
    assert read_verdict(text) is None
    assert read_score(text + "\nScore: 4", "line", 1, 5) == 4.0


def test_only_the_end_of_a_long_message_counts():
    assert own_words("a" * MAX_CHARS + "b" * MAX_CHARS) == "b" * MAX_CHARS
    assert read_score("Score: 4\n" + "x" * MAX_CHARS, "line", 1, 5) is None
