"""The names that a function declares: where each is used, of what type, and which may stand for another."""

import re
from dataclasses import dataclass

from tree_sitter import Node

from parsers.syntax import Function, Syntax


def kinds(text: str) -> frozenset[str]:
    """The words of `text` as a set, for tables of node names."""
    return frozenset(text.split())


STATIC = frozenset(("C", "C++", "Go", "Java", "C#"))
"""Languages whose compiler refuses a name of another type."""

_MEMBERS = frozenset(
    [
        ("attribute", "attribute"), ("keyword_argument", "name"), ("field_access", "field"),
        ("method_invocation", "name"), ("member_access_expression", "name"), ("call", "method"),
        ("argument", "name"), ("member_binding_expression", "name"), ("method_reference", None),
        ("qualified_name", "name"), ("scoped_identifier", "name"), ("qualified_identifier", "name"),
        ("element_value_pair", "key"), ("class_declaration", "name"), ("function_definition", "name"),
    ]
)  # fmt: skip
_FREEZING = kinds(
    "global_statement nonlocal_statement anonymous_object_creation_expression keyed_element "
    "literal_element labeled_statement attributed_statement preproc_def keyword_pattern"
)
_SCOPES = re.compile(
    r"block|compound|body|loop|for|lambda|closure|catch|function|method|func_literal|arrow|resource|do$|using"
)
_INTEGER = re.compile(r"\b(int|long|short|size_t|u?int\d+(_t)?|unsigned|double|float|Integer|uint|nint|ssize_t)\b")
_LOOP_HEADS = kinds("for_statement for_in_clause enhanced_for_statement foreach_statement range_clause")
_STEPS = kinds("update_expression inc_statement dec_statement postfix_unary_expression")
_ARITHMETIC = kinds("binary_expression binary_operator comparison_operator binary")
_LOOKS_INTO = re.compile(r"\b(locals|vars|eval|exec|binding)\b *\(?")


@dataclass(frozen=True, slots=True)
class Variable:
    """A parameter or local variable.

    Attributes:
        name: as written.
        uses: its identifiers in the order of the text, the declaration included.
        parameter: whether it is a parameter of the function or of one inside it.
        type: declared type as written, empty where none is to be seen.
        frozen: whether something besides plain uses goes by the name, so that it can't be renamed alone.
    """

    name: str
    uses: tuple[Node, ...]
    parameter: bool
    type: str
    frozen: bool


def field(node: Node) -> str | None:
    """The field that a node fills in its parent."""
    parent = node.parent
    if parent is None:
        return None
    for index, child in enumerate(parent.children):
        if child.id == node.id:
            return parent.field_name_for_child(index)
    return None


def variables(syntax: Syntax, function: Function) -> dict[str, Variable]:
    """Parameters and locals of a function by name, in the order of their declaration."""
    parameters = {syntax.text(n) for n in syntax.nodes("locals", "parameter", function.node)}
    declared = [*syntax.nodes("locals", "local", function.node), *syntax.nodes("locals", "parameter", function.node)]
    names = {n.start_byte: n for n in declared}
    order = list(dict.fromkeys(syntax.text(names[start]) for start in sorted(names)))
    types = {syntax.text(n): _type(syntax, n) for n in reversed(declared)}
    uses: dict[str, list[Node]] = {name: [] for name in order}
    frozen = set(order) if _LOOKS_INTO.search(syntax.text(function.node)) else set()
    for node in syntax.nodes("identifiers", "identifier", function.node):
        name = syntax.text(node)
        if name not in uses or node.parent is None:
            continue
        place = field(node)
        if (node.parent.type, place) in _MEMBERS or ((node.parent.type, None) in _MEMBERS and place is None):
            continue
        if node.type in ("field_identifier", "property_identifier"):
            continue
        if node.type != "identifier" or node.parent.type in _FREEZING:
            frozen.add(name)
            continue
        uses[name].append(node)
    return {
        name: Variable(name, tuple(uses[name]), name in parameters, types[name], name in frozen)
        for name in order
        if uses[name] and name not in ("self", "cls", "this", "_")
    }


def words_of(syntax: Syntax, function: Function) -> frozenset[str]:
    """Every word of the function, so that a new name meets none of them."""
    return frozenset(re.findall(r"[^\W\d]\w*", syntax.text(function.node)))


def _type(syntax: Syntax, declaration: Node) -> str:
    marks, node = "", declaration.parent
    for _ in range(5):
        if node is None:
            return ""
        if node.type in ("pointer_declarator", "array_declarator", "reference_declarator"):
            marks += {"p": "*", "a": "[]", "r": "&"}[node.type[0]]
        written = node.child_by_field_name("type")
        if written is not None:
            text = syntax.text(written)
            return "" if text in ("auto", "var", "let", "const") else text + marks
        if _SCOPES.search(node.type):
            return ""
        node = node.parent
    return ""


def scope(declaration: Node) -> Node:
    """The block, loop or function that a declaration holds in."""
    node = declaration
    while node.parent is not None:
        node = node.parent
        if (
            _SCOPES.search(node.type)
            and "declarator" not in node.type
            and "clause" not in node.type.replace("catch", "")
        ):
            return node
    return node


def visible(variable: Variable, use: Node) -> bool:
    """Whether a variable is declared before `use` and around it."""
    first = variable.uses[0]
    outer, node = scope(first), first
    while node.parent is not None and node.parent.id != outer.id:
        node = node.parent
        if ("declar" in node.type or "assign" in node.type) and node.start_byte <= use.start_byte < node.end_byte:
            return False
    return first.end_byte < use.start_byte and outer.start_byte <= use.start_byte and use.end_byte <= outer.end_byte


def role(node: Node) -> tuple[str, str | None]:
    """The syntactic place of a use: two names in the same place are likely of one kind."""
    return (node.parent.type if node.parent is not None else "", field(node))


def alike(syntax: Syntax, one: Variable, other: Variable, use: Node | None = None) -> bool:
    """Whether `other` may stand where `one` does: the same declared type or, where none is declared, the same use."""
    if one.type or other.type or syntax.language in STATIC:
        return one.type == other.type != ""
    if use is None:
        return True
    place = role(use)
    return any(role(node) == place for node in other.uses[1 if not other.parameter else 0 :])


def numeric(syntax: Syntax, known: dict[str, Variable]) -> frozenset[str]:
    """Names that hold numbers as far as the text shows: typed so, counted, compared to or combined with a number."""
    numbers = {n.id for n in syntax.nodes("numbers", "number")}
    found = set()
    for name, variable in known.items():
        if "*" in variable.type or "[" in variable.type:
            continue
        if _INTEGER.search(variable.type):
            found.add(name)
            continue
        for use in variable.uses:
            parent = use.parent
            if parent is None:
                continue
            beside = any(child.id in numbers for child in parent.children)
            if parent.type in _STEPS or (beside and parent.type in _ARITHMETIC):
                found.add(name)
                break
            if (beside and "assignment" in parent.type and field(use) == "left") or (
                parent.type == "init_declarator" and beside
            ):
                found.add(name)
                break
    return frozenset(found)


def written(variable: Variable) -> list[Node]:
    """Uses that give the variable a value, the declaration of a parameter left out."""
    found = []
    for use in variable.uses:
        place, parent = field(use), use.parent
        if parent is None:
            continue
        if parent.type in ("expression_list", "pattern_list", "left_assignment_list", "tuple_pattern"):
            place, parent = field(parent), parent.parent
        kind = parent.type if parent is not None else ""
        if (
            (place in ("left", "name", "declarator") and ("assign" in kind or "declarat" in kind or "spec" in kind))
            or kind in _STEPS
            or (kind in _LOOP_HEADS and place in ("left", "name"))
        ):
            found.append(use)
    return found
