"""What may change places without a change of meaning: plain names and values, statements that only set a name."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import layout, scope, text
from synthesis.mutations.operator import Site

MEMBERS = scope.kinds(
    "attribute member_expression field_access field_expression member_access_expression selector_expression"
)
LITERALS = scope.kinds(
    "integer float number number_literal integer_literal real_literal int_literal float_literal "
    "decimal_integer_literal hex_integer_literal decimal_floating_point_literal true false none nil null null_literal "
    "boolean_literal string string_literal interpreted_string_literal char_literal character_literal rune_literal "
    "simple_symbol undefined"
)
_OWN = frozenset(("self", "this"))
_ACTS = scope.kinds(
    "assignment_expression augmented_assignment_expression assignment operator_assignment update_expression "
    "named_expression lambda lambda_expression arrow_function function_expression func_literal block do_block "
    "postfix_unary_expression await await_expression yield yield_expression comment line_comment block_comment"
)
_WORD = re.compile(r"[^\W\d]\w*")
_EMPTY_VALUE = re.compile(r"\[\]|\{\}|\(\)|new \w*(List|Map|Set|Builder|Dictionary|Queue|Deque)(<.*>)?\(\)")
_NEW = re.compile(r"new [\w.]+(<[\w<>, ?]*>)?\(\)")
_ORDERED = (
    "first second", "start end", "begin end", "start stop", "from to", "min max", "low high", "lo hi", "left right",
    "top bottom", "width height", "x y", "y z", "i j", "j k", "a b", "before after", "old new", "source target",
    "src dst", "src dest", "in out", "input output", "key value", "k v", "prev next", "head tail", "lower upper",
    "parent child", "open close", "id name", "host port", "year month", "month day", "rows cols", "row col",
    "red green", "green blue", "r g", "g b", "numerator denominator", "real imag", "name value", "type value",
    "login password", "user password", "username password", "front back", "ptr end", "buf len", "data size",
    "begin finish", "true false", "get set", "get post", "hours minutes", "minutes seconds", "expected actual",
)  # fmt: skip
_PAIRS = frozenset(tuple(pair.split()) for pair in _ORDERED)
_DECLARED = re.compile(r"(?:const |static |unsigned |struct )*[\w:]+(?:<[\w:, ]+>)?[\s*&]+(\w+)(?:\[\w*\])*;")
_LOOPS = re.compile(r"for|while|until|loop|do_statement")


@dataclass(frozen=True, slots=True)
class Setting:
    """A part of the code that sets one name.

    Attributes:
        node: the statement or declarator.
        name: what it sets; of several, the first.
        quiet: whether it does nothing else.
        still: whether its value is a literal or empty, so that nothing else can change it.
        local: whether the name is a plain variable.
    """

    node: Node
    name: str
    quiet: bool
    still: bool
    local: bool


def plain(syntax: Syntax, node: Node) -> bool:
    """Whether a node is a name, a member of names, or a simple literal: reading it does nothing."""
    if node.type in MEMBERS:
        return all(n.type in MEMBERS or n.child_count == 0 for n, _ in walk(node))
    if node.type in LITERALS:
        return not any(n.type in ("interpolation", "escape_interpolation") for n, _ in walk(node))
    return node.type in text.NAMES or node.type in ("field_identifier", "property_identifier", "this", "self")


def words(syntax: Syntax, node: Node) -> frozenset[str]:
    """Every name in the node's text but those of the object itself."""
    return frozenset(_WORD.findall(syntax.text(node))) - _OWN


def ordered(one: str, other: str) -> bool:
    """Whether a reader expects two names in this order: `start` before `end`, `x1` before `x2`."""
    if re.sub(r"\d", "", one) == re.sub(r"\d", "", other) or max(len(one), len(other)) <= 2:
        return True
    mine, theirs = _parts(one), _parts(other)
    return any((a, b) in _PAIRS or (b, a) in _PAIRS for a in mine for b in theirs)


def _parts(name: str) -> list[str]:
    return [part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)] or [name]


def in_loop_head(node: Node) -> bool:
    """Whether a node stands in the head of a loop, where a counter is read before its bound."""
    while node.parent is not None and not re.search(r"block|body|compound|statement_list", node.parent.type):
        if _LOOPS.match(node.parent.type) and scope.field(node) != "body":
            return True
        node = node.parent
    return False


def same_sort(syntax: Syntax, one: Node, other: Node, known: Iterable[str]) -> bool:
    """Whether two operands are alike to a reader: two variables, the same member of two objects, or the same call."""
    if one.type == other.type == "identifier":
        return {syntax.text(one), syntax.text(other)} <= set(known)
    if one.type != other.type or not (text.is_pure(syntax, one) and text.is_pure(syntax, other)):
        return False
    mine, theirs = re.split(r"\.|->|::", syntax.text(one)), re.split(r"\.|->|::", syntax.text(other))
    if one.type in MEMBERS:
        return len(mine) == len(theirs) == 2 and mine[1] == theirs[1] and mine[0] in known and theirs[0] in known
    calls = [c for c in text.calls(syntax, one) if c[0].id == one.id], text.calls(syntax, other)
    return bool(calls[0]) and any(c[0].id == other.id and c[1] == calls[0][0][1] for c in calls[1])


def variable_and_call(syntax: Syntax, one: Node, other: Node, known: Iterable[str]) -> bool:
    """Whether one operand is a variable and the other a call that changes nothing; neither is a constant."""
    if other.type == "identifier":
        one, other = other, one
    called = any(call.id == other.id for call, _, _ in text.calls(syntax, other))
    return one.type == "identifier" and syntax.text(one) in known and called and text.is_pure(syntax, other)


def exchanged(syntax: Syntax, one: Node, other: Node) -> Site:
    """The texts of two nodes in each other's place."""
    return (layout.replace(one, syntax.text(other)), layout.replace(other, syntax.text(one)))


def commented(syntax: Syntax, one: Node, other: Node) -> bool:
    """Whether a comment on the lines of two neighbours, or right above them, may speak of one of them."""
    first, last = one.start_point.row - 1, other.end_point.row
    return any(
        first <= comment.end_point.row and comment.start_point.row <= last
        for comment in syntax.nodes("comments", "comment")
    )


def setting(syntax: Syntax, function: Function, node: Node) -> Setting | None:
    """What a statement or declarator sets, where it is one assignment or declaration; None for any other."""
    declared = _DECLARED.fullmatch(syntax.text(node)) if syntax.language in ("C", "C++", "Java", "C#") else None
    if declared and not re.match(r"return|goto|throw|delete|else|using|typedef", syntax.text(node)):
        return Setting(node, declared[1], True, True, True)
    found = [m for m in syntax.matches("assignments", node) if m["assignment"][0].start_byte >= node.start_byte]
    found = [m for m in found if m["assignment"][0].end_byte <= node.end_byte]
    if len(found) != 1:
        return None
    target, value = _only(found[0]["target"][0]), _only(found[0]["value"][0])
    between = syntax.data[target.end_byte : value.start_byte].decode("utf-8", "replace")
    after = syntax.data[value.end_byte : node.end_byte].strip(b"; ")
    if (
        re.sub(r":\s*[\w\[\], .]+=", "=", between).strip() not in ("=", ":=")
        or after
        or not _plain_value(syntax, value)
    ):
        return None
    name = re.fullmatch(r"(@|(?:self|this)\.|\w+->|\*\s*)?([^\W\d]\w*)(?:, \w+)*", syntax.text(target))
    if name is None:
        return None
    still = (value.type in LITERALS and plain(syntax, value)) or bool(_EMPTY_VALUE.fullmatch(syntax.text(value)))
    local = not (name[1] or "").rstrip("* ") and name[2] in scope.variables(syntax, function)
    return Setting(node, name[2], still or _quiet(syntax, function, value), still, local)


def _only(node: Node) -> Node:
    return node.named_children[0] if node.type == "expression_list" and node.named_child_count == 1 else node


def _plain_value(syntax: Syntax, value: Node) -> bool:
    """Whether a value stands on one short line and holds no closure, no step and no assignment."""
    written = syntax.text(value)
    return "\n" not in written and len(written) <= 80 and not any(n.type in _ACTS for n, _ in walk(value))


def _quiet(syntax: Syntax, function: Function, value: Node) -> bool:
    """Whether to make a value does nothing else."""
    if _NEW.fullmatch(syntax.text(value)):
        return True
    if not text.is_pure(syntax, value):
        return False
    if syntax.language != "Ruby":
        return True
    known = scope.variables(syntax, function)  # any other bare name may be a call
    return all(syntax.text(n) in known for n, _ in walk(value) if n.type == "identifier") and "." not in syntax.text(
        value
    )


def independent(syntax: Syntax, one: Setting, other: Setting, following: str = "") -> bool:
    """Whether the order of two settings shows nowhere, and readers expect none.

    Args:
        syntax: the parsed text.
        one: the first.
        other: the second.
        following: the statement after both, which must not lose its neighbour.
    """
    calm = one.quiet and other.quiet
    if not calm and not ((one.still and one.local) or (other.still and other.local)):
        return False
    if not calm and following and not words(syntax, other.node).isdisjoint(_WORD.findall(following)):
        return False
    mine, theirs = words(syntax, one.node), words(syntax, other.node)
    numbered = [re.sub(r"\d+", "#", syntax.text(s.node).replace(s.name, "")) for s in (one, other)]
    counted = numbered[0] == numbered[1] and re.search(r"\[#|\(#|#\)", numbered[0]) is not None
    return one.name not in theirs and other.name not in mine and not ordered(one.name, other.name) and not counted


def neighbours(nodes: list[Node], rows: int) -> list[tuple[Node, Node]]:
    """Pairs of nodes that follow each other, each on one line, at most `rows` lines apart."""
    return [
        (one, other)
        for one, other in pairwise(nodes)
        if one.start_point.row == one.end_point.row
        and other.start_point.row == other.end_point.row
        and other.start_point.row - one.end_point.row <= rows
    ]
