"""Conditions: how plainly a test says what it tests."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax
from synthesis.mutations import layout, scope
from synthesis.mutations.layout import replace
from synthesis.mutations.operator import Edit, Site, operator
from synthesis.mutations.readability import blocks, rewording, wording

KEY = "readability_maintainability"
_EQUAL = frozenset(("==", "!=", "===", "!=="))
_LITERALS = scope.kinds(
    "number integer float integer_literal real_literal int_literal float_literal decimal_integer_literal "
    "number_literal null nil null_literal hex_integer_literal true false boolean_literal undefined "
    "interpreted_string_literal character_literal"
)


@operator(KEY, "simple conditions: CWE-1121; double negation, ESLint no-extra-boolean-cast", family="conditions")
def condition_convoluted(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A condition negates what the reader has to turn over first, where it could be said plainly."""
    no, both, either = layout.words(syntax.language)
    for one in layout.ifs(syntax, function.body):
        condition = layout.core(one.condition)
        if condition is None or "\n" in syntax.text(condition) or one.node.type.startswith("unless"):
            continue
        parts = next((b for b in layout.binaries(syntax, condition) if b.node.id == condition.id), None)
        sign = syntax.text(parts.operator) if parts is not None else ""
        if parts is not None and sign in (both, either):
            word = either if sign == both else both
            left = wording.opposite(syntax, function, parts.left)
            right = wording.opposite(syntax, function, parts.right)
            yield (replace(condition, f"{no}({left} {word} {right})"),)
        elif parts is not None and sign in layout.OPPOSITE and wording.reversible(syntax, function, condition):
            yield (replace(condition, f"{no}({layout.negation(syntax, condition)})"),)


@operator(KEY, "positive conditions first: ESLint no-negated-condition", (), "2", family="conditions")
def branches_inverted(syntax: Syntax, function: Function) -> Iterator[Site]:
    """An if with an else tests the negative, so the reader has to turn it over."""
    for one in layout.ifs(syntax, function.body):
        condition, other = layout.core(one.condition), blocks.else_block(one)
        if condition is None or other is None or layout.operand(condition) is not None or not blocks.own(syntax, one):
            continue
        parts = blocks.either(syntax, condition, tuple(layout.OPPOSITE))
        positive = parts is None or syntax.text(parts.operator) in ("==", "===", "in", "=~")
        bare = parts is None or parts.right.type not in _LITERALS
        first, second = blocks.inside(syntax, one, one.consequence), blocks.inside(syntax, one, other)
        if not positive or not bare or first is None or second is None or condition.type.startswith("is_"):
            continue
        if "\n" in syntax.text(condition) or any(e.type == "elif_clause" for e in one.node.named_children):
            continue
        if any(layout.exits(syntax, lines.statements[-1]) for lines in (first, second)):
            continue
        if blocks.holds(condition, "assignment") or (
            syntax.language in ("C", "C++") and blocks.holds(condition, "call")
        ):
            continue
        if re.search(
            r"(?i)err|warn|fail|log|throw|raise|null|nil|none", syntax.data[second.start : second.end].decode()
        ):
            continue  # the way out of a failure may well stand first
        texts = [syntax.data[lines.start : lines.end].decode("utf-8", "replace") for lines in (first, second)]
        word = Edit(one.node.start_byte, one.node.start_byte + 2, "unless")
        negated = replace(condition, wording.opposite(syntax, function, condition))
        yield (
            word if syntax.language == "Ruby" else negated,
            Edit(first.start, first.end, texts[1]),
            Edit(second.start, second.end, texts[0]),
        )


@operator(
    KEY, "no comparison with true: Sonar S1125, pylint C0121, RuboCop Style; staticcheck S1002", family="conditions"
)
def boolean_compared(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A condition is compared with true or false, where it says that by itself."""
    true, false = ("True", "False") if syntax.language == "Python" else ("true", "false")
    sign = "===" if syntax.language == "JavaScript" else "=="
    for one in layout.ifs(syntax, function.body):
        condition = layout.core(one.condition)
        if condition is None or "\n" in syntax.text(condition) or one.node.type.startswith("unless"):
            continue
        joined = blocks.either(syntax, condition, ("and", "&&", "or", "||"))
        for part in (condition,) if joined is None else (joined.left, joined.right):
            inner = layout.operand(part)
            bare = layout.core(part if inner is None else inner)
            if bare is None or bare.type in ("true", "false", "boolean_literal", "is_pattern_expression"):
                continue
            if not wording.predicate(syntax, function, bare) or any(
                b.node.id == bare.id for b in layout.binaries(syntax, bare)
            ):
                continue
            text = syntax.text(bare)
            simple = bare.type in layout.SIMPLE
            yield (replace(part, f"{text if simple else f'({text})'} {sign} {true if inner is None else false}"),)


@operator(
    KEY,
    "no yoda conditions: ESLint yoda, pylint C0122, RuboCop Style/YodaCondition, staticcheck ST1017",
    ("JavaScript", "Python", "Ruby", "Go", "C#", "Java"),
    family="conditions",
)
def constant_first(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A comparison starts with the constant, against the order in which one reads it."""
    for one in layout.binaries(syntax, function.body):
        sign, text = syntax.text(one.operator), syntax.text(one.right)
        if sign not in _EQUAL or one.node.child_count != 3 or "\n" in syntax.text(one.node):
            continue
        literal = one.right.type in _LITERALS or (
            one.right.type == "string" and "#{" not in text and text[:1] not in "fF"
        )
        if literal and one.left.type in layout.SIMPLE - {"parenthesized_expression"} and len(syntax.text(one.left)) > 1:
            yield (
                replace(one.left, text),
                replace(one.right, syntax.text(one.left)),
            )


@operator(KEY, "no nested conditional operator: ESLint no-nested-ternary, Sonar S3358", family="conditions")
def ternary_nested(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Guards that could be read one after the other are one conditional expression inside another."""
    if syntax.language == "Go":
        return
    ifs = {one.node.id: one for one in layout.ifs(syntax, function.body)}
    returns = {n.id: v for n, v in rewording.returned(syntax, function)}
    for run in layout.sequences(syntax, function.body):
        for index in range(len(run) - 2):
            first, second, last = (run[index], run[index + 1], run[index + 2])
            if first.id not in ifs or second.id not in ifs or last.id not in returns or index + 3 != len(run):
                continue
            tests = [layout.core(ifs[n.id].condition) for n in (first, second)]
            values = [_only_return(syntax, ifs[n.id], returns) for n in (first, second)]
            if any(v is None for v in values) or any(t is None for t in tests):
                continue
            nodes = [v for v in (*values, returns[last.id]) if v is not None]
            texts = [syntax.text(n) for n in nodes]
            same = len({n.type for n in nodes}) == 1 and nodes[0].type in _LITERALS | {"string_literal", "char_literal"}
            if any("\n" in t or len(t) > 70 for t in texts) or (syntax.language in scope.STATIC and not same):
                continue
            gaps = (syntax.data[first.end_byte : second.start_byte], syntax.data[second.end_byte : last.start_byte])
            if any(g.strip() for g in gaps) or any(wording.sequenced(n) for n in nodes):
                continue
            made = _ternary(syntax, [_side(syntax, t) for t in tests if t is not None], texts)
            back = "" if last.id == returns[last.id].id else "return "
            end = ";" if syntax.text(last).endswith(";") else ""
            yield (Edit(first.start_byte, last.end_byte, f"{back}{made}{end}"),)


def _only_return(syntax: Syntax, one: layout.If, returns: dict[int, Node]) -> Node | None:
    """The value of the one return that an `if` without an else holds."""
    inside = layout.branch(syntax, one.consequence)
    word = re.match(r"if\b", syntax.text(one.node)) is not None and "\n" not in syntax.text(one.condition)
    if one.alternative is not None or len(inside) != 1 or not word or syntax.nodes("comments", "comment", one.node):
        return None
    return returns.get(inside[0].id)


def _side(syntax: Syntax, node: Node) -> str:
    text = syntax.text(node)
    if syntax.language == "Python":
        return text
    return f"({text})" if re.search(r"[?:=]|\b(and|or|not|if)\b|&&|\|\|", text) else text


def _ternary(syntax: Syntax, tests: list[str], values: list[str]) -> str:
    if syntax.language == "Python":
        return f"{values[0]} if {tests[0]} else {values[1]} if {tests[1]} else {values[2]}"
    inner = f"{tests[1]} ? {values[1]} : {values[2]}"
    return f"{tests[0]} ? {values[0]} : " + (f"({inner})" if syntax.language == "Ruby" else inner)
