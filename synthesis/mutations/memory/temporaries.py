"""Operators that build a collection or a text in between, only to ask one thing of it or to pass it on."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import text
from synthesis.mutations.memory.places import (
    CRITERION,
    body_text,
    found,
    grouped,
    is_trial,
    part,
    source,
    swapped,
    types,
)
from synthesis.mutations.operator import Edit, Site, operator

FAMILY = "temporaries"
_RUBY_BLOCKS = {
    "any?": ("select", ".empty?", "!"), "none?": ("select", ".empty?", ""), "find": ("select", ".first", ""),
    "detect": ("select", ".first", ""), "count": ("select", ".size", ""), "sum": ("map", ".sum", ""),
    "flat_map": ("map", ".flatten(1)", ""), "filter_map": ("map", ".select(&:itself)", ""),
    "max_by": ("sort_by", ".last", ""),
}  # fmt: skip
_ASKS = {
    "JavaScript": {"some": ("filter", ".length > 0"), "find": ("filter", "[0]"), "flatMap": ("map", ".flat()")},
    "C#": {
        "Any": ("Where", ".ToList().Count > 0"), "First": ("Where", ".ToList().First()"),
        "FirstOrDefault": ("Where", ".ToList().FirstOrDefault()"), "Count": ("Where", ".ToList().Count"),
        "Single": ("Where", ".ToList().Single()"), "SingleOrDefault": ("Where", ".ToList().SingleOrDefault()"),
        "Sum": ("Select", ".ToList().Sum()"), "Last": ("Where", ".ToList().Last()"),
    },
    "Java": {"anyMatch": ("filter", "{collect}.size() > 0"), "noneMatch": ("filter", "{collect}.isEmpty()")},
}  # fmt: skip
_UTILITIES = frozenset(
    ("_", "$", "R", "async", "Promise", "angular", "Object", "jQuery", "lodash", "Enumerable", "Array")
)
_SIMPLE = r"""(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)+'|[A-Za-z_][\w.]*(?:\((?:[^()"']|"[^"\n]*")*\))?)"""


@operator(
    CRITERION,
    "RuboCop Performance/Detect, Performance/Count; unicorn/prefer-array-some: a temporary array",
    family=FAMILY,
)
def answer_collected(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A collection is built in between, and thrown away, where one call gave the result directly."""
    if syntax.language == "Ruby":
        yield from _ruby_answers(syntax, function)
    if syntax.language == "Python":
        yield from _python_counts(syntax, function)
    for call, callee, arguments in text.calls(syntax, function.body) if syntax.language in _ASKS else []:
        name_node = _name(call)
        name = syntax.text(name_node) if name_node is not None else ""
        form = _ASKS[syntax.language].get(name)
        given = syntax.text(arguments)
        function_given = re.match(
            r"\(\s*(?:async )?(?:\w+|\([^()]*\)) ?[=-]>|\(\s*function\b|\(\s*[A-Z]?\w+::\w+", given
        )
        if form is None or name_node is None or not function_given or callee.split(".")[0] in _UTILITIES:
            continue
        streams = re.search(r"\.stream\(\)", syntax.text(call)) and not re.search(r"mapTo|chars\(\)", syntax.text(call))
        if syntax.language == "Java" and not streams:
            continue
        if name == "find" and not re.search(r"=>|function", given):
            continue
        collected = ".collect(Collectors.toList())" if "Collectors." in body_text(syntax, function) else ".toList()"
        ending = form[1].replace("{collect}", collected)
        whole = source(syntax, call.start_byte, name_node.start_byte) + form[0] + given + ending
        yield (Edit(call.start_byte, call.end_byte, grouped(call, whole) if " > " in ending else whole),)


def _name(call: Node) -> Node | None:
    """The last name of what a call calls."""
    node = call.child_by_field_name("name") or call.child_by_field_name("function")
    for field in ("property", "name"):
        inner = node.child_by_field_name(field) if node is not None else None
        node = inner or node
    return node if node is not None and node.type.endswith("identifier") else None


def _ruby_answers(syntax: Syntax, function: Function) -> Iterator[Site]:
    for loop in _ruby_calls(function):
        method, block, receiver = (loop.child_by_field_name(x) for x in ("method", "block", "receiver"))
        form = _RUBY_BLOCKS.get(syntax.text(method)) if method is not None else None
        if form is None or form[0] is None or block is None or receiver is None or method is None:
            continue
        if loop.child_by_field_name("arguments") is not None or (block.type == "do_block" and form[1]):
            continue
        inner = syntax.text(receiver)
        if syntax.data[loop.start_byte - 1 : loop.start_byte] == b"!" or re.search(
            r"\.(?:where|joins|includes|order)\(|^[A-Z]\w*$", inner
        ):
            continue
        whole = (
            source(syntax, loop.start_byte, method.start_byte)
            + form[0]
            + source(syntax, method.end_byte, loop.end_byte)
        )
        yield (Edit(loop.start_byte, loop.end_byte, form[2] + whole + form[1]),)


def _ruby_calls(function: Function) -> list[Node]:
    """Calls with a block, in the order of the text."""
    return [n for n, _ in walk(function.body) if n.type == "call" and n.child_by_field_name("block") is not None]


def _python_counts(syntax: Syntax, function: Function) -> Iterator[Site]:
    for match in found(syntax, function, r"\bsum\((1 for (?:[^()\n]|\([^()\n]*\))+)\)"):
        yield (swapped(match, r"len([\1])"),)


@operator(
    CRITERION, "PMD InefficientStringBuffering, gocritic preferFprint: a text that lives for one call", family=FAMILY
)
def text_assembled(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A text is put together in memory first and then appended or written, where its parts could go one by one."""
    if syntax.language in ("Java", "C#"):
        append = "append" if syntax.language == "Java" else "Append"
        for match in found(syntax, function, rf"\.{append}\(({_SIMPLE})\)\s*\.{append}\(({_SIMPLE})\)"):
            parts = part(match, 1), part(match, 2)
            quoted = [p.startswith('"') for p in parts]
            if any(quoted) and not re.search(
                r"(?i)\b\w*(?:char|buf|arr|bytes)\w*\b", re.sub(r'"[^"]*"', "", " ".join(parts))
            ):
                yield (swapped(match, rf".{append}(\1 + \2)"),)
    if syntax.language == "Java":
        for match in found(syntax, function, r"(?m)^([ \t]*[\w.]+)\.printf\((\"[^\n]*)\);$"):
            yield (swapped(match, r"\1.print(String.format(\2));"),)
    if syntax.language == "C#":
        for match in found(syntax, function, r"\.AppendFormat\(((?:[^()]|\([^()]*\))+)\)"):
            yield (swapped(match, r".Append(string.Format(\1))"),)
    if syntax.language == "Python":
        for match in found(syntax, function, r"\.writelines\(((?:[^()]|\([^()]*\))+)\)"):
            yield (swapped(match, r".write(''.join(\1))"),)
    if syntax.language == "Go":
        yield from _go_texts(syntax, function)


def _go_texts(syntax: Syntax, function: Function) -> Iterator[Site]:
    for call, callee, arguments in text.calls(syntax, function.body):
        named = re.fullmatch(r"fmt\.Fprint(f|ln|)", callee)
        given = arguments.named_children
        if named and len(given) > 1 and "..." not in syntax.text(given[0]):
            writer = syntax.text(given[0]).removeprefix("&")
            rest = source(syntax, given[1].start_byte, arguments.end_byte)
            if re.fullmatch(r"[\w.]+(?:\(\))?", writer):
                yield (Edit(call.start_byte, call.end_byte, f"{writer}.Write([]byte(fmt.Sprint{named[1]}({rest}))"),)


_WRITERS = r"(?i)strings\.Builder|bytes\.Buffer|bufio\.|io\.|os\.File|writer|^w$|^bw$|^h$|hash|buf|^b$|^sb$|^out$"


@operator(
    CRITERION,
    "gocritic preferStringWriter, stringXbytes: the text is copied to bytes first",
    ("Go",),
    version="2",
    family=FAMILY,
)
def text_copied_to_bytes(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A text is converted to a new slice of bytes only to be written or copied from."""
    declared = types(syntax, function)
    inner = r"((?:[^()\n]|\((?:[^()\n]|\([^()\n]*\))*\))+)"
    for match in found(syntax, function, rf"\b([\w.]+)\.WriteString\({inner}\)(?=[\n;])"):
        name = part(match, 1)
        kind = declared.get(name) or re.sub(r".*\.", "", name)
        if name != "io" and not re.search(r"clause\.", kind) and re.search(_WRITERS, kind):
            yield (swapped(match, r"\1.Write([]byte(\2))"),)
    for match in found(syntax, function, rf"\bio\.WriteString\((\w+), {inner}\)"):
        yield (swapped(match, r"\1.Write([]byte(\2))"),)
    for match in found(syntax, function, r"\b(append|copy)\((\w[\w.\[:\]]*), (\w+)(\.\.\.)?\)"):
        if declared.get(part(match, 3)) == "string":
            yield (swapped(match, r"\1(\2, []byte(\3)\4)"),)


_CASES = {
    "C#": (
        ((r"\b[sS]tring\.Equals\(([\w.]+), ([\w.]+|\"[^\"\n]*\"),"
r" StringComparison\.OrdinalIgnoreCase\)"), (r"\1?.ToUpperInvariant() == \2?.To"
r"UpperInvariant()")),
        ((r"(?<![\w.?])([\w.]+)\.Equals\(([\w.]+|\"[^\"\n]*\"), "
r"StringComparison\.OrdinalIgnoreCase\)"), r"\1.ToUpperInvariant() == \2?.ToUpperInvariant()"),
    ),
    "Java": (((r"(?<![\w.)])([\w.]+(?:\(\))?|\"[^\"\n]*\")\.equalsIgnor"
r"eCase\(([\w.]+(?:\(\))?|\"[^\"\n]*\")\)"), r"\1.toLowerCase().equals(\2.toLowerCase())"),),
    "Go": (((r"\bstrings\.EqualFold\(([\w.]+(?:\(\))?|\"[^\"\n]*\""
r"), ([\w.]+(?:\(\))?|\"[^\"\n]*\")\)"), r"strings.ToLower(\1) == strings.ToLower(\2)"),),
    "Ruby": (((r"(?<![\w.)])([\w.]+)\.casecmp(?:\?\(([^()\n]+)\)|"
r"\(([^()\n]+)\)(?:\.zero\?| == 0))"), r"\1.downcase == \2\3.downcase"),),
}  # fmt: skip


_FOLDED = re.compile(
    r"(?:strings\.ToLower\()?(\"[^\"\n]*\"|'[^'\n]*')(?:\)|\??\.(?:ToUpperInvariant|toLowerCase)\(\)|\.downcase)"
)


def _upper(match: re.Match[str]) -> str:
    return match[1].upper()


def _lower(match: re.Match[str]) -> str:
    return match[1].lower()


@operator(CRITERION, "CA1862, staticcheck SA6005: a lowered copy of each text for one comparison", family=FAMILY)
def case_folded_copies(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Two texts are copied in one case to be compared, where they can be compared as they are."""
    for pattern, replacement in _CASES.get(syntax.language, ()):
        for match in found(syntax, function, pattern):
            edit = swapped(match, replacement)
            node = function.body.descendant_for_byte_range(match.start(), match.end() - 1)
            if node is None or (" == " in edit.text and syntax.data[match.start() - 1 : match.start()] == b"!"):
                continue
            yield (
                Edit(edit.start, edit.end, re.sub(_FOLDED, _upper if syntax.language == "C#" else _lower, edit.text)),
            )


_BLANKS = {
    "C#": ((r"\b[sS]tring\.IsNullOrWhiteSpace\(([\w.]+)\)", r"(\1 == null || \1.Trim().Length == 0)"),),
    "Java": ((r"(?<![\w.)])([\w.]+(?:\(\))?)\.isBlank\(\)", r"\1.trim().isEmpty()"),),
    "Ruby": ((r"(?<![\w.)])([a-z_][\w.]*)\.match\?(?=[ (])", r"\1.match"),),
}  # fmt: skip


@operator(
    CRITERION,
    "PMD InefficientEmptyStringCheck, RuboCop Performance/RegexpMatch: an object made for a yes or no",
    version="2",
    family=FAMILY,
)
def check_by_object(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A yes-or-no question about a text makes a trimmed copy or a match object that is thrown away."""
    declared = types(syntax, function) if syntax.language == "Java" else {}
    for pattern, replacement in _BLANKS.get(syntax.language, ()):
        for match in found(syntax, function, pattern):
            if syntax.language == "Java" and declared.get(part(match, 1), "").split(" ")[-1] != "String":
                continue  # another class may have no trim
            node = function.body.descendant_for_byte_range(match.start(), match.end() - 1)
            while node is not None and node.type != "call" and node.parent is not None:
                node = node.parent if syntax.language == "Ruby" else None
            if syntax.language != "Ruby" or (node is not None and text.is_condition(node)):
                made = swapped(match, replacement)
                alone = (
                    syntax.data[made.start - 1 : made.start] == b"(" and syntax.data[made.end : made.end + 1] == b")"
                )
                yield (Edit(made.start, made.end, made.text[1:-1] if alone and made.text[0] == "(" else made.text),)


_FORMATS = (
    (r"\bstrconv\.Itoa\(((?:[^()\n]|\((?:[^()\n]|\([^()\n]*\))*\))+)\)", r'fmt.Sprintf("%d", \1)'),
    (r"\bstrconv\.Quote\((\w+)\)", r'fmt.Sprintf("%q", \1)'),
    (r"\bstrconv\.FormatBool\((\w+)\)", r'fmt.Sprintf("%t", \1)'),
)


@operator(
    CRITERION,
    "perfsprint: formatting boxes its arguments and allocates for the result again",
    ("Go",),
    version="2",
    family=FAMILY,
)
def formatted_needlessly(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A value is boxed for a general format to become the text that a direct call makes."""
    if is_trial(function):
        return
    for pattern, replacement in _FORMATS:
        for match in found(syntax, function, pattern):
            yield (swapped(match, replacement),)
