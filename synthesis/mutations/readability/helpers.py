"""Local helpers: small functions inside a function, which give a computation a name and one place."""

from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import layout, scope
from synthesis.mutations.layout import replace
from synthesis.mutations.operator import Edit, Site, operator
from synthesis.mutations.readability import blocks

KEY = "readability_maintainability"
_CLOSURES = scope.kinds(
    "lambda arrow_function function_expression func_literal lambda_expression function_definition "
    "local_function_statement function_declaration"
)
_CALLS = scope.kinds("call call_expression invocation_expression")
_PLAIN = scope.kinds(
    "identifier integer number string int_literal integer_literal number_literal string_literal attribute "
    "member_expression selector_expression member_access_expression field_expression interpreted_string_literal "
    "true false none null nil argument"
)
_KEPT = scope.kinds(
    "await await_expression yield yield_expression lambda arrow_function assignment_expression throw_expression"
)


@operator(KEY, "extract function (Fowler), undone", (), "2", family="explanations")
def helper_inlined(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The body of a local helper is written out at each place that called it by its name."""
    for node, _ in walk(function.body):
        if node.type not in _CLOSURES or node.has_error:
            continue
        value = _value(syntax, node)
        name, owner = _named(node)
        if value is None or name is None or owner is None or "\n" in syntax.text(value):
            continue
        known = [n for n, _ in walk(function.body) if n.type == "identifier" and syntax.text(n) == syntax.text(name)]
        calls = [use.parent for use in known if use.id != name.id]
        parameters = [n for n in syntax.nodes("locals", "parameter", node) if n.start_byte < value.start_byte]
        if node.type == "lambda":
            held = node.child_by_field_name("parameters")
            parameters = list(held.named_children) if held is not None else []
        edit = blocks.deletion(syntax, owner)
        if edit is None or not 2 <= len(calls) <= 4 or any(n.type in _KEPT for n, _ in walk(value)):
            continue
        made = [_written(syntax, call, syntax.text(name), parameters, value) for call in calls]
        texts = [one for one in made if one is not None]
        if len(texts) == len(calls) and len(syntax.text(value)) >= 10:
            yield (edit, *texts)


def _value(syntax: Syntax, closure: Node) -> Node | None:
    """What a closure gives back, where it does nothing else."""
    body = closure.child_by_field_name("body")
    if body is not None and body.type == "arrow_expression_clause":
        return body.named_children[0]
    if body is None or "async" in syntax.text(closure)[:6]:
        return None
    if body.type not in ("block", "statement_block", "compound_statement"):
        return body
    inside = [n for n in walk(body) if n[0].type == "return_statement"]
    statements = layout.branch(syntax, body)
    if len(inside) != 1 or len(statements) != 1 or statements[0].id != inside[0][0].id:
        return None
    found = inside[0][0].named_children
    value = found[0] if len(found) == 1 else None
    if value is not None and value.type == "expression_list":
        return value.named_children[0] if value.named_child_count == 1 else None
    return value


def _named(closure: Node) -> tuple[Node | None, Node | None]:
    """The name that a closure goes by, and the statement that gives it."""
    if closure.type in ("function_definition", "local_function_statement", "function_declaration"):
        return closure.child_by_field_name("name"), closure
    holder = closure.parent
    while holder is not None and holder.type in ("expression_list", "equals_value_clause"):
        holder = holder.parent
    if holder is None:
        return None, None
    name = next(
        (holder.child_by_field_name(f) for f in ("left", "name", "declarator") if holder.child_by_field_name(f)), None
    )
    if name is not None and name.type == "expression_list" and name.named_child_count == 1:
        name = name.named_children[0]
    owner = holder
    while owner.parent is not None and owner.parent.type not in (
        "block",
        "statement_block",
        "compound_statement",
        "statement_list",
    ):
        owner = owner.parent
    single = owner.end_byte - closure.end_byte <= 1 and owner.parent is not None
    return (name, owner) if single and name is not None and name.type == "identifier" else (None, None)


def _written(syntax: Syntax, call: Node | None, name: str, parameters: list[Node], value: Node) -> Edit | None:
    """The edit that puts a helper's value, its arguments filled in, into the place of a call."""
    arguments = call.child_by_field_name("arguments") if call is not None and call.type in _CALLS else None
    if call is None or arguments is None or not syntax.text(call).startswith(name + "("):
        return None
    given = arguments.named_children
    if len(given) != len(parameters) or any(a.type not in _PLAIN for a in given):
        return None
    values = {syntax.text(p): syntax.text(a) for p, a in zip(parameters, given, strict=True)}
    edits = [
        replace(n, values[syntax.text(n)])
        for n, _ in walk(value)
        if n.type == "identifier"
        and syntax.text(n) in values
        and scope.field(n) not in ("attribute", "name", "property")
    ]
    data, shift = syntax.data[value.start_byte : value.end_byte], value.start_byte
    for edit in sorted(edits, reverse=True):
        data = data[: edit.start - shift] + edit.text.encode() + data[edit.end - shift :]
    text = data.decode("utf-8", "replace")
    alone = call.parent is not None and call.parent.type in (
        "return_statement",
        "argument_list",
        "arguments",
        "argument",
    )
    return replace(call, text if alone or value.type in layout.SIMPLE else f"({text})")
