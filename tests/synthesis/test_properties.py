"""What holds for every mutant of any function: the fixtures' ones with lines lost, doubled and swapped."""

from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.functions import parse_snippet
from parsers.language import languages
from parsers.syntax import error_bytes
from schemas.errors import ParseRefused
from schemas.provenance import seeded
from synthesis.mutations import BY_NAME
from synthesis.mutations.operator import Edit, apply, inverse, merged, mutants
from synthesis.versions import Version, draw, redo
from tests.synthesis.test_operator import fixture_functions, folded

ALL = tuple(BY_NAME.values())
KEPT = settings(max_examples=60, deadline=None, derandomize=True)


@st.composite
def programs(draw_: st.DrawFn) -> tuple[str, str]:
    """A language, and a function of it that may have been damaged, with other names and other line ends."""
    language = draw_(st.sampled_from(sorted(languages())))
    code = draw_(st.sampled_from(fixture_functions(language)))
    lines = code.split("\n")
    for _ in range(draw_(st.integers(0, 3))):
        at = draw_(st.integers(0, len(lines) - 1))
        change = draw_(st.sampled_from(("lost", "doubled", "swapped")))
        if change == "lost":
            lines[at : at + 1] = []
        elif change == "doubled":
            lines.insert(at, lines[at])
        else:
            other = draw_(st.integers(0, len(lines) - 1))
            lines[at], lines[other] = lines[other], lines[at]
        lines = lines or [""]
    ending = draw_(st.sampled_from(("\n", "\n", "\r\n")))
    word = draw_(st.sampled_from(("", "größe", "変数", "x" * 80)))
    text = ending.join(lines)
    return language, text.replace("value", word) if word else text


@KEPT
@given(program=programs(), operators=st.lists(st.sampled_from(ALL), min_size=1, max_size=40, unique=True))
def test_every_mutant_parses_is_undone_and_differs_only_where_it_says(
    program: tuple[str, str], operators: list[object]
) -> None:
    language, code = program
    chosen = tuple(one for one in ALL if one in operators)
    try:
        original = parse_snippet(language, code)
    except ParseRefused:
        return
    before = error_bytes(original.syntax.root)
    found = mutants(language, code, chosen)
    assert found == mutants(language, code, chosen)
    assert len({folded(one.code) for one in found}) == len(found)
    for one in found:
        assert error_bytes(parse_snippet(language, one.code).syntax.root) <= before, one.operator.name
        assert apply(code, one.edits) == one.code
        assert apply(one.code, inverse(code, one.edits)) == code, one.operator.name
        assert one.edits == merged(one.edits)
        kept, changed = code.encode(), one.code.encode()
        start, end = one.edits[0].start, len(kept) - one.edits[-1].end
        assert kept[:start] == changed[:start], one.operator.name
        assert kept[len(kept) - end :] == changed[len(changed) - end :], one.operator.name


@KEPT
@given(program=programs(), seed=st.integers(0, 10**6), length=st.integers(1, 3))
def test_any_chain_of_operators_is_made_again_from_its_steps(program: tuple[str, str], seed: int, length: int) -> None:
    language, code = program
    version = Version(language, code)
    rng = seeded(seed, "chain", code)
    for _ in range(length):
        try:
            made = draw(version, rng.sample(ALL, 30), rng)
        except ParseRefused:
            break
        version = made or version
    steps = version.steps("rejected", ())
    assert redo(language, code, steps if version.made else ()) == version.code


@KEPT
@given(
    text=st.text(max_size=60),
    cuts=st.lists(st.tuples(st.integers(0, 60), st.integers(0, 8), st.text(max_size=5)), max_size=5),
)
def test_edits_of_any_text_are_undone(text: str, cuts: list[tuple[int, int, str]]) -> None:
    starts = [len(text[:n].encode()) for n in range(len(text) + 1)]
    edits: list[Edit] = []
    for at, size, new in sorted(cuts):
        start, end = starts[min(at, len(text))], starts[min(at + size, len(text))]
        if not edits or start > edits[-1].end:
            edits.append(Edit(start, end, new))
    made = merged(edits)
    assert apply(apply(text, made), inverse(text, made)) == text
