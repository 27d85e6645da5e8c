"""How code may be worded otherwise: names, comments, values in place of names, guards and returns."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import layout, scope
from synthesis.mutations.layout import replace
from synthesis.mutations.operator import Edit, Site
from synthesis.mutations.scope import Variable

_PRAGMA = re.compile(
    r"noqa|type:|eslint|prettier|nolint|pylint|pragma|go:|istanbul|rubocop|NOSONAR|@ts-|=begin|#!", re.I
)


EFFECTS = re.compile(
    r"call|invocation|creation|await|yield|new_expression|update_expression|assignment|lambda|function"
)


_ATOMIC = layout.SIMPLE | {"string", "string_literal", "number", "integer", "float", "number_literal", "list", "array"}


NO_VALUE = frozenset(("array_initializer", "initializer_list", "argument_list"))


def renamed(variable: Variable, name: str) -> Site:
    """Edits that rename every use of a variable."""
    return tuple(replace(use, name) for use in variable.uses)


def renamable(syntax: Syntax, function: Function) -> list[Variable]:
    """Locals that can be renamed on their own and that the documentation does not name."""
    inside = function.body.start_byte
    declared = {n.start_byte for n in syntax.nodes("locals", "local", function.node)}
    return [
        v
        for v in scope.variables(syntax, function).values()
        if not v.parameter
        and not v.frozen
        and v.uses[0].start_byte >= inside
        and (syntax.language != "Go" or v.uses[0].start_byte in declared)
        and len(v.uses) > 1
        and v.name.islower() | v.name.isidentifier()
        and not re.search(rf"\b{v.name}\b", function.doc)
    ]


def stubs(name: str) -> Iterator[str]:
    """Short forms of a name, the barest first: its initial, its initials, its first consonants."""
    bare = name.strip("_").lower()
    parts = [p for p in re.split(r"_|(?<=[a-z0-9])(?=[A-Z])", name) if p]
    yield bare[0]
    yield "".join(p[0].lower() for p in parts)
    consonants = bare[0] + re.sub(r"[aeiou_\d]", "", bare[1:])
    yield consonants[:2]
    yield consonants[:3]
    yield bare[0] * 2
    yield bare[:2] + "2"


def joined(one: str, two: str) -> str:
    """Two names as one, in the style of the first."""
    if "_" in one or (one.islower() and ("_" in two or (two.islower() and len(one + two) % 2))):
        return f"{one}_{two.lower()}"
    return one + two[0].upper() + two[1:]


def comments(syntax: Syntax, function: Function) -> list[Node]:
    """Comments of the body that say something to a reader, tools' marks and documentation left out."""
    return [
        node
        for node in syntax.nodes("comments", "comment", function.node)
        if node.start_byte >= function.body.start_byte - 200
        and (function.doc_span is None or not function.doc_span[0] <= node.start_byte < function.doc_span[1])
        and not _PRAGMA.search(syntax.text(node))
        and len(re.findall(r"[A-Za-z]+", syntax.text(node))) > 1
    ]


def uncommented(syntax: Syntax, node: Node) -> Edit:
    """Delete a comment, its line with it where it stands alone."""
    data, end = syntax.data, node.start_byte + len(syntax.text(node).rstrip().encode())
    start = layout.line_start(data, node.start_byte)
    stop = layout.line_end(data, end)
    if data[start : node.start_byte].strip():  # behind code
        kept = data[start : node.start_byte].rstrip()
        return Edit(start + len(kept), end, "")
    if data[end:stop].strip() or start == 0:
        return Edit(node.start_byte, end + len(data[end:stop]) - len(data[end:stop].lstrip()), "")
    return Edit(layout.break_before(data, start), stop, "")


def once(syntax: Syntax, function: Function) -> Iterator[tuple[Variable, Node, Node, Node]]:
    """Locals that get one value and keep it: (variable, statement, value, block's next statement)."""
    known = {v.name: v for v in renamable(syntax, function)}
    runs = layout.sequences(syntax, function.body)
    owners = {n.id: (n, run[i + 1]) for run in runs for i, n in enumerate(run[:-1])}
    for match in syntax.matches("assignments", function.body):
        node, target, value = match["assignment"][0], match["target"][0], match["value"][0]
        variable = known.get(syntax.text(target))
        owner = next(
            (n for n in (node, node.parent, getattr(node.parent, "parent", None)) if n and n.id in owners), None
        )
        if variable is None or owner is None or variable.uses[0].start_byte != target.start_byte:
            continue
        if len(scope.written(variable)) != 1 or "\n" in syntax.text(value) or value.type in NO_VALUE:
            continue
        whole = syntax.data[value.end_byte : owner.end_byte].strip() in (b"", b";")
        starts = owner.start_byte == target.start_byte or "declar" in owner.type
        if not whole or not starts:
            continue
        if len(owner.named_children) > 2 or ", " in syntax.data[target.end_byte : value.start_byte].decode():
            continue
        if sum(c.type in ("variable_declarator", "init_declarator") for c in owner.named_children) > 1:
            continue
        if syntax.text(owner).count(",") > syntax.text(value).count(","):
            continue
        yield variable, owner, value, owners[owner.id][1]


def _in_place(syntax: Syntax, value: Node) -> str:
    text = syntax.text(value)
    if value.type == "expression_list" and value.named_child_count == 1:
        value = value.named_children[0]
    return text if value.type in _ATOMIC or "literal" in value.type else f"({text})"


def inlined(syntax: Syntax, variable: Variable, value: Node) -> Site:
    """Put the value in the place of every use after the declaration."""
    edits = []
    for use in variable.uses[1:]:
        parent = use.parent
        inside = parent is not None and parent.type in (
            "argument_list",
            "arguments",
            "return_statement",
            "expression_list",
        )
        around = syntax.data[use.start_byte - 1 : use.start_byte] + syntax.data[use.end_byte : use.end_byte + 1]
        closed = inside or around == b"()"
        edits.append(replace(use, syntax.text(value) if closed else _in_place(syntax, value)))
    return tuple(edits)


def closed_over(variable: Variable, value: Node) -> bool:
    """Whether a use can't hold a value: the target of a call on it, or an address taken of it."""
    for use in variable.uses[1:]:
        kind = use.parent.type if use.parent is not None else ""
        if kind in (
            "pointer_expression",
            "reference_expression",
            "update_expression",
            "interpolation",
            "ref_expression",
        ):
            return True
        if kind == "unary_expression" or (kind == "argument" and use.parent is not None and use.parent.child_count > 1):
            return True
    return value.type in ("function_expression", "arrow_function", "lambda", "func_literal", "lambda_expression")


def guards(syntax: Syntax, function: Function) -> Iterator[tuple[layout.If, list[Node], Node]]:
    """Guard clauses at the top of a run: (if, the statements after it, the condition without brackets)."""
    conditions = {one.node.id: one for one in layout.ifs(syntax, function.body)}
    for run in layout.sequences(syntax, function.body):
        for index, node in enumerate(run[:-1]):
            one = conditions.get(node.id)
            rest = run[index + 1 :]
            if one is None or one.alternative is not None or len(rest) > 12:
                continue
            inside, condition = layout.branch(syntax, one.consequence), layout.core(one.condition)
            if (
                not inside
                or not layout.exits(syntax, inside[-1])
                or condition is None
                or rest[0].type.startswith("case")
            ):
                continue
            if not all(layout.owns_lines(syntax.data, n.start_byte, n.end_byte) for n in (node, rest[-1])):
                continue
            if any("label" in n.type or "goto" in n.type for s in rest for n, _ in walk(s)):
                continue
            if b"\n#" not in syntax.data[node.start_byte : rest[-1].end_byte]:
                yield one, rest, condition


def brace_style(syntax: Syntax, one: layout.If) -> tuple[str, str]:
    """What stands before and after an `else`: a space, or a line break where braces have lines of their own."""
    head = syntax.data[layout.line_start(syntax.data, one.consequence.start_byte) : one.consequence.start_byte]
    line = "\n" + indent_of(syntax, one.node)
    return (" ", " ") if head.strip() else (line, line)


def indent_of(syntax: Syntax, node: Node) -> str:
    """White space that starts the node's line."""
    return layout.indentation(syntax.data, node.start_byte)


def returned(syntax: Syntax, function: Function) -> Iterator[tuple[Node, Node]]:
    """Statements that return one value, with the value; the last one of a Ruby method needs no word for it."""
    inside = {n.id for run in layout.sequences(syntax, function.body) for n in run}
    for match in syntax.matches("returns", function.body):
        node, values = match["return"][0], match.get("value")
        if not values or node.id not in inside or not layout.owns_lines(syntax.data, node.start_byte, node.end_byte):
            continue
        value = values[0]
        if value.type in ("expression_list", "argument_list") and value.named_child_count == 1:
            value = value.named_children[0]
        yield node, value
    if syntax.language == "Ruby":
        runs = [run for run in layout.sequences(syntax, function.body) if run[0].parent == function.body]
        last = runs[0][-1] if runs else None
        plain = last is not None and last.type in ("binary", "unary", "call", "element_reference", "conditional")
        if plain and last is not None and layout.owns_lines(syntax.data, last.start_byte, last.end_byte):
            yield last, last


KEYWORDS = scope.kinds(
    "new get set for and not class def var let const int char bool string float double long short auto "
    "void static this self true false null nil none return type func map chan range from import with "
    "yield async await is in do end if else while switch case break continue default try catch throw "
    "finally public private list str dict len print object byte decimal params ref out base lock event "
    "delete export super next redo retry then unless until when struct union enum extern register signed "
    "unsigned sizeof volatile inline template typename using namespace friend operator virtual package "
    "interface select defer fallthrough goto hash puts raise lambda proc"
)


def name_words(name: str) -> list[str]:
    """The words of a name, lower case."""
    return [w.lower() for w in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]


def parents(node: Node, stop: Node) -> Iterator[Node]:
    """Nodes between `node` and `stop`, from the inside."""
    parent = node.parent
    while parent is not None and parent.id != stop.id:
        yield parent
        parent = parent.parent


def assign(syntax: Syntax) -> str:
    """The sign that declares a new local with its value."""
    return ":=" if syntax.language == "Go" else "="


def declaration(syntax: Syntax, function: Function) -> str | None:
    """What stands before the name of a new local of the function's own type; None where the type is not to be seen."""
    language = syntax.language
    plain = {"Python": "", "Ruby": "", "JavaScript": "const ", "C#": "var ", "C++": "auto "}
    if language in plain:
        return None if language == "C++" and "&" in function.signature.split("(")[0] else plain[language]
    if language == "Go":
        result = function.node.child_by_field_name("result")
        return None if result is None or result.type == "parameter_list" else ""
    written = function.node.child_by_field_name("type")
    if written is None or syntax.text(written) == "void":
        return None
    if language == "C" and re.fullmatch(r"[A-Z]+_[A-Z_\d]+", syntax.text(written)):
        return None  # a macro before the type
    stars = "*" * function.signature.split("(")[0].count("*") if language == "C" else ""
    return f"{syntax.text(written)} {stars}"
