"""Operators that allocate anew, for each round or call, what one allocation served for."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax
from synthesis.mutations import text
from synthesis.mutations.memory.places import CRITERION, body_text, found, is_trial, part, source, swapped
from synthesis.mutations.operator import Edit, Site, operator
from synthesis.mutations.slower import missing

FAMILY = "buffers"
_FEW = 6
"""Commas in a table that is worth storing once."""
_ALLOCATES = re.compile(
    r"= ?(?:new \w+|z?malloc\(|calloc\(|make\(|bytearray\(|Buffer\.alloc"
    r"|\[\]|\{\}|list\(|dict\(|set\(|std::make_|Array\(|"
    r"String\.new|Hash\.new|\w+\.new|np\.(?:zeros|empty|ones))"
)


@operator(CRITERION, "an allocation on each call or round where one was enough", version="2", family=FAMILY)
def buffer_not_reused(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Something that is allocated where it is missing, or too small, is allocated each time."""
    for match in syntax.matches("conditions", function.body):
        node, consequence = match["if"][0], match["consequence"][0]
        if node.child_by_field_name("alternative") is not None or node.parent is None:
            continue
        if node.child_by_field_name("initializer") is not None:  # Go: what it declares is needed inside
            continue
        statements = text.inner(consequence)
        condition = syntax.text(match["condition"][0])
        place = missing(syntax.text(text.core(match["condition"][0])), node.type.startswith("unless"))
        small = re.search(r"(?:len|cap|size|length|capacity)\b.*<|<.*(?:len|size)\b", condition)
        sets = [s for s in statements if _ALLOCATES.search(syntax.text(s))]
        kept = place is not None and re.search(r"(?i)buf|scratch|tmp|temp|arena", place)
        filled = [s for s in sets if kept and place and syntax.text(s).startswith(place)]
        fits = len(statements) == 1 and node.parent.type in text.BLOCKS and (filled or (small and sets))
        edit = text.unwrapped(syntax, node, consequence) if fits else None
        if edit is not None:
            yield (edit,)


@operator(CRITERION, "a buffer allocated anew for each round", version="2", family=FAMILY)
def buffer_in_loop(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A buffer that was allocated before the loop and reused is allocated in every round."""
    for loop in text.loops(syntax, function.body):
        statements = text.inner(loop.body)
        before = _sibling_before(loop.node)
        for _ in range(4):
            if before is None or not statements or loop.body.type not in text.BLOCKS:
                break
            name = _scratch(syntax, before)
            gone = text.removal(syntax, before)
            later = source(syntax, loop.node.end_byte, function.body.end_byte)
            head = source(syntax, before.end_byte, loop.body.start_byte)
            tail = source(syntax, loop.body.end_byte, loop.node.end_byte)
            if (
                name
                and gone
                and text.uses(syntax, loop.body, name)
                and not re.search(rf"\b{name}\b", later + head + tail)
            ):
                place = statements[0].start_byte
                line = f"{syntax.text(before)}\n{text.indent(syntax, statements[0])}"
                if _starts_over(syntax, loop.body, name):
                    yield gone, Edit(place, place, line)
            before = before.prev_named_sibling


def _starts_over(syntax: Syntax, body: Node, name: str) -> bool:
    """Whether a round uses nothing of what the round before left in the buffer: it is filled, cleared or only read."""
    code = syntax.text(body)
    first = re.search(rf"\b{name}\b", code)
    if first is None:
        return False
    after = code[first.end() :]
    cleared = re.match(r"\.(?:clear|setLength|reset|Reset|Clear|SetLength)\(|\.str\(\"\"\)| = ", after)
    fills = r"(?i:get|read|recv|receive|fill|load|copy)\w*"
    filled = re.search(rf"&{name}\b|\b{fills}\((?:[^()]*,\s*)?{name}\b", code)
    keeps = re.search(rf"\b{name}(?:\.(?:append|add|push\w*|insert|emplace\w*)\(| ?\+=)", code)
    return cleared is not None or (filled is not None and not keeps)


def _sibling_before(node: Node) -> Node | None:
    while node.parent is not None and node.parent.type not in text.BLOCKS:
        node = node.parent
    return node.prev_named_sibling


def _scratch(syntax: Syntax, statement: Node) -> str | None:
    code = syntax.text(statement)
    buffer = (
        r"(?:new (?:byte|char|int|\w+Array)\[[^\]]+\]|bytearray\([\w.]+\)|new \w"
        r"*Array\(\w+\)|new (?:StringBuilder|MemoryStream)\(\w*\)"
        r"|make\(\[\]byte, [^)]+\)|Buffer\.alloc\w*\([^)]+\)|(?:np|numpy)\.(?:zeros|empty)\([^\n]*\))"
    )
    match = re.fullmatch(rf"(?:(?:const|let|var|final )?[\w<>\[\]]* ?)(\w+) :?= {buffer};?", code)
    match = match or re.fullmatch(r"std::(?:vector<[^;]+>|w?o?stringstream) (\w+)(?:\([\w.()]+\))?;", code)
    return match[1] if match else None


@operator(
    CRITERION,
    "a constant table in static storage is there once; a local one is built for each call",
    ("C", "C++"),
    version="2",
    family=FAMILY,
)
def table_built_per_call(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A constant table that was stored once is put on the stack, or the heap, by every call."""
    if is_trial(function):
        return
    pattern = (
        r"(?m)^([ \t]+)(?:static (?:constexpr|const)|const static|constexpr static) "
        r"([^;=(\n]*(?:\[[^\n;=]*\]|std::[\w:<>, *]+> ?\w+)) ?(=|\{)"
    )
    code = body_text(syntax, function)
    for match in found(syntax, function, pattern):
        name = re.findall(r"\w+", re.sub(r"\[.*", "", part(match, 2)))[-1]
        kept = re.search(rf"\breturn {name}\s*[;+]|\b\w+ = &?{name}\s*;|&{name}\b", code)
        listed = source(syntax, match.start(3), function.body.end_byte).split(";")[0]
        if not kept and "{" in listed[:40] and listed.count(",") >= _FEW:
            yield (swapped(match, r"\1const \2 \3" if part(match, 3) == "=" else r"\1const \2\3"),)


_PRESIZED = {
    "Go": (
        (r"\bmake\((\[\][\w.*\[\]]+), 0, [^\n]*?\)(?=[\n;])", r"make(\1, 0)"),
        (r"\bmake\((map\[\w+\][\w.*\[\]{}]+), [^\n]*?\)(?=[\n;])", r"make(\1)"),
    ),
    "Java": (
        ((r"\bnew (ArrayList|HashMap|HashSet|LinkedHashMap|LinkedHashSet)<([^()\n]*)>\((?:[\w"
r".]*(?:[sS]ize|[lL]ength|[cC]ount)(?:\(\))?(?: ?[*+] ?\d+)?|\d+)\)"), r"new \1<\2>()"),
        ((r"\bnew (StringBuilder|StringBuffer)\((?:[\w.]*(?:[sS]ize|[lL]en|[lL"
r"]ength|[cC]apacity)(?:\(\))?(?: ?[*+] ?\w+)*|\d+)\)"), r"new \1()"),
        (r"\b(Lists\.newArrayList)With(?:Capacity|ExpectedSize)\([^()\n]*(?:\(\))?\)", r"\1()"),
    ),
    "C#": (
        ((r"\bnew (List|Dictionary|HashSet|Queue|Stack)<([^()\n]*)>\((?:[\w.]*(?:Size|Leng"
r"th|Count|Capacity|capacity|count|length)(?: ?[*+] ?\d+)?|\d+)\)"), r"new \1<\2>()"),
    ),
    "Ruby": ((r"\bString\.new\(capacity: [^()\n]+\)", "String.new"),),
}  # fmt: skip


@operator(
    CRITERION,
    "prealloc; performance-inefficient-vector-operation: each growth copies, and leaves slack",
    version="2",
    family=FAMILY,
)
def capacity_not_given(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A container whose size was known is grown step by step, with a copy of it at each growth."""
    for pattern, replacement in _PRESIZED.get(syntax.language, ()):
        for match in found(syntax, function, pattern):
            edit = swapped(match, replacement)
            zero = re.search(r"\((?:[^()]*, )?0\)$", part(match))
            small = re.search(r"\((?:\d|1[0-6])\)$", part(match))
            if not zero and not small and part(match).count("(") == part(match).count(")"):
                yield (edit,)
    if syntax.language == "C++":
        for statement in syntax.nodes("statements", "statement", function.body):
            if re.fullmatch(r"[\w.>-]+(?:\.|->)reserve\([^;]+\);", syntax.text(statement)):
                yield from text.removed(syntax, statement)
