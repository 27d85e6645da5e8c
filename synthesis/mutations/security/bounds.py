"""Defects of bounds: a pointer, an index, a size or a type is used without the check that made it safe."""

import re
from collections.abc import Iterator

from parsers.syntax import Function, Syntax
from synthesis.mutations import text
from synthesis.mutations.operator import Site, operator
from synthesis.mutations.security.guards import Guard, gone, guards, indexes, tested
from synthesis.mutations.security.places import (
    CRITERION,
    after,
    calls,
    deletion,
    dropped,
    replaced,
    stands_alone,
    statement_of,
    value_kept,
)
from synthesis.mutations.trials import is_test

_NO_NAMES = frozenset(
    {"size", "static_cast", "sizeof", "int", "size_t", "uint32_t", "uint64_t", "length", "len", "unsigned", "max_size"}
)
_ASSERTS = re.compile(r"^(?:assert|DCHECK|DCHECK_(?:LT|LE|GT|GE)|ASSERT|XXH_ASSERT|\w+_assert|FMT_ASSERT|JSON_ASSERT)$")


@operator(CRITERION, "CWE-476, CWE-690: null pointer dereference", ("C", "C++", "Go"), "3", family="memory_check")
def null_check_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A check that rejects a missing value is gone, and the value is used all the same."""
    for guard in guards(syntax, function, soft=True):
        rest = after(syntax, function, guard.node)
        names = [re.escape(syntax.text(n)) for n in text.variables(syntax, guard.condition)]
        plain = re.fullmatch(r"!?\s*\w+(?:\s*==\s*(?:NULL|nullptr|nil))?", syntax.text(guard.condition))
        follows = r"\s*->|\[|\." if syntax.language != "Go" else r"\.|\["
        if syntax.language == "Go" and guard.throws:
            continue
        used = rf"\b(?:{'|'.join(names)})\b(?:{follows})|\*(?:{'|'.join(names)})\b|\benv->\w+\((?:{'|'.join(names)})\b"
        if guard.kind == "null" and plain and names and re.search(used, rest):
            declared = "".join(text.parameter_type(syntax, function, n) for n in names)
            if not re.search(r"\bbool\b|\bint\b|\[\]|map\[|error|string", declared):
                yield from gone(syntax, function, guard)


@operator(
    CRITERION,
    "CWE-125, CWE-787, CWE-129: access outside the bounds of a buffer",
    ("C", "C++", "Go", "JavaScript"),
    "3",
    family="memory_check",
)
def bounds_check_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A check of a length, index or range is gone, and the value is used as an index or a size all the same."""
    for guard in guards(syntax, function, soft=syntax.language in ("C", "C++")):
        if syntax.language in ("C", "C++") and _short(syntax, function, guard):
            yield from gone(syntax, function, guard)
            continue
        if guard.kind == "bounds" and indexes(syntax, function, guard):
            if guard.soft and not tested(syntax, function, guard):
                continue
            yield from gone(syntax, function, guard)


def _short(syntax: Syntax, function: Function, guard: Guard) -> bool:
    """Whether the guard asks how much is left up to an end, and the rest reads there."""
    source = syntax.text(guard.condition)
    match = re.search(
        r"\b(?:end|limit|\w+_end|\w+End|endptr) - (\w+)\)? <=? |\b(\w+) \+ [\w.()>-]+ >=? \w*(?:[eE]nd|limit)\b", source
    )
    name = (match[1] or match[2]) if match else ""
    reads = rf"\*{name}\b|\b{name}\[|\({name}\)\[|\b(?:mem\w+|Get\w+|get_\w+|read\w*|\w+LE\w*)\([^;]*\b{name}\b"
    return bool(name) and "||" not in source and re.search(reads, after(syntax, function, guard.node)) is not None


@operator(
    CRITERION, "CWE-193, CWE-125, CWE-787: off-by-one in a bounds check", ("C", "C++", "Go"), "2", family="memory_check"
)
def bounds_check_off_by_one(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A check of an index or a length lets through the first value that is out of range."""
    for guard in guards(syntax, function, soft=True):
        if guard.kind != "bounds":
            continue
        for match in syntax.matches("binary", guard.condition):
            left, sign, right = match["left"][0], match["operator"][0], syntax.text(match["right"][0])
            size = re.search(r"(?i)size|len|count|num|max|cap|limit|sizeof|_n$|^n$", right)
            names = re.findall(r"[A-Za-z_]\w*", re.sub(r"static_cast<[^>]*>|\(\w+\)", "", syntax.text(left)))
            rest = after(syntax, function, guard.node)
            into = any(re.search(rf"\w\[[^\]\n]*(?<![\w.>]){n}\b[^\]\n]*\]", rest) for n in names if n not in _NO_NAMES)
            if "string" in text.parameter_type(syntax, function, re.split(r"\W", right)[0]):
                continue
            if syntax.text(sign) == ">=" and size and into:
                yield (replaced(sign, ">"),)


@operator(
    CRITERION, "CWE-125, CWE-787: access outside the bounds of a buffer", ("C", "C++"), "2", family="memory_check"
)
def bounds_assertion_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """An index or a length is used without the assertion that held it within the buffer."""
    for call in calls(syntax, function):
        if not _ASSERTS.match(call.callee) or not stands_alone(syntax, call.node) or call.node.parent is None:
            continue
        condition = call.arguments[0]
        source = syntax.text(condition)
        limited = re.search(
            r"(?<![<>=-])<=?(?![<>])\s*\(?[\w:]*(?i:size|len|count|num|max|cap|limit|sizeof|end|bits|n\b)", source
        )
        least = re.search(r"(?i)(?:size|len)\w*(?:\(\))? >=? [\w.]+", source)
        rest = after(syntax, function, call.node.parent)
        names = [n for n in re.findall(r"[A-Za-z_]\w*", source) if n not in _NO_NAMES]
        if re.search(rf"\b(?:while|for) \([^{{]*\b{names[0] if names else '$'}\b[^{{]* <", rest):
            continue
        into = any(
            re.search(
                rf"\w\[[^\]\n]*(?<![\w.>]){n}\b[^\]\n]*\]|\+ {n}\b|{n} ?\+|\b(?:mem\w+|Slice|string)\([^;]*\b{n}\b|"
                rf"{n}\.(?:data|remove_)|[-+]= {n}\b",
                rest,
            )
            for n in names
        )
        if (limited or least) and into:
            yield from dropped(syntax, function, call.node.parent)


@operator(CRITERION, "CWE-1284, CWE-131, CWE-770: quantity not limited", version="2", family="memory_check")
def clamp_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A size or a count from outside is taken as it came, where it was cut to what there is room for."""
    for call in calls(syntax, function):
        if (
            not re.match(r"(?:Math\.[mM]in|std::min(?:<\w+>)?|(?i:git_)?MIN|min|nativeMin|CURLMIN)$", call.callee)
            or len(call.arguments) != 2
        ):
            continue
        for wanted, limit in (call.arguments, call.arguments[::-1]):
            bound = re.search(
                r"(?i)max|limit|sizeof|capacity|\bcap\b|room|remaining|avail|\.size\(\)|\.length$|^len\(",
                syntax.text(limit),
            )
            plain = re.fullmatch(r"[a-z_]\w*", syntax.text(wanted)) and not re.search(
                r"(?i)max|limit", syntax.text(wanted)
            )
            quantity = re.search(
                r"(?i)len|size|count|num|bytes|\bn\b|need|want|amount|total|index|end|pos|high|value|\bms\b|code|delay",
                syntax.text(wanted),
            )
            answers = statement_of(call.node).type == "return_statement"
            if bound and plain and quantity and not answers:
                named = re.search(r"(?i)(?:^|_|\.)max|[A-Z]_?MAX|LIMIT|limit", syntax.text(limit))
                if named or syntax.language in ("C", "C++"):
                    yield from value_kept(syntax, call.node, syntax.text(wanted))
                break


@operator(CRITERION, "CWE-248, CWE-754: panic on input of another type", ("Go",), family="memory_check")
def type_assertion_unchecked(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A value of another type than expected ends the program, where it was rejected."""
    if is_test(syntax, function):
        return
    statements = syntax.nodes("statements", "statement", function.body)
    for statement in statements:
        match = re.fullmatch(r"(\w+), ok (:?=) ([\w.]+(?:\([\w., ]*\))?\.\([\w.*\[\]{} ]+\))", syntax.text(statement))
        following = statement.next_named_sibling
        if not match or match[1] == "_" or following is None or following.type != "if_statement":
            continue
        rejects = re.fullmatch(
            r"if !ok \{\s*(?:\w[\w.]*\([^\n]*\)\s*)?(?:return\b[^\n]*|panic\([^\n]*\)|continue)\s*\}",
            syntax.text(following),
        )
        rest = after(syntax, function, following)
        edit = deletion(syntax, following)
        if rejects and edit is not None and re.search(rf"\b{match[1]}\b", rest) and not re.search(r"\bok\b", rest):
            yield (replaced(statement, f"{match[1]} {match[2]} {match[3]}"), edit)
