"""Two idioms of one language that say the same, neither of which its style guides prefer."""

import re
from collections.abc import Iterator
from itertools import pairwise

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import layout, scope, text
from synthesis.mutations.layout import binaries, replace
from synthesis.mutations.operator import Edit, Site, placebo
from synthesis.mutations.placebos import neutral

_ANNOTATIONS = scope.kinds("marker_annotation annotation attribute_list")
_EQUAL = ("==", "!=", "===", "!==", "is", "is not")
_COMPARED = ("==", "!=", "===", "!==", "<", ">", "<=", ">=")
_HOLDERS = scope.kinds("return_statement init_declarator variable_declarator")
_NULLS = ("null", "undefined", "nil", "None", "NULL", "nullptr")
_CHOICES = scope.kinds("conditional_expression ternary_expression conditional")
_ALIASES = {"inject": "reduce", "reduce": "inject", "select": "filter", "filter": "select"}
_CALL_LINE = 100  # columns that a joined line may have


@placebo("both names call the same method", languages=("Ruby",))
def method_alias(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A core method is called by its other name."""
    for node, _ in walk(function.body):
        fields = [node.child_by_field_name(name) for name in ("method", "block", "receiver")]
        method = fields[0]
        if node.type == "call" and method is not None and None not in fields and syntax.text(method) in _ALIASES:
            yield (replace(method, _ALIASES[syntax.text(method)]),)


@placebo("brackets around a lone parameter mean nothing", languages=("JavaScript", "Java", "C#"))
def lambda_brackets(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A closure's one parameter is written with brackets instead of without, or the other way, throughout."""
    edits = []
    for node, _ in walk(function.body):
        if node.type not in ("arrow_function", "lambda_expression"):
            continue
        given = node.child_by_field_name("parameters") or node.child_by_field_name("parameter")
        if given is not None and re.fullmatch(r"[^\W\d]\w*", syntax.text(given)):
            edits.append(replace(given, f"({syntax.text(given)})"))
        elif given is not None and re.fullmatch(r"\([^\W\d]\w*\)", syntax.text(given)):
            edits.append(replace(given, syntax.text(given)[1:-1]))
    if edits and len({edit.text[0] == "(" for edit in edits}) == 1:
        yield tuple(edits)


@placebo("both spellings make an empty map or slice", languages=("Go",))
def empty_literal(syntax: Syntax, function: Function) -> Iterator[Site]:
    """An empty map or slice is made by the other of the two usual spellings."""
    for node, _ in walk(function.body):
        written = syntax.text(node)
        made = re.fullmatch(r"make\((map\[\w+\][\w.*\[\]]+|\[\][\w.*]+, 0)\)", written)
        if node.type == "call_expression" and made:
            yield (replace(node, made[1].removesuffix(", 0") + "{}"),)
        elif node.type == "composite_literal" and re.fullmatch(r"map\[\w+\][\w.*\[\]]+\{\}", written):
            yield (replace(node, f"make({written[:-2]})"),)


@placebo("the type of a new object is written once or twice", languages=("C#",))
def type_spelled(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Variables that get a new object are declared by their type instead of `var`, or the other way, throughout."""
    edits = []
    for node, _ in walk(function.body):
        if node.type != "variable_declaration" or node.named_child_count != 2:
            continue
        kind, value = node.named_children[0], node.named_children[1].named_children[-1]
        made = value.child_by_field_name("type") if value.type == "object_creation_expression" else None
        if made is not None and kind.type == "implicit_type":
            edits.append(replace(kind, syntax.text(made)))
        elif made is not None:
            edits.append(replace(kind, "var" if syntax.text(kind) == syntax.text(made) else ""))
    if edits and all(edit.text for edit in edits) and len({edit.text == "var" for edit in edits}) == 1:
        yield tuple(edits)


@placebo("const before or after the type is one type", languages=("C++",))
def const_side(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The const of a local reference or pointer stands on the other side of the type."""
    for node, _ in walk(function.body):
        kind = node.child_by_field_name("type") if node.type in ("declaration", "for_range_loop") else None
        before = kind.prev_sibling if kind is not None else None
        if kind is None or before is None or syntax.text(before) != "const" or "\n" in syntax.text(kind):
            continue
        target = kind.next_named_sibling
        pointed = target is not None and any("pointer" in n.type or "reference" in n.type for n, _ in walk(target))
        if pointed and syntax.data[before.end_byte : kind.start_byte] == b" ":
            yield (Edit(before.start_byte, kind.end_byte, f"{syntax.text(kind)} const"),)


@placebo("class and typename say the same of a template's parameter", languages=("C++",))
def template_keyword(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The template's parameters are introduced by the other keyword."""
    found = [n for n, _ in walk(function.node) if n.type == "type_parameter_declaration"]
    words = {syntax.text(n.children[0]) for n in found}
    if len(words) == 1 and words <= {"class", "typename"}:
        other = "typename" if words == {"class"} else "class"
        yield tuple(replace(n.children[0], other) for n in found)


@placebo("a pointer is null or not, by either spelling", languages=("C", "C++"))
def null_test_form(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A condition tests a pointer by itself instead of against null, or the other way."""
    pointers = {v.name for v in scope.variables(syntax, function).values() if v.type.endswith("*")}
    body = syntax.text(function.body)
    tests = re.findall(r"[!=]= (nullptr|NULL)\b", body)
    null = tests[0] if tests else None
    for one in binaries(syntax, function.body):
        sign, tested = syntax.text(one.operator), syntax.text(one.left)
        against = sign in ("==", "!=") and syntax.text(one.right) in ("NULL", "nullptr")
        if against and tested in pointers and len(tests) == 1 and text.is_condition(one.node):
            yield (replace(one.node, f"{'!' if sign == '==' else ''}{tested}"),)
    for node, _ in walk(function.body):
        inner = layout.operand(node) if node.type == "unary_expression" else None
        if null and inner is not None and syntax.text(inner) in pointers and text.is_condition(node):
            yield (replace(node, f"{syntax.text(inner)} == {null}"),)


@placebo("the values of a choice by a null test stand in either order")
def choice_turned(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A choice between two values asks for the opposite, and its values change places."""
    for node, _ in walk(function.body):
        if node.type not in _CHOICES or node.has_error or "\n" in syntax.text(node):
            continue
        parts: list[Node | None] = [node.child_by_field_name(n) for n in ("consequence", "condition", "alternative")]
        yes, asked, no = node.named_children[:3] if syntax.language == "Python" else parts
        if yes is None or asked is None or no is None or any(n.type in _CHOICES for n in (yes, no)):
            continue
        for one in binaries(syntax, asked):
            sign = syntax.text(one.operator)
            null = syntax.text(one.right) in _NULLS
            if one.node.id == text.core(asked).id and sign in _EQUAL and null:
                yield (replace(one.operator, layout.OPPOSITE[sign]), *neutral.exchanged(syntax, yes, no))


@placebo("both forms ask for one error", languages=("Go",))
def error_check_form(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A call and the test of its error stand in one statement instead of two, or the other way."""
    known = scope.variables(syntax, function)
    for run in layout.sequences(syntax, function.body):
        for number, node in enumerate(run):
            test = node.child_by_field_name("condition") if node.type == "if_statement" else None
            if test is None:
                continue
            first, before = node.child_by_field_name("initializer"), run[number - 1] if number else None
            if first is not None and _alone(syntax, known, first, node, node):
                indent = layout.indentation(syntax.data, node.start_byte)
                line = f"{syntax.text(first)}{layout.newline(syntax)}{indent}if "
                yield (Edit(node.start_byte, test.start_byte, line),)
            elif first is None and before is not None and _alone(syntax, known, before, before, node):
                near = before.end_point.row + 1 == node.start_point.row
                if near and len(syntax.text(before)) + len(syntax.text(test)) < _CALL_LINE - 20:
                    yield (Edit(before.start_byte, test.start_byte, f"if {syntax.text(before)}; "),)


def _alone(syntax: Syntax, known: dict[str, scope.Variable], setting: Node, first: Node, last: Node) -> bool:
    """Whether a call's error is declared there, tested by `last`, and named nowhere else in the function."""
    hit = re.fullmatch(r"(err) := [^{}\n]+\)", syntax.text(setting))
    if setting.type != "short_var_declaration" or hit is None or hit[1] not in known or known[hit[1]].frozen:
        return False
    tested = last.child_by_field_name("condition")
    asks = tested is not None and syntax.text(tested) == f"{hit[1]} != nil"
    return asks and all(first.start_byte <= use.start_byte < last.end_byte for use in known[hit[1]].uses)


@placebo("a method that is one expression has two usual bodies", languages=("C#",))
def expression_body(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A method that only returns a value has an expression body instead of a block, or the other way."""
    body, written = function.body, syntax.text(function.body)
    if function.node.type != "method_declaration" or "#" in written or syntax.nodes("comments", "comment", body):
        return
    if body.type == "block":
        inside = body.named_children
        if len(inside) == 1 and inside[0].type == "return_statement" and inside[0].named_child_count == 1:
            value = syntax.text(inside[0].named_children[0])
            line = layout.line_start(syntax.data, len(syntax.data[: body.start_byte].rstrip()))
            if "\n" not in value and body.start_byte - line + len(value) < _CALL_LINE:
                gap = len(syntax.data[: body.start_byte].rstrip())
                yield (Edit(gap, body.end_byte, f" => {value};"),)
    elif body.type == "arrow_expression_clause" and body.named_child_count == 1 and "\n" not in written:
        if re.search(r"\bvoid\b|\bTask [A-Z]|\bthrow\b", f"{function.signature} {written}"):
            return
        brk, indent = layout.newline(syntax), layout.indentation(syntax.data, function.node.start_byte)
        block = f"{brk}{indent}{{{brk}{indent}    return {syntax.text(body.named_children[0])};{brk}{indent}}}"
        end = function.node.end_byte
        yield (Edit(len(syntax.data[: body.start_byte].rstrip()), end, block),)


@placebo("%s and %v print an error alike", languages=("Go",))
def error_verb(syntax: Syntax, function: Function) -> Iterator[Site]:
    """An error is formatted by the other of the two verbs that print it."""
    for _, callee, arguments in text.calls(syntax, function.body):
        given = arguments.named_children
        if not re.search(r"(?i)(printf|errorf|fatalf|logf|sprintf|infof|warnf|debugf)$", callee) or len(given) < 2:
            continue
        form = next((n for n in given if n.type == "interpreted_string_literal"), None)
        if form is None or syntax.text(given[-1]) != "err":
            continue
        last = re.search(r"%([sv])[^%]*$", syntax.text(form))
        if last is not None:
            at = form.start_byte + len(syntax.text(form)[: last.start(1)].encode("utf-8"))
            yield (Edit(at, at + 1, "v" if last[1] == "s" else "s"),)


@placebo("a text is empty where its length is zero", languages=("Go",))
def empty_text_form(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A text is compared to the empty text by its length instead, or the other way."""
    for one in binaries(syntax, function.body):
        sign, sides = syntax.text(one.operator), (syntax.text(one.left), syntax.text(one.right))
        if sign not in ("==", "!="):
            continue
        measured = re.fullmatch(r"len\((\w+)\)", sides[0])
        if sides[1] == '""' and re.fullmatch(r"[\w.]+", sides[0]):
            yield (replace(one.node, f"len({sides[0]}) {sign} 0"),)
        elif sides[1] == "0" and measured and text.parameter_type(syntax, function, measured[1]) == "string":
            yield (replace(one.node, f'{measured[1]} {sign} ""'),)


@placebo("brackets around a comparison mean nothing", languages=("C", "C++", "C#", "Java", "JavaScript"))
def comparison_brackets(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A comparison that is chosen by, stored or returned has brackets around it, or has them no more."""
    for one in binaries(syntax, function.body):
        if syntax.text(one.operator) not in _COMPARED or "\n" in syntax.text(one.node):
            continue
        outer = one.node.parent
        inside = outer is not None and outer.type == "parenthesized_expression"
        place = outer if outer is not None and inside else one.node
        holder = place.parent
        if holder is None or (holder.type not in _HOLDERS and not (holder.type in _CHOICES and _asks(holder, place))):
            continue
        yield (replace(place, syntax.text(one.node) if inside else f"({syntax.text(one.node)})"),)


def _asks(choice: Node, node: Node) -> bool:
    return choice.child_by_field_name("condition") == node


@placebo("annotations and attributes stand in any order", languages=("Java", "C#"))
def annotations_reordered(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Two neighbouring annotations or attributes of the function change places."""
    for node, _ in walk(function.node):
        if node.start_byte >= function.body.start_byte:
            return
        children = [n for n in node.children if "comment" not in n.type]
        for one, other in pairwise(children):
            known = one.type in _ANNOTATIONS and other.type in _ANNOTATIONS
            if known and syntax.text(one) != syntax.text(other) and not neutral.commented(syntax, one, other):
                yield neutral.exchanged(syntax, one, other)
