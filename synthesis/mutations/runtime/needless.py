"""Work that a test would have made needless: done before the test, or by the costlier of two tests first."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import layout, scope, slower, text
from synthesis.mutations.operator import Edit, Site, operator
from synthesis.mutations.runtime import shapes
from synthesis.mutations.trials import outside_tests

CRITERION = "runtime_efficiency"
FAMILY = "needless_work"
_LEAVES = re.compile(r"\b(?:return|raise|throw|continue|break|next|goto|fail)\b")
_RISKY = scope.kinds("index parse decode convert extract int float fetch first unescape integer load deref substring")
"""Words of callees that fail on what they can't take: made earlier, they may fail where a test came before."""
_ELEMENTS = frozenset(("subscript_expression", "index_expression", "array_access", "element_access_expression"))
_ERRORS = frozenset(("err", "error", "ok", "ret", "rc", "status", "res", "e", "ex"))


def _may_go_first(syntax: Syntax, binding: text.Binding) -> bool:
    value = binding.value
    risky = any(_RISKY & set(text.callee_words(one.name)) for one in shapes.calls(syntax, value))
    risky = risky or any(n.type in _ELEMENTS for n, _ in walk(value))
    fits = not risky and binding.name not in _ERRORS and "\n" not in syntax.text(binding.statement).strip()
    return fits and shapes.reads(syntax, value) and shapes.costs(syntax, value) and bool(shapes.names(syntax, value))


def _line(syntax: Syntax, statement: Node, before: Node) -> str:
    end = ";" if syntax.data[statement.end_byte : statement.end_byte + 1] == b";" else ""
    return f"{syntax.text(statement).strip()}{end}\n{text.indent(syntax, before)}"


@operator(CRITERION, "work moved out of the branch that needs it: paid for on the other path too", family=FAMILY)
@outside_tests
def work_before_test(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A costly value that only one branch needs is computed before the test, whichever way it goes."""
    bindings = {b.statement.start_byte: b for b in text.bindings(syntax, function.body)}
    for one in layout.ifs(syntax, function.body):
        node = one.node
        if node.type.endswith("_modifier") or not text.owns_lines(syntax, node) or shapes.statement_of(node) != node:
            continue
        before = node.prev_named_sibling
        if before is not None and "comment" in before.type:
            continue
        condition = node.child_by_field_name("condition")
        if condition is None or layout.declares(condition) or node.child_by_field_name("initializer") is not None:
            continue
        for statement in _leading(syntax, node):
            binding = bindings.get(statement.start_byte)
            if binding is not None and _hoistable(syntax, function, binding, node, condition):
                gone = layout.deletion(syntax, statement, comment=False)
                if gone is not None:
                    yield Edit(node.start_byte, node.start_byte, _line(syntax, statement, node)), gone


def _leading(syntax: Syntax, node: Node) -> list[Node]:
    """The first statements of the branches of `node`: the run of locals that each starts with."""
    found: list[Node] = []
    for field in ("consequence", "alternative"):
        block = node.child_by_field_name(field)
        if block is not None and block.type in ("else_clause", "else"):
            block = next((n for n in block.named_children if n.type in text.BLOCKS), block)
        statements = text.inner(block) if block is not None and block.type in text.BLOCKS else []
        if block is not None and block.type == "else":
            statements = [n for n in block.named_children if "comment" not in n.type]
        if len(statements) > 1:
            found.append(statements[0])
    return found


def _hoistable(syntax: Syntax, function: Function, binding: text.Binding, node: Node, condition: Node) -> bool:
    if not _may_go_first(syntax, binding) or not text.owns_lines(syntax, binding.statement):
        return False
    if slower.declares(syntax.language) and not re.search(r"declaration(?:_statement)?$", binding.statement.type):
        return False
    inside = len(shapes.occurrences(syntax, node, binding.name))
    outside = len(shapes.occurrences(syntax, function.node, binding.name)) - inside
    tested, needed = shapes.names(syntax, condition), shapes.names(syntax, binding.value)
    source = syntax.text(condition)
    members = set(re.findall(r"@\w+|(?:self|this)(?:\.|->)\w+", source))
    same = any(member in syntax.text(binding.value) for member in members)
    calls = all(shapes.reads(syntax, n) for n, _ in walk(condition) if n.type in shapes.CALLS)
    return (
        inside > 1 and outside == 0 and tested.isdisjoint(needed) and not same and calls
        and bool(tested or members or re.search(r"\w\(", source)) and shapes.steady(syntax, binding.value, condition)
    )  # fmt: skip


@operator(
    CRITERION, "short-circuit evaluation given up: the second test is made although the first settles it",
    ("C++", "C#", "Java", "C"), family=FAMILY,
)  # fmt: skip
@outside_tests
def short_circuit_lost(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Both tests are always made, although the first may settle the answer."""
    for one, left, right in _ordered(syntax, function):
        sides = (left, right)
        plain = syntax.language in ("Java", "C#") or all(_is_bool(syntax, side) for side in sides)
        simple = all(side.type != "binary_expression" for side in sides) or syntax.language in ("Java", "C#")
        if plain and not _chained(one.node) and "==" not in syntax.text(one.node) + "=" * (not simple):
            edits = [Edit(one.operator.start_byte, one.operator.end_byte, syntax.text(one.operator)[0])]
            for side in sides:
                if side.type in ("binary_expression", "instanceof_expression", "is_pattern_expression"):
                    edits += [Edit(side.start_byte, side.start_byte, "("), Edit(side.end_byte, side.end_byte, ")")]
            yield tuple(edits)


def _is_bool(syntax: Syntax, node: Node) -> bool:
    source = syntax.text(node)
    return source.startswith("!") or bool(re.search(r"[=!]=|[^-<]<=?[^<]|[^->]>=?[^>]", source))


def _chained(node: Node) -> bool:
    parent = node.parent
    return parent is not None and parent.type == "binary_expression"


def _ordered(syntax: Syntax, function: Function) -> Iterator[tuple[layout.Binary, Node, Node]]:
    """Logical operations in conditions whose right side costs, depends on nothing that the left one tests."""
    for one in layout.binaries(syntax, function.body):
        sign = syntax.text(one.operator)
        if sign not in ("&&", "||", "and", "or") or "\n" in syntax.text(one.node):
            continue
        left, right = one.left, one.right
        nested = any(
            syntax.text(inner.operator) in ("&&", "||", "and", "or")
            for side in (left, right) for inner in layout.binaries(syntax, side)
        )  # fmt: skip
        shared = shapes.names(syntax, left) & text.words(syntax, right)
        if re.search(r"\b(?:nullptr|NULL|null|nil|None|undefined)\b|nil\?|instanceof|typeof", syntax.text(left)):
            continue  # what is tested for being there is often what the other side was made of
        members = set(re.findall(r"@\w+|(?:self|this)(?:\.|->)\w+", syntax.text(left)))
        shared |= {member for member in members if member in syntax.text(right)}
        pure = shapes.reads(syntax, left) and shapes.reads(syntax, right) and shapes.costs(syntax, right)
        if text.is_condition(one.node) and not nested and not shared and pure:
            yield one, left, right
