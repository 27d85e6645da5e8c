"""Defects of memory safety in C and C++: sizes, terminators, lengths, what was freed, what was never cleared."""

import re
import zlib
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax
from synthesis.mutations import text
from synthesis.mutations.operator import Edit, Site, operator
from synthesis.mutations.security.guards import gone, guards
from synthesis.mutations.security.places import (
    CRITERION,
    SECRET,
    after,
    calls,
    dropped,
    replaced,
    rewrites,
    statement_of,
)
from synthesis.mutations.trials import is_test

C = ("C", "C++")
_FAMILY = "memory_safety"
_BOUNDED = {
    "snprintf": ("sprintf", 1), "vsnprintf": ("vsprintf", 1), "strncpy": ("strcpy", 2), "strlcpy": ("strcpy", 2),
    "strncat": ("strcat", 2), "strlcat": ("strcat", 2), "strnlen": ("strlen", 1), "strndup": ("strdup", 1),
    "wcsncpy": ("wcscpy", 2),
}  # fmt: skip
_SIZED = re.compile(r"^(?:std::)?(?:mem(?:cpy|move|set)|str(?:n|l)(?:cpy|cat)|v?snprintf|read|recv|fgets|fread)$")
_OVERFLOW = re.compile(
    r"\b(?:SIZE_MAX|UINT\d*_MAX|INT\d*_MAX|U?LONG_MAX|SSIZE_MAX|npos|numeric_limits|\w*_OVERFLOW\w*|overflow\w*)\b|"
    r"(?i:overflow)"
)
_ZEROED = re.compile(r"^(?:struct \w+|[\w:]+(?: [\w:]+)?)\s+\w+(?:\[[^\]]+\])?(\s*=\s*\{\s*0?\s*\});$")


def is_constant(source: str) -> bool:
    """Whether an argument is a text written out, whose length its author knows."""
    return source.startswith(('"', 'L"'))


@operator(CRITERION, "CWE-120, CWE-787, CWE-125: copy without checking the size", C, "3", family=_FAMILY)
def size_argument_dropped(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A copy or an access that stopped at the buffer's size goes on to the end of the source."""
    for call in calls(syntax, function):
        weak, at = _BOUNDED.get(call.callee.removeprefix("std::"), ("", 0))
        given = call.arguments
        source = (
            syntax.text(given[1 if "cpy" in call.name or "cat" in call.name else -1]) if weak and len(given) > 1 else ""
        )
        shape = next((syntax.text(n) for n in given[2:3]), "") if "printf" in call.name else ""
        known = (is_constant(source) and not shape) or (shape.startswith('"') and "%s" not in shape)
        if weak and len(given) > at and not known and not re.match(r"NULL|nullptr|0$", syntax.text(given[0])):
            name = call.node.named_children[0]
            used = statement_of(call.node).type != "expression_statement"
            if call.name in ("strlcpy", "strlcat") and used:
                continue
            yield (
                replaced(name, syntax.text(name).replace(call.name, weak)),
                Edit(given[at - 1].end_byte, given[at].end_byte, ""),
            )
        if re.fullmatch(r"(?:std::)?(?:string|string_view)|Slice", call.callee) and len(given) == 2:
            size = syntax.text(given[1])
            if (
                re.search(r"(?i)len|size|^n$", size)
                and "printf" not in syntax.text(function.body)
                and not re.search(r"['\"]|c_str\(", size + syntax.text(given[0]))
                and "string" not in text.parameter_type(syntax, function, re.split(r"\W", syntax.text(given[0]))[0])
            ):
                yield (Edit(given[0].end_byte, given[1].end_byte, ""),)
        if call.name == "at" and len(given) == 1 and re.search(r"[\w\])]\.at$", call.callee):
            if given[0].type == "string_literal" or not re.search(
                r"(?i)[ijkn]\b|idx|index|pos|\d|\(", syntax.text(given[0])
            ):
                continue
            dot = call.brackets.start_byte - len(".at")
            yield (Edit(dot, call.brackets.end_byte, f"[{syntax.text(given[0])}]"),)


@operator(CRITERION, "CWE-805, CWE-193: buffer access with an incorrect length", C, "2", family=_FAMILY)
def size_argument_enlarged(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The size given to a copy or a read is larger than the buffer."""
    for call in calls(syntax, function):
        given = call.arguments
        if not _SIZED.match(call.callee) or len(given) < 2:
            continue
        size = given[1] if call.name in ("fgets", "snprintf", "vsnprintf") else given[-1]
        if call.name == "fread":
            size = given[2] if len(given) == 4 else given[1]
        source = syntax.text(size)
        if re.fullmatch(r"(.+?)\s*-\s*1", source) and call.name != "snprintf":
            yield (replaced(size, re.sub(r"\s*-\s*1$", "", source)),)
        elif re.fullmatch(r"[\w.>()\s*-]+", source) and not source.isdigit() and "NULL" not in syntax.text(given[0]):
            options = (f"{source} + 1", f"{source} * 2") if not re.search(r" [-*] ", source) else (f"{source} + 1",)
            yield (replaced(size, options[zlib.crc32((function.name + source).encode()) % len(options)]),)


@operator(CRITERION, "CWE-131, CWE-787, CWE-193: buffer of the wrong size", C, family=_FAMILY)
def buffer_made_small(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A buffer has no room for the byte that ends the text in it."""
    if is_test(syntax, function):
        return
    for call in calls(syntax, function):
        if not re.search(r"alloc\w*$|^new ", call.name) or not call.arguments:
            continue
        if "calloc" in call.name and syntax.text(call.arguments[0]) != "1":
            continue
        size = call.arguments[-1]
        match = re.fullmatch(
            r"(.*\b(?:strlen\([^()]*\)|\w*(?i:len|size|length)\w*))\s*\+\s*1|1\s*\+\s*(strlen\([^()]*\))",
            syntax.text(size),
            re.DOTALL,
        )
        if match:
            yield (replaced(size, match[1] or match[2]),)
    for statement in syntax.nodes("statements", "statement", function.body):
        source = syntax.text(statement)
        match = re.match(
            r"(?:static )?(?:unsigned )?char\s+\w+\[(\w+)(\s*\+\s*1)\]|[\w:* ]+=\s*new (?:unsigned )?char\[([\w.()"
            r">-]+)(\s*\+\s*1)\]",
            source,
        )
        if match:
            group = 2 if match[2] else 4
            at = statement.start_byte
            yield (Edit(at + match.start(group), at + match.end(group), ""),)


@operator(CRITERION, "CWE-170: improper null termination", C, family=_FAMILY)
def terminator_omitted(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A text is left without the null byte that ends it."""
    if is_test(syntax, function):
        return
    for statement in syntax.nodes("statements", "statement", function.body):
        source = syntax.text(statement)
        match = re.fullmatch(
            r"(\w[\w.>-]*)\[([^\]=]+)\]\s*=\s*(?:'\\0'|0|NULL);|\*(\w+)(?:\+\+)?\s*=\s*(?:'\\0');", source
        )
        if not match or (match[2] or "").strip() in ("0", "1"):
            continue
        name = re.escape(match[1] or match[3])
        ahead = syntax.data[function.body.start_byte : statement.start_byte].decode("utf-8", "replace")
        filled = re.search(
            rf"\b(?:mem(?:cpy|move)|strncpy|f?read|recv|readlink|pread)\s*\([^;]*\b{name}\b|\b{name}\[[^\]]*\]\s*=|"
            rf"\*{name}\+\+\s*=",
            ahead,
        )
        zeroed = re.search(rf"calloc|scanf|memset\([^;]*{name}", ahead)
        if filled and not zeroed:
            yield from dropped(syntax, function, statement)


@operator(CRITERION, "CWE-190, CWE-680: integer overflow before an allocation or a copy", C, family=_FAMILY)
def overflow_check_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A size is no longer checked for overflow before it is used."""
    for guard in guards(syntax, function, soft=True):
        source = syntax.text(guard.condition)
        wraps = re.search(r"(\w+) \+ \w+ < \1\b|< (\w+) \+|> \w*MAX\w* ?[/-]|> \(?\w*\)?-1", source)
        if (_OVERFLOW.search(source) and re.search(r"[<>]", source)) or wraps:
            yield from gone(syntax, function, guard)


@operator(CRITERION, "CWE-908, CWE-457: use of uninitialised memory", (*C, "JavaScript"), "2", family=_FAMILY)
def memory_not_cleared(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Memory is used with what was left in it: it is no longer set to zero."""
    if syntax.language == "JavaScript":
        yield from rewrites(
            syntax, function, {"JavaScript": ((r"\bBuffer\.alloc\((?=[\w.]+\))", "Buffer.allocUnsafe("),)}
        )
        return
    for call in calls(syntax, function):
        name = call.callee.removeprefix("std::")
        given = [syntax.text(n) for n in call.arguments]
        if name in ("calloc", "zcalloc_num", "xcalloc") and len(given) == 2:
            size = (
                given[1]
                if given[0] == "1"
                else given[0]
                if given[1] == "1"
                else f"{_factor(given[0])} * {_factor(given[1])}"
            )
            weak = "xmalloc" if name == "xcalloc" else "malloc"
            yield (replaced(call.node, f"{weak}({size})"),)
        statement = statement_of(call.node)
        if (
            name == "memset"
            and len(given) == 3
            and given[1] in ("0", "'\\0'")
            and statement.type == "expression_statement"
        ):
            target = re.sub(r"^&", "", given[0])
            rest = after(syntax, function, statement)
            if re.search(rf"\b{re.escape(target)}\b", rest) and not _frees(rest, target) and not SECRET.search(target):
                yield from dropped(syntax, function, statement)
    if is_test(syntax, function):
        return
    for statement in syntax.nodes("statements", "statement", function.body):
        match = _ZEROED.match(syntax.text(statement)) if statement.type == "declaration" else None
        if match:
            at = statement.start_byte
            yield (Edit(at + match.start(1), at + match.end(1), ""),)


def _factor(source: str) -> str:
    return source if re.fullmatch(r"[\w.>-]+|\w+\(.*\)", source) and " - " not in source else f"({source})"


def _frees(rest: str, target: str) -> bool:
    return re.search(rf"\bfree\w*\(\s*{re.escape(target)}\s*\)", rest.split("\n\n")[0]) is not None


@operator(CRITERION, "CWE-14, CWE-244, CWE-226: secret left in memory", family=_FAMILY)
def secret_not_cleared(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A secret stays in memory after its use: it is no longer overwritten."""
    clears = re.compile(
        r"^(?:explicit_bzero|OPENSSL_cleanse|memset_s|SecureZeroMemory|sodium_memzero|\w*memzero\w*|"
        r"secure_\w*(?:zero|clear)\w*"
        r"|CryptographicOperations\.ZeroMemory|git__memzero)$"
    )
    for call in calls(syntax, function):
        given = syntax.text(call.arguments[0]) if call.arguments else ""
        wipes = call.callee in ("memset", "bzero", "Arrays.fill", "Array.Clear") and SECRET.search(
            re.split(r"\W", given)[-1]
        )
        if clears.match(call.callee) or wipes:
            statement = statement_of(call.node)
            if statement.type == "expression_statement":
                yield from dropped(syntax, function, statement)


@operator(CRITERION, "CWE-416, CWE-415: use after free", C, family=_FAMILY)
def freed_pointer_kept(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A field still points to what was freed: the next use or release of it works on freed memory."""
    for call in calls(syntax, function):
        if not re.search(r"(?i)free|^delete|release", call.name) or len(call.arguments) != 1:
            continue
        name = syntax.text(call.arguments[0])
        statement = statement_of(call.node)
        following = statement.next_named_sibling
        outlives = re.search(r"->|\.|^g_|^\*", name) is not None
        if following is None or not outlives or statement.type != "expression_statement":
            continue
        if re.fullmatch(rf"{re.escape(name)}\s*=\s*(?:NULL|nullptr|0);", syntax.text(following)):
            yield from dropped(syntax, function, following)


@operator(CRITERION, "CWE-416: use after free", C, family=_FAMILY)
def freed_before_last_use(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Memory is freed before the statement that still reads it."""
    for call in calls(syntax, function):
        freed = re.search(r"(?i)free", call.name)
        statement = statement_of(call.node)
        before = statement.prev_named_sibling
        if not freed or len(call.arguments) != 1 or before is None or statement.type != "expression_statement":
            continue
        name = re.escape(syntax.text(call.arguments[0]))
        reads = re.fullmatch(rf"(?:[\w *]+?[ *])?\w[\w.>-]*\s*=\s*[^;=]*\b{name}->[\w.>-]+;", syntax.text(before))
        if reads and _swappable(syntax, before, statement) and "free" not in syntax.text(before):
            yield (replaced(before, syntax.text(statement)), replaced(statement, syntax.text(before)))


def _swappable(syntax: Syntax, first: Node, second: Node) -> bool:
    between = syntax.data[first.end_byte : second.start_byte].strip()
    return not between and text.owns_lines(syntax, first) and text.owns_lines(syntax, second)
