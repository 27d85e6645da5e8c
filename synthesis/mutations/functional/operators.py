"""Operators that make code do something else than what was asked."""

import re
from collections.abc import Iterator
from itertools import pairwise

from tree_sitter import Node

from parsers.language import languages
from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import effects, layout, scope
from synthesis.mutations.layout import replace
from synthesis.mutations.operator import Edit, Site, operator

KEY = "functional_correctness"
_BOUNDS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
_EQUALS = {
    "==": "!=", "!=": "==", "===": "!==", "!==": "===", "is": "is not", "is not": "is", "in": "not in", "not in": "in",
}  # fmt: skip
_SIGNS = {"+": "-", "-": "+"}
_SYMMETRIC = re.compile(
    r"max|min|gcd|lcm|hypot|equal|same|add|sum|swap|union|intersect|xor|print|log|error|isclose|concat", re.I
)

_SIZE = re.compile(r"(?i)(len|size|count|num|max|end|limit|index|width|height|total)\w*(\(.*\))?$")
_INDEXED = scope.kinds(
    "subscript subscript_expression subscript_argument_list index_expression element_reference "
    "array_access element_access_expression argument bracketed_argument_list"
)
_HANDLERS = scope.kinds("except_clause catch_clause rescue")
_RAISES = ("raise", "throw", "fail")


_ACCUMULATES = re.compile(
    r"(?i)(append|push|add|insert|extend|prepend|concat|write|emit|put|pop|shift|remove|incr|decr|advance|consume|skip"
    r"|next|enqueue|dequeue|unread|toggle|invert|negate|swap|reverse)\w*!?$|<<"
)
"""Calls whose second time shows: they build something up, take something away, or turn something round."""


@operator(KEY, "CWE-193")
def boundary_moved(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A comparison takes its bound in where it should stay out, or the other way."""
    for one in layout.binaries(syntax, function.body):
        around = syntax.data[one.operator.start_byte - 1 : one.operator.end_byte + 1]
        generic = languages()[syntax.language].angle_brackets and not re.fullmatch(rb"\s.*\s", around, re.DOTALL)
        if (sign := syntax.text(one.operator)) in _BOUNDS and not generic:  # `List<(A, B)>` may parse as comparisons
            yield (replace(one.operator, _BOUNDS[sign]),)


@operator(KEY, "CWE-697")
def equality_inverted(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Code runs for the unequal values where it should run for the equal ones, or the other way."""
    for one in layout.binaries(syntax, function.body):
        if (sign := syntax.text(one.operator)) in _EQUALS:
            yield (replace(one.operator, _EQUALS[sign]),)


@operator(KEY, "CWE-480")
def connective_swapped(syntax: Syntax, function: Function) -> Iterator[Site]:
    """One of two conditions is enough where both are needed, or the other way."""
    for one in layout.binaries(syntax, function.body):
        if (sign := syntax.text(one.operator)) in effects.LOGIC and not layout.declares(one.node):
            yield (replace(one.operator, effects.LOGIC[sign]),)


@operator(KEY, "CWE-480")
def sign_swapped(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A number is added where it should be subtracted, or the other way."""
    numbers = scope.numeric(syntax, scope.variables(syntax, function))
    literals = {n.id for n in syntax.nodes("numbers", "number", function.body)}
    for one in layout.binaries(syntax, function.body):
        sides = (one.left, one.right)
        if syntax.text(one.operator) in _SIGNS and any(s.id in literals or syntax.text(s) in numbers for s in sides):
            yield (replace(one.operator, _SIGNS[syntax.text(one.operator)]),)


@operator(KEY, "CWE-670")
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


@operator(KEY, "CWE-193")
def literal_off_by_one(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A start, bound or step is one too large or one too small."""
    for node in syntax.nodes("numbers", "number", function.body):
        text = syntax.text(node)
        label = re.search(rb"\b(?:case|when)[^\n]*$", syntax.data[: node.start_byte])  # it might become another's
        if not re.fullmatch(r"0|[1-9]\d{0,3}", text) or label:
            continue
        yield (replace(node, str(int(text) + 1)),)
        if int(text) > 0 and not syntax.data[: node.start_byte].endswith(b"-"):
            yield (replace(node, str(int(text) - 1)),)


@operator(KEY, "CWE-193")
def offset_lost(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A needed offset is missing, so a position or a count is off."""
    literals = {n.id for n in syntax.nodes("numbers", "number", function.body)}
    for one in layout.binaries(syntax, function.body):
        if syntax.text(one.operator) in _SIGNS and one.right.id in literals and one.left.id not in literals:
            parent = one.node.parent
            outer = parent.parent if parent is not None and parent.type == "parenthesized_expression" else None
            if parent is not None and outer is not None and "binary" in outer.type and one.left.type in layout.SIMPLE:
                yield (replace(parent, syntax.text(one.left)),)
            else:
                yield (Edit(one.left.end_byte, one.right.end_byte, ""),)


@operator(KEY, "CWE-193")
def offset_added(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A position or a bound is shifted by one."""
    known = scope.numeric(syntax, scope.variables(syntax, function))
    places: list[Node] = []
    for one in layout.binaries(syntax, function.body):
        if syntax.text(one.operator) in _BOUNDS:
            text = syntax.text(one.right)
            if one.right.type in layout.SIMPLE and (text in known or _SIZE.search(text)):
                places.append(one.right)
    for node in syntax.nodes("identifiers", "identifier", function.body):
        inside = (
            node.parent is not None and node.parent.type in _INDEXED and scope.field(node) not in ("value", "object")
        )
        if inside and node.parent is not None and node.parent.named_children[-1].id == node.id:
            call = node.parent.parent is not None and node.parent.parent.type == "argument_list"
            if syntax.text(node) in known and not call:
                places.append(node)
    for match in syntax.matches("calls", function.body):
        arguments = match["arguments"][0].named_children
        if syntax.text(match["callee"][0]) in ("range", "xrange") and arguments:
            places.append(arguments[-1 if len(arguments) < 3 else 1])
    for place in sorted({p.id: p for p in places}.values(), key=lambda n: n.start_byte):
        if place.type in layout.SIMPLE and not place.has_error:
            signs = "-+" if place.start_byte % 2 else "+-"
            for sign in signs:
                shift = f"{sign}1" if syntax.language == "Go" else f" {sign} 1"
                yield (Edit(place.end_byte, place.end_byte, shift),)


@operator(KEY, "CWE-683")
def arguments_swapped(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A call gets two of its arguments in the wrong order."""
    known = scope.variables(syntax, function)
    for match in syntax.matches("calls", function.body):
        if _SYMMETRIC.search(syntax.text(match["callee"][0]).split(".")[-1]):
            continue
        passed = [effects.plain_argument(a) for a in match["arguments"][0].named_children if a.type != "comment"]
        for one, two in pairwise(passed):
            if one is None or two is None or syntax.text(one) == syntax.text(two):
                continue
            first, second = known.get(syntax.text(one)), known.get(syntax.text(two))
            if first is not None and second is not None and scope.alike(syntax, first, second):
                yield (replace(one, second.name), replace(two, first.name))


@operator(KEY, "CWE-1109")
def wrong_variable(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A value is read from another variable than the one that holds it."""
    known = scope.variables(syntax, function)
    for one in known.values():
        stored = {n.id for n in scope.written(one)}
        for use in one.uses if one.parameter else one.uses[1:]:
            if use.id in stored or use.start_byte < function.body.start_byte:
                continue
            others = [
                other
                for other in known.values()
                if other.name != one.name and scope.visible(other, use) and scope.alike(syntax, one, other, use)
            ]
            others = [other for other in others if not effects.beside(syntax, use, other.name)]
            for other in sorted(others, key=lambda v: use.start_byte - v.uses[0].start_byte)[:2]:
                yield (replace(use, other.name),)


@operator(KEY, "CWE-754")
def guard_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """An unusual case is no longer caught before the main path runs."""
    conditions = {one.node.id: one for one in layout.ifs(syntax, function.body)}
    for run in layout.sequences(syntax, function.body):
        for node in run[:-1]:
            one = conditions.get(node.id)
            if one is None or one.alternative is not None:
                continue
            inside = layout.branch(syntax, one.consequence)
            if (
                0 < len(inside) <= 2
                and layout.exits(syntax, inside[-1])
                and not effects.orphans(syntax, function, node)
            ):
                edit = layout.deletion(syntax, node)
                if edit is not None:
                    yield (edit,)


@operator(KEY, "CWE-478")
def else_dropped(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The other case of a decision is not handled."""
    ends = {run[-1].id for run in layout.sequences(syntax, function.body)}
    for one in layout.ifs(syntax, function.body):
        other = one.alternative
        if other is None or other.has_error or other.type in ("elsif",):
            continue
        leaves = any(node.type in layout.EXITS for node, _ in walk(other))
        if leaves and syntax.language in scope.STATIC and one.node.id in ends:
            continue  # the function might end without the value that it has to return
        if effects.orphans(syntax, function, other):
            continue
        end = other.end_byte - len(syntax.text(other)) + len(syntax.text(other).rstrip())
        if one.consequence.end_byte < end:
            start = one.consequence.end_byte
            start -= len(syntax.text(one.consequence)) - len(syntax.text(one.consequence).rstrip())
            yield (Edit(start, end, ""),)


@operator(KEY, "CWE-665")
def update_lost(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Something keeps its old value where it should get a new one."""
    alone = {run[0].id for run in layout.sequences(syntax, function.body) if len(run) == 1}
    for node, _, _ in effects.updates(syntax, function):
        edit = layout.deletion(syntax, node)
        if edit is not None and node.id not in alone and not effects.orphans(syntax, function, node):
            yield (edit,)


@operator(KEY, "CWE-837")
def update_repeated(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A change that should happen once happens twice."""
    nodes = [node for node, _, builds in effects.updates(syntax, function) if builds]
    actions = [(n, syntax.text(n).rstrip()) for n in effects.actions(syntax, function)]
    nodes += [n for n, text in actions if "\n" not in text and _ACCUMULATES.search(text.split("(")[0])]
    for node in sorted({n.id: n for n in nodes}.values(), key=lambda n: n.start_byte):
        edit = layout.insertion_after(syntax, node, syntax.text(node).rstrip())
        if edit is not None:
            yield (edit,)


@operator(KEY, "CWE-573")
def step_lost(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A call that has to be made for its effect is left out."""
    alone = {run[0].id for run in layout.sequences(syntax, function.body) if len(run) == 1}
    for node in sorted(effects.actions(syntax, function), key=lambda n: n.start_byte):
        edit = layout.deletion(syntax, node)
        if edit is not None and node.id not in alone and not effects.orphans(syntax, function, node):
            yield (edit,)


@operator(KEY, "CWE-696")
def statements_swapped(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A value is read before it is brought up to date."""
    updates = effects.updates(syntax, function)
    changed = {node.id: target for node, target, _ in updates}
    building = {node.id for node, _, builds in updates if builds}
    for run in layout.sequences(syntax, function.body):
        for one, two in pairwise(run):
            target, other = changed.get(one.id), changed.get(two.id)
            source = one if target is not None else two
            name = target if target is not None else other
            rest = two if source.id == one.id else one
            if (
                name is None
                or layout.exits(syntax, two)
                or layout.exits(syntax, one)
                or "declar" in one.type + two.type
            ):
                continue
            if target == other and {one.id, two.id} <= building:
                continue  # two additions give the same sum in either order
            gap = syntax.data[one.end_byte : two.start_byte]
            if gap.strip() or gap.count(b"\n") != 1 or two.end_point[0] - one.start_point[0] > 7:
                continue
            if not re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", syntax.text(rest)) or "def" in rest.type:
                continue
            if all(layout.owns_lines(syntax.data, n.start_byte, n.end_byte) for n in (one, two)):
                fresh = effects.fresh(syntax, function, one)
                if not any(re.search(rf"\b{re.escape(word)}\b", syntax.text(two)) for word in fresh):
                    yield (replace(one, syntax.text(two).rstrip()), replace(two, syntax.text(one).rstrip()))


@operator(KEY, "CWE-480")
def operand_lost(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A part of a condition or of a sum is left out."""
    literals = {n.id for n in syntax.nodes("numbers", "number", function.body)}
    for one in layout.binaries(syntax, function.body):
        sign = syntax.text(one.operator)
        if (sign not in effects.LOGIC and sign not in ("+", "-", "*")) or layout.declares(one.node):
            continue
        if one.right.id in literals or one.left.id in literals:
            continue
        if sign not in effects.LOGIC and any("string" in node.type for node, _ in walk(one.node)):
            continue
        target = one.node.parent.child_by_field_name("left") if one.node.parent is not None else None
        if target is not None and syntax.text(target) in (syntax.text(one.left), syntax.text(one.right)):
            continue
        if not effects.orphans(syntax, function, one.right):
            yield (Edit(one.left.end_byte, one.right.end_byte, ""),)
        if sign in effects.LOGIC and not effects.orphans(syntax, function, one.left):
            yield (Edit(one.left.start_byte, one.right.start_byte, ""),)


@operator(KEY, "CWE-570")
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
                or not effects.reaches(syntax, known, atom, core)
            ):
                continue
            word = both if (core.start_byte + taken) % 2 else either
            clash = re.search(r"\|\||&&|\band\b|\bor\b", text) is not None and word not in text
            taken += 1
            yield (replace(core, f"({text}) {word} {other}" if clash else f"{text} {word} {other}"),)


@operator(KEY, "CWE-665")
def reset_in_loop(syntax: Syntax, function: Function) -> Iterator[Site]:
    """What a loop builds up is set back at each turn."""
    known = scope.variables(syntax, function)
    runs = layout.sequences(syntax, function.body)
    loops = [(m["loop"][0], m["body"][0]) for m in syntax.matches("loops", function.body)]
    for match in syntax.matches("assignments", function.body):
        target, value = match["target"][0], match["value"][0]
        name, text = syntax.text(target).lstrip("*& "), syntax.text(value)
        if name not in known or "\n" in text or value.type in ("array_initializer", "initializer_list"):
            continue
        for loop, body in loops:
            inside = layout.branch(syntax, body)
            outer = scope.scope(target)
            around = outer.start_byte <= loop.start_byte and loop.end_byte <= outer.end_byte
            if not inside or inside[0].id == body.id or not around or not effects.precedes(runs, target, loop):
                continue
            touched = any(body.start_byte <= u.start_byte < body.end_byte for u in scope.written(known[name]))
            grown = rf"(?<![\w.]){re.escape(name)}(\.(append|push|add|Add|push_back)\b| <<)"
            if not touched and not re.search(grown, syntax.text(body)):
                continue
            edit = layout.insertion_before(syntax, inside[0], f"{name} = {text}{layout.ending(syntax)}")
            if edit is not None:
                yield (edit,)


@operator(KEY, "CWE-705")
def loop_left_early(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A loop ends after its first turn."""
    after = {one.id: two for run in layout.sequences(syntax, function.body) for one, two in pairwise(run)}
    for match in syntax.matches("loops", function.body):
        inside = layout.branch(syntax, match["body"][0])
        follower = after.get(match["loop"][0].id)
        if (
            follower is None
            or follower.type not in layout.RETURNS
            or not inside
            or inside[-1].id == match["body"][0].id
        ):
            continue
        text = syntax.text(follower)
        if not layout.exits(syntax, inside[-1]) and "\n" not in text:
            edit = layout.insertion_after(syntax, inside[-1], text)
            if edit is not None:
                yield (edit,)


@operator(KEY, "CWE-705")
def branch_left_early(syntax: Syntax, function: Function) -> Iterator[Site]:
    """In one case the function returns before its work is done."""
    known = scope.variables(syntax, function)
    conditions = {one.node.id: one for one in layout.ifs(syntax, function.body)}
    for run in layout.sequences(syntax, function.body):
        last = run[-1]
        text = syntax.text(last) if last.type in layout.RETURNS else effects.bare_return(syntax, function)
        if "\n" in text or not text:
            continue
        for node in run[: -2 if last.type in layout.RETURNS else -1]:
            one = conditions.get(node.id)
            inside = layout.branch(syntax, one.consequence) if one is not None else []
            if one is None or not inside or inside[-1].id == one.consequence.id or layout.exits(syntax, inside[-1]):
                continue
            names = [syntax.text(n) for n, _ in walk(last) if n.type == "identifier"]
            if last.type in layout.RETURNS and not all(scope.visible(known[n], node) for n in names if n in known):
                continue
            edit = layout.insertion_after(syntax, inside[-1], text)
            if edit is not None:
                yield (edit,)


@operator(KEY, "CWE-390")
def error_swallowed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A failure is noticed and then not passed on."""
    last_ids = {run[-1].id for run in layout.sequences(syntax, function.body)}
    for node, _ in walk(function.body):
        if node.type not in _HANDLERS:
            continue
        if syntax.language in scope.STATIC and node.parent is not None and node.parent.id in last_ids:
            continue  # the function might end without the value that it has to return
        for run in layout.sequences(syntax, node):
            last = run[-1]
            if not syntax.text(last).startswith(_RAISES):
                continue
            if len(run) == 1 and syntax.language == "Python":
                yield (replace(last, "pass"),)
            elif (edit := layout.deletion(syntax, last)) is not None:
                yield (edit,)
