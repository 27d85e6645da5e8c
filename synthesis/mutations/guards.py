"""Guards: conditions that reject bad input, what they test, and how they could be made to let it through."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from parsers.syntax import Function, Syntax
from synthesis.mutations import text
from synthesis.mutations.text import BLOCKS, core, inner

_THROWS = re.compile(r"^(?:raise|throw|fail|panic|abort)\b(?!\s*;?$)|^\w*(?:Error|Exception)\b|^(?:process\.)?exit\(")
_FAILS = re.compile(
    r"^goto \w*(?:err|fail|bad|out|cleanup)\w*"
    r"|^return\b.*(?:[Ee]rr|ERR|-E[A-Z]+|Fail|FAIL|Invalid|INVALID|Status::|400|403)"
    r"|^return\s*\(?(?:-1|false|False|nil|null|NULL|nullptr|None|undefined)\)?;?$"
)
_SOFT = re.compile(r"^return\s*\(?(?:false|False|nil|null|None|undefined)\)?;?$|\bif\b|\bunless\b")
_ANSWER = {"C": r"false", "C++": r"false", "Go": r"false|nil"}
"""Returns that answer a question rather than reject: a false, and in Go a lone nil, which is often no error."""
_LOG = re.compile(r"^[\w.>:-]*(?:log|Log|LOG|warn|print|perror|err|Err|set\w*[eE]rr|reply|Reply|errno)\w*")
_NULL = re.compile(
    r"^(?:!|not )\s*[\w.>@-]+$|\bis None\b|[=!]==? ?(?:null|NULL|nil|nullptr|undefined)\b"
    r"|\b(?:null|NULL) ==|\.nil\?$"
)
_SIZE = re.compile(r"(?<![<>=-])[<>]=?(?![<>])")
_SIZE_WORD = re.compile(r"(?i)len|size|count|index|offset|idx|pos|max|min|limit|cap|num|bytes|\b\d+\b|\b[ijkn]\b")
_STRINGS = re.compile(r"\b(?:string|vector|string_view|Slice|StringPiece)\b")


@dataclass(frozen=True, slots=True)
class Guard:
    """An `if` without an else whose last statement rejects.

    Attributes:
        node: the whole statement.
        condition: what it tests, without parentheses.
        action: the statement that rejects.
        throws: whether it raises rather than returns.
        kind: `null`, `bounds`, `error` (a callee's failure passed on) or `validation`.
    """

    node: Node
    condition: Node
    action: Node
    throws: bool
    kind: str


def guards(syntax: Syntax, function: Function) -> Iterator[Guard]:
    """Guards of the function, in the order of the text."""
    for match in syntax.matches("conditions", function.body):
        node, consequence = match["if"][0], match["consequence"][0]
        statements = inner(consequence)
        outside = node.parent is None or node.parent.type not in BLOCKS
        if outside or len(statements) not in (1, 2) or node.child_by_field_name("alternative") is not None:
            continue
        if node.child_by_field_name("initializer") is not None:
            continue
        action = syntax.text(statements[-1])
        throws = _THROWS.search(action) is not None
        answer = _ANSWER.get(syntax.language)
        soft = (re.fullmatch(rf"return\s*\(?(?:{answer})\)?;?", action) if answer else _SOFT.match(action)) is not None
        reported = len(statements) == 1 or _LOG.match(syntax.text(statements[0])) is not None
        if throws or (_FAILS.search(action) and not soft and reported):
            condition = core(match["condition"][0])
            kind = _kind(syntax.text(condition), node.type.startswith("unless"))
            yield Guard(node, condition, statements[-1], throws, kind)


def _kind(condition: str, negated: bool) -> str:
    if re.search(
        r"\b(?:err|error|ret|rc|result|status|errno|ok)\b|\b(?:r|rv|res|hr|code) *[<!=]=? *-?[01]\b", condition
    ):
        return "error"
    if _NULL.search(condition) or (negated and re.fullmatch(r"[\w.@]+", condition)):
        return "null"
    if _SIZE.search(condition) and _SIZE_WORD.search(condition):
        return "bounds"
    return "validation"


def present(syntax: Syntax, function: Function, name: str) -> str | None:
    """An expression that says that the parameter `name` was given; None where its type has no such test."""
    declared = text.parameter_type(syntax, function, name)
    if syntax.language in ("Python", "JavaScript", "Ruby"):
        return None if declared.startswith("*") else name
    if syntax.language == "Go":
        return _present_go(declared, name)
    if syntax.language in ("C", "C++"):
        if "*" in declared or re.search(r"\b(?:bool|int|long|size_t|u?int\d+_t|unsigned)\b", declared):
            return name if "&" not in declared else None
        return f"!{name}.empty()" if _STRINGS.search(declared) else None
    if re.fullmatch(r"(?:final )?(?:bool|boolean)", declared):
        return name
    if re.search(r"^(?:final |in )?(?:int|long|short|byte|double|float|uint|ulong|decimal)$", declared):
        return f"{name} > 0"
    return None if not declared or re.search(r"\b(?:char|out|ref)\b$|^(?:out|ref) ", declared) else f"{name} != null"


def _present_go(declared: str, name: str) -> str | None:
    if declared == "string":
        return f'{name} != ""'
    if re.fullmatch(r"u?int\d*|float\d+|byte|time\.Duration", declared):
        return f"{name} > 0"
    if declared.startswith(("*", "[]", "map[", "func(", "interface{", "error", "any", "io.", "context.", "http.Resp")):
        return f"{name} != nil"
    return name if declared == "bool" else None


def loosened(syntax: Syntax, guard: Guard, test: str) -> str:
    """The guard's condition, in force only where `test` holds."""
    condition = syntax.text(guard.condition)
    negated = guard.node.type.startswith("unless")
    if negated and syntax.language == "Ruby":
        return f"{condition} || !{test}" if " && " not in condition else f"({condition}) || !{test}"
    word = "and" if syntax.language == "Python" else "&&"
    loose = re.search(r"\|\||\bor\b|\?|\bif\b|:=|\blambda\b|[^=!<>]=[^=~>]", condition) is not None
    return f"({condition}) {word} {test}" if loose else f"{condition} {word} {test}"
