"""Work whose result does not change, done again: in every round of a loop, in its condition, at every use."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import layout, slower, text
from synthesis.mutations.operator import Edit, Site, operator
from synthesis.mutations.runtime import shapes
from synthesis.mutations.trials import outside_tests

CRITERION = "runtime_efficiency"
FAMILY = "repeated_work"
_BUILT = re.compile(
    r"^(?:re\.compile|(?:new )?(?:Regex|RegExp)|Pattern\.compile|Regexp\.new|regexp\.(?:Must)?Compile\w*"
    r"|std::w?regex|new (?:Simple)?DateFormat|DateTimeFormatter\.ofPattern|new DecimalFormat|new Intl\.\w+"
    r"|str\.maketrans|(?:\w+\.)?(?:prepareStatement|createStatement|prepare)|template\.New)\b"
)


@operator(CRITERION, "loop-invariant code motion undone: one evaluation becomes one for each round", family=FAMILY)
@outside_tests
def invariant_in_loop(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A value that does not change from round to round is computed inside the loop."""
    for binding, loop in _movable(syntax, function):
        if not _BUILT.match(syntax.text(binding.value)) and shapes.reads(syntax, binding.value):
            yield from _moved(syntax, binding, loop)


@operator(CRITERION, "an object costly to build is built once for each round instead of once", family=FAMILY)
@outside_tests
def pattern_built_in_loop(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A pattern or formatter that every round could share is built in each round."""
    for binding, loop in _movable(syntax, function):
        if _BUILT.match(syntax.text(binding.value)):
            yield from _moved(syntax, binding, loop)


def _movable(syntax: Syntax, function: Function) -> Iterator[tuple[text.Binding, text.Loop]]:
    """Bindings that stand before a loop in its block and are only needed in its body, which does not change them."""
    bindings = text.bindings(syntax, function.body)
    for loop in text.loops(syntax, function.body):
        statements = text.inner(loop.body)
        if not statements or not text.owns_lines(syntax, statements[0]) or loop.body.type not in text.BLOCKS:
            continue
        for binding in bindings:
            if "\n" not in syntax.text(binding.statement).strip() and _moves_into(syntax, function, binding, loop):
                yield binding, loop


def _moved(syntax: Syntax, binding: text.Binding, loop: text.Loop) -> Iterator[Site]:
    gone = text.removal(syntax, binding.statement)
    first = text.inner(loop.body)[0]
    if gone is not None:
        end = ";" if syntax.data[binding.statement.end_byte : gone.end].startswith(b";") else ""
        line = syntax.text(binding.statement).strip()
        yield gone, Edit(first.start_byte, first.start_byte, f"{line}{end}\n{text.indent(syntax, first)}")


def _moves_into(syntax: Syntax, function: Function, binding: text.Binding, loop: text.Loop) -> bool:
    owner = shapes.statement_of(loop.node)
    if owner is None or binding.statement.parent != owner.parent or binding.statement.end_byte > owner.start_byte:
        return False
    used = [n for n in shapes.occurrences(syntax, function.body, binding.name)
            if not binding.statement.start_byte <= n.start_byte < binding.statement.end_byte]  # fmt: skip
    if not used or not all(loop.body.start_byte <= n.start_byte < loop.body.end_byte for n in used):
        return False
    value = binding.value
    between = _after(binding.statement, owner)
    if binding.name in text.words(syntax, value):
        return False
    works = shapes.costs(syntax, value, accessors=True) or (
        syntax.language in ("Python", "Ruby") and any(n.type in slower.WORK for n, _ in walk(value))
    )
    return (
        works
        and binding.name not in text.assigned(syntax, loop.body)
        and shapes.steady(syntax, value, loop.node)
        and all(shapes.steady(syntax, value, n) for n in between)
        and not re.match(r"\W*(?:static|const static)\b", syntax.text(binding.statement))
    )


def _after(first: Node, last: Node) -> list[Node]:
    """The statements between two of one block."""
    found, node = [], first.next_named_sibling
    while node is not None and node.start_byte < last.start_byte:
        found.append(node)
        node = node.next_named_sibling
    return found


@operator(CRITERION, "a length or bound computed once becomes a call for each round", family=FAMILY)
@outside_tests
def bound_in_condition(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A bound that was computed once before the loop is computed in its condition in every round."""
    bindings = text.bindings(syntax, function.body)
    for loop in text.loops(syntax, function.body):
        owner = shapes.statement_of(loop.node)
        if loop.condition is None or owner is None or loop.node.type.endswith("_modifier"):
            continue
        for binding in bindings:
            used = text.uses(syntax, function.body, binding.name)
            used = [n for n in used if n.start_byte > binding.value.start_byte]
            inside = [n for n in used if loop.condition.start_byte <= n.start_byte < loop.condition.end_byte]
            if len(inside) != 1 or binding.statement.end_byte > owner.start_byte:
                continue
            if binding.name in text.assigned(syntax, loop.node) or not _recomputable(syntax, function, binding):
                continue
            between = _after(binding.statement, owner) if binding.statement.parent == owner.parent else [function.body]
            if all(shapes.steady(syntax, binding.value, n) for n in [loop.node, *between]):
                yield from _inlined(syntax, binding, inside, len(used) == 1)


def _inlined(syntax: Syntax, binding: text.Binding, used: list[Node], gone: bool) -> Iterator[Site]:
    edits = tuple(Edit(n.start_byte, n.end_byte, text.inlined(syntax, binding.value)) for n in used)
    if gone:
        removal = layout.deletion(syntax, binding.statement)
        if removal is not None and len(text.siblings(binding.statement)) > 1:
            yield (removal, *edits)
    elif syntax.language != "Go" or len(shapes.occurrences(syntax, syntax.root, binding.name)) > 2:
        yield edits


def _recomputable(syntax: Syntax, function: Function, binding: text.Binding) -> bool:
    """Whether the name is set once, to something short that costs and may be evaluated again."""
    value = binding.value
    if "\n" in syntax.text(value) or len(syntax.text(value)) > 70:
        return False
    once = sum(b.name == binding.name for b in text.bindings(syntax, function.body)) == 1
    pure = text.is_pure(syntax, value) and shapes.reads(syntax, value)
    costly = shapes.costs(syntax, value) and _set_once(syntax, function, binding)
    return once and pure and costly


@operator(CRITERION, "common subexpression: one evaluation becomes one for each use", family=FAMILY)
@outside_tests
def value_recomputed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A value that was computed once and kept is computed again at every use."""
    looped = text.loops(syntax, function.body)
    for binding in text.bindings(syntax, function.body):
        used = [n for n in text.uses(syntax, function.body, binding.name) if n.start_byte > binding.value.end_byte]
        scope = binding.statement.parent
        if scope is None or not 0 < len(used) <= 5 or not _recomputable(syntax, function, binding):
            continue
        if any(text.is_quoted(n) for n in used) or max(n.end_byte for n in used) > scope.end_byte:
            continue
        rounds = any(
            loop.body.start_byte <= n.start_byte < loop.body.end_byte
            and not loop.body.start_byte <= binding.statement.start_byte < loop.body.end_byte
            for n in used for loop in looped
        )  # fmt: skip
        together = any(_both_run(one, other) for i, one in enumerate(used) for other in used[i + 1 :])
        if not (rounds or together) or not _unchanged_after(syntax, binding, scope):
            continue
        if slower.declares(syntax.language) and not re.search(r"declaration(?:_statement)?$", binding.statement.type):
            continue
        if not _is_number(syntax, binding) or any(_RELEASES.search(_called(syntax, n)) for n in used):
            continue
        yield from _inlined(syntax, binding, used, gone=True)


_RELEASES = re.compile(r"(?i)release|free|close|delete|unref|dispose|destroy|remove|unlock")


def _called(syntax: Syntax, node: Node) -> str:
    """Name of the innermost call that `node` stands in; empty where there is none."""
    above = node.parent
    while above is not None and above.type not in shapes.CALLS | text.BLOCKS:
        above = above.parent
    one = shapes.call(syntax, above) if above is not None else None
    return one.name if one is not None else ""


def _is_number(syntax: Syntax, binding: text.Binding) -> bool:
    """Whether the value is no object, in a language where making one again gives another one."""
    if syntax.language not in ("C", "C++"):
        return True
    head = syntax.data[binding.statement.start_byte : binding.target.start_byte].decode("utf-8", "replace")
    return bool(re.search(r"\b(?:int|size_t|bool|long|unsigned|u?int\d+_t|double|float|u_int|char)\b[^*]*$", head))


def _both_run(one: Node, other: Node) -> bool:
    """Whether one execution may reach both places: they are not in two branches of one test, nor one after a return."""
    above = {n.id: child.id for n, child in _line(one)}
    for node, child in _line(other):
        if node.id in above:
            arms = ("if", "switch", "case", "elif", "else", "elsif", "conditional", "ternary", "unless", "when")
            apart = any(word in node.type for word in arms) and "condition" not in _field(node, child)
            return not apart
    return False


def _field(node: Node, child: Node) -> str:
    return next((node.field_name_for_child(i) or "" for i, n in enumerate(node.children) if n.id == child.id), "")


def _line(node: Node) -> list[tuple[Node, Node]]:
    found, child = [], node
    while child.parent is not None:
        found.append((child.parent, child))
        child = child.parent
    return found


def _set_once(syntax: Syntax, function: Function, binding: text.Binding) -> bool:
    source = syntax.data[binding.statement.end_byte : function.body.end_byte].decode("utf-8", "replace")
    name = re.escape(binding.name)
    changed = rf"\b{name}\b(?:\[[^\]]*\]|\.\w+|->\w+)?\s*(?:[-+*/%|&^]|<<|>>|\|\||\?\?)?=(?!=)|(?:&|\+\+|--)\s*{name}\b"
    changed += (
        rf"|\b{name}\s*(?:\+\+|--)|\b(?:for|del|ref|out|in|global|nonlocal)\s+(?:\w+, )?{name}\b(?!\w*\s*[<>=.(\[:])"
    )
    loops = any(
        binding.name in {syntax.text(n) for n in syntax.nodes("locals", "local", loop.node)}
        for loop in text.loops(syntax, function.body)
        if loop.node.start_byte > binding.statement.start_byte
    )
    return not loops and not re.search(changed, source) and binding.name not in text.parameters(syntax, function)


def _unchanged_after(syntax: Syntax, binding: text.Binding, scope: Node) -> bool:
    later = [n for n in scope.named_children if n.start_byte >= binding.statement.end_byte]
    mutated = {m for n in later for m in text.assigned(syntax, n)}
    return binding.name not in mutated and all(shapes.steady(syntax, binding.value, n) for n in later)
