"""Questions about a parsed function that mutation operators share, and the whole-line edits that they make."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations.operator import Edit

BLOCKS = frozenset({
    "statement_block", "block", "compound_statement", "statement_list", "then", "do", "body_statement", "block_body",
    "constructor_body",
})  # fmt: skip
STATEMENT_PARTS = frozenset({"assignment_expression", "assignment", "expression_list"})
NAMES = frozenset({"identifier", "constant", "instance_variable", "class_variable", "global_variable"})
_MEMBER_FIELDS = ("attribute", "field", "method", "property", "key", "label")
_NAMED_BY = frozenset({
    "method_invocation", "member_access_expression", "keyword_argument", "argument", "member_binding_expression",
})  # fmt: skip
_SEQUENCED = frozenset({
    "assignment_expression", "augmented_assignment_expression", "augmented_assignment", "update_expression", "yield",
    "await", "await_expression", "yield_expression", "postfix_unary_expression", "inc_statement", "lambda",
    "arrow_function", "function_expression", "lambda_expression", "func_literal", "assignment", "block", "do_block",
    "named_expression", "comment", "line_comment", "block_comment", "operator_assignment",
    "anonymous_method_expression",
})  # fmt: skip
_SIMPLE = frozenset({
    "identifier", "integer", "string", "number", "true", "false", "none", "nil", "null", "call", "attribute",
    "member_expression", "field_access", "subscript", "subscript_expression", "constant", "instance_variable",
    "selector_expression", "index_expression", "method_invocation", "invocation_expression", "call_expression",
    "member_access_expression", "field_expression", "array_access", "element_access_expression", "element_reference",
})  # fmt: skip
_PURE_FIRST = """
    len length size count strlen get find to is has lower upper strip trim split join sorted sort min max sum abs floor
    ceil sqrt pow parse int str float list tuple keys values items range match replace format substring substr
    slice index last compute calculate calc normalize normalise escape encode decode cap contains starts ends concat
    resolve lookup hash name type basename dirname extname repr round reversed equals compare hypot log exp sin cos
    first bytes string double ord chr search test map filter entries strings math regexp regex compile pattern sdslen
"""
_PURE_LAST = "len length size count name names keys values type hash width height index"
_PURE = frozenset(_PURE_FIRST.split())
_PURE_ENDS = frozenset(_PURE_LAST.split())
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_RECEIVER_CHANGED = re.compile(
    r"(?i)\b(\w+)\s*(?:\.|->|\?\.)\s*(?:append|push\w*|add\w*|insert\w*"
    r"|pop\w*|remove\w*|delete\w*|clear|extend|update|set\w*|"
    r"put\w*|shift|unshift|splice|sort|reverse|write\w*|read\w*"
    r"|next\w*|erase|emplace\w*|resize|assign|swap|concat|close|"
    r"discard|enqueue|dequeue|reset|advance|seek|skip\w*|fill|copy\w*|prepend|replace!|map!|select!|reject!|<<)\b"
)
_CHANGED_IN_PLACE = re.compile(r"(?:&(?!&)\s*(\w+)|(?:\+\+|--)\s*(\w+)|(\w+)\s*(?:\+\+|--|<<(?!=)))")


@dataclass(frozen=True, slots=True)
class Binding:
    """A statement that gives one name a value: `statement` whole, `name` as written, `target` and `value` its parts."""

    statement: Node
    name: str
    target: Node
    value: Node


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop, its body, and the condition that it tests in every round; None where it walks over elements."""

    node: Node
    body: Node
    condition: Node | None


def line_start(syntax: Syntax, position: int) -> int:
    """Byte at which the line of `position` starts."""
    return syntax.data.rfind(b"\n", 0, position) + 1


def line_end(syntax: Syntax, position: int) -> int:
    """Byte after the line feed of the line of `position`, or the end of the text."""
    found = syntax.data.find(b"\n", position)
    return len(syntax.data) if found < 0 else found + 1


def indent(syntax: Syntax, node: Node) -> str:
    """White space that the line of `node` starts with."""
    line = syntax.data[line_start(syntax, node.start_byte) : node.start_byte]
    return line[: len(line) - len(line.lstrip())].decode("utf-8")


def owns_lines(syntax: Syntax, node: Node) -> bool:
    """Whether nothing but white space stands before `node` and after it on its lines."""
    before = syntax.data[line_start(syntax, node.start_byte) : node.start_byte]
    after = syntax.data[node.end_byte : line_end(syntax, node.end_byte)]
    return not before.strip() and after.strip() in (b"", b";")


def siblings(node: Node) -> list[Node]:
    """Statements of the block that `node` stands in, without comments; `node` alone outside a block."""
    if node.parent is None or node.parent.type not in BLOCKS:
        return [node]
    return [n for n in node.parent.named_children if "comment" not in n.type]


def removal(syntax: Syntax, node: Node) -> Edit | None:
    """Delete a statement with its lines and the comment right above; None where it shares a line or is alone."""
    if len(siblings(node)) < 2 or not owns_lines(syntax, node):
        return None
    first = node
    while (above := first.prev_named_sibling) is not None and "comment" in above.type:
        if above.end_point.row + 1 < first.start_point.row or not owns_lines(syntax, above):
            break
        first = above
    start, end = line_start(syntax, first.start_byte), line_end(syntax, node.end_byte)
    following = syntax.data[end : line_end(syntax, end)]
    before = syntax.data[line_start(syntax, max(0, start - 1)) : start]
    if following and not following.strip() and (not before.strip() or before.rstrip().endswith((b"{", b":"))):
        end = line_end(syntax, end)
    return Edit(start - 1, end - 1, "") if start else Edit(start, end, "")


def removed(syntax: Syntax, node: Node) -> Iterator[tuple[Edit, ...]]:
    """The site that deletes `node`, where it can be deleted whole."""
    edit = removal(syntax, node)
    if edit is not None:
        yield (edit,)


def inner(node: Node) -> list[Node]:
    """The statements of a block, or the one statement that stands without a block."""
    if node.type not in BLOCKS:
        return [node]
    found = [n for n in node.named_children if "comment" not in n.type]
    return inner(found[0]) if len(found) == 1 and found[0].type == "statement_list" else found


def core(node: Node) -> Node:
    """`node` without the parentheses around it."""
    while node.type in ("parenthesized_expression", "condition_clause") and node.named_child_count == 1:
        node = node.named_children[0]
    return node


def unwrapped(syntax: Syntax, outer: Node, block: Node) -> Edit | None:
    """Replace `outer` by the statements of `block`, moved out by one level; None where lines are shared."""
    found = inner(block)
    if not found or not owns_lines(syntax, outer):
        return None
    if outer.type.endswith("_modifier") or block.start_point.row == block.end_point.row:
        return Edit(outer.start_byte, outer.end_byte, syntax.text(block).strip("{} \n"))
    text = syntax.data[line_start(syntax, found[0].start_byte) : found[-1].end_byte].decode("utf-8")
    deep, shallow = indent(syntax, found[0]), indent(syntax, outer)
    lines = [shallow + line[len(deep) :] if line.startswith(deep) else line for line in text.split("\n")]
    return Edit(outer.start_byte, outer.end_byte, "\n".join(lines).lstrip())


def is_variable(node: Node) -> bool:
    """Whether a leaf is a plain variable: not a member, a label, or a keyword's name."""
    if node.type not in NAMES:
        return False
    parent = node.parent
    if parent is None:
        return True
    if any(parent.child_by_field_name(field) == node for field in _MEMBER_FIELDS):
        return False
    return not (parent.type in _NAMED_BY and parent.child_by_field_name("name") == node)


def variables(syntax: Syntax, node: Node) -> list[Node]:
    """Leaves below `node` that are plain variables, in the order of the text."""
    return [n for n, _ in walk(node) if is_variable(n)]


def uses(syntax: Syntax, node: Node, name: str) -> list[Node]:
    """Places below `node` where the variable `name` stands."""
    return [n for n in variables(syntax, node) if syntax.text(n) == name]


def words(syntax: Syntax, node: Node) -> set[str]:
    """Every word of the node's text."""
    return set(re.findall(r"[A-Za-z_]\w*", syntax.text(node)))


def _only(node: Node) -> Node:
    return node.named_children[0] if node.type == "expression_list" and node.named_child_count == 1 else node


def bindings(syntax: Syntax, within: Node) -> list[Binding]:
    """Statements that set one plain name, in the order of the text."""
    found = []
    for match in syntax.matches("assignments", within):
        node, target, value = match["assignment"][0], _only(match["target"][0]), _only(match["value"][0])
        statement = node
        while statement.parent is not None and statement.parent.type not in BLOCKS:
            statement = statement.parent
            if statement.start_byte < within.start_byte:
                break
        name = syntax.text(target).lstrip("* ")
        plain = re.fullmatch(r"[A-Za-z_]\w*", name) is not None
        single = len([n for n in statement.named_children if n.type.endswith("declarator") and n != target]) < 2
        operator = node.child_by_field_name("operator")
        is_plain_set = operator is None or syntax.text(operator) in ("=", ":=")
        if plain and single and is_plain_set and "augmented" not in node.type and node.type != "operator_assignment":
            whole = syntax.data[value.end_byte : statement.end_byte].strip(b"; \n") == b""
            if whole and statement.parent is not None and statement.parent.type in BLOCKS:
                found.append(Binding(statement, name, target, value))
    return found


def assigned(syntax: Syntax, node: Node) -> set[str]:
    """Names below `node` that something sets, counts up, takes the address of, or changes through a method."""
    found: set[str] = set()
    for target in syntax.nodes("assignments", "target", node):
        found |= words(syntax, target)
    found |= {syntax.text(n) for n in syntax.nodes("locals", "local", node)}
    text = syntax.text(node)
    found |= {part for match in _CHANGED_IN_PLACE.findall(text) for part in match if part}
    return found | set(_RECEIVER_CHANGED.findall(text))


def loops(syntax: Syntax, within: Node) -> list[Loop]:
    """Loops below `within`, each once."""
    found: dict[int, Loop] = {}
    for match in syntax.matches("loops", within):
        node = match["loop"][0]
        found.setdefault(node.id, Loop(node, match["body"][0], next(iter(match.get("condition", [])), None)))
    return list(found.values())


def callee_words(name: str) -> list[str]:
    """Lower-case words of a callee's last name: `a.getItemCount` gives get, item, count."""
    last = re.split(r"\.|->|::", name)[-1]
    return [w.lower() for w in _WORDS.findall(last)]


def calls(syntax: Syntax, node: Node) -> list[tuple[Node, str, Node]]:
    """Calls below `node`: the call, its callee's text, and the arguments."""
    return [
        (m["call"][0], syntax.text(m["callee"][0]), m["arguments"][0])
        for m in syntax.matches("calls", node)
        if m["call"][0].start_byte >= node.start_byte and m["call"][0].end_byte <= node.end_byte
    ]


def is_pure(syntax: Syntax, value: Node) -> bool:
    """Whether evaluating `value` again gives the same and changes nothing, judged by shape and the callees' words."""
    if any(n.type in _SEQUENCED for n, _ in walk(value)):
        return False
    for call, callee, _ in calls(syntax, value):
        found = callee_words(callee)
        if call.type in ("new_expression", "object_creation_expression") or not found:
            return False
        if callee in ("set", "dict"):
            continue
        if found[0] not in _PURE and found[-1] not in _PURE_ENDS:
            return False
    return True


def parameters(syntax: Syntax, function: Function) -> list[str]:
    """The function's own parameters, in order, without those of closures and without `self`."""
    found = []
    for node in syntax.nodes("locals", "parameter", function.node):
        name = syntax.text(node)
        own = node.start_byte < function.body.start_byte and name not in ("self", "cls", "this", "_")
        if own and name not in found:
            found.append(name)
    return found


def parameter_type(syntax: Syntax, function: Function, name: str) -> str:
    """The declared type of a parameter, as written with its marks (`const char *`); empty where there is none."""
    for node in syntax.nodes("locals", "parameter", function.node):
        if syntax.text(node) != name or node.start_byte > function.body.start_byte:
            continue
        outer = node
        while outer.parent is not None and not outer.type.endswith(("parameter", "parameter_declaration")):
            outer = outer.parent
        text = syntax.text(outer).split("=")[0]
        return re.sub(rf"\b{re.escape(name)}\b", "", text, count=1).strip()
    return ""


def is_condition(node: Node) -> bool:
    """Whether only the truth of `node` counts, not its value."""
    while node.parent is not None:
        if node.parent.child_by_field_name("condition") == node:
            return True
        if not re.search(r"parenthesized|binary|boolean|not_operator|unary|condition_clause", node.parent.type):
            return False
        node = node.parent
    return False


def is_quoted(node: Node) -> bool:
    """Whether `node` stands where a text takes in a variable, or a key is short for a variable."""
    kinds = ("interpolation", "template_substitution", "shorthand_property_identifier", "format_expression")
    return node.parent is not None and node.parent.type in kinds


def inlined(syntax: Syntax, value: Node) -> str:
    """Source of `value` as it can stand in place of a name."""
    source = syntax.text(value)
    return source if value.type in _SIMPLE else f"({source})"
