"""Defects by a check that is still there, but lets more through: narrowed, failing open, or answering yes."""

import re
import zlib
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax
from synthesis.mutations import layout, text
from synthesis.mutations.operator import Edit, Site, operator
from synthesis.mutations.security import forms, messages
from synthesis.mutations.security.guards import Guard, guards, indexes, rejects_input, tested
from synthesis.mutations.security.places import CRITERION, quiet, replaced, rewrites
from synthesis.mutations.trials import is_test

_GATE = re.compile(
    r"(?i)(?:^|_|\.|:)(?:is_?|has_?|check_?)?(?:\w+_)?(?:allow|allowed|authori[sz]ed?|permitted|permission|trusted|"
    r"verif(?:y|ied)|"
    r"valid|validate|authenticated?|check_?\w*(?:password|token|signature))(?:_|\?|$)"
)
_NO = re.compile(r"^return\s*\(?(false|False)\)?;?$")
_BACKTRACK = ("JavaScript", "Python", "Ruby", "Java", "C#")
_PATTERN = re.compile(
    rb"(?<=([(=,:&|!~ ]))/((?:[^/\\\n\[ ]|\\.|\[(?:[^\]\\\n]|\\.)*\])(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])*)/[a-z]*"
    rb"|\br\"((?:[^\"\\\n]|\\.)*)\"|(?:compile|matches|replaceAll|Regex|IsMatch|Match|split)\((?:\w+, )"
    rb"?@?\"((?:[^\"\\\n]|\\.)*)\""
)
_REPEATED = re.compile(rb"(?<![)\\])(?:\[(?:[^\]\\]|\\.)+\]|\\\\?[wds]|(?<!\\)\.)[+*](?![?+])")
_HANDLERS = frozenset({"except_clause", "catch_clause", "rescue"})


def pick(options: tuple[str, ...], seed: str) -> str:
    """One of the options, always the same for a seed."""
    return options[zlib.crc32(seed.encode()) % len(options)]


def _protects(syntax: Syntax, function: Function, guard: Guard) -> bool:
    """Whether the guard keeps bad input, or an index that is used, from going on."""
    if guard.kind == "bounds" and indexes(syntax, function, guard):
        return bool(tested(syntax, function, guard))
    return rejects_input(syntax, function, guard)


@operator(CRITERION, "CWE-20: improper input validation", version="3", family="narrowed_check")
def checks_must_all_fail(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Input is rejected only when it fails every one of several checks, where failing one was enough."""
    for guard in guards(syntax, function):
        if not _protects(syntax, function, guard):
            continue
        for match in syntax.matches("binary", guard.condition):
            left, sign, right = match["left"][0], match["operator"][0], match["right"][0]
            word = {"||": "&&", "or": "and"}.get(syntax.text(sign))
            plain = not any(
                w in syntax.text(n) for n in (left, right) for w in ("null", "NULL", "nil", "None", "undefined")
            )
            if word and plain and match["binary"][0] == guard.condition and "||" not in syntax.text(left):
                yield (replaced(sign, word),)


@operator(CRITERION, "CWE-20: incomplete input validation", version="3", family="narrowed_check")
def check_narrowed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """One of the reasons to reject input is gone."""
    for guard in guards(syntax, function):
        condition = guard.condition
        explained = re.search(r"//|/\*|(?<!\S)# ", syntax.text(guard.node))
        if not _protects(syntax, function, guard) or explained:
            continue
        for match in syntax.matches("binary", condition):
            whole, left, right = match["binary"][0], match["left"][0], match["right"][0]
            if whole == condition and syntax.text(match["operator"][0]) in ("||", "or"):
                if not _asks_missing(syntax, right):
                    yield (Edit(left.end_byte, right.end_byte, ""),)
                if not _asks_missing(syntax, left):
                    yield (Edit(left.start_byte, right.start_byte, ""),)


def _asks_missing(syntax: Syntax, node: Node) -> bool:
    source = syntax.text(node)
    return (
        re.search(r"\b(?:null|NULL|nil|nullptr|None|undefined)\b", source) is not None
        or re.fullmatch(r"(?:!|not )[\w.]+", source) is not None
    )


@operator(CRITERION, "CWE-636, CWE-755: failing open", version="3", family="failing_open")
def check_only_reported(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A failed check is reported, and the work goes on as if it had passed."""
    pattern = messages.MESSAGE.get(syntax.language)
    for guard in guards(syntax, function):
        typed = syntax.language == "JavaScript" and guard.kind == "type" and guard.throws
        if not _protects(syntax, function, guard) and not (typed and tested(syntax, function, guard)):
            continue
        before = guard.action.prev_named_sibling
        if before is not None and re.match(r"[\w.>:-]*(?:log|Log|warn|print|perror|error)\w*[ (]", syntax.text(before)):
            yield from text.removed(syntax, guard.action)
        action = re.sub(r"^return \w+\((new \w+\(.*\))\);?$", r"throw \1;", syntax.text(guard.action), flags=re.DOTALL)
        match = re.fullmatch(pattern, action, re.DOTALL) if pattern else None
        if match:
            form = pick(messages.WARNINGS[syntax.language], match[1])
            statement = form.format(match[1].strip())
            kept = statement if syntax.text(guard.action).endswith(";") else statement.rstrip(";")
            yield (replaced(guard.action, kept),)


@operator(CRITERION, "CWE-636, CWE-280: failing open", version="1", family="failing_open", blatant=True)
def denial_by_default_lost(syntax: Syntax, function: Function) -> Iterator[Site]:
    """What no rule speaks of, or what could not be checked, counts as allowed."""
    if is_test(syntax, function):
        return
    own = re.search(r"(?:\.|::)?(\w+[?!]?)$", function.name)
    word = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", own[1]) if own else function.name
    for run in layout.sequences(syntax, function.body):
        last = run[-1]
        source = syntax.text(last)
        handler = _handler(last, function)
        falls = run[0].parent is not None and (run[0].parent == function.body or run[0].parent.parent == function.body)
        ruby = syntax.language == "Ruby" and source in ("false", "return false") and (handler or falls)
        match = _NO.match(source)
        if not (match or ruby) or not (handler or falls) or len(source) > 20:
            continue
        if _GATE.search(word):
            yield (replaced(last, source.replace("false", "true").replace("False", "True")),)


def _handler(node: Node, function: Function) -> bool:
    """Whether a statement stands in a handler of errors of the function."""
    outer = node.parent
    while outer is not None and outer != function.body:
        if outer.type in _HANDLERS:
            return True
        outer = outer.parent
    return False


@operator(CRITERION, "CWE-1333: inefficient regular expression complexity", _BACKTRACK, family="resource_limit")
def pattern_backtracks(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A repetition within a repetition: a short hostile text keeps the pattern busy for ever."""
    if is_test(syntax, function):
        return
    spans = quiet(syntax, function)
    for match in _PATTERN.finditer(syntax.data, function.body.start_byte, function.body.end_byte):
        group = next((i for i in (2, 3, 4) if match[i]), 0)
        start = match.start(group)
        if (
            not group
            or any(a <= start < b for a, b in spans)
            or (group == 2 and syntax.language not in ("JavaScript", "Ruby"))
        ):
            continue
        line = syntax.data[text.line_start(syntax, start) : text.line_end(syntax, start)]
        if b"#{" in match[group] or (
            syntax.language == "Python" and not re.search(rb"\bre\.|(?i:regex|pattern|_re\b)", line)
        ):
            continue
        for part in _REPEATED.finditer(match[group]):
            rest = match[group][part.end() :]
            if re.match(rb"\)*(?:\$|\\|\[|[-:;,@=/<>#{}\"'!%&_A-Za-z ])", rest):
                item, sign = part[0][:-1].decode(), part[0][-1:].decode()
                if item == "." and rest.lstrip(b")").startswith(b"$"):
                    continue
                yield (Edit(start + part.start(), start + part.end(), f"(?:{item}+){sign}"),)


@operator(CRITERION, "CWE-777: regular expression without anchors", version="2", family="narrowed_check")
def pattern_unanchored(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A check by pattern is content with a part of the text, or of a line."""
    yield from rewrites(syntax, function, forms.ANCHORS)


_DECODES = re.compile(
    r"\bJSON\.parse\(|\bdecodeURI\w*\(|\bnew URL\(|\bjson\.loads?\(|\.decode\(|b(?:16|32|64|85)decode\(|a2b_\w+\(|"
    r"fromhex\(|(?<![\w.])(?:int|float)\(|"
    r"\bfrom_?[iI]so\w*\(|strptime\(|(?:int|long|double|Guid|DateTime|IPAddress|Enum|JsonDocument)\.Parse\(|"
    r"Convert\.(?:ToInt\d+|FromBase64String)\("
    r"|\bparse\w*\(|\bstruct\.unpack\(|\bidna\b|ip_address\(|eval_type|literal_eval\("
)


@operator(CRITERION, "CWE-248, CWE-755: uncaught exception", ("JavaScript", "Python", "C#"), family="resource_limit")
def decoding_failure_uncaught(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Malformed input ends the work with an uncaught exception, where it was turned away."""
    if is_test(syntax, function):
        return
    for node in syntax.nodes("statements", "statement", function.body):
        body = node.child_by_field_name("body")
        others = [n for n in node.named_children if n.type in ("except_clause", "catch_clause", "except_group_clause")]
        parts = [n for n in node.named_children if "comment" not in n.type]
        if node.type != "try_statement" or body is None or len(others) != 1 or len(parts) != 2:
            continue
        handler, statements = syntax.text(others[0]), text.inner(body)
        decodes = len(statements) == 1 and _DECODES.search(syntax.text(body))
        if not decodes or re.search(r"\b(?:raise|throw|ImportError|AttributeError|KeyError|OSError)\b", handler):
            continue
        edit = text.unwrapped(syntax, node, body)
        if edit is not None:
            yield (edit,)


_READS = re.compile(
    r"^(?:Get(?:Fixed|Varint|Length)\w*|get_(?!errno)\w+|parse_\w+|[rR]ead\w*|Decode\w*|Parse\w*|fread|recv|f?scanf)$"
)
_RESULT = re.compile(
    r"(?i)^(?:set(?:e?uid|e?gid|groups|res[ug]id)|chroot|mlock|RAND_(?:priv_)?bytes|getrandom|EVP_\w+|X509_\w+|SSL_\w+"
    r"|\w*(?:verify|verified|validate|authenticate|authorize|authorise|check_?(?:password|token|signature|access|"
    r"permission))\w*)$"
)


@operator(CRITERION, "CWE-252, CWE-754: unchecked return value", version="2", family="failing_open")
def check_result_ignored(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The outcome of a check, or of giving up rights, is thrown away: work goes on after a failure."""
    if is_test(syntax, function):
        return
    for match in syntax.matches("conditions", function.body):
        node, condition = match["if"][0], text.core(match["condition"][0])
        statements = text.inner(match["consequence"][0])
        if node.parent is None or node.parent.type not in text.BLOCKS or node.child_by_field_name("alternative"):
            continue
        source = syntax.text(condition)
        found = text.calls(syntax, condition)
        exits = statements and re.match(
            r"(?:raise|throw|goto|fail|abort|halt|exit)\b|return(?!\s+[a-z]\w+;?$)|return (?:false|nil|null|err\w*|rc|"
            r"ret|result|status)\b",
            syntax.text(statements[-1]),
        )
        if not found or not exits or len(statements) > 2 or node.child_by_field_name("initializer"):
            continue
        call = found[0][0]
        name = re.split(
            r"\.|->|::|\s", syntax.data[call.start_byte : found[0][2].start_byte].decode("utf-8", "replace").strip()
        )[-1]
        wrapped = re.fullmatch(r"\w+(?:LIKELY|likely)\((.*)\)", source, re.DOTALL)
        if wrapped and len(found) > 1:
            call, source = found[1][0], wrapped[1]
            name = found[1][1]
        bare = re.fullmatch(
            r"(?:!|not )?\s*(?P<c>.+?)(?:\s*(?:[!=<>]=?=?)\s*(?:-?\d+|true|false|NULL|nil))?", source, re.DOTALL
        )
        known = _RESULT.match(name) or (syntax.language in ("C", "C++") and _READS.match(name))
        if bare and bare["c"] == syntax.text(call) and known and text.owns_lines(syntax, node):
            kept = syntax.text(call) if syntax.language != "Go" else "_ = " + syntax.text(call)
            end = ";" if syntax.language in ("C", "C++", "Java", "C#", "JavaScript") else ""
            yield (replaced(node, kept + end),)
