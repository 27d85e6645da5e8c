"""What code is there for: names that Go wants read, room that is only asked for ahead, functions that test others."""

import re

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import scope

_BLOCKS = scope.kinds(
    "block for_statement if_statement expression_switch_statement type_switch_statement expression_case type_case "
    "default_case communication_case func_literal"
)
_DECLARES = scope.kinds("short_var_declaration range_clause var_spec")
_HINTS = re.compile(
    r"(?i)(?:[\w.>-]*(?:reserve|grow|ensureCapacity|ensure_capacity)|new (?:StringBuilder|StringBuffer"
    r"|ArrayList|HashMap|HashSet|List|Dictionary|ArrayDeque|LinkedHashMap)\s*(?:<.*?>)?)\s*\("
)
_TESTS = re.compile(r"(?i)^(?:test|bench|example|mock|setup|set_up|teardown|tear_down|fixture)|_tests?$|Tests?$")


def unread(syntax: Syntax, function: Function, node: Node) -> bool:
    """Whether Go would refuse the function without `node`: a variable is then read nowhere, or a package not named."""
    if syntax.language != "Go":
        return False
    inside = {syntax.text(n) for n, _ in walk(node) if n.type in ("identifier", "package_identifier")}
    for declaration, _ in walk(function.body):
        if declaration.type not in _DECLARES or node.start_byte <= declaration.start_byte < node.end_byte:
            continue
        for name in _declared(syntax, declaration) & inside:
            if not _read(syntax, function, declaration, name, node):
                return True
    return bool(_packages(syntax, function, node) - _packages(syntax, function, None, node))


def _declared(syntax: Syntax, declaration: Node) -> set[str]:
    if declaration.type == "var_spec":
        return {syntax.text(n) for n in declaration.children_by_field_name("name")}
    left = declaration.child_by_field_name("left")
    return {syntax.text(n) for n in left.named_children if n.type == "identifier"} if left is not None else set()


def _read(syntax: Syntax, function: Function, declaration: Node, name: str, without: Node) -> bool:
    """Whether the variable is read in the block of its declaration, outside `without`."""
    around = declaration.parent
    while around is not None and around.type not in _BLOCKS and around.id != function.body.id:
        around = around.parent
    for node, _ in walk(around or function.body):
        if node.type != "identifier" or node.start_byte < declaration.start_byte or syntax.text(node) != name:
            continue
        if without.start_byte <= node.start_byte < without.end_byte:
            continue
        parent = node.parent
        stored = (
            parent is not None
            and parent.type == "expression_list"
            and parent.parent is not None
            and parent.parent.type in (*_DECLARES, "assignment_statement")
            and scope.field(parent) == "left"
        )
        if not stored and scope.field(node) != "name":
            return True
    return False


def _packages(syntax: Syntax, function: Function, within: Node | None, without: Node | None = None) -> set[str]:
    """Names before a dot and a capital letter that no variable of the function has."""
    known, found = set(scope.variables(syntax, function)), set()
    receiver = function.node.child_by_field_name("receiver")
    known |= {syntax.text(n) for n, _ in walk(receiver) if n.type == "identifier"} if receiver is not None else set()
    for node, _ in walk(within or function.node):
        if without is not None and without.start_byte <= node.start_byte < without.end_byte:
            continue
        if node.type not in ("selector_expression", "qualified_type") or not node.named_children:
            continue
        first, last = syntax.text(node.named_children[0]), syntax.text(node.named_children[-1])
        if re.fullmatch(r"[a-z]\w*", first) and last[:1].isupper() and first not in known:
            found.add(first)
    return found


def asks_room(syntax: Syntax, node: Node) -> bool:
    """Whether a number only says how much room to make ahead; what needs more gets it all the same."""
    current: Node | None = node
    for _ in range(5):
        parent = current.parent if current is not None else None
        if current is None or parent is None or "statement" in current.type or "block" in current.type:
            return False
        text = syntax.text(current)
        if current.id != node.id and syntax.language == "Go" and text.startswith("make("):
            return True
        if current.id != node.id and _HINTS.match(text):
            return True
        current = parent
    return False


def is_test(function: Function) -> bool:
    """Whether a function tests, measures or shows others, by its name."""
    return _TESTS.search(function.name.split(".")[-1] if function.name else "") is not None
