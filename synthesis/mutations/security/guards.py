"""Guards: conditions that reject bad input, what they test, and whether what they protect is used afterwards."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import layout, text
from synthesis.mutations.operator import Site
from synthesis.mutations.security.places import after, dropped
from synthesis.mutations.text import BLOCKS, core, inner
from synthesis.mutations.trials import is_test

_THROWS = re.compile(
    r"^(?:raise|throw|fail|panic|abort)\b(?!\s*;?$)|^\w*(?:Error|Exception)\b|^(?:process\.)?exit\("
    r"|^\w*(?:[Pp]anic|[Ff]atal|[Dd]ie)\w*\("
)
_FAILS = re.compile(
    r"^goto \w*(?:err|fail|bad|out|cleanup)\w*"
    r"|^return\b.*(?:[Ee]rr|ERR|-E[A-Z]+|Fail|FAIL|Invalid|INVALID|Corrupt|Status::|4\d\d|[Ff]orbidden|[Bb]ad)"
    r"|^return\s*\(?(?:-1|false|False|nil|null|NULL|nullptr|None|undefined|\{\})\)?;?$"
    r"|^halt\b|^\w*\.?abort\(4"
)
_SOFT = re.compile(r"^return\s*\(?(?:false|False|nil|null|None|undefined|\{\})\)?;?$|\bif\b|\bunless\b")
_ANSWER = {"C": r"false|0", "C++": r"false|0", "Go": r"false|nil"}
"""Returns that answer a question rather than reject: a false, and in Go a lone nil, which is often no error."""
_LOG = re.compile(r"^[\w.>:-]*(?:log|Log|LOG|warn|print|perror|err|Err|set\w*[eE]rr|reply|Reply|errno)\w*")
_NULL = re.compile(
    r"^(?:!|not )\s*[\w.>@-]+$|\bis (?:None|null)\b|[=!]==? ?(?:null|NULL|nil|nullptr|None|undefined)\b"
    r"|\b(?:null|NULL) ==|\.nil\?$|\.blank\?$"
)
_TYPE = re.compile(
    r"\btypeof\b|\binstanceof\b|\bisinstance\(|\.is_a\?|\.kind_of\?|\bis [A-Z]|[iI]sFunction|callable\(|"
    r"[tT]ype\(\w+\) !==? ['\"]|!is(?:String|Function|Number|Object)\("
)
_SIZE = re.compile(r"(?<![<>=-])[<>]=?(?![<>])")
_SIZE_WORD = re.compile(r"(?i)len|size|count|index|offset|idx|pos|max|min|limit|cap|num|bytes|\b\d+\b|\b[ijkn]\b")
_HARMLESS = re.compile(
    r"(?i)valid|verif|allow|permi|can|match|include|starts?_?with|ends?_?with|prefix|suffix|key|exist|empty|supports?|"
    r"any|nan|null|absent|blank|secure|safe|authoriz|trusted|owner|admin|role|fullmatch|get|length|strlen|size|test|"
    r"equals"
)
_CHANGES = frozenset({
    "assignment_expression", "update_expression", "await", "await_expression", "assignment", "named_expression",
    "postfix_unary_expression", "operator_assignment", "augmented_assignment_expression", "yield",
})  # fmt: skip
_NOT_INPUT = re.compile(
    r"NotImplemented|NotSupported|Unsupported|Assertion|Unreachable|Internal|StopIteration|Timeout|Cancel|Interrupt|"
    r"IllegalState|InvalidOperation|RuntimeError\b|[Nn]ot implemented|UsageError|Disposed|Closed|AlreadyE|"
    r"already\b|at most one|KeyError|"
    r"exit\(0?\)|BUG|[Dd]uplicate|\bblock\b|\bboth\b"
)
_CONTENT = re.compile(
    r"(?<![<>=-])[<>]=?(?![<>])|=~|!~|match|\.test\(|search\(|\bin\b|include|[cC]ontains|[sS]tarts|[eE]nds_?[wW]ith|"
    r"HasPrefix|HasSuffix|"
    r"valid|Valid|\bis_?[aA]rray\(|\bisInteger\(|isdigit|isalpha|isalnum|IsDigit|indexOf|\w %"
)
_NO_TRUST = re.compile(r"(?i)cmp|compar|sort|order|find|search|index_?of|hash|next|equal")
_COPIES = (
    r"(?:mem(?:cpy|move|set|cmp)|str\w*|\w*[Cc]opy\w*|\w*[Rr]ead\w*|\w*[Ww]rite\w*|\w*[Aa]lloc\w*|\w*[Ss]lice|"
    r"\w*[Ss]ubstr\w*"
    r"|\w*[Ss]kip\w*|advance|seek|at|charAt|remove_prefix|resize|append|data)"
)
_SLICES = r"(?:substr\w*|[sS]lice|charAt|copy\w*|alloc\w*|make|arraycopy|subList|readBytes|byteslice|getChars|Range)"


@dataclass(frozen=True, slots=True)
class Guard:
    """An `if` without an else whose last statement rejects.

    Attributes:
        node: the whole statement.
        condition: what it tests, without parentheses.
        action: the statement that rejects.
        throws: whether it raises rather than returns.
        kind: `null`, `type`, `bounds`, `error` (a callee's failure passed on) or `validation`.
        soft: whether it only answers false or nothing.
    """

    node: Node
    condition: Node
    action: Node
    throws: bool
    kind: str
    soft: bool


def guards(syntax: Syntax, function: Function, soft: bool = False) -> Iterator[Guard]:
    """Guards of the function, in the order of the text; none of a test.

    Args:
        syntax: the parsed text.
        function: the function.
        soft: whether also those that only answer false or nothing, which is a rejection only for some conditions.
    """
    if is_test(syntax, function):
        return
    for match in syntax.matches("conditions", function.body):
        node, consequence = match["if"][0], match["consequence"][0]
        statements = inner(consequence)
        outside = node.parent is None or node.parent.type not in BLOCKS
        told = _told(syntax, statements)
        if (
            outside
            or (len(statements) not in (1, 2) and not told)
            or node.child_by_field_name("alternative") is not None
        ):
            continue
        condition = core(match["condition"][0])
        if node.child_by_field_name("initializer") is not None or declares(syntax, condition):
            continue
        action = syntax.text(statements[-1])
        throws = told or _THROWS.search(action) is not None
        answer = _ANSWER.get(syntax.language)
        weak = (re.fullmatch(rf"return\s*\(?(?:{answer})\)?;?", action) if answer else _SOFT.match(action)) is not None
        reported = len(statements) == 1 or _LOG.match(syntax.text(statements[0])) is not None
        rejects = _FAILS.search(action) is not None and reported
        leaves = weak and len(statements) == 1 and action.startswith("return")
        if throws or (rejects and (soft or not weak)) or (soft and leaves):
            kind = _kind(syntax.text(condition), node.type.startswith("unless"))
            yield Guard(node, condition, statements[0 if told else -1], throws, kind, weak and not throws)


def _told(syntax: Syntax, statements: list[Node]) -> bool:
    """Whether JavaScript hands an error that it makes to a callback, and leaves."""
    if syntax.language != "JavaScript" or len(statements) != 3:
        return False
    made, told, left = (" ".join(syntax.text(n).split()) for n in statements)
    handed = re.fullmatch(r"(?:const|let|var) (\w+) = [^;]*(?:new \w*Error|\w*[eE]rror)\(.*;?", made)
    return (
        handed is not None
        and re.fullmatch(rf"[\w.]+\({handed[1]}\);?", told) is not None
        and left.rstrip(";") == "return"
    )


def _kind(condition: str, negated: bool) -> str:
    if re.search(
        r"\b(?:\w*err|error|ec|ret|rc|result|status|errno|ok|nread|written)\b"
        r"|\b(?:r|rv|res|hr|code|fd|pid) *[<!=]=? *-?[01]\b|\w\([^()]*\) *[<!=]=? *-?[01]$",
        condition,
    ):
        return "error"
    if _NULL.search(condition) or (negated and re.fullmatch(r"[\w.@]+", condition)):
        return "null"
    if _TYPE.search(condition):
        return "type"
    if _SIZE.search(condition) and _SIZE_WORD.search(condition):
        return "bounds"
    return "validation"


def declares(syntax: Syntax, condition: Node) -> bool:
    """Whether a condition gives a name a value that later code may use, or changes something."""
    if any(n.type in _CHANGES for n, _ in walk(condition)) or layout.declares(condition):
        return True
    return re.search(r"\binstanceof \w+ \w|\bis (?:not )?\w+ \w+$|\bout \w", syntax.text(condition)) is not None


def removable(syntax: Syntax, guard: Guard) -> bool:
    """Whether the condition does nothing but look: its calls' names say that they answer a question."""
    if re.search(r"[(,]\s*&\s*\(?\w", syntax.text(guard.condition)):
        return False
    for _, callee, _ in text.calls(syntax, guard.condition):
        found = text.callee_words(callee)
        known = found and (found[0] in ("is", "has", "len") or any(_HARMLESS.fullmatch(w) for w in found))
        if not known and not _HARMLESS.search(callee):
            return False
    return True


def gone(syntax: Syntax, function: Function, guard: Guard) -> Iterator[Site]:
    """The site without the guard, where its condition only looks and what is left compiles."""
    if removable(syntax, guard):
        yield from dropped(syntax, function, guard.node)


def tested(syntax: Syntax, function: Function, guard: Guard) -> list[str]:
    """Parameters that the guard's condition tests and later code uses."""
    names = {syntax.text(n) for n in text.variables(syntax, guard.condition)}
    rest = after(syntax, function, guard.node)
    own = text.parameters(syntax, function)
    return [name for name in own if name in names and re.search(rf"(?<![\w.]){re.escape(name)}\b", rest)]


def rejects_input(syntax: Syntax, function: Function, guard: Guard) -> bool:
    """Whether the guard turns away an argument for what it is, rather than a state or a failure of the program."""
    if guard.kind in ("error", "null", "type") or _NOT_INPUT.search(syntax.text(guard.action)):
        return False
    source = syntax.text(guard.condition)
    if not _CONTENT.search(source) or re.search(r"(?i)arity|\.\.\.|nargs|argc", source):
        return False
    if re.search(r"(?i)(?:len\w*|size|count)(?:\(\))? < 0", source) and "OutOfRange" not in syntax.text(guard.action):
        return False
    if fails_anyway(syntax, function, guard):
        return False
    empty = re.fullmatch(r"return\s*\(?(?:NULL|nullptr|nil|\{\})\)?;?", syntax.text(guard.action))
    if not guard.throws and (_NO_TRUST.search(function.name) or guard.soft or (empty and guard.kind != "bounds")):
        return False
    return bool(tested(syntax, function, guard)) or _malformed(syntax, function, guard)


def _malformed(syntax: Syntax, function: Function, guard: Guard) -> bool:
    """Whether the guard raises because a value that later code uses does not match a pattern or a validator."""
    match = re.fullmatch(
        r"(?:!|not )(?:\w+\.test|isValid\w*|is_valid\w*|re\.(?:full)?match)\((?:[\w.]+, )?(\w+)\)",
        syntax.text(guard.condition),
    )
    rest = after(syntax, function, guard.node)
    return match is not None and guard.throws and re.search(rf"\b{match[1]}\b", rest) is not None


def fails_anyway(syntax: Syntax, function: Function, guard: Guard) -> bool:
    """Whether a key that the guard misses is looked up afterwards, which ends in an error all the same."""
    match = re.fullmatch(r"(\w[\w.]*) not in (\w[\w.]*)", syntax.text(guard.condition))
    looked_up = rf"{re.escape(match[2])}\[{re.escape(match[1])}\]" if match else r"$^"
    return re.search(looked_up, after(syntax, function, guard.node)) is not None


def indexes(syntax: Syntax, function: Function, guard: Guard, names: list[Node] | None = None) -> bool:
    """Whether a variable of the condition (or one of `names`) is an index, a length or an offset after the guard."""
    rest = after(syntax, function, guard.node)
    if re.fullmatch(r"(?:len\()?[\w.>-]+\)? >=? 0", syntax.text(guard.condition)):
        return False
    copies = _COPIES if syntax.language in ("C", "C++") else _SLICES
    if re.search(r"(?i)(?:len\w*|size|count)(?:\(\))? < 0", syntax.text(guard.condition)):
        return False
    for node in text.variables(syntax, guard.condition) if names is None else names:
        name = re.escape(syntax.text(node))
        field = node.parent
        if field is not None and field.type in ("field_expression", "selector_expression"):
            name = re.escape(syntax.text(field))
        if re.search(rf"\w\[(?:[^\]\n]*[^\]\n\w.\"'])?{name}\b(?!\.)[^\]\n]*\]", rest):
            return True
        if re.search(rf"\b{copies}\s*\([^;\n]*(?<![\w.]){name}\b", rest):
            return True
    return False
