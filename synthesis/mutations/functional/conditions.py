"""Operators that make a condition ask for something else."""

import re
from collections.abc import Iterator

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import effects, layout, scope
from synthesis.mutations.functional.absence import falls_back, tests_first
from synthesis.mutations.functional.common import KEY, TERNARIES, asserted, found, ternary
from synthesis.mutations.functional.uses import asks_room, unread
from synthesis.mutations.layout import replace
from synthesis.mutations.operator import Edit, Site, operator

_CALLED = re.compile(r"(?<!\blen)\(\w|!\(|\.call\b|\+\+|--|\byield\b")
_NULLS = re.compile(r"\b(?:null|NULL|nullptr|nil|None|undefined)\b")
"""A test for nothing there; the other part often says no to that as well."""
_CHAINED = TERNARIES | scope.kinds("assignment_expression lambda comma_expression assignment throw_expression")


@operator(KEY, "CWE-480", version="3", family="condition")
def connective_swapped(syntax: Syntax, function: Function) -> Iterator[Site]:
    """One of two conditions is enough where both are needed, or the other way."""
    for one in layout.binaries(syntax, function.body):
        sign = syntax.text(one.operator)
        if (
            sign in effects.LOGIC
            and not layout.declares(one.node)
            and not falls_back(syntax, one)
            and not asserted(syntax, one.node)
        ):
            yield (replace(one.operator, effects.LOGIC[sign]),)


@operator(KEY, "CWE-670", family="condition")
def condition_negated(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A branch runs in the opposite case: a negation is lost or put in."""
    for one in layout.ifs(syntax, function.body):
        if one.node.type in ("if", "unless", "if_modifier", "unless_modifier"):
            word = next(c for c in one.node.children if c.type in ("if", "unless"))
            if one.alternative is None or one.alternative.type == "else":
                yield (replace(word, "if" if word.type == "unless" else "unless"),)
            continue
        condition = layout.core(one.condition)
        if condition is None:
            continue
        inner = layout.operand(condition)
        if inner is not None:
            yield (replace(condition, layout.negation(syntax, condition)),)
        elif condition.type in layout.SIMPLE:
            yield (replace(condition, layout.denied(syntax, condition)),)


@operator(KEY, "CWE-480", version="3", family="condition")
def operand_lost(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A part of a condition or of a calculation is left out."""
    pointers = {name for name, one in scope.variables(syntax, function).items() if "*" in one.type}
    literals = {n.id for n in syntax.nodes("numbers", "number", function.body)}
    for one in layout.binaries(syntax, function.body):
        sign = syntax.text(one.operator)
        if (sign not in effects.LOGIC and sign not in ("+", "-", "*")) or layout.declares(one.node):
            continue
        if one.right.id in literals or one.left.id in literals:
            continue
        if sign not in effects.LOGIC and any("string" in node.type for node, _ in walk(one.node)):
            continue
        sides = (syntax.text(one.left), syntax.text(one.right))
        if asks_room(syntax, one.node) or any(s.startswith("super") for s in sides) or not pointers.isdisjoint(sides):
            continue
        target = one.node.parent.child_by_field_name("left") if one.node.parent is not None else None
        if target is not None and syntax.text(target) in (syntax.text(one.left), syntax.text(one.right)):
            continue
        if sign in effects.LOGIC and (
            tests_first(syntax, one) or falls_back(syntax, one) or asserted(syntax, one.node)
        ):
            continue  # `null_guard_lost` and `default_lost` take the first two
        if not unread(syntax, function, one.right):
            yield (Edit(one.left.end_byte, one.right.end_byte, ""),)
        if sign in effects.LOGIC and not unread(syntax, function, one.left) and not _NULLS.search(sides[0]):
            yield (Edit(one.left.start_byte, one.right.start_byte, ""),)


@operator(KEY, "CWE-570", version="2", family="condition")
def condition_overreached(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A condition asks for something that has nothing to do with it."""
    known = scope.variables(syntax, function)
    _, both, either = layout.words(syntax.language)
    conditions = [(one, layout.core(one.condition)) for one in layout.ifs(syntax, function.body)]
    cores = [core for _, core in conditions if core is not None]
    atoms = [atom for core in cores for atom in effects.atoms(syntax, core)]
    for core in cores:
        text, taken = syntax.text(core), 0
        mixed = re.search(r"\?|\blambda\b|\bif\b| = |\n", text) is not None
        for atom in sorted(atoms, key=lambda a: abs(a.start_byte - core.start_byte)):
            other = syntax.text(atom)
            if taken == 2 or mixed:
                break
            if (
                effects._bare(other) in effects._bare(text)
                or effects._bare(text) in effects._bare(other)
                or atom.start_byte < core.start_byte  # an earlier condition may hold here for sure
                or _CALLED.search(other) is not None
                or not effects.reaches(syntax, known, atom, core)
            ):
                continue
            word = both if (core.start_byte + taken) % 2 else either
            clash = re.search(r"\|\||&&|\band\b|\bor\b", text) is not None and word not in text
            taken += 1
            yield (replace(core, f"({text}) {word} {other}" if clash else f"{text} {word} {other}"),)


@operator(KEY, "CWE-670", family="condition")
def branches_swapped(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A conditional expression gives each of its two values in the other's case."""
    for node in found(function.body, TERNARIES):
        parts = ternary(node)
        if parts is None:
            continue
        _, one, two = parts
        plain = not any(inner.type in _CHAINED for side in (one, two) for inner, _ in walk(side))
        if plain and syntax.text(one) != syntax.text(two):
            yield (replace(one, syntax.text(two)), replace(two, syntax.text(one)))
