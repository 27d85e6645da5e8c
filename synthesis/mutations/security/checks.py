"""Defects by a check that is gone: of a pointer, a bound, an input, a permission, a destination, a depth."""

import re
from collections.abc import Iterator

from parsers.syntax import Function, Syntax
from synthesis.mutations import text
from synthesis.mutations.operator import Edit, Site, operator
from synthesis.mutations.security.guards import (
    Guard,
    declares,
    fails_anyway,
    gone,
    guards,
    indexes,
    rejects_input,
    tested,
)
from synthesis.mutations.security.places import (
    CRITERION,
    after,
    calls,
    dropped,
    replaced,
    stands_alone,
)

_PERMISSION = re.compile(
    r"(?i)authoriz|authoris|permission|permitted|\bcan\?|is_?admin|is_?in_?role|privileg|has_?role|\bacl\b|"
    r"is_?authenticated|"
    r"logged_?in|\bcapable\b"
)
_PERMISSION_CALL = re.compile(
    r"(?i)^(?:authoriz|authoris|authenticat|require_?(?:login|user|admin|auth|permission|role)"
    r"|(?:check|ensure|verify|assert|enforce|demand)_?\w*(?:permission|access|auth|role|owner|privilege|allowed))\w*!?$"
)
_PERMISSION_MARK = re.compile(
    r"^(?:@|\[)(?:\w+\.)?(?:login_required|permission_required|requires?_?(?:auth|login|role|permission)\w*"
    r"|authenticated|PreAuthorize|RolesAllowed|Secured|RequiresPermissions?|Authorize|ValidateAntiForgeryToken)\b"
)
_REFUSED = re.compile(
    r"\bHTTPForbidden|\bForbidden\(|Status_?(?:Forbidden|Unauthorized)|\b40[13]\b|:forbidden|:unauthorized|\bEACCES\b|"
    r"\bEPERM\b|PermissionDenied|PermissionError|Unauthorized\w*Exception|AccessDenied|NotAuthorized"
)
_DESTINATION = re.compile(
    r"(?i)(?:is_?|has_?)?(?:allowed|trusted|safe|valid|same)_?(?:hosts?|origins?|domains?|redirect\w*|urls?)\b"
    r"|url_has_allowed|\b(?:origin|referr?er)\b[\w.()]* (?:!=|!==|not in|<>) [a-z]"
)
_DEPTH = re.compile(
    r"(?i)(?:depth|recurs\w*|nesting|level)\w*(?:\(\))? ?>=? ?[\w.]*[1-9a-z]|(?:len|size|length|count|members|"
    r"wildcards|total|bytes)\w*"
    r"(?:\([^()]*\))?\)? ?>=? ?(?:[\w.:]*(?:\bmax|_max|limit)_?\w*|\d{2,})"
)
_INTEGRITY = re.compile(r"(?i)checksum|\bcrc|\bmagic|signature|corrupt|\bhmac")
_BREAK = r"['\"/\[](?:\\r|\\n|\\0|\\x0[0ad]|\\u000[0ad])+[^\n]*"
_LINE_BREAK = re.compile(
    rf"{_BREAK} in \w|(?:include\?|[cC]ontains\w*|indexOf|strchr|memchr|strpbrk|search|match\??|test|find|IndexByte)\("
    rf"[^\n]*{_BREAK}|{_BREAK}\.(?:test|match\??)\(|=~ {_BREAK}|ControlChar|iscntrl"
)
_PATH_CHECK = re.compile(
    r"(?i)['\"]\.\.[/\\]*['\"]|starts_?with\??\(|hasprefix\(|commonpath|commonprefix|is_relative_to|isAbs|"
    r"is_absolute|isPathRooted|"
    r"is_?within|is_?inside|is_?sub_?path|IsLocal\("
)
_PATH_WORD = re.compile(r"(?i)path|dir|file|root|folder|\bname\b")
_CHECKS = frozenset({"check", "validate", "ensure", "require", "guard", "enforce"})
_CHECKERS = re.compile(
    r"(?:^|[.:])(?:\w*Validat(?:e|or|ion)|Preconditions?|Ensure|Guard|Check|Argument\w*Exception|Objects|Contract)"
    r"(?:\.|::)\w+$"
    r"|^CHECK(?:_(?:LT|LE|GT|GE|NE|NOTNULL))?$|^RETURN_ERROR_IF$|^(?:GIT_ASSERT\w*|luaL_argcheck|RELEASE_ASSERT)$"
)
_VALUE_CHECK = re.compile(r"(?:^|\.)(?:requireNonNull|checkNotNull|ThrowIfNull|NotNull|AgainstNull|NotNullOrEmpty)$")
_BOUND = re.compile(
    r"(?<![<>=-])(?:<|>|<=|>=)(?![<>=])|[<>]=|_L[TE]|_G[TE]|[Ii]nRange|[Ii]ndex|Position|Range\b|Length|Size"
)


def _about(syntax: Syntax, guard: Guard) -> str | None:
    """What the guard is about besides its kind, by the words of its condition and its rejection."""
    condition, action = syntax.text(guard.condition), syntax.text(guard.action)
    if _LINE_BREAK.search(condition):
        return "line_break"
    if _PATH_CHECK.search(condition) and _PATH_WORD.search(condition):
        return "path"
    configured = re.search(r"!= ?(?:nil|null|\"\")|both|at most one|configur", condition + action) is not None
    if (_PERMISSION.search(condition) and not configured) or _REFUSED.search(action):
        return "permission"
    if _DESTINATION.search(condition) and guard.kind == "validation":
        return "destination"
    if _INTEGRITY.search(condition + action) and re.search(r"!=|!\w|not |<>|verif|\bne\b", condition):
        return "integrity"
    if _DEPTH.search(condition):
        return "limit"
    return None


def _missing_argument(syntax: Syntax, function: Function, guard: Guard) -> bool:
    """Whether Java or C# reject a missing argument here that is stored or handed on: it would fail only later."""
    missing = r"(\w+) (?:==|is) null|null == (\w+)|string\.IsNullOr\w+\((\w+)\)|StringUtils\.is\w+\((\w+)\)"
    parts = [re.fullmatch(missing, part) for part in syntax.text(guard.condition).split(" || ")]
    if (
        syntax.language not in ("Java", "C#")
        or not all(parts)
        or not guard.throws
        or not tested(syntax, function, guard)
    ):
        return False
    names = [re.escape(next(group for group in part.groups() if group)) for part in parts if part]
    rest = after(syntax, function, guard.node)
    argument = re.search(r"Argument|NullPointer|IllegalArgument", syntax.text(guard.action)) is not None
    return argument and not any(re.search(rf"(?<![\w.]){name}(?:\.|\?\.|\[)", rest) for name in names)


@operator(CRITERION, "CWE-20, CWE-1284: improper input validation", version="3", family="missing_check")
def validation_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A check that rejects a bad argument is gone."""
    for guard in guards(syntax, function):
        if _missing_argument(syntax, function, guard) or (
            syntax.language == "JavaScript"
            and guard.kind == "type"
            and guard.throws
            and tested(syntax, function, guard)
        ):
            yield from gone(syntax, function, guard)
        elif _about(syntax, guard) is None and rejects_input(syntax, function, guard):
            if guard.kind == "bounds" and indexes(syntax, function, guard):
                continue
            yield from gone(syntax, function, guard)


@operator(CRITERION, "CWE-862, CWE-863: missing authorisation", version="2", family="missing_check")
def permission_check_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """What only some may do is done for everybody: the check of the permission is gone."""
    for guard in guards(syntax, function, soft=True):
        looks = re.search(r"\d\s*$|[<>]", syntax.text(guard.condition)) is None
        if _about(syntax, guard) == "permission" and looks and not fails_anyway(syntax, function, guard):
            yield from gone(syntax, function, guard)
    for call in calls(syntax, function):
        if _PERMISSION_CALL.match(call.name) and stands_alone(syntax, call.node):
            statement = call.node if syntax.language == "Ruby" else call.node.parent
            if statement is not None:
                yield from dropped(syntax, function, statement)
    head = syntax.data[function.node.start_byte : function.body.start_byte]
    for line in re.finditer(rb"(?m)^[ \t]*(\S.*)\n", head):
        if _PERMISSION_MARK.match(line[1].decode("utf-8", "replace")) and line[1].endswith((b")", b"]", b"d", b"e")):
            start = function.node.start_byte
            yield (Edit(start + line.start(1), start + line.end() + _margin(head, line.end()), ""),)


def _margin(head: bytes, at: int) -> int:
    """White space at the start of the line that begins at `at`."""
    return len(head[at:]) - len(head[at:].lstrip(b" \t"))


@operator(
    CRITERION, "CWE-601, CWE-346, CWE-918: destination or origin not checked", version="2", family="missing_check"
)
def destination_check_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The host or origin that a request comes from or goes to is no longer held against those that are allowed."""
    for guard in guards(syntax, function):
        if _about(syntax, guard) == "destination" and (guard.throws or tested(syntax, function, guard)):
            yield from gone(syntax, function, guard)


@operator(
    CRITERION,
    "CWE-93, CWE-113, CWE-158: line breaks and null bytes not neutralised",
    version="2",
    family="missing_check",
)
def line_break_check_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Line breaks or null bytes from outside are no longer rejected."""
    for guard in guards(syntax, function, soft=True):
        if _about(syntax, guard) == "line_break" and tested(syntax, function, guard):
            yield from gone(syntax, function, guard)


@operator(CRITERION, "CWE-22: path traversal", family="missing_check")
def path_check_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A path is no longer checked to stay in its folder."""
    for guard in guards(syntax, function, soft=True):
        if _about(syntax, guard) == "path" and re.search(
            r"(?i)\.\.|root|base|dir|within|inside|abs|local", syntax.text(guard.condition)
        ):
            yield from gone(syntax, function, guard)


@operator(
    CRITERION, "CWE-674, CWE-770: uncontrolled recursion or resource consumption", version="2", family="missing_check"
)
def limit_check_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Input may be as long, as many or as deeply nested as its sender likes: the check of the limit is gone."""
    for guard in guards(syntax, function):
        nested = re.search(r"(?i)(depth|recurs\w*|nesting|level)\b", syntax.text(guard.condition))
        grows = r"(?i)(?:depth|recurs\w*|nesting|level) ?(?:\+|-(?!>))|" + rf"\b{re.escape(function.name)}\("
        if nested and not re.search(grows, syntax.text(function.body)):
            continue
        if _about(syntax, guard) == "limit" and guard.kind != "error" and not indexes(syntax, function, guard):
            yield from gone(syntax, function, guard)


@operator(CRITERION, "CWE-354, CWE-345: integrity not verified", family="missing_check")
def integrity_check_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Data is taken although its checksum, signature or header may be wrong: that check is gone."""
    for guard in guards(syntax, function, soft=True):
        if _about(syntax, guard) == "integrity" and guard.kind in ("validation", "bounds") and not guard.soft:
            yield from gone(syntax, function, guard)


@operator(CRITERION, "CWE-20: improper input validation", version="3", family="missing_check")
def check_call_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A statement that only checks an argument, an index or a size is gone."""
    own = text.parameters(syntax, function)
    for call in calls(syntax, function):
        names = {syntax.text(n) for n in text.variables(syntax, call.brackets)}
        about = [
            re.escape(name) for name in own if name in names and f"nameof({name})" not in syntax.text(call.arguments[0])
        ]
        if not about or declares(syntax, call.brackets) or _PERMISSION_CALL.match(call.name):
            continue
        if not stands_alone(syntax, call.node):
            if (
                _VALUE_CHECK.search(call.callee)
                and syntax.text(call.arguments[0]) in own
                and syntax.language in ("Java", "C#")
            ):
                yield (replaced(call.node, syntax.text(call.arguments[0])),)
            continue
        words = text.callee_words(call.name)
        known = _CHECKERS.search(call.callee) or (
            words and words[0] in _CHECKS and call.callee not in ("require", "check")
        )
        bound = _BOUND.search(syntax.text(call.arguments[0]) + call.name) is not None
        statement = call.node if syntax.language == "Ruby" else call.node.parent
        if not known or statement is None or re.search(r"(?i)block|listener|thread|state|open\b", call.name):
            continue
        if syntax.language in ("C", "C++") and not bound:
            continue
        rest = after(syntax, function, statement)
        read = any(re.search(rf"(?<![\w.]){name}(?:\.|->|\?\.)", rest) for name in about)
        if (bound or not read) and any(re.search(rf"(?<![\w.]){name}\b", rest) for name in about):
            yield from dropped(syntax, function, statement)
