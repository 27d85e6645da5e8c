"""Defects in what the system is asked for: rights, exclusive creation, locks, limits."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax
from synthesis.mutations import text
from synthesis.mutations.operator import Edit, Site, merged, operator
from synthesis.mutations.patterns import Table
from synthesis.mutations.security import forms
from synthesis.mutations.security.places import CRITERION, calls, deletion, rewrites, stands_alone, tidied
from synthesis.mutations.trials import is_test

_FAMILY = "system_rights"
_LOCK = re.compile(r"(?i)(?:^|_|\b)(?:\w*mutex_?|\w*lock_?|\w*mtx_?)(?:\d|$)|(?i:lock|mutex|mtx)")
_SCOPED = re.compile(
    r"^(?:const )?(?:(?:std|absl|boost|port|rocksdb|re2)::)*(?:lock_guard|scoped_lock|unique_lock|shared_lock|"
    r"\w*Mutex_?Lock|"
    r"ReadLock|WriteLock|MutexLock|ReaderMutexLock|WriterMutexLock|SpinMutexLock|AutoLock)\b(?:<[^;]*>)?\s+(\w+)"
    r"\s*[({]([^;]*)[)}];$"
)
_SHARED = re.compile(r"->\w|\bthis\.|\bself\.\w|@\w|\b_\w+|\b\w+_\b|\w\.\w")
"""State that outlives the call."""

_WAITS = re.compile(
    r"(?i)\b(?:notify\w*|wait\w*|signal|broadcast|pulse\w*|await|cond_\w+)\b\s*[(;]|\.(?:Wait|Signal|Broadcast|Pulse)"
    r"\w*\("
)


@operator(CRITERION, "CWE-732, CWE-276: incorrect permission assignment", version="2", family=_FAMILY)
def permissions_widened(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A file or folder can be read or written by everybody."""
    yield from rewrites(syntax, function, forms.PERMISSIONS)


@operator(CRITERION, "CWE-367, CWE-377: race between check and use of a file", family=_FAMILY)
def exclusive_creation_lost(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A file that somebody else has put there first is taken, where only a new one was."""
    yield from rewrites(syntax, function, forms.EXCLUSIVE)


@operator(CRITERION, "CWE-59, CWE-403: link followed, or descriptor inherited", version="2", family=_FAMILY)
def descriptor_flag_lost(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A link to a file elsewhere is followed, or a descriptor is passed on to other programs."""
    yield from rewrites(syntax, function, forms.DESCRIPTORS)


@operator(CRITERION, "CWE-400, CWE-770: uncontrolled resource consumption", version="3", family=_FAMILY)
def limit_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A limit on time or size of what comes from outside is gone."""
    yield from rewrites(syntax, function, forms.LIMITS)


_ATOMIC: Table = {
    "C#": (
        (r"(?<=[;{}\n]\n)([ \t]+)Interlocked\.Increment\(ref (\w[\w.]*)\);", r"\1\2++;"),
        (r"(?<=[;{}\n]\n)([ \t]+)Interlocked\.Decrement\(ref (\w[\w.]*)\);", r"\1\2--;"),
        (r"(?<=[;{}\n]\n)([ \t]+)Interlocked\.Add\(ref (\w[\w.]*), (\w[\w.]*)\);", r"\1\2 += \3;"),
        (r"\b(return |= )Interlocked\.Increment\(ref (\w[\w.]*)\);", r"\1++\2;"),
        (r"\b(return |= )Interlocked\.Decrement\(ref (\w[\w.]*)\);", r"\1--\2;"),
    ),
    "Java": (
        (
            r"(?<=[;{}\n]\n)([ \t]+)((?:this\.)?\w+)\.(?:incrementAndGet|getAndIncrement)\(\);",
            r"\1\2.set(\2.get() + 1);",
        ),
        (
            r"(?<=[;{}\n]\n)([ \t]+)((?:this\.)?\w+)\.(?:decrementAndGet|getAndDecrement)\(\);",
            r"\1\2.set(\2.get() - 1);",
        ),
        (r"(?<=[;{}\n]\n)([ \t]+)((?:this\.)?\w+)\.(?:addAndGet|getAndAdd)\((\w+)\);", r"\1\2.set(\2.get() + \3);"),
        (r"\bif \((\w[\w.]*)\.compareAndSet\(true, false\)\) \{\n([ \t]+)", r"if (\1.get()) {\n\2\1.set(false);\n\2"),
        (r"\bif \((\w[\w.]*)\.compareAndSet\(false, true\)\) \{\n([ \t]+)", r"if (!\1.get()) {\n\2\1.set(true);\n\2"),
    ),
    "C++": (
        (r"(?<=[;{}\n]\n)([ \t]+)([\w.>-]+)\.fetch_add\((\w+)(?:, [\w:]+)?\);", r"\1\2 = \2 + \3;"),
        (r"(?<=[;{}\n]\n)([ \t]+)([\w.>-]+)\.fetch_sub\((\w+)(?:, [\w:]+)?\);", r"\1\2 = \2 - \3;"),
    ),
    "Go": (
        (r"(?m)^(\t+)atomic\.Add(?:Int|Uint)\d+\(&([\w.]+), 1\)$", r"\1\2++"),
        (r"(?m)^(\t+)atomic\.Add(?:Int|Uint)\d+\(&([\w.]+), -1\)$", r"\1\2--"),
    ),
}


@operator(CRITERION, "CWE-362, CWE-367: race on shared state", ("C#", "Java", "C++", "Go"), family="lock_lost")
def atomic_update_lost(syntax: Syntax, function: Function) -> Iterator[Site]:
    """What several threads change is read and written in two steps, so that another can come between them."""
    yield from rewrites(syntax, function, _ATOMIC)


@operator(CRITERION, "CWE-362: race on shared state", family="lock_lost")
def lock_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """State that several threads change is changed without the lock that kept them apart."""
    source = syntax.text(function.body)
    builds = re.search(r"(?:^|[.:])(?:initialize|__init__|constructor)$", function.name) is not None
    if is_test(syntax, function) or builds or not _SHARED.search(source) or _WAITS.search(source):
        return
    yield from _unwrapped(syntax, function)
    yield from _scoped(syntax, function)
    yield from _paired(syntax, function)
    head = syntax.data[function.node.start_byte : function.body.start_byte].decode("utf-8", "replace")
    match = re.search(r"\bsynchronized ", head)
    if match and syntax.language == "Java":
        at = function.node.start_byte + len(head[: match.start()].encode())
        yield (Edit(at, at + len(match[0]), ""),)


def _unwrapped(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Blocks under a lock, moved out of it."""
    for node in _below(function.body):
        source = syntax.text(node)
        body = node.child_by_field_name("body")
        if node.type == "lock_statement" or node.type == "synchronized_statement":
            body = body or node.named_children[-1]
        elif node.type == "with_statement":
            if not re.match(r"(?:async )?with [\w.]*(?i:lock|mutex)\w*(?:\(\))?:", source):
                continue
        elif node.type == "call" and syntax.language == "Ruby":
            block = node.child_by_field_name("block")
            if block is None or not re.match(r"[\w@.]*\bsynchronize\b *(?:do|\{)(?! *\|)", source):
                continue
            body = block.child_by_field_name("body")
            if not stands_alone(syntax, node) or body is None or re.search(r"\bnext\b|\bbreak\b", syntax.text(body)):
                continue
        else:
            continue
        if body is None or not _SHARED.search(syntax.text(body)):
            continue
        edit = _freed(syntax, node, body)
        if edit is not None:
            yield (edit,)


def _below(node: Node) -> Iterator[Node]:
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(current.named_children))


def _freed(syntax: Syntax, outer: Node, body: Node) -> Edit | None:
    """The statements of `body` in place of `outer`, with its indentation; None where lines are shared."""
    found = [n for n in body.named_children if n.type != "block_parameters"]
    if len(found) == 1 and found[0].type == "statement_list":
        found = found[0].named_children
    if not found or not text.owns_lines(syntax, outer):
        return None
    if body.start_point.row == outer.start_point.row == outer.end_point.row:
        return Edit(outer.start_byte, outer.end_byte, syntax.text(body).strip("{} "))
    if found[0].start_point.row == outer.start_point.row:
        return None
    source = syntax.data[text.line_start(syntax, found[0].start_byte) : found[-1].end_byte].decode("utf-8")
    deep, shallow = text.indent(syntax, found[0]), text.indent(syntax, outer)
    if re.search(r"<<[~-]|'''|\"\"\"|`", source):
        return None
    lines = [
        shallow + line[len(deep) :] if line.startswith(deep) else line.lstrip(" \t") for line in source.split("\n")
    ]
    return Edit(outer.start_byte, outer.end_byte, "\n".join(lines).lstrip())


def _scoped(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Declarations of a lock that holds until the end of its block."""
    for statement in syntax.nodes("statements", "statement", function.body):
        match = _SCOPED.match(syntax.text(statement)) if syntax.language == "C++" else None
        rest = syntax.data[statement.end_byte : function.body.end_byte].decode("utf-8", "replace")
        if match and "defer_lock" not in match[2] and not re.search(rf"\b{re.escape(match[1])}\b", rest):
            yield from text.removed(syntax, statement)


def _paired(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Statements that take a lock, with those that give it back."""
    found: dict[str, list[tuple[str, Node]]] = {}
    for call in calls(syntax, function):
        parent = call.node.parent
        deferred = parent is not None and parent.type == "defer_statement"
        if not (deferred or stands_alone(syntax, call.node)):
            continue
        match = re.fullmatch(
            r"(.*?)((?i:(?:un)?lock|runlock|rlock)|acquire|release|Enter|Exit)(_?\w{0,4})", call.callee
        )
        target = ",".join(syntax.text(n) for n in call.arguments)
        about = re.sub(r"(?i)(?:un)?lock$", "", call.callee) + target
        if match and _LOCK.search(
            call.callee.rsplit(".", 1)[0] + target if syntax.language != "Go" else "lock" + about
        ):
            statement = call.node if syntax.language == "Ruby" or parent is None else parent
            key = re.sub(r"(?i)(r|w)?(?:un)?lock|acquire|release|enter|exit", "", call.callee) + "|" + target
            found.setdefault(key, []).append((call.name.lower(), statement))
    for listed in found.values():
        gives = [name for name, _ in listed if re.search(r"unlock|release|exit", name)]
        if not gives or len(gives) == len(listed):
            continue
        edits = [deletion(syntax, statement) for _, statement in listed]
        if all(edit is not None for edit in edits):
            yield tuple(tidied(syntax, edit) for edit in merged(edit for edit in edits if edit is not None))
