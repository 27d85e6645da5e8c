"""An answer that is settled, and work that goes on: exits from a loop, from a chain of tests, from a function."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import text
from synthesis.mutations.operator import Edit, Site, operator
from synthesis.mutations.runtime import shapes
from synthesis.mutations.trials import outside_tests

CRITERION = "runtime_efficiency"
FAMILY = "no_early_exit"
_RETURN = frozenset(("return_statement", "return"))
_TRUTH = frozenset(("true", "false"))
_LEAVES = re.compile(r"return|break|throw|raise|goto|yield|redo|retry|next$|await|labeled|switch")
_WALKS = frozenset(
    (
        "for_statement",
        "for_in_statement",
        "for_range_loop",
        "foreach_statement",
        "enhanced_for_statement",
        "for",
        "call",
    )
)


@dataclass(frozen=True, slots=True)
class Search:
    """A loop that returns from inside, and the return right after it.

    Attributes:
        loop: the loop.
        test: the condition under which it returns; None where it is not inside a plain `if`.
        leave: the return inside.
        last: the return after the loop.
        value: source of what the inner one returns.
        other: source of what the last one returns.
    """

    loop: text.Loop
    test: Node | None
    leave: Node
    last: Node
    value: str
    other: str


@operator(CRITERION, "a search that goes on after it has found: average half of the rounds wasted", family=FAMILY)
@outside_tests
def early_exit_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A loop goes on although its answer is settled."""
    for loop in text.loops(syntax, function.body):
        for node, _ in walk(loop.body):
            if node.type not in ("break_statement", "break") or not node.is_named or node.parent is None:
                continue
            before = node.prev_named_sibling
            settled = before is not None and re.match(
                r"(?:this\.|self\.|@)?\w+ = (?:true|True|TRUE|false|False|FALSE|1|0|-1)\b;?$", syntax.text(before)
            )
            if settled and _walks(syntax, loop) and before is not None and _quiet(syntax, loop, before):
                yield from text.removed(syntax, node)


@operator(CRITERION, "a search that goes on after it has found: average half of the rounds wasted", family=FAMILY)
@outside_tests
def answer_kept_in_flag(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A loop that could return as soon as it knows notes the answer in a flag and goes on to the end."""
    for one in _searches(syntax, function):
        opposite = {one.value.lower(), one.other.lower()} == _TRUTH
        kind = shapes.result_type(syntax, function)
        counted = syntax.language == "C" and {one.value, one.other} == {"0", "1"} and "*" not in kind
        if counted or opposite:
            wanted = (
                ("found", "matched", "result") if one.value.lower() in ("true", "1") else ("valid", "matches", "result")
            )
            yield from _flagged(syntax, function, one, wanted, None)


@operator(CRITERION, "a search that goes on after it has found: average half of the rounds wasted", family=FAMILY)
@outside_tests
def first_match_kept(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A loop that could return its first match keeps the match and goes on to the end."""
    for one in _searches(syntax, function):
        counter = one.other == "-1" and re.fullmatch(r"[a-z]\w*", one.value)
        nothing = re.fullmatch(r"None|null|nil|nullptr|NULL|undefined", one.other)
        if one.test is None or not (counter or nothing) or one.value == one.other:
            continue
        used = re.search(rf"\b{re.escape(one.value)}(?:\.|->|\[)\w", syntax.text(one.test))
        if syntax.language == "Go" and nothing:
            continue
        if (counter and _counts_up(syntax, one)) or (nothing and used and re.fullmatch(r"\w+", one.value)):
            wanted = ("index", "position", "found") if counter else ("found", "match", "result")
            yield from _flagged(syntax, function, one, wanted, {"Python": "is"}.get(syntax.language, "=="))


def _counts_up(syntax: Syntax, one: Search) -> bool:
    head = syntax.data[one.loop.node.start_byte : one.loop.body.start_byte].decode("utf-8", "replace")
    name = re.escape(one.value)
    return bool(
        re.search(rf"\b{name} :?= 0;.*(?:{name}\+\+|\+\+{name})|\b{name}, \w+ (?:in enumerate\(|:= range )", head)
    )


def _searches(syntax: Syntax, function: Function) -> Iterator[Search]:
    """Loops that walk over something, change nothing outside, and return from one place with a value."""
    for loop in text.loops(syntax, function.body):
        last = shapes.following(loop.node)
        found = [n for n, _ in walk(loop.body) if n.is_named and n.type in _RETURN]
        if len(found) != 1 or last is None or not _walks(syntax, loop):
            continue
        leave = found[0]
        value, other = _value(syntax, leave), _value(syntax, last)
        if value is None or other is None or not _quiet(syntax, loop, leave):
            continue
        owner = leave.parent
        while owner is not None and not owner.type.startswith(("if", "unless")) and owner != loop.body:
            owner = owner.parent
        if owner is None or not owner.type.startswith(("if", "unless")) or owner.child_by_field_name("alternative"):
            continue
        within = text.inner(loop.body)
        if not text.owns_lines(syntax, loop.node) or not text.owns_lines(syntax, last) or owner not in within:
            continue
        if owner != within[-1] and not all(shapes.only_computes(syntax, n) for n in within[within.index(owner) :]):
            continue
        condition = owner.child_by_field_name("condition")
        plain = condition is not None and owner.type in ("if_statement", "if", "if_modifier")
        plain = plain and not any(n.type.endswith("declaration") for n, _ in walk(owner))
        if text.siblings(leave) == [leave] and plain and owner.child_by_field_name("initializer") is None:
            yield Search(loop, condition, leave, last, value, other)


def _walks(syntax: Syntax, loop: text.Loop) -> bool:
    """Whether the loop takes the elements of something one by one, so that a further round does no harm."""
    node = loop.node
    head = syntax.data[node.start_byte : loop.body.start_byte].decode("utf-8", "replace")
    if node.type not in _WALKS or "await" in head:
        return False
    if syntax.language == "Ruby" and node.type == "call":
        return bool(re.search(r"\.each(?:_with_index|_key|_value|_pair|_char|_line)? (?:do|\{)", head))
    if node.type == "for_statement" and syntax.language != "Python":
        ranged = syntax.language == "Go" and " range " in head
        return ranged or bool(
            re.search(r"\b(\w+)\b[^;]*;[^;]*\b\1\b[^;=&|]*;[^;]*(?:\1 ?\+\+|\+\+ ?\1|\1 ?--|\1 \+= 1)", head)
        )
    return True


def _quiet(syntax: Syntax, loop: text.Loop, allowed: Node) -> bool:
    """Whether the loop's rounds only compute, apart from the statement `allowed`, and leave by no other way."""
    for node, _ in walk(loop.body):
        inside = allowed.start_byte <= node.start_byte < allowed.end_byte
        after = allowed.next_named_sibling
        own_break = after is not None and node.start_byte >= after.start_byte and node.end_byte <= after.end_byte
        if node.is_named and _LEAVES.search(node.type) and not inside and not own_break:
            return False
    local = frozenset(re.findall(r"\w+", syntax.text(allowed))[:2]) if allowed.type not in _RETURN else frozenset()
    return shapes.only_computes(syntax, loop.body, local)


def _value(syntax: Syntax, node: Node) -> str | None:
    source = syntax.text(node).rstrip(";").strip()
    found = re.fullmatch(r"return[ (]+([\w-]+)\)?", source)
    if found:
        return found[1]
    plain = syntax.language == "Ruby" and re.fullmatch(r"true|false|nil|-1", source)
    return source if plain else None


def _flagged(
    syntax: Syntax, function: Function, one: Search, wanted: tuple[str, ...], sign: str | None
) -> Iterator[Site]:
    """The loop with a local that takes the answer; with `sign`, only while it has none."""
    name = shapes.free(syntax, function, *wanted)
    kind = shapes.result_type(syntax, function)
    typed = syntax.language not in ("C", "C++", "C#", "Java") or bool(re.fullmatch(r"[\w.:<>,? *]+", kind))
    void = kind in ("void", "T") or "Task" in kind or "IEnumerable" in kind or "auto" in kind
    if name is None or not typed or void or (syntax.language in shapes.COMPILED and not kind):
        return
    start = one.loop.node.start_byte
    end = ";" if syntax.text(one.leave).endswith(";") else ""
    edits = [
        Edit(start, start, f"{shapes.declared(syntax, name, one.other, kind)}\n{text.indent(syntax, one.loop.node)}"),
        Edit(one.leave.start_byte, one.leave.end_byte, f"{name} = {one.value}{end}"),
    ]
    source = syntax.text(one.last)
    at = one.last.start_byte + source.rfind(one.other)
    edits.append(Edit(at, at + len(one.other), name))
    if sign is not None and one.test is not None:
        test = text.core(one.test)
        inner = syntax.text(test)
        both = "and" if syntax.language == "Python" else "&&"
        loose = re.search(r"\|\||\bor\b|\?|&&=| if ", inner) or "\n" in inner
        inner = f"({inner})" if loose else inner
        equal = "===" if syntax.language == "JavaScript" else "==" if one.other == "-1" else sign
        edits.append(Edit(test.start_byte, test.end_byte, f"{inner} {both} {name} {equal} {one.other}"))
    yield tuple(edits)
