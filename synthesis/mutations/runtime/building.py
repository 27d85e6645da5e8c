"""Texts and lists that are built the long way: copied whole for each part, or one call for each element."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import layout, text
from synthesis.mutations.operator import Edit, Site, operator
from synthesis.mutations.patterns import rewrites
from synthesis.mutations.runtime import shapes, tables
from synthesis.mutations.trials import outside_tests

CRITERION = "runtime_efficiency"
FAMILY = "costly_building"
_KINDS = {"list_comprehension": "[]", "dictionary_comprehension": "{}", "set_comprehension": "set()"}


@operator(CRITERION, "quadratic accumulation: each round copies all that came before", family=FAMILY)
@outside_tests
def accumulation_copies(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Growing a text or list in place is done by copying it whole for each element."""
    start = function.body.start_byte
    before = syntax.data[start : function.body.end_byte].decode("utf-8", "replace")
    for loop in text.loops(syntax, function.body):
        for node, _ in walk(loop.body):
            if node.type not in tables.STATEMENTS or _aliased(syntax, function, node):
                continue
            made = tables.grown_by_copy(syntax.language, syntax.text(node), before)
            if made:
                yield (Edit(node.start_byte, node.end_byte, made),)


def _aliased(syntax: Syntax, function: Function, node: Node) -> bool:
    """Whether the list that `node` grows may go by another name too, or is made outside of this function."""
    name = re.split(r"\W", syntax.text(node))[0]
    body = syntax.text(function.body)
    if re.search(rf"(?m)[=:(,\[] *{re.escape(name)}\b *(?:[,\])}}]|$)", re.sub(r"(?m)^.*\breturn\b.*$", "", body)):
        return syntax.language != "Go" and syntax.language != "C++"
    return False


@operator(
    CRITERION, "quadratic accumulation: each element copies the list of those before", family=FAMILY, blatant=True
)
@outside_tests
def collected_by_copying(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A list that one pass could fill is copied whole for each element that joins it."""
    if syntax.language == "Python":
        yield from _comprehensions(syntax, function)
    for one in shapes.calls(syntax, function.body):
        receiver = syntax.text(one.receiver) if one.receiver is not None else ""
        if one.name not in ("map", "collect", "filter", "select") or re.fullmatch(r"|\$.*|_|[A-Z]\w*", receiver):
            continue
        kept = one.name in ("filter", "select")
        if syntax.language == "JavaScript" and len(one.arguments) == 1 and "\n" not in syntax.text(one.node):
            yield from _reduced(syntax, function, one, kept)
        elif syntax.language == "Ruby" and one.block is not None and not one.arguments:
            yield from _injected(syntax, function, one, kept)


def _reduced(syntax: Syntax, function: Function, one: shapes.Call, kept: bool) -> Iterator[Site]:
    arrow = one.arguments[0]
    body = arrow.child_by_field_name("body") if arrow.type == "arrow_function" else None
    whole = re.match(r"\(?(\w+)\)? => ", syntax.text(arrow))
    name = shapes.free(syntax, function, "list", "all", "acc")
    if body is None or whole is None or body.type in ("statement_block", "parenthesized_expression") or name is None:
        return
    if any(n.type in ("await_expression", "yield_expression", "this") for n, _ in walk(arrow)) or one.receiver is None:
        return
    item = whole[1]
    value = f"{syntax.text(body)} ? [...{name}, {item}] : {name}" if kept else f"[...{name}, {syntax.text(body)}]"
    if kept and body.type in ("ternary_expression", "assignment_expression"):
        return
    method = one.node.child_by_field_name("function")
    end = method.end_byte if method is not None else one.node.start_byte
    yield (
        Edit(end - len(one.name), end, "reduce"),
        Edit(arrow.start_byte, arrow.end_byte, f"({name}, {item}) => {value}, []"),
    )


def _injected(syntax: Syntax, function: Function, one: shapes.Call, kept: bool) -> Iterator[Site]:
    block = one.block
    assert block is not None
    found = re.fullmatch(r"\{ ?\|(\w+)\| ?(.+?) ?\}", syntax.text(block))
    name = shapes.free(syntax, function, "list", "all", "found")
    if found is not None and re.match(r"[a-z_][\w.]*[?!]? [\w:@'\"\[{]", found[2]):
        return  # a command call can't stand in brackets
    if found is None or name is None or kept or re.search(r"\b(?:next|break|return)\b|;", found[2]):
        return
    method = one.node.child_by_field_name("method")
    if method is not None:
        made = f"inject([]) {{ |{name}, {found[1]}| {name} + [{found[2]}] }}"
        yield (Edit(method.start_byte, block.end_byte, made),)


def _comprehensions(syntax: Syntax, function: Function) -> Iterator[Site]:
    for node, _ in walk(function.body):
        if node.type not in _KINDS or node.parent is None or node.has_error:
            continue
        whole = shapes.statement_of(node)
        clauses = node.named_children[1:]
        plain = all(n.type in ("for_in_clause", "if_clause") for n in clauses)
        if whole is None or not plain or not text.owns_lines(syntax, whole) or "async" in syntax.text(node):
            continue
        made = _target(syntax, function, node, whole)
        loops = [n for n in clauses if n.type == "for_in_clause"]
        inner = {name for n in loops if (left := n.child_by_field_name("left")) for name in text.words(syntax, left)}
        spread = sum(len(shapes.occurrences(syntax, node, name)) for name in inner)
        used = sum(len(shapes.occurrences(syntax, function.node, name)) for name in inner)
        lambdas = any(n.type in ("lambda", "await") or n.type in _KINDS for n, _ in walk(node.named_children[0]))
        if made is None or spread != used or lambdas or len(loops) > 2 or "\n" in "".join(map(syntax.text, clauses)):
            continue
        yield (Edit(whole.start_byte, whole.end_byte, _looped(syntax, function, node, whole, made)),)


def _target(syntax: Syntax, function: Function, node: Node, whole: Node) -> str | None:
    """The local that the comprehension fills: the one that it is assigned to, or a new one that is returned."""
    if node.parent == whole and whole.type == "return_statement":
        return shapes.free(syntax, function, "result", "collected", "found")
    parent = node.parent
    if parent is None or parent.type != "assignment" or parent.parent != whole or parent.child_by_field_name("type"):
        return None
    left = parent.child_by_field_name("left")
    name = syntax.text(left) if left is not None and left.type == "identifier" else None
    return None if name is None or name in text.words(syntax, node) else name


def _looped(syntax: Syntax, function: Function, node: Node, whole: Node, name: str) -> str:
    indent, step = text.indent(syntax, whole), layout.step(syntax, function)
    element = node.named_children[0]
    value = re.sub(rf"\n{indent}{step}", f"\n{indent}", syntax.text(element))
    lines = [f"{name} = {_KINDS[node.type]}"]
    depth = 0
    for clause in node.named_children[1:]:
        lines.append(f"{indent}{step * depth}{syntax.text(clause)}:")
        depth += 1
    forms = {"list_comprehension": f"{name} + [{value}]", "dictionary_comprehension": f"{{**{name}, {value}}}"}
    lines.append(f"{indent}{step * depth}{name} = {forms.get(node.type, f'{name} | {{{value}}}')}")
    if whole.type == "return_statement":
        lines.append(f"{indent}return {name}")
    return "\n".join(lines)


@operator(
    CRITERION, "a text of n parts built by n concatenations copies O(n^2) characters", family=FAMILY, blatant=True
)
@outside_tests
def text_concatenated(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A text is built by adding each part to a copy of what is there."""
    if syntax.language == "Python":
        yield from _joined(syntax, function)
    if syntax.language == "Ruby":
        body = syntax.data[function.body.start_byte : function.body.end_byte]
        for found in re.finditer(
            rb"\.(?:map|collect) \{ ?\|(\w+)\| ?([^{}|\n]+?) ?\}\.join(?:\((?:''|\"\")\))?(?![\w(])", body
        ):
            name = shapes.free(syntax, function, "text", "out", "result")
            if name is not None:
                at = function.body.start_byte + found.start()
                item, value = found[1].decode(), found[2].decode()
                yield (Edit(at, at + len(found[0]), f".inject('') {{ |{name}, {item}| {name} + ({value}).to_s }}"),)
    form = tables.BUILDERS.get(syntax.language)
    for statement in syntax.nodes("statements", "statement", function.body):
        if form is not None and re.fullmatch(form.made, syntax.text(statement)):
            yield from _built(syntax, function, statement, form)


def _joined(syntax: Syntax, function: Function) -> Iterator[Site]:
    for one in shapes.calls(syntax, function.body):
        whole = shapes.statement_of(one.node)
        empty = one.receiver is not None and re.fullmatch(r"[rub]?(''|\"\")", syntax.text(one.receiver))
        if (
            one.name != "join"
            or not empty
            or whole is None
            or whole.type != "return_statement"
            or len(one.arguments) != 1
        ):
            continue
        listed = one.arguments[0]
        found = re.fullmatch(r"[\[(]?([^\n]+) for (\w+|\w+, \w+) in ([^\n\[\]]+?)[\])]?", syntax.text(listed))
        wanted = ("data", "result") if empty and "b" in empty[0][:1] else ("text", "result", "out")
        name = shapes.free(syntax, function, *wanted)
        alone = syntax.text(whole) == f"return {syntax.text(one.node)}" and text.owns_lines(syntax, whole)
        if name is None or not alone:
            continue
        item = shapes.free(syntax, function, "part", "piece") or "part"
        if (
            listed.type in ("generator_expression", "list_comprehension")
            and found
            and not re.search(r" if | for ", found[3])
        ):
            value, item, source = found[1], found[2], found[3]
        elif listed.type == "identifier":
            value, source = item, syntax.text(listed)
        else:
            continue
        line, step, quotes = (
            f"\n{text.indent(syntax, whole)}",
            layout.step(syntax, function),
            (empty[0] if empty else "''"),
        )
        made = f"{name} = {quotes}{line}for {item} in {source}:{line}{step}{name} = {name} + {value}{line}return {name}"
        yield (Edit(whole.start_byte, whole.end_byte, made),)


def _built(syntax: Syntax, function: Function, made: Node, form: tables.Builder) -> Iterator[Site]:
    """A builder that is only appended to and turned into a text at last, as a plain text that grows."""
    found = re.search(r"(\w+) = |var (\w+) |(\w+);", syntax.text(made))
    if found is None:
        return
    name = found[1] or found[2] or found[3]
    edits = [Edit(made.start_byte, made.end_byte, form.plain.format(name))]
    looped = text.loops(syntax, function.body)
    inside = False
    for node in shapes.occurrences(syntax, function.body, name):
        if made.start_byte <= node.start_byte < made.end_byte:
            continue
        edit = _grown(syntax, node, form)
        if edit is None:
            return
        added = " = " in edit.text or " += " in edit.text
        inside |= added and any(
            loop.body.start_byte <= node.start_byte < loop.body.end_byte
            and not loop.body.start_byte <= made.start_byte < loop.body.end_byte
            for loop in looped
        )  # fmt: skip
        edits.append(edit)
    if inside:
        yield tuple(edits)


def _grown(syntax: Syntax, node: Node, form: tables.Builder) -> Edit | None:
    statement = shapes.statement_of(node)
    if statement is None:
        return None
    source = syntax.text(statement)
    name = syntax.text(node)
    parts = _chain(syntax, statement, node)
    if len(parts) > 1:
        return Edit(statement.start_byte, statement.end_byte, f"{name} = {' + '.join([name, *parts])}{form.end}")
    found = re.fullmatch(form.adds.replace("NAME", re.escape(name)), source)
    if found and statement.start_byte == node.start_byte:
        part = found[1]
        level = 0
        for mark in re.sub(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'", "", part):
            level += {"(": 1, ")": -1}.get(mark, 0)
            if level < 0 or (level == 0 and mark == ","):
                return None
        return Edit(statement.start_byte, statement.end_byte, f"{name} += {part}{form.end}")
    tail = syntax.data[node.end_byte : node.end_byte + 12].decode("utf-8", "replace")
    ends = re.match(form.text, tail)
    return Edit(node.start_byte, node.end_byte + len(ends[0]), name) if ends else None


def _chain(syntax: Syntax, statement: Node, node: Node) -> list[str]:
    """What a chain of appends, begun at `node`, adds; empty for anything else."""
    parts: list[str] = []
    one = shapes.call(syntax, statement.named_children[0]) if statement.named_child_count else None
    while one is not None and one.name in ("append", "Append") and len(one.arguments) == 1:
        source = syntax.text(one.arguments[0])
        compound = re.search(r"binary|ternary|conditional|assign|lambda", one.arguments[0].type)
        parts.insert(0, f"({source})" if compound else source)
        if (
            one.receiver is not None
            and one.receiver.start_byte == node.start_byte
            and one.receiver.end_byte == node.end_byte
        ):
            return parts
        one = shapes.call(syntax, one.receiver) if one.receiver is not None else None
    return []


@operator(
    CRITERION, "capacity known in advance is not said: the container grows and copies again and again", family=FAMILY
)
@outside_tests
def capacity_unreserved(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A container is no longer made at the size that it is known to reach."""
    yield from rewrites(syntax, function, tables.UNRESERVED)
    if syntax.language == "C++":
        for statement in syntax.nodes("statements", "statement", function.body):
            if re.fullmatch(r"[\w.>()-]+(?:\.|->)reserve\([^;]*\);", syntax.text(statement)):
                yield from text.removed(syntax, statement)


@operator(CRITERION, "growth by a constant: n appends copy O(n^2) elements instead of O(n)", family=FAMILY)
@outside_tests
def grown_by_constant(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A buffer that doubled when it was full grows by a constant step."""
    if not re.search(r"realloc|resize|copyOf|Resize|arraycopy|grow|REALLOC|copy\(", syntax.text(function.node)):
        return
    yield from rewrites(syntax, function, tables.GROWTH)
