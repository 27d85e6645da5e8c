"""Operators that put into a list, whole, what was taken one element at a time."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax
from synthesis.mutations import text
from synthesis.mutations.memory.places import (
    CRITERION,
    body_text,
    changes,
    found,
    made,
    mentions,
    part,
    source,
    swapped,
    types,
)
from synthesis.mutations.operator import Edit, Site, operator

FAMILY = "eager"
_NAME = r"[A-Za-z_@$][\w.]*"
_HEADS = {
    "Python": r"for [^\n]+? in ([^\n]+):\s*(?:#[^\n]*)?$",
    "JavaScript": r"for \((?:const|let|var) [^()]+? of (.+)\)\s*$",
    "Java": r"for \((?:final )?[\w.<>?, \[\]]+ \w+ ?: (.+)\)\s*$",
    "C#": r"foreach \(var (?:\w+|\([\w, ]+\)) in (.+)\)\s*$",
    "Go": r"for \w+, \w+ := range (.+?)\s*$",
}
_PYTHON_LAZY = re.compile(r"(?:enumerate|zip|range|map|filter|reversed)\(.+\)")
_ENDLESS = re.compile(r"\b(?:count|cycle|repeat|iter|forever|infinite|generate)\w*\(")
_ONE_BY_ONE = re.compile(r"(?i)queue|reader|stream|cursor|iterator|stdin|chunks|messages|events")
_JAVA_COLLECTION = re.compile(
    r"(?:java\.util\.)?(?:List|Collection|Set|ArrayList|LinkedList|HashSet|SortedSet|Deque|Queue)\b"
)
_JAVA_VIEW = re.compile(r"[a-z_][\w.]*(?:\(\))?\.(?:keySet|entrySet|values)\(\)")
_NOT_LINQ = re.compile(
    r"(?i)span|\.(?:rows|columns|tables|groups|captures|attributes|controls|modules|matches)\b|matches\(|\.\."
)


@operator(CRITERION, "a loop needs one element at a time; a copy holds all of them once more", family=FAMILY)
def eager_copy(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Elements that a loop takes one at a time are first copied into a list of their own."""
    head = _HEADS.get(syntax.language)
    declared = types(syntax, function) if head else {}
    for name, value in made(syntax, function).items() if syntax.language == "Go" else ():
        element = re.match(r"(?:make\()?(\[\][\w.*]+)[{,]", value)
        if element and not declared.get(name):
            declared[name] = element[1]
    for loop in text.loops(syntax, function.body) if head else []:
        written = source(syntax, loop.node.start_byte, loop.body.start_byte)
        match = re.match(head or "", written.rstrip("{ \n\t"))
        if match is None or _is_changed(syntax, loop.body, match[1]):
            continue
        copy = _listed(syntax.language, match[1].strip(), declared)
        if copy is not None:
            start = loop.node.start_byte + len(written[: match.start(1)].encode())
            yield (Edit(start, start + len(match[1].encode()), copy),)
    yield from _ruby(syntax, function)


def _is_changed(syntax: Syntax, body: Node, expression: str) -> bool:
    """Whether the loop changes what it walks over: then the copy is needed."""
    base = re.match(r"[\w.@$]+?(?=\.(?:items|keys|values|keySet|entrySet)\(|[^\w.@$]|$)", expression)
    return base is not None and changes(syntax.text(body), base[0])


def _listed(language: str, expression: str, declared: dict[str, str]) -> str | None:
    """The expression copied into a list; None where that is not certain to compile and to cost something."""
    if _ENDLESS.search(expression) or _ONE_BY_ONE.search(expression):
        return None
    plain = re.fullmatch(_NAME, expression) is not None and expression not in ("this", "self")
    if language == "Python":
        lazy = _PYTHON_LAZY.fullmatch(expression) or re.fullmatch(rf"{_NAME}\.(?:items|keys|values)\(\)", expression)
        return f"list({expression})" if plain or lazy else None
    if language == "JavaScript":
        lazy = re.fullmatch(rf"{_NAME}\.(?:entries|keys|values)\(\)|Object\.\w+\({_NAME}\)", expression)
        return f"[...{expression}]" if plain or lazy else None
    if language == "Java":
        if plain and declared.get(expression, "").endswith("[]"):
            return f"{expression}.clone()"
        typed = plain and _JAVA_COLLECTION.match(declared.get(expression, ""))
        return f"new ArrayList<>({expression})" if typed or _JAVA_VIEW.fullmatch(expression) else None
    if language == "C#":
        chain = re.fullmatch(r"[A-Za-z_][\w.]*(?:\([^()]*\)(?:\.\w+)*)*", expression)
        done = re.search(r"\.To(?:List|Array)\w*\(\)$", expression)
        fits = chain and not done and not _NOT_LINQ.search(expression + declared.get(expression, ""))
        return f"{expression}.ToList()" if fits else None
    element = re.fullmatch(r"(\[\][\w.*\[\]]+)", declared.get(expression, ""))
    return f"append({element[1]}(nil), {expression}...)" if element and plain else None


def _ruby(syntax: Syntax, function: Function) -> Iterator[Site]:
    if syntax.language != "Ruby":
        return
    code = body_text(syntax, function)
    for match in found(
        syntax, function, r"(?<![\w.:@$])(@{0,2}[a-z_][\w.]*)\.(each|each_pair|each_with_index)(?= \{| do\b)"
    ):
        receiver, walked = part(match, 1), part(match, 2)
        last = receiver.split(".")[-1]
        plural = re.search(r"(?:s|list|array|hash|set|map|data|children)$", last) and last not in (
            "class",
            "process",
            "self",
        )
        if plural and not receiver.endswith((".dup", ".to_a")) and not changes(code, receiver):
            copy = "to_a" if walked == "each_pair" else "dup"
            again = "each" if walked == "each_pair" else walked
            yield (swapped(match, rf"\1.{copy}.{again}"),)


_RUBY_VIEWS = (
    (r"\.each_line(?= \{| do\b)", ".readlines.each", r"(?i)(?:file|io|f|fh|input|stdin|handle)$"),
    (r"\.each_line(?= \{| do\b)", ".lines.each", r"(?i)(?:str\w*|text|body|output|content|source|out|message)$"),
    (r"\.each_char(?= \{| do\b)", ".chars.each", ""),
    (r"\.each_byte(?= \{| do\b)", ".bytes.each", ""),
    (r"\.each_key(?= \{| do\b)", ".keys.each", ""),
    (r"\.each_value(?= \{| do\b)", ".values.each", ""),
    (r"\.reverse_each(?= \{| do\b)", ".reverse.each", ""),
    (r"\.lazy(?=\.)", "", ""),
)


@operator(
    CRITERION, "RuboCop Style/HashEachMethods, Performance/ReverseEach: an array of all of it", ("Ruby",), family=FAMILY
)
def view_materialised(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Keys, characters, lines or elements in reverse are collected into an array before they are walked over."""
    for pattern, replacement, receiver in _RUBY_VIEWS:
        for match in found(syntax, function, pattern):
            line = source(syntax, text.line_start(syntax, match.start()), match.start())
            if re.search(receiver, line):
                yield (swapped(match, replacement),)


@operator(CRITERION, "flake8-comprehensions C403, C404, C419: a list in between", ("Python",), family=FAMILY)
def comprehension_listed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A generator expression that a call consumes is made a list comprehension, so that all of it is held at once."""
    takers = ("sum", "any", "all", "max", "min", "set", "dict", "tuple", "frozenset", "Counter", "next")
    for call, callee, arguments in text.calls(syntax, function.body):
        name = callee.split(".")[-1]
        if arguments.type == "generator_expression" and name in takers[:-1] and not call.has_error:
            inside = syntax.text(arguments)[1:-1]
            if not re.search(r"\basync for\b", inside) and not _ENDLESS.search(inside):
                yield (Edit(arguments.start_byte, arguments.end_byte, f"([{inside}])"),)


@operator(CRITERION, "PEP 289: a generator expression gives one element at a time", ("Python",), family=FAMILY)
def generator_made_list(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A generator expression is built as a whole list before anything is taken from it."""
    code = body_text(syntax, function)
    for match in found(
        syntax, function, r"(?m)(?:(?<=return )|(?<= in )|(\b\w+) = )\((?=[^\n()]*(?:\([^()\n]*\)[^\n()]*)* for )"
    ):
        start = match.end() - 1
        node = function.body.descendant_for_byte_range(start, start + 1)
        name = part(match, 1)
        if node is None or node.parent is None or node.parent.type != "generator_expression" or "next(" in code:
            continue
        returned = not name and "return" in source(syntax, match.start() - 7, match.start())
        lazy = returned and re.search(r"(?i)generator|iterat|lazi|yield|stream", function.doc + function.signature)
        if not lazy and (not name or mentions(code, name) == 2):
            whole = node.parent
            yield (Edit(whole.start_byte, whole.end_byte, f"[{syntax.text(whole)[1:-1]}]"),)


_JAVA_STEPS = frozenset(["filter", "map", "sorted", "distinct", "peek", "flatMap", "limit", "skip"])
_LINQ_STEPS = frozenset(
    [
        "Where",
        "Select",
        "OrderBy",
        "Distinct",
        "SelectMany",
        "OrderByDescending",
        "Skip",
        "Take",
        "Cast",
        "OfType",
        "Concat",
    ]
)


@operator(CRITERION, "a pipeline passes elements on one by one; a collected stage holds all of them", family=FAMILY)
def chain_materialised(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A step in the middle of a chain collects all elements before the next one begins."""
    if syntax.language not in ("Java", "C#"):
        return
    steps = _JAVA_STEPS if syntax.language == "Java" else _LINQ_STEPS
    for call, _, arguments in text.calls(syntax, function.body):
        name = _method(syntax, call)
        outer = call.parent if syntax.language == "C#" else call
        following = re.match(r"\s*\.(\w+)", source(syntax, arguments.end_byte, function.body.end_byte))
        inner = syntax.text(call)
        if name not in steps or outer is None or following is None:
            continue
        if syntax.language == "Java":
            streamed = re.search(r"\.stream\(\)|\bStream\.of\(", inner) and not re.search(
                r"mapTo|boxed|Int|Long|Double", inner
            )
            collect = "collect(Collectors.toList())" if "Collectors." in body_text(syntax, function) else "toList()"
            fits, made = streamed and following[1] in {*_JAVA_STEPS, *_JAVA_ENDS}, f".{collect}.stream()"
        else:
            fits, made = following[1] in {*_LINQ_STEPS, *_LINQ_ENDS} and "=>" in syntax.text(arguments), ".ToList()"
        if fits:
            yield (Edit(arguments.end_byte, arguments.end_byte, made),)


_JAVA_ENDS = frozenset(
    ["forEach", "findFirst", "findAny", "anyMatch", "allMatch", "noneMatch", "collect", "count", "mapToInt"]
)
_LINQ_ENDS = frozenset(
    [
        "Any",
        "All",
        "First",
        "FirstOrDefault",
        "Count",
        "Sum",
        "Max",
        "Min",
        "Single",
        "SingleOrDefault",
        "Aggregate",
        "ToDictionary",
    ]
)


def _method(syntax: Syntax, call: Node) -> str:
    """The name of the method that a call calls."""
    callee = call.child_by_field_name("name") or call.child_by_field_name("function")
    return re.split(r"\W+", syntax.text(callee))[-1] if callee is not None else ""
