"""Repairs of branches: conditions that are turned the wrong way round, or hold more than a test."""

import re
from collections.abc import Iterator

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import layout
from synthesis.mutations.layout import replace
from synthesis.mutations.operator import Edit, Site, repair
from synthesis.mutations.readability import blocks, rewording

KEY = "readability_maintainability"
_TERNARIES = ("conditional_expression", "ternary_expression", "conditional")


@repair(
    KEY, "positive conditions first: ESLint no-negated-condition, RuboCop NegatedIfElseCondition", family="conditions"
)
def branches_turned(syntax: Syntax, function: Function) -> Iterator[Site]:
    """An if with an else tests the negative, so the reader has to turn it over."""
    for one in layout.ifs(syntax, function.body):
        condition, other = layout.core(one.condition), blocks.else_block(one)
        unless = one.node.type == "unless"
        if condition is None or other is None or "\n" in syntax.text(condition):
            continue
        if not blocks.own(syntax, one) and not (unless and _alone(syntax, one)):
            continue
        if (layout.operand(condition) is None) != unless or _chained(one):
            continue
        first, second = blocks.inside(syntax, one, one.consequence), blocks.inside(syntax, one, other)
        if blocks.holds(condition, "assignment"):
            continue
        if first is None or second is None:
            continue
        texts = [syntax.data[lines.start : lines.end].decode("utf-8", "replace") for lines in (first, second)]
        start = one.node.start_byte
        turned = Edit(start, start + 6, "if") if unless else replace(condition, layout.negation(syntax, condition))
        yield (turned, Edit(first.start, first.end, texts[1]), Edit(second.start, second.end, texts[0]))


def _alone(syntax: Syntax, one: layout.If) -> bool:
    return layout.owns_lines(syntax.data, one.node.start_byte, one.node.end_byte)


def _chained(one: layout.If) -> bool:
    return any(child.type in ("elif_clause", "elsif") for child in one.node.named_children)


@repair(KEY, "no else after return, in a chain: pylint R1705, ESLint no-else-return, clang-tidy", family="nesting")
def else_if_unwrapped(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A condition hangs on an else, though the branch before it has left."""
    data = syntax.data
    for one in layout.ifs(syntax, function.body):
        node = one.node.child_by_field_name("alternative")
        lines = blocks.inside(syntax, one, one.consequence)
        if node is None or lines is None or not blocks.own(syntax, one) or ":=" in syntax.text(one.node).split("{")[0]:
            continue
        inner = node.named_children[0] if node.type == "else_clause" and node.named_child_count == 1 else node
        kinds = ("if_statement", "elif_clause", "elsif")
        if inner.type not in kinds or not layout.exits(syntax, lines.statements[-1]):
            continue
        clauses = sum(child.type in ("elif_clause", "else_clause") for child in one.node.children)
        if inner.child_by_field_name("alternative") is not None or (inner.type == "elif_clause" and clauses > 1):
            continue
        gap = data[one.consequence.end_byte : inner.start_byte].decode("utf-8", "replace")
        if "#" in gap or "/" in gap:
            continue
        line = f"{layout.newline(syntax)}{rewording.indent_of(syntax, one.node)}"
        if inner.type == "elif_clause":
            yield (Edit(inner.start_byte, inner.start_byte + 4, "if"),)
        elif inner.type == "elsif":
            yield (Edit(inner.start_byte, inner.start_byte + 5, f"end{line}if"),)
        elif syntax.text(one.consequence).endswith("}"):
            yield (Edit(one.consequence.end_byte, inner.start_byte, line),)


@repair(
    KEY,
    "no assignment inside a condition: CERT EXP45-C, Sonar S1121, ESLint no-cond-assign, Linux checkpatch",
    ("C", "C++", "Java", "JavaScript", "C#"),
    family="conditions",
)
def assignment_lifted(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A variable is given its value in the middle of a condition."""
    runs = {n.id for run in layout.sequences(syntax, function.body) for n in run}
    for one in layout.ifs(syntax, function.body):
        found = [n for n, _ in walk(one.condition) if n.type == "assignment_expression"]
        if len(found) != 1 or one.node.id not in runs or not blocks.own(syntax, one):
            continue
        left, around = found[0].child_by_field_name("left"), found[0].parent
        sign = found[0].child_by_field_name("operator")
        if left is None or around is None or around.type != "parenthesized_expression" or around.id == one.condition.id:
            continue
        first = syntax.data[one.condition.start_byte : found[0].start_byte].decode("utf-8", "replace")
        plain = re.fullmatch(r"[\w.>-]+", syntax.text(left)) and (sign is None or syntax.text(sign) == "=")
        if first.strip("(! ") or not plain or "\n" in syntax.text(one.condition):
            continue
        start, line = one.node.start_byte, f"{layout.newline(syntax)}{rewording.indent_of(syntax, one.node)}"
        yield (Edit(start, start, f"{syntax.text(found[0])};{line}"), replace(around, syntax.text(left)))


@repair(KEY, "no nested conditional operator: ESLint no-nested-ternary, Sonar S3358", family="conditions")
def ternary_unfolded(syntax: Syntax, function: Function) -> Iterator[Site]:
    """One conditional expression stands inside another, where ifs would read one after the other."""
    step = blocks.step(syntax, function)
    broken = re.search(r"\)\s*\n\s*\{", syntax.text(function.node)) is not None
    for node, value in rewording.returned(syntax, function):
        if (
            value.type not in _TERNARIES
            or syntax.language == "Ruby"
            or blocks.holds(value, "comment", "throw", "pattern")
        ):
            continue
        chain, rest = [], value
        while rest.type in _TERNARIES and rest.named_child_count == 3:
            one, two, rest = rest.named_children
            chain.append((two, one) if syntax.language == "Python" else (one, two))
            rest = layout.core(rest) or rest
        if len(chain) < 2 or any(n.type in _TERNARIES for pair in chain for part in pair for n, _ in walk(part)):
            continue
        indent, end = rewording.indent_of(syntax, node), ";" if syntax.text(node).endswith(";") else ""
        brace, made = f"\n{indent}{{" if broken else " {", []
        for test, then in chain:
            bare = " ".join(syntax.text(layout.core(test) or test).split())
            back = f"{indent}{step}return {syntax.text(then)}{end}"
            python = syntax.language == "Python"
            made.append(f"if {bare}:\n{back}" if python else f"if ({bare}){brace}\n{back}\n{indent}}}")
        made.append(f"return {syntax.text(rest)}{end}")
        yield (replace(node, layout.written(syntax, f"\n{indent}".join(made))),)
