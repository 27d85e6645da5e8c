"""What the operators of functional correctness share: node tables, and small questions to the tree."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import layout, scope
from synthesis.mutations.operator import Edit

KEY = "functional_correctness"
BOUNDS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
TERNARIES = scope.kinds("conditional_expression ternary_expression conditional")
LOOPS = scope.kinds(
    "for_statement while_statement do_statement enhanced_for_statement foreach_statement for_in_statement "
    "for_range_loop while until for while_modifier until_modifier"
)
CONDITIONAL = LOOPS | scope.kinds(
    "if_statement if unless elif_clause elsif else else_clause case_statement switch_case switch_section when "
    "switch_block_statement_group switch_rule expression_case type_case case_clause except_clause catch_clause rescue "
    "if_modifier unless_modifier do_block block_body lambda_expression arrow_function function_expression func_literal "
    "function_definition function_declaration"
)
"""Nodes whose body may run never, or more than once."""
_CALLS = scope.kinds("call call_expression method_invocation invocation_expression")
_MEMBERS = scope.kinds(
    "attribute member_expression field_expression selector_expression member_access_expression "
    "qualified_identifier conditional_access_expression generic_name member_binding_expression"
)
_LAST = ("attribute", "property", "field", "name")
_LOGS = re.compile(
    r"(?i)^(?:.*[.>:])?(?:log\w*|debug|info|warn\w*|error|trace|print\w*|puts|echo|fprintf|perror|verbose)$"
)


def found(within: Node, kinds: frozenset[str]) -> Iterator[Node]:
    """Named nodes of these kinds below `within`, without those that hold a parse error, in the order of the text."""
    for node, _ in walk(within):
        if node.is_named and node.type in kinds and not node.has_error:
            yield node


def above(node: Node, kinds: frozenset[str], limit: Node) -> Node | None:
    """The nearest node of these kinds around `node`, inside `limit`; None where there is none."""
    parent = node.parent
    while parent is not None and parent.start_byte >= limit.start_byte and parent.end_byte <= limit.end_byte:
        if parent.is_named and parent.type in kinds:
            return parent
        if parent.id == limit.id:
            break
        parent = parent.parent
    return None


def ternary(node: Node) -> tuple[Node, Node, Node] | None:
    """Condition, consequence and alternative of a conditional expression."""
    parts = [child for child in node.named_children if child.type != "comment"]
    if len(parts) != 3:
        return None
    condition = node.child_by_field_name("condition")
    if condition is not None:
        return parts[0], parts[1], parts[2]
    return parts[1], parts[0], parts[2]  # Python writes the condition in the middle


def called(syntax: Syntax, within: Node) -> Iterator[tuple[Node, Node]]:
    """Calls with the node of the called name, calls without arguments included."""
    for node, _ in walk(within):
        if node.type not in _CALLS or node.has_error or not node.is_named:
            continue
        name = node.child_by_field_name("method" if node.type == "call" else "name")
        if name is None:
            name = node.child_by_field_name("function")
        while name is not None and name.type in _MEMBERS:
            name = next((name.child_by_field_name(f) for f in _LAST if name.child_by_field_name(f) is not None), None)
        if name is not None and name.child_count == 0:
            yield node, name


def static_end(syntax: Syntax, function: Function, node: Node) -> bool:
    """Whether taking a return out of `node` could let a static function end without its value."""
    if syntax.language not in scope.STATIC:
        return False
    leaves = any(inner.type in ("return_statement", "throw_statement") for inner, _ in walk(node))
    runs = layout.sequences(syntax, function.body)
    top = {run[-1].id for run in runs}
    current: Node | None = node
    while current is not None and current.id != function.body.id:
        if current.id in top:
            return leaves
        current = current.parent
    return False


def only_logs(syntax: Syntax, node: Node) -> bool:
    """Whether a branch does nothing but write messages."""
    if any("assign" in inner.type or inner.type in layout.EXITS for inner, _ in walk(node)):
        return False
    calls = [match["callee"][0] for match in syntax.matches("calls", node)]
    return bool(calls) and _LOGS.match(syntax.text(calls[0]).split("(")[0]) is not None


def left_unset(syntax: Syntax, function: Function, node: Node) -> bool:
    """Whether a variable is declared without a value and named in `node`: a compiler may want it set on every way."""
    if syntax.language not in ("Java", "C#"):
        return False
    text = syntax.text(node)
    given = re.findall(r"\bout [\w.<>\[\], ?]*?(\w+)\s*[,)]", function.signature + syntax.text(function.body))
    if syntax.language == "C#" and any(re.search(rf"\b{name}\b", text) for name in given):
        return True
    bare = re.findall(
        r"^\s*(?!\s|return|throw|yield|goto|new|await)[\w.<>\[\], ?]+ (\w+);", syntax.text(function.body), re.M
    )
    return any(re.search(rf"\b{name}\b", text) for name in bare)


def gone(syntax: Syntax, node: Node, comment: bool = True) -> Edit | None:
    """Delete a statement as `layout.deletion` does, and a blank line that would then open a block or stand double."""
    edit = layout.deletion(syntax, node, comment)
    if edit is None:
        return None
    data = syntax.data
    before = data[layout.line_start(data, edit.start) : edit.start].strip()
    rest = data[edit.end :].split(b"\n", 2)
    opens = (
        not before or before.endswith((b"{", b":", b"(", b"=>", b"|")) or re.match(rb"def |else$|begin$|do$", before)
    )
    if opens and len(rest) > 2 and not rest[1].strip():
        return Edit(edit.start, edit.end + len(rest[0]) + 1 + len(rest[1].rstrip(b"\r")), edit.text)
    return edit


def asserted(syntax: Syntax, node: Node) -> bool:
    """Whether an expression is a C assertion, which a release leaves out, or a condition of the preprocessor."""
    if syntax.language not in ("C", "C++"):
        return False
    line = syntax.data[layout.line_start(syntax.data, node.start_byte) : node.start_byte]
    return re.match(rb"(?i)\s*(?:\w*assert\w*\s*\(|#)", line) is not None


_GIVES = re.compile(
    r"(?:@\w+(?:\(.*?\))?\s+)*(?:(?:public|private|protected|internal|static|final|override|virtual|synchronized)\s+)*"
    r"(?P<type>[\w.]+(?:<.*>)?(?:\[\])?\??)\s+\w+\s*(?:<[\w, ]+>)?\("
)


def gives_object(syntax: Syntax, function: Function) -> bool:
    """Whether a Java or C# function gives an object, for which null compiles."""
    match = _GIVES.match(function.signature)
    return match is not None and match["type"][0].isupper() and syntax.language in ("Java", "C#")
