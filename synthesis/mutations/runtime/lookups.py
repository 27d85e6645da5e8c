"""A look-up or a single pass done by a search, a sort, a second look-up or a list built for the purpose."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax
from synthesis.mutations import layout, text
from synthesis.mutations.operator import Edit, Site, operator
from synthesis.mutations.patterns import Table
from synthesis.mutations.patterns import rewrites as _places
from synthesis.mutations.runtime import shapes, swaps
from synthesis.mutations.trials import outside_tests

CRITERION = "runtime_efficiency"
FAMILY = "costly_lookup"


_CHECKS = re.compile(r"\s*(?:assert\b|expect\(|require\.|raise\b|throw\b|Assert\.|self\.assert)")


def rewrites(syntax: Syntax, function: Function, table: Table) -> Iterator[Site]:
    """The places of `table` that are not in an assertion or on the way to an error, which seldom or never run."""
    for site in _places(syntax, function, table):
        start = text.line_start(syntax, site[0].start)
        if not _CHECKS.match(syntax.data[start : text.line_end(syntax, start)].decode("utf-8", "replace")):
            yield site


@operator(CRITERION, "two hash look-ups of one key where one gives both answers (CA1854)", ("Go", "C#", "C++", "Ruby"),
          family=FAMILY)  # fmt: skip
@outside_tests
def key_looked_up_twice(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A key is looked up to see whether it is there, and looked up again for its value."""
    if syntax.language == "Go":
        for one in layout.ifs(syntax, function.body):
            yield from _go_pair(syntax, function, one.node)
    if syntax.language == "C#":
        for one in layout.ifs(syntax, function.body):
            yield from _tried(syntax, function, one.node)
    if syntax.language == "C++":
        for binding in text.bindings(syntax, function.body):
            yield from _found(syntax, function, binding)
    if syntax.language == "Ruby":
        yield from rewrites(syntax, function, swaps.FETCHED)


def _go_pair(syntax: Syntax, function: Function, node: Node) -> Iterator[Site]:
    first, body = node.child_by_field_name("initializer"), node.child_by_field_name("consequence")
    condition = node.child_by_field_name("condition")
    if condition is None or body is None:
        return
    form = r"(\w+), (\w+) := ((?:\w+\.)*\w+(?:\[[\w.\"]+\]|\.\(\*?[\w.]+\)))"
    found = re.fullmatch(form, syntax.text(first)) if first is not None else None
    if found and first is not None and syntax.text(condition) == found[2] and found[1] != "_":
        other = node.child_by_field_name("alternative")
        used = shapes.occurrences(syntax, body, found[1])
        elsewhere = other is not None and bool(shapes.occurrences(syntax, other, found[1]))
        changed = set(re.findall(r"\w+", found[3])) & text.assigned(syntax, first)
        statements = text.inner(body)
        if used and not elsewhere and not changed and statements and found[3].endswith("]"):
            line = f"{found[1]} := {found[3]}\n{text.indent(syntax, statements[0])}"
            at, start = statements[0].start_byte, first.start_byte
            yield Edit(start, start + len(found[1].encode()), "_"), Edit(at, at, line)
        return
    before = node.prev_named_sibling
    found = re.fullmatch(form, syntax.text(before)) if before is not None and first is None else None
    if found is None or before is None or syntax.text(condition) != f"!{found[2]}" or found[1] == "_":
        return
    statements = text.inner(body)
    leaves = statements and re.match(r"return|continue|break", statements[-1].type)
    earlier = [n for n in shapes.occurrences(syntax, function.node, found[2]) if n.start_byte < before.start_byte]
    if leaves and not earlier and found[3].endswith("]") and not shapes.occurrences(syntax, node, found[1]):
        line = f"\n{text.indent(syntax, node)}{found[1]} := {found[3]}"
        if node.child_by_field_name("alternative") is None and text.owns_lines(syntax, node):
            start = before.start_byte
            yield Edit(start, start + len(found[1].encode()), "_"), Edit(node.end_byte, node.end_byte, line)


def _tried(syntax: Syntax, function: Function, node: Node) -> Iterator[Site]:
    condition, body = node.child_by_field_name("condition"), node.child_by_field_name("consequence")
    if condition is None or body is None or body.type != "block" or not text.inner(body):
        return
    source = syntax.text(condition)
    found = re.fullmatch(r"([\w.]+)\.TryGetValue\(([\w.\"]+), out ([\w<>?, ]+) (\w+)\)", source)
    if found is None:
        return
    inside = len(shapes.occurrences(syntax, body, found[4]))
    everywhere = len(shapes.occurrences(syntax, function.node, found[4]))
    if inside and everywhere == inside + 1 and text.owns_lines(syntax, text.inner(body)[0]):
        first = text.inner(body)[0]
        line = f"{found[3]} {found[4]} = {found[1]}[{found[2]}];\n{text.indent(syntax, first)}"
        test = f"{found[1]}.ContainsKey({found[2]})"
        yield Edit(condition.start_byte, condition.end_byte, test), Edit(first.start_byte, first.start_byte, line)


def _found(syntax: Syntax, function: Function, binding: text.Binding) -> Iterator[Site]:
    found = re.fullmatch(r"([\w.>-]+)\.find\(([\w.>-]+)\)", syntax.text(binding.value))
    if found is None or not text.owns_lines(syntax, binding.statement):
        return
    edits = [text.removal(syntax, binding.statement)]
    for node in shapes.occurrences(syntax, function.body, binding.name):
        if node.start_byte <= binding.statement.end_byte:
            continue
        tail = syntax.data[node.end_byte :].decode("utf-8", "replace")
        ended = re.match(rf" ([!=])= {re.escape(found[1])}\.(?:c?end)\(\)", tail)
        second = re.match(r"->second\b", tail)
        if ended:
            sign = "!" if ended[1] == "=" else ""
            edits.append(Edit(node.start_byte, node.end_byte + len(ended[0]), f"{sign}{found[1]}.count({found[2]})"))
        elif second:
            edits.append(Edit(node.start_byte, node.end_byte + len(second[0]), f"{found[1]}.at({found[2]})"))
        else:
            return
    done = [edit for edit in edits if edit is not None]
    if len(done) == len(edits) > 2 and any(".at(" in edit.text for edit in done):
        yield tuple(done)


@operator(CRITERION, "one hash look-up for each entry that the walk had in hand (WMI_WRONG_MAP_ITERATOR)",
          ("Python", "Java", "Go", "Ruby", "C#"), family=FAMILY)  # fmt: skip
@outside_tests
def entries_looked_up_again(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A walk over the keys looks up each value instead of taking key and value together."""
    for loop in text.loops(syntax, function.body):
        statements = text.inner(loop.body)
        if not statements or not text.owns_lines(syntax, statements[0]) or loop.body.type not in text.BLOCKS:
            continue
        start = loop.node.start_byte
        head = syntax.data[start : loop.body.start_byte].decode("utf-8", "replace")
        found = re.search(swaps.ENTRIES.get(syntax.language, "(?!)"), head)
        if found is None:
            continue
        if syntax.language in ("Java", "C#"):
            yield from _entry(syntax, function, loop, found, head)
            continue
        whole, key, value, source = found[0], found["key"], found["value"], found["source"]
        changed = text.assigned(syntax, loop.body)
        root = re.split(r"\W", source.lstrip("@"))[0]
        if (
            "_" in (key, value)
            or {key, value, root, re.split(r"\W", source)[-1]} & changed
            or not _mapped(syntax, function, source)
        ):
            continue
        headers = {
            "Python": f"for {key} in {source}:", "Go": f"for {key} := range {source} ",
            "Ruby": f"{source}.each_key {found.groupdict().get('open', '')} |{key}|",
        }  # fmt: skip
        sign = ":=" if syntax.language == "Go" else "="
        at = start + len(head[: found.start()].encode())
        first = statements[0]
        line = f"{value} {sign} {source}[{key}]\n{text.indent(syntax, first)}"
        used = len(shapes.occurrences(syntax, loop.body, value))
        if used:
            yield (
                Edit(at, at + len(whole.encode()), headers[syntax.language]),
                Edit(first.start_byte, first.start_byte, line),
            )


def _mapped(syntax: Syntax, function: Function, source: str) -> bool:
    """Whether `source` is a map as far as the text shows."""
    if syntax.language == "Python":
        return not re.search(r"(?i)header|multi|param|cookie|query|form|counter|shelf|self$", source)
    name = re.escape(source.split(".")[-1].lstrip("@"))
    if syntax.language == "Go":
        return bool(re.search(rf"\b{name}\b,? (?::?= (?:make\()?)?map\[", syntax.text(function.node)))
    if re.search(rf"\b{name} = (?:\{{|Hash)|\b{name}: \{{\}}|\*\*{name}\b", syntax.text(function.node)):
        return True
    return bool(re.search(r"(?i)hash$|headers$|options$|opts$|attributes$|params$|attrs$|_map$|env$", source))


def _entry(syntax: Syntax, function: Function, loop: text.Loop, found: re.Match[str], head: str) -> Iterator[Site]:
    """An entry whose key and value are asked for: the key in its place, the value looked up."""
    entry, source = found["entry"], found["source"]
    key = shapes.free(syntax, function, "key", "name", "id")
    java = syntax.language == "Java"
    forms = (r"\.getKey\(\)", r"\.getValue\(\)") if java else (r"\.Key\b", r"\.Value\b")
    known = java or re.search(
        rf"Dictionary<[^;()]*>\??\s+{re.escape(source)}\b|\b{re.escape(source)} = new \w*Dictionary<",
        syntax.text(function.node),
    )
    if key is None or not known or re.split(r"\W", source)[-1] in text.assigned(syntax, loop.body):
        return
    edits, looked = [], 0
    for node in shapes.occurrences(syntax, loop.body, entry):
        tail = syntax.data[node.end_byte : node.end_byte + 12].decode("utf-8", "replace")
        asked = [re.match(form, tail) for form in forms]
        if asked[0]:
            edits.append(Edit(node.start_byte, node.end_byte + asked[0].end(), key))
        elif asked[1]:
            looked += 1
            made = f"{source}.get({key})" if java else f"{source}[{key}]"
            edits.append(Edit(node.start_byte, node.end_byte + asked[1].end(), made))
        else:
            return
    if looked:
        at = loop.node.start_byte + len(head[: found.start()].encode())
        kind = found["kind"] if java else "var"
        header = f"({kind} {key} : {source}.keySet())" if java else f"(var {key} in {source}.Keys)"
        yield (Edit(at, at + len(found[0].encode()), header), *edits)


@operator(CRITERION, "linear search for each question where hashing answers in constant time",
          ("Python", "JavaScript", "Ruby", "Java", "C#", "C++"), family=FAMILY, blatant=True)  # fmt: skip
@outside_tests
def membership_by_list(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Membership is asked of a list, which is searched from the front, instead of a set."""
    if syntax.language == "Python":
        yield from rewrites(syntax, function, swaps.SET_LITERALS)
    form = swaps.SETS[syntax.language]
    for statement in syntax.nodes("statements", "statement", function.body):
        source = syntax.text(statement)
        made = next((re.sub(a, b, source) for a, b in form.made if re.fullmatch(a, source)), None)
        name = re.search(form.name, source)
        if made is None or name is None:
            continue
        edits = [Edit(statement.start_byte, statement.end_byte, made)]
        uses = [_listed(syntax, node, form) for node in shapes.occurrences(syntax, function.body, name[1])
                if not statement.start_byte <= node.start_byte < statement.end_byte]  # fmt: skip
        edits += [edit for edit, _ in filter(None, uses) if edit.text != syntax.data[edit.start : edit.end].decode()]
        if all(uses) and any(asked for _, asked in filter(None, uses)):
            yield tuple(edits)


def _listed(syntax: Syntax, node: Node, form: swaps.Sets) -> tuple[Edit, bool] | None:
    """The use of a set as a use of a list, and whether it asks; None where a list would not do."""
    statement = shapes.statement_of(node)
    tail = syntax.data[node.end_byte : text.line_end(syntax, node.end_byte)].decode("utf-8", "replace")
    start = syntax.data[max(0, node.start_byte - 4) : node.start_byte].decode("utf-8", "replace")
    name = syntax.text(node)
    added = re.match(form.adds, tail)
    if added and statement is not None and statement.start_byte == node.start_byte:
        made = name + added[0] if "<<" in added[0] else form.append.replace("NAME", name)
        return Edit(node.start_byte, node.end_byte + added.end(), made), False
    if syntax.language == "Python":
        asked = start.endswith(" in ") and node.parent is not None and node.parent.type == "comparison_operator"
        return (Edit(node.start_byte, node.end_byte, name), True) if asked else None
    asks = re.match(form.asks, tail)
    if asks is None or (start.endswith("!") and "find" in form.contains):
        return None
    made = asks.expand(form.contains).replace("NAME", name)
    return Edit(node.start_byte, node.end_byte + asks.end(), made), True


@operator(CRITERION, "a full pass with a list where the first hit answers (CA1827)", family=FAMILY)
@outside_tests
def all_matches_for_one(syntax: Syntax, function: Function) -> Iterator[Site]:
    """All matches are gathered where the first one answers the question."""
    yield from rewrites(syntax, function, swaps.GATHERED)


@operator(CRITERION, "sorting in O(n log n) for what one pass in O(n) finds", family=FAMILY, blatant=True)
@outside_tests
def extreme_by_sorting(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The whole is sorted to take its smallest or largest element."""
    yield from rewrites(syntax, function, swaps.SORTED)


@operator(
    CRITERION, "the keys are listed and searched in O(n) where hashing answers in O(1)", family=FAMILY, blatant=True
)
@outside_tests
def keys_listed_to_ask(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The keys are copied to a list and searched to see whether one is there."""
    yield from rewrites(syntax, function, swaps.LISTED)


@operator(CRITERION, "the whole text is searched where its start answers", family=FAMILY)
@outside_tests
def whole_text_searched(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A text is walked through to the end for what its beginning shows."""
    yield from rewrites(syntax, function, swaps.PREFIXES)


@operator(CRITERION, "one more list of all elements, filled and walked again", family=FAMILY)
@outside_tests
def list_between(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A pass that needs no list in between fills one and walks it again."""
    yield from rewrites(syntax, function, swaps.BETWEEN)


@operator(CRITERION, "a new list is made for each look at one element", ("JavaScript",), family=FAMILY)
@outside_tests
def last_by_copying(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A part is copied out to read its only element."""
    yield from rewrites(syntax, function, swaps.LAST)
