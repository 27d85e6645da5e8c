"""Things that stand in no order of their own change places."""

import re
from collections.abc import Iterator
from itertools import pairwise

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import effects, layout, scope, text
from synthesis.mutations.layout import binaries, replace
from synthesis.mutations.operator import Site, placebo
from synthesis.mutations.placebos import neutral

_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!=", "===": "===", "!==": "!=="}
_FIELDS = scope.kinds("keyword_argument keyed_element initializer_pair pair")
_DECLARATIONS = scope.kinds("declaration variable_declaration lexical_declaration local_variable_declaration var_spec")
_TYPE_LISTS = scope.kinds("catch_type exceptions throws")
_ONLY_NUMBERS = ("C", "Go", "Java")
_SIZE = re.compile(r"len\([\w.]+\)|[\w.]+\.(length|size|count|Length|Count|Size)(\(\))?")
_CASES = scope.kinds("case_statement switch_case switch_section switch_block_statement_group")
_CATCHES = ("isinstance", "issubclass")
_SYMMETRIC = re.compile(r"(std::)?(f?max|f?min|gcd|MAX|MIN)|(Math|math|np)\.(max|min|Max|Min|gcd|hypot)")
_TESTS = scope.kinds("not_operator unary_expression unary prefix_unary_expression")


@placebo("a < b and b > a are one comparison")
def comparison_turned(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The sides of a comparison are swapped and its sign turned."""
    known = scope.variables(syntax, function)
    for one in binaries(syntax, function.body):
        sign = syntax.text(one.operator)
        if sign not in _TURNED or neutral.in_loop_head(one.node) or syntax.text(one.left) == syntax.text(one.right):
            continue
        if _in_range(syntax, one):
            continue
        mixed = _TURNED[sign] == sign and neutral.variable_and_call(syntax, one.left, one.right, known)
        if mixed or neutral.same_sort(syntax, one.left, one.right, known):
            sides = neutral.exchanged(syntax, one.left, one.right)
            yield sides if _TURNED[sign] == sign else (*sides, replace(one.operator, _TURNED[sign]))


def _in_range(syntax: Syntax, one: layout.Binary) -> bool:
    """Whether the test beside a comparison asks about the same thing, so that both read as one: a < x and x < b."""
    outer = one.node.parent
    while outer is not None and outer.type == "parenthesized_expression":
        outer = outer.parent
    if outer is None or not any(syntax.text(n) in effects.LOGIC for n in outer.children):
        return False
    names = neutral.words(syntax, one.node)
    others = [n for n in outer.named_children if not n.start_byte <= one.node.start_byte < n.end_byte]
    return any(not names.isdisjoint(neutral.words(syntax, n)) for n in others)


@placebo("addition and multiplication of numbers commute")
def operands_swapped(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Two plain operands of a commutative operator change places."""
    known = scope.variables(syntax, function)
    numbers = scope.numeric(syntax, known)
    for one in binaries(syntax, function.body):
        sign, names = syntax.text(one.operator), (syntax.text(one.left), syntax.text(one.right))
        flags = sign == "|" and all(re.fullmatch(r"[A-Z][A-Z0-9]*_[A-Z0-9_]+", name) for name in names)
        numeric = sign in ("+", "*") and set(names) <= numbers and one.left.type == one.right.type == "identifier"
        sizes = sign == "+" and all(_SIZE.fullmatch(name) for name in names)
        times = sign == "*" and syntax.language in _ONLY_NUMBERS
        plain = times and all(neutral.plain(syntax, side) for side in (one.left, one.right))
        if (flags or numeric or sizes or plain) and names[0] != names[1]:
            yield neutral.exchanged(syntax, one.left, one.right)


@placebo("two tests of different variables may be made in either order")
def tests_swapped(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Two independent tests of plain variables change places under one connective."""
    truth = syntax.language in scope.STATIC  # elsewhere a connective gives one of its sides
    known = scope.variables(syntax, function)
    for one in binaries(syntax, function.body):
        if syntax.text(one.operator) not in effects.LOGIC or not (truth or text.is_condition(one.node)):
            continue
        left = one.left
        while any(
            b.node.id == left.id and syntax.text(b.operator) == syntax.text(one.operator) for b in _at(syntax, left)
        ):
            left = next(b.right for b in _at(syntax, left) if b.node.id == left.id)
        mine, theirs = _tested(syntax, left, known), _tested(syntax, one.right, known)
        if _apart(mine, theirs) and not neutral.commented(syntax, left, one.right):
            yield neutral.exchanged(syntax, left, one.right)


def _at(syntax: Syntax, node: Node) -> list[layout.Binary]:
    return [b for b in binaries(syntax, node) if b.node.id == node.id]


def _tested(syntax: Syntax, node: Node, known: dict[str, scope.Variable]) -> tuple[str, str]:
    """What a test looks at, by itself or against a plain value: its base, and what is asked of the base.

    A variable is its own base. Of members only those one step away count, which neither test can shield from a null.
    """
    if node.type in _TESTS and node.named_child_count == 1:
        node = node.named_children[0]
    tested, against = next(((b.left, b.right) for b in _at(syntax, node)), (node, None))
    if against is not None and not neutral.plain(syntax, against):
        return "", ""
    asked = syntax.text(tested)
    if tested.type == "identifier":
        return ("", asked) if asked in known else ("", "")
    member = re.fullmatch(r"(\w+)(\.|->)(\w+)", asked) if tested.type in neutral.MEMBERS else None
    base = member is not None and (member[1] in known or member[1] in ("this", "self"))
    if member is not None and base:
        return member[1], member[3]
    return ("", asked) if tested.type == "instance_variable" else ("", "")


def _apart(mine: tuple[str, str], theirs: tuple[str, str]) -> bool:
    """Whether two tests look at different things, neither of which the other makes safe to look at."""
    return bool(mine[1] and theirs[1]) and mine[1] != theirs[1] and mine[0] == theirs[0]


@placebo("the order of two settings that share no name shows nowhere")
def statements_exchanged(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Two neighbouring statements that only set different names change places."""
    for run in layout.sequences(syntax, function.body):
        last = run[-1].id if syntax.language == "Ruby" else None  # the block's value
        after = {a.id: syntax.text(b) for a, b in pairwise(run)}
        for one, other in neutral.neighbours(run, rows=1):
            mine, theirs = neutral.setting(syntax, function, one), neutral.setting(syntax, function, other)
            alone = all(layout.owns_lines(syntax.data, n.start_byte, n.end_byte) for n in (one, other))
            apart = one.start_point.row < other.start_point.row and one.start_point.column == other.start_point.column
            if mine is None or theirs is None or other.id == last or not alone or not apart or one.type != other.type:
                continue
            free = neutral.independent(syntax, mine, theirs, after.get(other.id, ""))
            if free and not neutral.commented(syntax, one, other):
                yield neutral.exchanged(syntax, one, other)


@placebo(
    "the order of declarators that share no name shows nowhere", languages=("C", "C++", "Java", "JavaScript", "C#")
)
def declarators_exchanged(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Two neighbouring names of one declaration change places."""
    for node, _ in walk(function.body):
        if node.type not in _DECLARATIONS or node.has_error or neutral.in_loop_head(node):
            continue
        parts = [n for n in node.named_children if n.type.endswith("declarator") or _name(n)]
        for one, other in neutral.neighbours(parts, rows=1):
            mine, theirs = _declared(syntax, function, one), _declared(syntax, function, other)
            if mine is None or theirs is None or neutral.commented(syntax, one, other):
                continue
            if mine.quiet and theirs.quiet and neutral.independent(syntax, mine, theirs):
                yield neutral.exchanged(syntax, one, other)


def _name(node: Node) -> bool:
    return node.type == "identifier" and scope.field(node) != "type"


def _declared(syntax: Syntax, function: Function, part: Node) -> neutral.Setting | None:
    """What a declarator declares, with a value or without."""
    bare = re.fullmatch(r"\**\s*(\w+)(\[\w*\])?", syntax.text(part))
    return neutral.Setting(part, bare[1], True, True, True) if bare else neutral.setting(syntax, function, part)


@placebo("the order of named values in a literal or a call shows nowhere")
def fields_reordered(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Two neighbouring named values of a literal or a call change places."""
    for node, _ in walk(function.body):
        parts = [n for n in node.named_children if n.type in _FIELDS or _is_member_set(node, n)]
        if len(parts) < 2 or (syntax.language == "C++" and node.type == "initializer_list") or _in_table(node):
            continue
        for one, other in neutral.neighbours([n for n in node.named_children if "comment" not in n.type], rows=1):
            if not all(n in parts and n.named_child_count >= 2 for n in (one, other)):
                continue
            keys = [re.sub(r"\W", "", syntax.text(n.named_children[0])) for n in (one, other)]
            plain = all(_free(syntax, _bare(n.named_children[-1])) for n in (one, other))
            if plain and not neutral.ordered(*keys) and not neutral.commented(syntax, one, other) and all(keys):
                yield neutral.exchanged(syntax, one, other)


def _in_table(node: Node) -> bool:
    """Whether a literal is one of several of its kind in a row, which a reader wants alike."""
    for outer in (node, node.parent):
        if outer is not None and outer.parent is not None:
            alike = [n for n in outer.parent.named_children if n.type == outer.type]
            if len(alike) > 1 and outer.type not in _FIELDS:
                return True
    return False


def _is_member_set(parent: Node, node: Node) -> bool:
    return parent.type == "initializer_expression" and node.type == "assignment_expression"


def _free(syntax: Syntax, value: Node) -> bool:
    """Whether a value may be made earlier or later: a plain one, or a call that changes nothing."""
    return neutral.plain(syntax, value) or (syntax.language != "Ruby" and text.is_pure(syntax, value))


def _bare(node: Node) -> Node:
    return node.named_children[0] if node.type == "literal_element" and node.named_child_count == 1 else node


@placebo("alternatives that lead to one body stand in any order")
def alternatives_reordered(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Two neighbouring labels, types or members of a set of alternatives change places."""
    for node, _ in walk(function.node):
        for one, other in pairwise(_alternatives(syntax, node)):
            names = syntax.text(one), syntax.text(other)
            fit = all(re.fullmatch(r"[\w.:'\"]*[^\W\d][\w.:'\"]*|\"[^\"]*\"|'[^']{2,}'", name) for name in names)
            if (
                fit
                and names[0] != names[1]
                and not neutral.ordered(*names)
                and not neutral.commented(syntax, one, other)
            ):
                yield neutral.exchanged(syntax, one, other)


def _alternatives(syntax: Syntax, node: Node) -> list[Node]:
    """The alternatives that a node lists: types that are caught or asked for, values of one case."""
    children = [n for n in node.named_children if "comment" not in n.type]
    if node.type in _TYPE_LISTS:
        return children
    if node.type == "when":
        return [n.named_children[0] for n in children if n.type == "pattern" and n.named_child_count == 1]
    if node.type == "expression_case":
        value = node.child_by_field_name("value")
        return [] if value is None else list(value.named_children)
    if node.type == "tuple" and node.parent is not None:
        call = node.parent.parent
        caught = node.parent.type in ("except_clause", "as_pattern")
        asked = call is not None and call.type == "call" and syntax.text(call.children[0]) in _CATCHES
        return children if caught or asked else []
    for one, other in pairwise(children):
        if one.type == other.type and one.type in _CASES and one.named_child_count == 1 < other.named_child_count:
            values = [_label(n) for n in (one, other)]
            if values[0] is not None and values[1] is not None:
                return [values[0], values[1]]
    return []


def _label(case: Node) -> Node | None:
    """The value that a case is for; None for the default."""
    first = case.named_children[0]
    if first.type == "switch_label":
        return first.named_children[0] if first.named_child_count == 1 else None
    return (case.child_by_field_name("value") or first) if case.children[0].type == "case" else None


@placebo("the larger of a and b is the larger of b and a")
def symmetric_arguments_swapped(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The two arguments of a symmetric function change places."""
    for _, callee, arguments in text.calls(syntax, function.body):
        given = [n for n in arguments.named_children if "comment" not in n.type]
        if len(given) == 2 and _SYMMETRIC.fullmatch(callee) and all(text.is_pure(syntax, n) for n in given):
            if any("argument" in n.type or "splat" in n.type for n in given if n.type != "argument"):
                continue
            if syntax.text(given[0]) != syntax.text(given[1]):
                yield neutral.exchanged(syntax, *given)


@placebo("two guards for different values of one variable never both hold")
def guards_exchanged(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Two neighbouring guards that ask for different values of one variable change places."""
    known = scope.variables(syntax, function)
    conditions = {one.node.id: one for one in layout.ifs(syntax, function.body)}
    for run in layout.sequences(syntax, function.body):
        for one, other in pairwise(run):
            mine, theirs = conditions.get(one.id), conditions.get(other.id)
            if mine is None or theirs is None or mine.alternative is not None or theirs.alternative is not None:
                continue
            values = [_asked(syntax, known, guard) for guard in (mine, theirs)]
            leave = all(branch and layout.exits(syntax, branch[-1]) for guard in (mine, theirs)
                        for branch in [layout.branch(syntax, guard.consequence)])  # fmt: skip
            same = values[0][0] == values[1][0] != "" and values[0][1] != values[1][1]
            if (
                same
                and leave
                and not neutral.commented(syntax, one, one)
                and not neutral.commented(syntax, other, other)
            ):
                yield neutral.exchanged(syntax, one, other)


def _asked(syntax: Syntax, known: dict[str, scope.Variable], guard: layout.If) -> tuple[str, str]:
    """The variable that a guard compares, and the named or quoted value that it asks for."""
    condition = layout.core(guard.condition)
    for one in [] if condition is None else _at(syntax, condition):
        name, value = syntax.text(one.left), syntax.text(one.right)
        constant = re.fullmatch(r"(\w+(\.|::))*[A-Z]\w*|:\w+|\"[^\"]*\"|'[^']*'", value)
        null = value in ("NULL", "None")
        if syntax.text(one.operator) in ("==", "===") and name in known and constant and not null:
            return name, value
    return "", ""
