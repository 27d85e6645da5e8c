"""Operators that no longer give back what was taken: memory, files, handles, listeners."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import effects, layout, text
from synthesis.mutations.memory.places import CRITERION, body_text, found, mentions, part, source
from synthesis.mutations.operator import Edit, Site, operator

FAMILY = "release"
_RELEASE = re.compile(
    r"^(?:defer |await |delete(?:\[\])? |if \([^()]+\) )?(?:[\w.:>@()?!-]*\b)?_?"
    r"(?:\w*[cC]lose(?:dir|All|Async|Quietly)?|free|Free|dispose|Dispose|release|Release|destroy"
    r"|Destroy|unref|Unref|decref|decrRefCount|"
    r"removeListener|removeEventListener|unsubscribe|DisposeAsync|SuppressFinalize|"
    r"\w+[fF]ree|\w+Release|\w+Destroy|\w+_close|\w+_destroy|\w+_free|\w+_unref|Py_X?DECREF|putconn|Unmap|munmap)"
    r"(?:\([^\n]*\)|!|\?|)\s*;?$|^delete(?:\[\])? \w[\w.>-]*;$"
    r"|^(?:this\.|_)?\w[\w.]* -= [\w.]*(?:On|Handle|_)\w+;$|^defer \w*[tT](?:icker|imer)\w*\.Stop\(\)$"
    r"|^(?:defer )?\w*[pP]ool\.(?:Put|Return)\([^\n]*\);?$|^ArrayPool<\w+>\.Shared\.Return\([^\n]*\);$"
)
_NOT_MEMORY = re.compile(
    r"(?i)lock|mutex|sem\b|semaphore|is_?closed|enclose|disclose|guard|writer|pipe|zip|enco"
    r"der|transport|socket|stdin|stdout|\bdb\.|server|queue|\bws\b|websocket|ready|wake|\.free\(\)$"
)
_GIVES_BACK = re.compile(
    r"(?i)close|dispose|free|release|destroy|shutdown|clean|unsubscribe"
    r"|stop|clear|reset|finish|detach|remove|end\b|off\b"
)
_MANUAL = frozenset(("C", "C++"))
_DECLARED_AND_CLOSED = 2


def _releases(syntax: Syntax, function: Function) -> Iterator[Node]:
    """Statements that give something back, where doing so isn't all that the function is for."""
    its_job = _GIVES_BACK.search(function.name) is not None and syntax.language not in _MANUAL
    body = body_text(syntax, function)
    listed = [n for n in syntax.nodes("statements", "statement", function.body) if _RELEASE.match(syntax.text(n))]
    if _GIVES_BACK.search(function.name) and len(listed) < 2:
        listed = [n for n in listed if "SuppressFinalize" in syntax.text(n)]
    for statement in listed:
        code = syntax.text(statement)
        if re.search(r"(?i)release", code) and re.search(r"(?i)acquire", body):
            continue
        if code.startswith("delete ") and syntax.language not in _MANUAL:
            continue
        if syntax.language == "JavaScript" and re.search(r"\.destroy\([^)]", code):
            continue
        channel = syntax.language == "Go" and re.match(r"(?:defer )?close\(", code)
        handle = re.match(r"(?:await )?([\w.@]+?)(?:\.|->)\w+\(", code)
        filled = (
            rf"\b{re.escape(handle[1])}(?:\.|->)(?:write|append|puts|print|send|put|Write|Append|Print)"
            if handle
            else ""
        )
        if filled and syntax.language != "C" and re.search(filled, body):
            continue  # closing it writes out what is left
        if syntax.language in ("Python", "Ruby", "JavaScript", "Java", "C#") and re.search(
            r"\w_close|\wClose\w*\(", code
        ):
            continue
        own = (
            re.match(r"(?:this\.|self\.)?(?:close|destroy|dispose|release)\(", code) and syntax.language not in _MANUAL
        )
        allowed = not _NOT_MEMORY.search(code) and not channel and not own
        allowed = allowed and (not its_job or "SuppressFinalize" in code)
        if allowed and not effects.orphans(syntax, function, statement):
            yield statement


def _leaves_early(syntax: Syntax, statement: Node) -> bool:
    """Whether the function is left right after the statement, before its end."""
    after = statement.next_named_sibling
    while after is not None and (after.type == "comment" or _RELEASE.match(syntax.text(after))):
        after = after.next_named_sibling
    outer: Node | None = statement.parent
    while outer is not None and outer.type not in (
        "if_statement",
        "if",
        "else_clause",
        "unless",
        "except_clause",
        "catch_clause",
    ):
        outer = outer.parent
    deferred = syntax.text(statement).startswith("defer ")
    return after is not None and layout.exits(syntax, after) and outer is not None and not deferred


def _in_memory(syntax: Syntax, function: Function, statement: Node) -> bool:
    """Whether what is closed only reads what is in memory: closing it gives nothing back."""
    handle = re.match(r"\w+", syntax.text(statement))
    kinds = r"(?:StringReader|StringWriter|ByteArray\w+|JsonTree\w+|StringIO|BytesIO|MemoryStream)"
    return handle is not None and (
        re.search(rf"\b{handle[0]} :?= (?:new )?(?:\w+\.)?{kinds}\b", body_text(syntax, function)) is not None
    )


@operator(CRITERION, "CWE-772: missing release of a resource after its effective lifetime", version="2", family=FAMILY)
def release_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Memory, a handle or a listener that was given back is kept."""
    for statement in _releases(syntax, function):
        if not _leaves_early(syntax, statement) and not _in_memory(syntax, function, statement):
            yield from text.removed(syntax, statement)


@operator(CRITERION, "CWE-401: missing release of memory on one of the paths", version="2", family=FAMILY)
def released_but_for_one_path(syntax: Syntax, function: Function) -> Iterator[Site]:
    """What was taken is not given back where the function is left early."""
    code = body_text(syntax, function)
    for statement in _releases(syntax, function):
        handle = re.match(r"\w+", syntax.text(statement))
        unused = syntax.language == "Go" and handle is not None and mentions(code, handle[0]) <= _DECLARED_AND_CLOSED
        if _leaves_early(syntax, statement) and not unused:
            yield from text.removed(syntax, statement)


@operator(
    CRITERION, "CWE-772: a return that goes past the label where everything is given back", ("C", "C++"), family=FAMILY
)
def cleanup_skipped(syntax: Syntax, function: Function) -> Iterator[Site]:
    """An error path returns at once instead of going to where memory and handles are given back."""
    code = body_text(syntax, function)
    labels = re.finditer(r"(?m)^[ \t]*(\w+):[ \t]*\n((?:(?!^\}).*\n)*?)[ \t]*return (\w+);\s*\}?\s*\Z", code)
    for label in labels:
        if not re.search(r"(?i)\b\w*(?:free|close|release|destroy|unref|decref|cleanup)\w*\(", label[2]):
            continue
        jumps = list(found(syntax, function, rf"\bgoto {label[1]};"))
        for match in jumps[1:] if len(jumps) > 1 else []:
            yield (Edit(match.start(), match.end(), f"return {label[3]};"),)


@operator(
    CRITERION,
    "CWE-772: using and try-with-resources give back what they opened",
    ("C#", "Java"),
    family=FAMILY,
    blatant=True,
)
def scope_lost(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A resource that its statement gave back at the end of the block is opened without anything that closes it."""
    if syntax.language == "C#":
        for match in found(syntax, function, r"(?m)(?<=[ \t])(?:await )?using (?=(?:var|[\w.<>?]+) \w+ = )"):
            yield (Edit(match.start(), match.end(), ""),)
    for node, _ in walk(function.body):
        body = node.child_by_field_name("body")
        if body is None or node.has_error:
            continue
        head = source(syntax, node.start_byte, body.start_byte).strip()
        if node.type == "using_statement":
            opened = re.fullmatch(r"(?:await )?using \(((?:var|[\w.<>?]+) \w+ = .+)\)", head, re.DOTALL)
            edit = text.unwrapped(syntax, node, body)
            if opened and edit is not None and text.inner(body):
                line = f"{opened[1]};{layout.newline(syntax)}{text.indent(syntax, node)}"
                yield (Edit(edit.start, edit.end, line + edit.text),)
        elif node.type == "try_with_resources_statement":
            yield from _try_opened(syntax, node, body, head)


def _try_opened(syntax: Syntax, node: Node, body: Node, head: str) -> Iterator[Site]:
    opened = re.fullmatch(r"try \(([\w.<>?\[\]]+ \w+ = .+?);?\s*\)", head, re.DOTALL)
    inner = text.inner(body)
    if opened is None or not inner or ";" in opened[1]:
        return
    if any(n.type in ("catch_clause", "finally_clause") for n in node.named_children):
        line = f"{opened[1]};{layout.newline(syntax)}{text.indent(syntax, inner[0])}"
        yield Edit(node.start_byte, body.start_byte, "try "), Edit(inner[0].start_byte, inner[0].start_byte, line)
        return
    edit = text.unwrapped(syntax, node, body)
    if edit is not None:
        yield (
            Edit(edit.start, edit.end, f"{opened[1]};{layout.newline(syntax)}{text.indent(syntax, node)}{edit.text}"),
        )


@operator(
    CRITERION, "CWE-772: with and a block give back what they opened", ("Python", "Ruby"), family=FAMILY, blatant=True
)
def scope_unmanaged(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A resource that its block gave back at the end is opened without anything that closes it."""
    for node, _ in walk(function.body):
        body = node.child_by_field_name("body")
        if node.type == "with_statement" and body is not None and text.inner(body):
            found_head = re.fullmatch(
                (
                    r"with ((?!.* as \w+, )(?:open|[\w.]*(?:connect|[Oo]pen|socket|File"
                    r"|urlopen|Session|Pool|Executor))\(.*\)) as (\w+):"
                ),
                source(syntax, node.start_byte, body.start_byte).strip(),
            )
            edit = text.unwrapped(syntax, node, body)
            written = re.search(r"['\"][rbt+]*[wax][bt+]*['\"]|Temporary", syntax.text(node).split("\n")[0])
            if found_head and edit is not None and not (written and node.next_named_sibling is not None):
                opened = f"{found_head[2]} = {found_head[1]}\n{text.indent(syntax, node)}"
                yield (Edit(edit.start, edit.end, opened + edit.text),)
        block = node.child_by_field_name("block")
        if node.type == "call" and block is not None and block.type == "do_block":
            yield from _ruby_block(syntax, node, block)


def _ruby_block(syntax: Syntax, node: Node, block: Node) -> Iterator[Site]:
    head = re.fullmatch((r"((?:File|IO|Dir|Zip::File|TCPSocket|StringIO|Tempfile|Zlib::\w+|"
r"[A-Z]\w+)\.(?:open|new|create)\b.*?) do \|(\w+)\|"),
                        source(syntax, node.start_byte, block.end_byte).split("\n")[0])  # fmt: skip
    body = block.child_by_field_name("body")
    opens = (
        head is not None and re.search(r"\.open\(", head[1]) and not re.search(r"['\"][wa]b?\+?[:'\"]|mode:", head[1])
    )
    if (
        not head
        or not opens
        or body is None
        or re.search(r"\b(?:next|break)\b", syntax.text(body))
        or "(" not in head[1]
    ):
        return
    if not text.owns_lines(syntax, node) or not body.named_children:
        return
    first, last = body.named_children[0], body.named_children[-1]
    lines = source(syntax, text.line_start(syntax, first.start_byte), last.end_byte)
    deep, shallow = text.indent(syntax, first), text.indent(syntax, node)
    moved = "\n".join(shallow + x[len(deep) :] if x.startswith(deep) else x for x in lines.split("\n"))
    yield (Edit(node.start_byte, node.end_byte, f"{head[2]} = {head[1]}\n{moved}"),)


@operator(CRITERION, "CWE-772: what an exception goes past is never given back", family=FAMILY)
def finally_lost(syntax: Syntax, function: Function) -> Iterator[Site]:
    """What was given back whatever happened is not given back any more."""
    for node, _ in walk(function.body):
        if node.type in ("finally_clause", "ensure") and node.parent is not None and not node.has_error:
            blocks = [n for n in node.named_children if n.type in text.BLOCKS]
            actions = text.inner(blocks[0]) if blocks else [n for n in node.named_children if n.type != "comment"]
            codes = [syntax.text(a) for a in actions]
            held = re.search(r"(?i)acquire", body_text(syntax, function))
            own = any(re.fullmatch(r"(?:this\.|self\.)?close(?:\(\))?;?", c) for c in codes)
            if codes and not held and not own and all(_RELEASE.match(c) and not _NOT_MEMORY.search(c) for c in codes):
                yield from _without_finally(syntax, node, node.parent)


def _without_finally(syntax: Syntax, clause: Node, outer: Node) -> Iterator[Site]:
    handlers = [n for n in outer.named_children if n.type in ("catch_clause", "except_clause", "rescue")]
    start = layout.break_before(syntax.data, clause.start_byte)
    alone = not source(syntax, text.line_start(syntax, clause.start_byte), clause.start_byte).strip()
    if clause.type == "ensure":
        yield (Edit(start, len(syntax.data[: clause.end_byte].rstrip()), ""),)
    elif handlers and alone:
        yield (Edit(start, clause.end_byte, ""),)
    elif handlers:
        before = len(syntax.data[: clause.start_byte].rstrip())
        yield (Edit(before, clause.end_byte, ""),)
    else:
        body = outer.child_by_field_name("body")
        edit = text.unwrapped(syntax, outer, body) if body is not None else None
        if edit is not None:
            yield (edit,)


@operator(
    CRITERION,
    "gocritic deferInLoop: what the loop opens stays open until the function ends",
    ("Go",),
    version="2",
    family=FAMILY,
)
def deferred_in_loop(syntax: Syntax, function: Function) -> Iterator[Site]:
    """What each round opened and closed is kept open until all rounds are over."""
    for loop in text.loops(syntax, function.body):
        inner = text.inner(loop.body)
        closed = re.fullmatch(r"(\w+)(?:\.\w+)*\.Close\(\)", syntax.text(inner[-1])) if inner else None
        if closed and re.search(rf"\b{closed[1]}\b[^\n]* :?= ", syntax.text(loop.body)):  # each round opens its own
            yield (Edit(inner[-1].start_byte, inner[-1].start_byte, "defer "),)


@operator(
    CRITERION, "go vet lostcancel: the context and its timer are kept until the parent ends", ("Go",), family=FAMILY
)
def cancel_lost(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A derived context is never cancelled, so that its timer and its place in the parent are kept."""
    code = body_text(syntax, function)
    for match in found(syntax, function, r", (\w+) :?= context\.With(?:Cancel|Timeout|Deadline)\("):
        name = part(match, 1)
        for statement in syntax.nodes("statements", "statement", function.body):
            edit = text.removal(syntax, statement) if syntax.text(statement) == f"defer {name}()" else None
            if edit is not None and mentions(code, name) == 2:
                yield Edit(match.start(1), match.end(1), "_"), edit
