"""Repairs of expressions: what human code says in a roundabout way, and the language says plainly."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import layout, scope
from synthesis.mutations.layout import replace
from synthesis.mutations.operator import Edit, Site, repair
from synthesis.mutations.readability import blocks

KEY = "readability_maintainability"
_TURNED = {"==": "!=", "!=": "==", "===": "!==", "!==": "===", "in": "not in", "is": "is not"}
_EMPTY = {"Ruby": "empty?", "Java": "isEmpty()", "C++": "empty()"}
_CONTAINER = {
    "Java": re.compile(r"\b(\w*List|\w*Map|\w*Set|Collection|\w*Queue|Deque)\b"),
    "C++": re.compile(r"\b(vector|string|map|set|list|deque|string_view|unordered_map|unordered_set|String)\b"),
    "Python": re.compile(r"^(typing\.|t\.)?(list|dict|set|tuple|str|bytes|List|Dict|Set|Tuple|frozenset)\b(?!.*\|)"),
}
_TESTS = scope.kinds(
    "if_statement while_statement not_operator boolean_operator elif_clause conditional_expression assert_statement"
)
_PLAIN = scope.kinds("list dictionary set string list_comprehension dictionary_comprehension set_comprehension tuple")


@repair(
    KEY,
    "negated comparison: pylint C0117 and C0113, Sonar S1940, RuboCop Style/InverseMethods",
    version="2",
    family="conditions",
)
def comparison_straightened(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A comparison is negated as a whole, where its opposite sign says it."""
    if re.search(r"operator|^\W*(def|void|func) [Tt]est|__\w+__|[=!]=|\b[Ee]quals?\b", function.signature):
        return  # one comparison defined or tried by the other
    for node, _ in walk(function.body):
        inner = layout.operand(node) if node.is_named else None
        bare = layout.core(inner) if inner is not None else None
        parts = blocks.either(syntax, bare, tuple(_TURNED)) if bare is not None else None
        if parts is None or inner is None or parts.node.child_count != 3 or "\n" in syntax.text(node):
            continue
        if inner.id == parts.node.id and syntax.language != "Python":
            continue
        sign = replace(parts.operator, _TURNED[syntax.text(parts.operator)])
        yield (Edit(node.start_byte, parts.node.start_byte, ""), sign, Edit(parts.node.end_byte, node.end_byte, ""))


@repair(KEY, "comparison with None: PEP 8, pycodestyle E711", ("Python",), family="conditions")
def none_compared_by_identity(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A condition compares with None by equality, which a class may redefine, where PEP 8 asks for identity."""
    for one in layout.binaries(syntax, function.body):
        sign = syntax.text(one.operator)
        none = sign in ("==", "!=") and syntax.text(one.right) == "None" and one.node.child_count == 3
        if none and _is_test(one.node) and one.left.type in layout.SIMPLE:
            yield (replace(one.operator, "is" if sign == "==" else "is not"),)


@repair(
    KEY,
    "ask a collection whether it is empty: RuboCop Style/ZeroLengthPredicate, PMD UseCollectionIsEmpty, PEP 8",
    ("Ruby", "Java", "C++", "Python"),
    version="2",
    family="conditions",
)
def emptiness_asked(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The size is compared with zero, where the language asks for emptiness."""
    for one in layout.binaries(syntax, function.body):
        sign, text = syntax.text(one.operator), syntax.text(one.left)
        if syntax.text(one.right) != "0" or sign != "==" or one.node.child_count != 3:
            continue
        if syntax.language == "Python":
            found = re.fullmatch(r"len\((\w+)\)", text)
            if found and _is_container(syntax, function, found[1]) and _is_test(one.node):
                yield (replace(one.node, f"not {found[1]}"),)
            continue
        found = re.fullmatch(r"([\w.@\[\]>-]+?)(\.|->)(length|size)(\(\))?", text)
        if found is None or (
            syntax.language != "Ruby" and not (found[4] and _is_container(syntax, function, found[1]))
        ):
            continue
        yield (replace(one.node, f"{found[1]}{found[2]}{_EMPTY[syntax.language]}"),)


def _is_container(syntax: Syntax, function: Function, name: str) -> bool:
    """Whether a name is declared as a container, or in Python only ever given plain ones."""
    known = scope.variables(syntax, function).get(name)
    if known is None:
        return False
    if known.type:
        return _CONTAINER[syntax.language].search(known.type) is not None
    values = [
        m["value"][0] for m in syntax.matches("assignments", function.body) if syntax.text(m["target"][0]) == name
    ]
    targets = len(scope.written(known))
    return (
        syntax.language == "Python"
        and bool(values)
        and targets == len(values)
        and not known.parameter
        and all(v.type in _PLAIN for v in values)
    )


def _is_test(node: Node) -> bool:
    parent = node.parent
    if parent is None or parent.type not in _TESTS:
        return False
    return parent.type != "boolean_operator" or _is_test(parent)


@repair(
    KEY, "redundant words: pylint C0201, Java 7 diamond, gofmt -s", ("Python", "Java", "Go"), "2", family="redundancy"
)
def words_dropped(syntax: Syntax, function: Function) -> Iterator[Site]:
    """An expression spells out what the language infers."""
    text = syntax.text(function.body)
    start = function.body.start_byte
    forms = {
        "Python": r"(?<=\bin )([\w.]+)(\.keys\(\))(?=:| and| or)",
        "Java": r"(?<=new )(\w+)(<[\w<>, ?\[\].]+>)(?=\([^()]*\);)",
        "Go": r"(?<=for )(\w+)(, _)(?= :?= range )",
    }
    for found in re.finditer(forms[syntax.language], text):
        at = start + len(text[: found.start(2)].encode())
        line = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
        generic = re.search(r"<.*>\s+\w+\s*=\s*new $", line) is not None
        node = function.body.descendant_for_byte_range(at, at + 1)
        if node is None or "string" in node.type or "comment" in node.type:
            continue
        if syntax.language == "Java" and (
            not generic or text[found.end() : found.end() + 20].split(";")[0].endswith("{")
        ):
            continue
        if syntax.language == "Python" and not line.lstrip().startswith(("if ", "while ", "elif ")):
            continue
        yield (Edit(at, at + len(found[2].encode()), "<>" if syntax.language == "Java" else ""),)
