"""Values converted, formatted, cast or copied by a costlier way than the one at hand."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import layout, text
from synthesis.mutations.operator import Edit, Site, operator
from synthesis.mutations.patterns import Table, rewrites
from synthesis.mutations.runtime import cleared, shapes
from synthesis.mutations.trials import outside_tests

CRITERION = "runtime_efficiency"
FAMILY = "costly_conversion"
_RARE = re.compile(
    r"(?i)throw|raise|panic|assert|fail|error|exception|log\w*\.|\.debug|\.warn|\.trace|abort|require\.|expect|check"
    r"|invalid|message|attribute|annotation|case "
)
"""Statements that seldom run, or that a test writes, where speed is no one's concern."""
_LITERALS = frozenset(("string_literal", "interpreted_string_literal"))
_CHAINS = frozenset(("binary_expression",))
PLAIN: Table = {
    "Go": (
        (r"\bstrconv\.Itoa\(([^()]+(?:\(\w*\))?)\)", r'fmt.Sprintf("%d", \1)'),
        (r"\bstrconv\.FormatInt\(([^(),]+(?:\([\w.]*\))?), 10\)", r'fmt.Sprintf("%d", \1)'),
        (r"\bstrconv\.FormatBool\((\w+)\)", r'fmt.Sprintf("%t", \1)'),
        (r"\berrors\.New\((\"(?:[^\"\\%]|\\.)*\")\)", r"fmt.Errorf(\1)"),
        (r"\bhex\.EncodeToString\(([\w.]+)\)", r'fmt.Sprintf("%x", \1)'),
    ),
    "Java": (
        (r"\b(?:Integer|Long)\.toString\((\w+)\)", r'String.format("%s", \1)'),
        (r"\bString\.valueOf\(([a-z]\w*)\)", r'String.format("%s", \1)'),
    ),
}  # fmt: skip
SHARED: Table = {
    "C++": ((r"\bstd::make_shared<([\w:<>, ]+)>\(((?:[^()]|\([^()]*\))*)\)", r"std::shared_ptr<\1>(new \1(\2))"),),
}
LAZY: Table = {
    "Python": (
        ((
            r"\b((?:self\.)?_?log(?:ger|ging)?\.debug)\((['\"][^"
            r"'\"\n]*%s[^'\"\n]*['\"]), ([\w.]+(?:\([\w.]*\))?)\)"
        ), r"\1(\2 % (\3,))"),
        ((
            r"\b((?:self\.)?_?log(?:ger|ging)?\.debug)\((['\"][^"
            r"'\"\n]*%[srd][^'\"\n]*['\"]), ([\w.]+, [\w., ]+)\)"
        ), r"\1(\2 % (\3))"),
    ),
    "Java": (
        (r"\b((?i:log(?:ger)?)\.(?:debug|trace))\(\"([^\"{}]*)\{\}\", ([\w.]+(?:\(\))?)\);", r'\1("\2" + \3);'),
        ((
            r"\b((?i:log(?:ger)?)\.(?:debug|trace))\(\"([^"
            r"\"{}]*)\{\}([^\"{}]+)\", ([\w.]+(?:\(\))?)\);"
        ), r'\1("\2" + \4 + "\3");'),
    ),
    "C#": (
        ((
            r"\b(_?[lL]og(?:ger)?\.(?:Debug|LogDebug|Trace|LogTr"
            r"ace))\(\"([^\"{}]*)\{\w+\}([^\"{}]*)\", ([\w.]+)\);"
        ), r'\1($"\2{\4}\3");'),
    ),
    "Ruby": (
        (r"\b((?:\w+\.)?log(?:ger)?\.debug) \{ ([^{}\n]*(?:#\{[^{}]*\}[^{}\n]*)*) \}", r"\1(\2)"),
    ),
}  # fmt: skip
GUARDS = {
    "Java": r"\(?!?(?i:log(?:ger)?)\.(?:isDebugEnabled|isTraceEnabled|isLoggable)\(.*\)\)?",
    "C#": r"(?:_?[lL]og(?:ger)?\w*\.)?(?:IsEnabled\(LogLevel\.(?:Debug|Trace)\)|Is(?:Debug|Trace)Enabled)",
    "Python": r"(?:self\.)?_?log(?:ger)?\.isEnabledFor\(logging\.DEBUG\)",
    "Ruby": r"(?:\w+\.)?log(?:ger)?\.debug\?",
    "Go": r"(?:klog|glog)\.V\(\d\)(?:\.Enabled\(\))?|log\w*\.DebugEnabled\(\)",
    "JavaScript": r"(?:this\.)?(?:log(?:ger)?|debug)\.(?:enabled|isDebugEnabled\(\))",
}


@operator(CRITERION, "a format string parsed and its values boxed at each call where texts are put side by side",
          ("Java", "C#", "Go"), family=FAMILY)  # fmt: skip
@outside_tests
def formatted_where_joined(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A text that was put together from its parts is made by a format that is parsed at each call."""
    yield from rewrites(syntax, function, PLAIN)
    if re.search(r"@Test|\[(?:Test|Fact|Theory)|testing\.[TB]\b", syntax.text(function.node)):
        return
    for node, _ in walk(function.body):
        whole = shapes.statement_of(node)
        if whole is None or _RARE.search(syntax.text(whole)) or "\n" in syntax.text(node):
            continue
        if node.type == "interpolated_string_expression" and syntax.language == "C#":
            yield from _interpolated(syntax, node)
        above = node.parent.type if node.parent is not None else ""
        if node.type in _CHAINS and above not in _CHAINS and not re.search(r"const|throw|attribute", above):
            parts = _parts(syntax, node)
            texts = [n for n in parts if n.type in _LITERALS]
            plain = [n for n in parts if n.type not in _LITERALS]
            starts = len(parts) > 1 and (parts[0].type in _LITERALS or parts[1].type in _LITERALS)
            if texts and plain and starts and len(parts) > 1 and "const " not in syntax.text(whole):
                yield from _formatted(syntax, node, parts)


def _parts(syntax: Syntax, node: Node) -> list[Node]:
    """The operands of a chain of `+`; empty where another operation is among them."""
    found: list[Node] = []
    while node.type in _CHAINS:
        sign, left, right = (node.child_by_field_name(f) for f in ("operator", "left", "right"))
        if sign is None or left is None or right is None or syntax.text(sign) != "+":
            return []
        found.insert(0, right)
        node = left
    return [node, *found]


def _formatted(syntax: Syntax, node: Node, parts: list[Node]) -> Iterator[Site]:
    mark, call = {"Java": ("%s", "String.format"), "Go": ("%s", "fmt.Sprintf")}.get(
        syntax.language, ("", "string.Format")
    )
    pattern = ""
    values: list[str] = []
    for part in parts:
        source = syntax.text(part)
        if part.type in _LITERALS:
            inner = source[1:-1]
            pattern += re.sub(r"([{}])", r"\1\1", inner) if not mark else inner.replace("%", "%%")
        elif part.type in ("character_literal", "lambda_expression", "null_literal"):
            return
        else:
            pattern += mark or f"{{{len(values)}}}"
            values.append(source[1:-1] if part.type == "parenthesized_expression" else source)
    yield (Edit(node.start_byte, node.end_byte, f'{call}("{pattern}", {", ".join(values)})'),)


def _interpolated(syntax: Syntax, node: Node) -> Iterator[Site]:
    source = syntax.text(node)
    found = re.fullmatch(r'\$"((?:[^"{}\\]|\\.|\{[\w.()]+\})*)"', source)
    if found is None or "{" not in found[1]:
        return
    values: list[str] = []

    def numbered(one: re.Match[str]) -> str:
        values.append(one[1])
        return f"{{{len(values) - 1}}}"

    pattern = re.sub(r"\{([^{}]+)\}", numbered, found[1])
    yield (Edit(node.start_byte, node.end_byte, f'string.Format("{pattern}", {", ".join(values)})'),)


@operator(CRITERION, "duplicate casts: the type is tested, then tested again by the cast (CA1800)", ("C#", "C++", "Go"),
          family=FAMILY)  # fmt: skip
@outside_tests
def type_tested_twice(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A type is tested and then converted to by a second test, where one gives both."""
    for one in layout.ifs(syntax, function.body):
        node = one.node
        condition, body = node.child_by_field_name("condition"), node.child_by_field_name("consequence")
        statements = text.inner(body) if body is not None and body.type in text.BLOCKS else []
        if condition is None or body is None or not statements or not text.owns_lines(syntax, statements[0]):
            continue
        head = syntax.data[node.start_byte : body.start_byte].decode("utf-8", "replace")
        forms = {
            "C#": (r"(?<=\()([\w.]+) is ([\w.<>]+\??) (\w+)(?=\))", "{1} is {2}", "var {3} = ({2}){1};"),
            "C++": ((
                r"(?<=\()(?:const )?auto ?\*+ ?(\w+) = (dy"
                r"namic_cast<[\w:<> *]+>\([\w.>-]+\))(?=\))"
            ), "{2}", "auto* {1} = {2};"),
            "Go": (r"(?<=if )(\w+), (\w+) := (\w[\w.]*\.\(\*?[\w.]+\)); \2(?= )", "_, {2} := {3}; {2}", "{1} := {3}"),
        }  # fmt: skip
        pattern, test, cast = forms[syntax.language]
        found = re.search(pattern, head)
        if found is None:
            continue
        name = found[3] if syntax.language == "C#" else found[1]
        used = len(shapes.occurrences(syntax, body, name))
        if name == "_" or not used or len(shapes.occurrences(syntax, function.node, name)) != used + 1:
            continue
        groups = ("", *found.groups())
        at = node.start_byte + len(head[: found.start()].encode())
        first = statements[0].start_byte
        line = f"{cast.format(*groups)}\n{text.indent(syntax, statements[0])}"
        yield Edit(at, at + len(found[0].encode()), test.format(*groups)), Edit(first, first, line)


@operator(CRITERION, "one block operation becomes a load, a store and a test for each element",
          ("C", "C++", "Java", "C#"), family="costly_building")  # fmt: skip
@outside_tests
def block_copied_by_element(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A block that one call copies or fills is copied or filled element by element."""
    if syntax.language in ("C", "C++"):
        yield from cleared.byte_by_byte(syntax, function)
        return
    place = r"((?:\w+(?:->|\.))*\w+)"
    forms = {
        "Java": ((rf"System\.arraycopy\({place}, 0, {place}, 0, ([\w.]+)\);", "{1}[{i}] = {0}[{i}];", "int"),
                 ((
                     rf"System\.arraycopy\({place}, (\w+"
                     rf"), {place}, (\w+), ([\w.]+)\);"
                 ), "{2}[{3} + {i}] = {0}[{1} + {i}];", "int")),
        "C#": ((rf"Array\.Copy\({place}, {place}, ([\w.]+)\);", "{1}[{i}] = {0}[{i}];", "int"),),
    }  # fmt: skip
    for node in syntax.nodes("statements", "statement", function.body):
        if not text.owns_lines(syntax, node) or (node.parent is not None and node.parent.type not in text.BLOCKS):
            continue
        for pattern, form, kind in forms[syntax.language]:
            found = re.fullmatch(pattern, syntax.text(node))
            index = shapes.free(syntax, function, "i", "j", "n", "pos")
            if found is None or index is None or found[1] == found[2] or found.groups()[-1].isdigit():
                continue
            line, step = f"\n{text.indent(syntax, node)}", layout.step(syntax, function)
            body = form.format(*found.groups(), i=index)
            head = f"for ({kind} {index} = 0; {index} < {found.groups()[-1]}; {index}++) {{"
            if syntax.language == "C#":
                head = head.replace(" {", f"{line}{{")
            yield (Edit(node.start_byte, node.end_byte, f"{head}{line}{step}{body}{line}}}"),)


@operator(
    CRITERION, "logging-not-lazy (W1201): the message is built although nobody may read it", family="needless_work"
)
@outside_tests
def message_built_unread(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A message of the lowest level is put together even where it is not logged."""
    yield from rewrites(syntax, function, LAZY)
    form = GUARDS.get(syntax.language)
    for match in syntax.matches("conditions", function.body):
        node, body = match["if"][0], match["consequence"][0]
        if form is None or node.child_by_field_name("alternative") is not None or node.type.endswith("_modifier"):
            continue
        tested = re.fullmatch(form, syntax.text(text.core(match["condition"][0])))
        logs = bool(re.search(r"[+$%]|\w\([^{}]*\w\(", syntax.text(body))) and all(
            re.match(r"(?i)(?:this\.|self\.|@|_)?log|klog|glog|debug", syntax.text(n)) for n in text.inner(body)
        )
        edit = text.unwrapped(syntax, node, body) if tested and logs else None
        if edit is not None:
            yield (edit,)


@operator(CRITERION, "two allocations where make_shared does with one", ("C++",), family="nothing_kept")
@outside_tests
def allocated_twice(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A shared object and its count are allocated one by one instead of together."""
    yield from rewrites(syntax, function, SHARED)
