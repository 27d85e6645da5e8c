"""Operators that make code hold more memory, hold it longer, or allocate it more often."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import copies, text
from synthesis.mutations.operator import Edit, Site, operator
from synthesis.mutations.slower import missing
from synthesis.mutations.weaknesses import rewrites

CRITERION = "memory_efficiency"
_RELEASE = re.compile(
    r"^(?:defer |await |delete(?:\[\])? |if \([^()]+\) )?(?:[\w.:>@()?-]*\b)?_?"
    r"(?:\w*[cC]lose(?:dir|All|Async|Quietly)?|free|Free|dispose|Dispose|release|Release|destroy"
    r"|Destroy|unref|Unref|decref|decrRefCount|shutdown|"
    r"disconnect|cleanup|Cleanup|removeListener|removeEventListener|clearTimeout|clearInterval|unsubscribe|"
    r"\w+[fF]ree|\w+Release|\w+Destroy|\w+_close|\w+_destroy|Py_X?DECREF|Put|putconn|Unmap|munmap)"
    r"(?:\([^\n]*\)|!|\?|)\s*;?$|^delete(?:\[\])? \w[\w.>-]*;$"
)
_CLEARED = re.compile(
    r"^(?:del |delete )[\w.@>]+(?:\[[^\n]+\]|\.\w+)?;?$|^[\w.@>-]+\."
    r"(?:clear|Clear|delete|evict\w*|remove|Remove|shrink_to_fit|"
    r"trimToSize|TrimExcess|discard)\([\w.]*\);?$|^delete\([\w.]+, [\w.]+\)$|"
    r"^(?:this\.|self\.|@|[\w]+->|[\w.]+\.)\w+ = (?:null|None|nil|undefined|nullptr|NULL);?$"
)
_HELD = re.compile(
    r"(?i)cache|map\b|registry|pending|listener|handler|timer|refs|handles|pool|seen|visited|active|"
    r"clients|connections|sessions|tasks|jobs|watch|subscri|callbacks|memo"
)
_ALLOCATES = re.compile(
    r"= ?(?:new \w+|z?malloc\(|calloc\(|make\(|bytearray\(|Buffer\.alloc"
    r"|\[\]|\{\}|list\(|dict\(|set\(|std::make_|Array\(|"
    r"String\.new|Hash\.new|\w+\.new|np\.(?:zeros|empty|ones))"
)


@operator(CRITERION, "a loop needs one element at a time, not a copy of all of them")
def eager_copy(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Elements that were taken one at a time are first put into a list of their own."""
    yield from rewrites(syntax, function, copies.EAGER)


@operator(CRITERION, "streaming, weak references and bounded caches keep memory constant")
def bound_lifted(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Something that was held in bounded pieces, weakly or compactly is held whole, strongly or at full width."""
    yield from rewrites(syntax, function, copies.WHOLE)
    start = function.node.start_byte
    for found in re.finditer(rb"(lru_cache\(maxsize=)\d+\)", syntax.data[start : function.body.start_byte]):
        yield (Edit(start + found.start(), start + found.end(), "lru_cache(maxsize=None)"),)


@operator(CRITERION, "an in-place change needs no second copy")
def changed_in_a_copy(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A container that was changed in place is replaced by a changed copy."""
    given = text.parameters(syntax, function)
    for site in rewrites(syntax, function, copies.IN_PLACE):
        if site[0].text.split()[0] not in given:
            yield site


@operator(CRITERION, "CWE-772: missing release of a resource")
def release_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Memory, a handle or a listener that was given back is kept."""
    for statement in syntax.nodes("statements", "statement", function.body):
        if _RELEASE.match(syntax.text(statement)):
            yield from text.removed(syntax, statement)
    if syntax.language == "C#":
        for match in re.finditer(rb"(?m)(?<=[ \t])using (?=(?:var|[\w.<>]+) \w+ = )", _body(syntax, function)):
            at = function.body.start_byte + match.start()
            yield (Edit(at, at + len(match[0]), ""),)


def _body(syntax: Syntax, function: Function) -> bytes:
    return syntax.data[function.body.start_byte : function.body.end_byte]


@operator(CRITERION, "CWE-772: a context manager or try-with-resources gives back what it opened")
def scope_unmanaged(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A resource that its block gave back at the end is opened without anything that closes it."""
    for node, _ in walk(function.body):
        body = node.child_by_field_name("body")
        if node.type != "with_statement" or body is None or not text.inner(body):
            continue
        found = re.fullmatch(r"with ((?:open|[\w.]*(?:connect|[Oo]pen|socket|File|urlopen|Session))\(.*\)) as (\w+):",
                             syntax.data[node.start_byte : body.start_byte].decode("utf-8").strip())  # fmt: skip
        edit = text.unwrapped(syntax, node, body)
        if found and edit is not None:
            opened = f"{found[2]} = {found[1]}\n{text.indent(syntax, node)}"
            yield (Edit(edit.start, edit.end, opened + edit.text),)


@operator(CRITERION, "CWE-401: an object that something still refers to is never freed")
def reference_kept(syntax: Syntax, function: Function) -> Iterator[Site]:
    """An entry or reference that was dropped once it was done with is kept."""
    for statement in syntax.nodes("statements", "statement", function.body):
        source = syntax.text(statement)
        before = syntax.data[function.body.start_byte : statement.start_byte].decode("utf-8", "replace")
        place = re.split(r" = ", source)[0]
        cleared = " = " in source and place in before and not re.search(r"(?i)init|constructor|reset", function.name)
        cleared = cleared and syntax.language not in ("C", "C++")
        local = re.fullmatch(r"del \w+", source)
        if _CLEARED.match(source) and (cleared or local or (" = " not in source and _HELD.search(source))):
            yield from text.removed(syntax, statement)


@operator(CRITERION, "CWE-770: a cache or queue without a limit")
def eviction_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A container that was cut back when it grew too large grows without limit."""
    for match in syntax.matches("conditions", function.body):
        node = match["if"][0]
        condition, action = syntax.text(match["condition"][0]), syntax.text(match["consequence"][0])
        large = re.search(r"(?:len|size|length|count|Count|Len)\b[^<]*>=? ?\(?[\w.@]", condition)
        cut = re.search(
            r"\b(?:pop|popitem|popleft|shift|clear|Clear|delete|remove|Remove\w*|evict\w*|trim\w*|prune\w*)\b", action
        )
        if large and cut and node.child_by_field_name("alternative") is None:
            yield from text.removed(syntax, node)


@operator(CRITERION, "an allocation on each call or round where one was enough")
def buffer_not_reused(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Something that was allocated once, when it was missing, is allocated each time."""
    for match in syntax.matches("conditions", function.body):
        node, consequence = match["if"][0], match["consequence"][0]
        if node.child_by_field_name("alternative") is not None or node.parent is None:
            continue
        statements = text.inner(consequence)
        place = missing(syntax.text(text.core(match["condition"][0])), node.type.startswith("unless"))
        small = re.search(
            r"(?:len|cap|size|length|capacity)\b.*<|<.*(?:len|size)\b", syntax.text(match["condition"][0])
        )
        sets = [s for s in statements if _ALLOCATES.search(syntax.text(s))]
        filled = [s for s in sets if place and syntax.text(s).startswith(place)]
        kept = place is not None and re.search(r"(?i)cache|buf|scratch|tmp|temp|pool|table|arena", place)
        filled = filled if kept else []
        fits = len(statements) == 1 and node.parent.type in text.BLOCKS and (filled or (small and sets))
        edit = text.unwrapped(syntax, node, consequence) if fits else None
        if edit is not None:
            yield (edit,)


@operator(CRITERION, "a buffer allocated anew for each round")
def buffer_in_loop(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A buffer that was allocated before the loop and reused is allocated in every round."""
    for loop in text.loops(syntax, function.body):
        statements = text.inner(loop.body)
        before = _sibling_before(loop.node)
        for _ in range(3):
            if before is None or not statements or loop.body.type not in text.BLOCKS:
                break
            found = _scratch(syntax, before)
            gone = text.removal(syntax, before)
            later = syntax.data[loop.node.end_byte : function.body.end_byte].decode("utf-8", "replace")
            head = syntax.data[loop.node.start_byte : loop.body.start_byte].decode("utf-8", "replace")
            elsewhere = rf"\b{found}\b"
            if found and gone and text.uses(syntax, loop.body, found) and not re.search(elsewhere, later + head):
                place = statements[0].start_byte
                line = f"{syntax.text(before)}\n{text.indent(syntax, statements[0])}"
                yield gone, Edit(place, place, line)
            before = before.prev_named_sibling


def _sibling_before(node: Node) -> Node | None:
    while node.parent is not None and node.parent.type not in text.BLOCKS:
        node = node.parent
    return node.prev_named_sibling


def _scratch(syntax: Syntax, statement: Node) -> str | None:
    source = syntax.text(statement)
    buffer = (
        r"(?:\[[^\]]*\]|new (?:byte|char|int|\w+Array)\[[^\]]+\]|bytearray\(\w+\)"
        r"|make\(\[\]byte, [^)]+\)|Buffer\.alloc\w*\([^)]+\))"
    )
    found = re.fullmatch(rf"(?:(?:const|let|var|[\w<>\[\]]+) )?(\w+) :?= {buffer};?", source)
    found = found or re.fullmatch(
        r"std::(?:string|vector<[^;]+>) (\w+)(?:\(\w+\))?;",
        source,
    )
    return found[1] if found and not source.endswith("[]") else None


@operator(CRITERION, "performance-for-range-copy: the object is copied for each round", ("C++",))
def loop_variable_copied(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The loop's variable is a copy of the element where a reference served."""
    for match in re.finditer(rb"for \((?:const )?([\w:<>, ]+?) ?&{1,2} ?(\w+|\[[^\]]+\]) ?:", _body(syntax, function)):
        at = function.body.start_byte + match.start()
        name = match[2].decode()
        if not re.search(rf"\b{re.escape(name)}(?:\.\w+|->\w+)? ?[-+*/|&]?=(?!=)", syntax.text(function.body)):
            yield (Edit(at, at + len(match[0]), f"for ({match[1].decode()} {name} :"),)


@operator(CRITERION, "performance-unnecessary-copy-initialization", ("C++",))
def reference_copied(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A local is a copy of an object where a reference to it served."""
    for match in re.finditer(rb"(?m)^([ \t]*)const ([\w:<>, ]+?) ?& ?(\w+) = ", _body(syntax, function)):
        at = function.body.start_byte + match.start()
        yield (Edit(at, at + len(match[0]), f"{match[1].decode()}const {match[2].decode()} {match[3].decode()} = "),)


@operator(
    CRITERION,
    "clang-tidy performance-unnecessary-value-param, gocritic hugeParam",
    ("C++", "Go"),
)
def argument_copied(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A receiver or argument that was reached through a pointer or reference is copied into the call."""
    start = function.node.start_byte
    head = syntax.data[start : function.body.start_byte]
    if syntax.language == "C++":
        containers = (
            rb"(?<=[(,\s])(const (?:std::)?(?:\w*[sS]tring|vector|map|set|list|deque|unordered_\w+)(?:<[\w:, *]+>)?)"
        )
        for match in re.finditer(containers + rb" ?& ?(\w+)(?=\s*[,)])", head):
            at = start + match.start()
            yield (Edit(at, at + len(match[0]), f"{match[1].decode()} {match[2].decode()}"),)
        return
    received = re.match(rb"func \((\w+) \*(\w+)\)", head)
    if received:
        name = received[1].decode()
        written = (
            rf"\b{name}\.[\w.\[\]]+(?:, \w+)? ?(?:[-+*/|&^]?=(?!=)|\+\+|--)"
            rf"|&{name}\b|\b{name}\.\w*(?:[mM]u|[lL]ock)|[(, =]{name}[,)\s]"
        )
        if not re.search(written, syntax.text(function.body)) and not re.search(
            rf"\b{name}\.[A-Za-z]\w*\(", syntax.text(function.body)
        ):
            at = start + received.end(1) + 1
            yield (Edit(at, at + 1, ""),)


@operator(CRITERION, "a result that nobody else holds needs no copy")
def result_copied(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A container made in the function is copied once more when it is returned or handed on."""
    made = {b.name: syntax.text(b.statement).rstrip(";") for b in reversed(text.bindings(syntax, function.body))}
    for node in syntax.nodes("returns", "return", function.body):
        value = re.fullmatch(r"return (\w+);?", syntax.text(node))
        copy = copies.copied(syntax.language, value[1], made[value[1]]) if value and value[1] in made else None
        if value and copy:
            at = node.start_byte + len("return ")
            yield (Edit(at, at + len(value[1].encode()), copy),)


@operator(CRITERION, "an element type wider than its values")
def type_widened(syntax: Syntax, function: Function) -> Iterator[Site]:
    """An array's elements take more bytes than their values need."""
    body = syntax.text(function.body)
    for (edit,) in rewrites(syntax, function, copies.WIDER):
        name = re.search(r"(\w+)\[$", edit.text)
        line = syntax.data[edit.end :].partition(b"\n")[0]
        if name is None or (b"," not in line and not re.search(rf"\b{name[1]}\b(?!\s*\[)", body)):
            yield (edit,)  # an array that is handed on whole has the type that its taker wants


@operator(CRITERION, "Effective Java item 61: primitive types are preferred to boxed ones", ("Java",))
def value_boxed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A number is kept as an object of its own, made anew by every change."""
    yield from rewrites(syntax, function, copies.BOXED)


@operator(CRITERION, "an allocation larger than its use")
def size_inflated(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A buffer or container is made larger than what it is to hold."""
    yield from rewrites(syntax, function, copies.SIZES)
