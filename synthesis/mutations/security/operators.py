"""Operators that make code easier to attack, each with the weakness's number in the Common Weakness Enumeration."""

import re
import zlib
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax
from synthesis.mutations import text, weaknesses
from synthesis.mutations.guards import Guard, guards, loosened, present
from synthesis.mutations.operator import Edit, Site, operator

CRITERION = "security_hardness"
_SENSITIVE = re.compile(
    r"(?i)passw|passphrase|\bpwd\b|token|secret|credential|auth"
    r"|session|cookie|private|signature|api_?key|nonce|payload|"
    r"\bbody\b|\breq\b|request|headers?$|e_?mail|user|account|\bpin\b|\botp\b|\burl\b|\buri\b|params|\benv|query|"
    r"certificate|\bcert\b|ssn|phone|address|\bconfig|\boptions$|\bconn|\bclient"
)
_SANITISERS = frozenset({
    "escape", "escaped", "sanitize", "sanitise", "quote", "purify", "basename", "realpath", "abspath", "clean",
    "normalize", "normalise", "shellescape", "htmlspecialchars", "secure", "canonical", "canonicalize",
})  # fmt: skip
_CHECKS = frozenset({
    "check", "validate", "verify", "ensure", "require", "authorize", "authorise", "authenticate", "guard", "enforce",
    "validated", "assure",
})  # fmt: skip
_CHECKERS = re.compile(r"^(?:\w*Validat\w*|Validate|Preconditions?|Ensure|Guard|Argument\w*)(?:\.|::)\w+$")


def _pick(options: tuple[str, ...], seed: str) -> str:
    return options[zlib.crc32(seed.encode()) % len(options)]


def _dereferenced(syntax: Syntax, function: Function, guard: Guard) -> bool:
    tested = [syntax.text(n) for n in text.variables(syntax, guard.condition)]
    after = syntax.data[guard.node.end_byte : function.body.end_byte].decode("utf-8", "replace")
    return any(
        re.search(rf"\b{re.escape(name)}\b(?:\.|->|\[|\?\.|[,)])|\*{re.escape(name)}\b", after) for name in tested
    )


@operator(CRITERION, "CWE-476: null pointer dereference")
def null_check_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A check that rejects a missing value is gone, and the value is used all the same."""
    for guard in guards(syntax, function):
        strict = guard.throws or syntax.language in ("C", "C++", "Go")
        if guard.kind == "null" and strict and _dereferenced(syntax, function, guard):
            yield from text.removed(syntax, guard.node)


@operator(CRITERION, "CWE-125, CWE-787: access outside the bounds of a buffer")
def bounds_check_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A check of a length, index or range before the value is used is gone."""
    for guard in guards(syntax, function):
        if guard.kind == "bounds" and (guard.throws or syntax.language in ("C", "C++", "Go")):
            yield from text.removed(syntax, guard.node)


@operator(CRITERION, "CWE-20: improper input validation")
def validation_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A check that rejects bad input is gone."""
    for guard in guards(syntax, function):
        if guard.kind == "validation":
            yield from text.removed(syntax, guard.node)


@operator(CRITERION, "CWE-20, CWE-862: missing validation or authorisation")
def check_call_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A statement that only calls a check of an argument, a state or a permission is gone."""
    for statement in syntax.nodes("statements", "statement", function.body):
        found = text.calls(syntax, statement)
        if statement.type not in ("expression_statement", "call") or not found or "=" in syntax.text(statement)[:40]:
            continue
        call, callee, _ = found[0]
        whole = call == statement or call.end_byte >= statement.end_byte - 1
        full = syntax.data[call.start_byte : found[0][2].start_byte].decode("utf-8", "replace")
        if whole and (not _CHECKS.isdisjoint(text.callee_words(callee)[:1]) or _CHECKERS.match(full)):
            yield from text.removed(syntax, statement)


@operator(CRITERION, "CWE-636: not failing securely")
def check_skipped_when_missing(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A check is in force only when an argument was given: leaving that out gets around the check."""
    for guard in guards(syntax, function):
        if guard.kind == "error":
            continue
        tested = {syntax.text(n) for n in text.variables(syntax, guard.condition)}
        source = syntax.text(guard.condition)
        refuses = guard.kind == "validation" and re.search(r"!=|^not |^!|\bnot in\b|~", source)
        for name in text.parameters(syntax, function):
            used = text.uses(syntax, function.body, name)
            test = present(syntax, function, name)
            contradicts = re.search(
                rf"(?:!|not ){re.escape(name)}\b(?![.(])|\b{re.escape(name)} (?:[=!]==?|is) ?n", source, re.I
            )
            if test is None or not used or (name in tested and (not refuses or contradicts)):
                continue
            yield (Edit(guard.condition.start_byte, guard.condition.end_byte, loosened(syntax, guard, test)),)
            break


@operator(CRITERION, "CWE-20: improper input validation")
def checks_must_all_fail(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Input is rejected only when it fails every one of several checks, where failing one was enough."""
    for guard in guards(syntax, function):
        if guard.kind == "error":
            continue
        for match in syntax.matches("binary", guard.condition):
            left, sign, right = match["left"][0], match["operator"][0], match["right"][0]
            word = {"||": "&&", "or": "and"}.get(syntax.text(sign))
            names = {syntax.text(n) for n in text.variables(syntax, left)}
            shared = any(syntax.text(n) in names for n in text.variables(syntax, right))
            if word and not (guard.kind == "null" and shared and "(" in syntax.text(right)):
                yield (Edit(sign.start_byte, sign.end_byte, word),)


@operator(CRITERION, "CWE-20: incomplete input validation")
def check_narrowed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """One of the reasons to reject input is gone."""
    for guard in guards(syntax, function):
        condition = guard.condition
        if guard.kind == "error":
            continue
        for match in syntax.matches("binary", condition):
            whole, left, right = match["binary"][0], match["left"][0], match["right"][0]
            if whole == condition and syntax.text(match["operator"][0]) in ("||", "or"):
                yield (Edit(left.end_byte, right.end_byte, ""),)
                yield (Edit(left.start_byte, right.start_byte, ""),)


@operator(CRITERION, "CWE-636, CWE-755: failing open")
def check_only_reported(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A failed check is reported, and the work goes on as if it had passed."""
    pattern = weaknesses.MESSAGE.get(syntax.language)
    for guard in guards(syntax, function):
        if guard.kind == "error":
            continue
        before = guard.action.prev_named_sibling
        if before is not None and re.match(r"[\w.>:-]*(?:log|Log|warn|print|perror|error)\w*[ (]", syntax.text(before)):
            yield from text.removed(syntax, guard.action)
        match = re.fullmatch(pattern, syntax.text(guard.action), re.DOTALL) if pattern else None
        if match:
            form = _pick(weaknesses.WARNINGS[syntax.language], match[1])
            statement = form.format(match[1].strip())
            kept = statement if syntax.text(guard.action).endswith(";") else statement.rstrip(";")
            yield (Edit(guard.action.start_byte, guard.action.end_byte, kept),)


def _first(syntax: Syntax, function: Function) -> Node | None:
    found = text.inner(function.body)
    if found and syntax.nodes("docstrings", "docstring", function.node):
        found = found[1:]
    if found and re.match(r"(?:super|this|base)\b\s*\(", syntax.text(found[0])):
        found = found[1:]
    return found[0] if found and text.owns_lines(syntax, found[0]) else None


@operator(CRITERION, "CWE-532: sensitive information in a log")
def secret_logged(syntax: Syntax, function: Function) -> Iterator[Site]:
    """An argument that may hold a secret or a user's data is written to the log."""
    first = _first(syntax, function)
    if first is None or function.body.type not in text.BLOCKS:
        return
    for name in text.parameters(syntax, function):
        if not _SENSITIVE.search(name) or not text.uses(syntax, function.body, name):
            continue
        declared = text.parameter_type(syntax, function, name)
        if syntax.language in ("C", "C++") and not re.search(r"char \*|string|Slice", declared):
            continue
        form = _pick(weaknesses.LOGS[syntax.language], function.name + name)
        line = form.format(name, function.name.split(":")[-1].split(".")[-1])
        if syntax.language == "JavaScript" and not syntax.text(first).endswith((";", "}")):
            line = line.rstrip(";")
        yield (Edit(first.start_byte, first.start_byte, line + "\n" + text.indent(syntax, first)),)
        return


@operator(CRITERION, "CWE-396: catching too general an exception")
def catch_widened(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A handler for one kind of error takes every kind, so that failures which should stop the work are hidden."""
    yield from weaknesses.rewrites(syntax, function, weaknesses.CATCHES)


def _bare(syntax: Syntax, call: Node, value: str) -> Iterator[Site]:
    """`value` in place of the call; where that would set a name to itself, the statement is gone."""
    binding = call.parent
    statement = binding.parent if binding is not None and binding.type in text.STATEMENT_PARTS else binding
    source = syntax.text(statement).rstrip(";") if statement is not None else ""
    if statement is not None and source.split(" = ")[0] == value and source.endswith(syntax.text(call)):
        whole = (
            statement.parent if statement.parent is not None and statement.parent.type not in text.BLOCKS else statement
        )
        yield from text.removed(syntax, whole)
    elif source.split(" = ")[0] != value:
        yield (Edit(call.start_byte, call.end_byte, value),)


@operator(CRITERION, "CWE-116, CWE-22: missing escaping or path normalisation")
def sanitiser_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Text from outside is used as it came, without the escaping, trimming or normalising it had."""
    for call, callee, arguments in text.calls(syntax, function.body):
        given = [n for n in arguments.named_children if "comment" not in n.type]
        cleans = not _SANITISERS.isdisjoint(text.callee_words(callee)) and "un" not in text.callee_words(callee)
        if call.parent is None or call.parent.type == "expression_statement" or not cleans:
            continue
        receiver = call.child_by_field_name("receiver") or call.child_by_field_name("object")
        function_part = call.child_by_field_name("function")
        if receiver is None and function_part is not None and function_part.named_child_count == 2:
            receiver = function_part.named_children[0]
        if len(given) == 1 and given[0].type not in ("keyword_argument", "list_splat"):
            yield from _bare(syntax, call, syntax.text(given[0]))
        elif not given and receiver is not None and syntax.language in ("Python", "JavaScript", "Ruby"):
            yield from _bare(syntax, call, syntax.text(receiver))


_BOUNDED = {"snprintf": ("sprintf", 1), ("vsnpr"
    "intf"): ("vsprintf", 1), "strncpy": ("strcpy", 2), "strlcpy": ("strcpy", 2),
            "strncat": ("strcat", 2), "strlcat": ("strcat", 2), "strncmp": ("strcmp", 2), "strnlen": ("strlen", 1),
            "strndup": ("strdup", 1)}  # fmt: skip
_SIZED = re.compile(
    r"^(?:std::)?(?:mem(?:cpy|move|set|cmp)|str(?:n|l)(?:cpy|cat)|v?snprintf|read|recv|fgets|fread|strndup)$"
)


@operator(CRITERION, "CWE-120, CWE-787: copy without checking the size", ("C", "C++"))
def size_argument_dropped(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A copy that stopped at the buffer's size goes on to the end of the source."""
    for call, callee, arguments in text.calls(syntax, function.body):
        weak, at = _BOUNDED.get(callee.removeprefix("std::"), ("", 0))
        given = arguments.named_children
        if weak and len(given) > at and callee != "strncmp":
            name = call.named_children[0]
            yield (Edit(name.start_byte, name.end_byte, weak), Edit(given[at - 1].end_byte, given[at].end_byte, ""))
    for match in re.finditer(rb"\.at\((\w+)\)", syntax.data[function.body.start_byte : function.body.end_byte]):
        start = function.body.start_byte
        yield (Edit(start + match.start(), start + match.end(), f"[{match[1].decode()}]"),)


@operator(CRITERION, "CWE-805, CWE-193: buffer access with an incorrect length", ("C", "C++"))
def size_argument_enlarged(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The size given to a copy or a read is larger than the buffer."""
    for _, callee, arguments in text.calls(syntax, function.body):
        given = arguments.named_children
        if not _SIZED.match(callee) or len(given) < 2:
            continue
        size = given[1] if callee in ("fgets", "snprintf", "vsnprintf", "strndup") else given[-1]
        source = syntax.text(size)
        if re.fullmatch(r"(.+?)\s*-\s*1", source):
            yield (Edit(size.start_byte, size.end_byte, re.sub(r"\s*-\s*1$", "", source)),)
        elif not source.isdigit():
            options: tuple[str, ...] = (
                f"{source} + 1",
                f"{source} * 2",
                f"{source} + sizeof(int)",
                f"{source} + {len(given) + 1}",
            )
            if not re.fullmatch(r"[\w.>()\s*-]+", source) or re.search(r"[?]", source):
                options = (f"({source}) + 1",)
            yield (Edit(size.start_byte, size.end_byte, _pick(options, function.name + source)),)


@operator(CRITERION, "CWE-327, CWE-328: broken or weak cryptography")
def weak_hash(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A broken hash or cipher mode stands where a sound one stood."""
    yield from weaknesses.rewrites(syntax, function, weaknesses.WEAK_HASH)


@operator(CRITERION, "CWE-338: weak pseudo-random number generator")
def weak_random(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A predictable random source stands where a secure one stood."""
    yield from weaknesses.rewrites(syntax, function, weaknesses.WEAK_RANDOM)


@operator(CRITERION, "CWE-208: observable timing discrepancy")
def comparison_leaks_time(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Secrets are compared by a comparison that stops at the first difference."""
    yield from weaknesses.rewrites(syntax, function, weaknesses.TIMING)


@operator(CRITERION, "CWE-295: improper certificate validation")
def certificate_unchecked(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The peer's certificate is not checked."""
    yield from weaknesses.rewrites(syntax, function, weaknesses.CERTIFICATES)


@operator(CRITERION, "CWE-732: incorrect permission assignment")
def permissions_widened(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A file or folder can be written by everybody."""
    yield from weaknesses.rewrites(syntax, function, weaknesses.PERMISSIONS)


@operator(CRITERION, "CWE-95, CWE-502: evaluating or deserialising untrusted input")
def input_evaluated(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Input is read by something that can run code, where a parser of plain data stood."""
    yield from weaknesses.rewrites(syntax, function, weaknesses.PARSERS)


@operator(CRITERION, "CWE-78: operating system command injection")
def command_through_shell(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A command's arguments are joined to one text that a shell reads."""
    yield from weaknesses.rewrites(syntax, function, weaknesses.SHELL)


@operator(CRITERION, "CWE-400, CWE-770: uncontrolled resource consumption")
def limit_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A limit on time or size of what comes from outside is gone."""
    yield from weaknesses.rewrites(syntax, function, weaknesses.LIMITS)


@operator(CRITERION, "CWE-777: regular expression without anchors")
def pattern_unanchored(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A check by pattern is content with a part of the text, or of a line."""
    yield from weaknesses.rewrites(syntax, function, weaknesses.ANCHORS)
