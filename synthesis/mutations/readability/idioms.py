"""Repairs of expressions: what human code says in a roundabout way, and the language says plainly."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import layout, scope
from synthesis.mutations.layout import replace
from synthesis.mutations.operator import Edit, Site, repair
from synthesis.mutations.readability import blocks, wording

KEY = "readability_maintainability"
_TURNED = {"==": "!=", "!=": "==", "===": "!==", "!==": "===", "in": "not in", "is": "is not"}
_EMPTY = {"Ruby": "empty?", "Java": "isEmpty()", "C++": "empty()"}
_CONTAINER = {
    "Java": re.compile(r"\b(\w*List|\w*Map|\w*Set|Collection|\w*Queue|Deque)\b"),
    "C++": re.compile(r"\b(vector|string|map|set|list|deque|string_view|unordered_map|unordered_set|String)\b"),
    "Python": re.compile(r"^(typing\.|t\.)?(list|dict|set|tuple|str|bytes|List|Dict|Set|Tuple|frozenset)\b(?!.*\|)"),
}
_COLLECTED = ("JavaScript", "Python", "Ruby", "Java", "C#")
_PLAIN = scope.kinds("list dictionary set string list_comprehension dictionary_comprehension set_comprehension tuple")
_SIGNS = frozenset(("+", "-", "*", "/", "|", "&", "%", "<<", ">>", "||", "&&"))
_INNER = scope.kinds(
    "identifier call call_expression attribute member_expression method_invocation invocation_expression subscript "
    "selector_expression field_access member_access_expression number integer string subscript_expression nil null "
    "element_reference instance_variable true false none decimal_integer_literal integer_literal binary_operator "
    "comparison_operator boolean_operator not_operator binary unary binary_expression unary_expression array_access"
)


@repair(
    KEY, "negated comparison: pylint C0117 and C0113, Sonar S1940, RuboCop Style/InverseMethods", family="conditions"
)
def comparison_straightened(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A comparison is negated as a whole, where its opposite sign says it."""
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


@repair(KEY, "comparison with None, true or false: PEP 8, pycodestyle E711 and E712, Sonar S1125", family="conditions")
def literal_comparison_dropped(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A condition is compared with true, false or None by a sign that is not meant for it."""
    for one in layout.binaries(syntax, function.body):
        sign, right = syntax.text(one.operator), syntax.text(one.right)
        if sign not in ("==", "!=", "===", "!==") or one.node.child_count != 3:
            continue
        if syntax.language == "Python" and right == "None":
            yield (replace(one.operator, "is" if sign == "==" else "is not"),)
        elif syntax.language == "Ruby" and right == "nil" and sign == "==" and one.left.type in layout.SIMPLE:
            if " " not in syntax.text(one.left):
                yield (replace(one.node, f"{syntax.text(one.left)}.nil?"),)
        elif right in ("true", "false", "True", "False") and _boolean(syntax, function, one.left):
            kept = (right.lower() == "true") == (sign in ("==", "==="))
            text = syntax.text(one.left) if kept else layout.denied(syntax, one.left)
            yield (replace(one.node, text),)


def _boolean(syntax: Syntax, function: Function, node: Node) -> bool:
    bare = layout.core(node)
    if bare is None or layout.operand(bare) is not None:
        return False
    if syntax.language == "Java":
        known = scope.variables(syntax, function).get(syntax.text(bare))
        return known is None or known.type != "Boolean"
    return (wording.predicate(syntax, function, bare) and bare.type != "identifier") or syntax.language == "Go"


@repair(
    KEY,
    "ask a collection whether it is empty: RuboCop Style/ZeroLengthPredicate, PMD UseCollectionIsEmpty, PEP 8",
    ("Ruby", "Java", "C++", "Python"),
)
def emptiness_asked(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The size is compared with zero, where the language asks for emptiness."""
    for one in layout.binaries(syntax, function.body):
        sign, text = syntax.text(one.operator), syntax.text(one.left)
        if syntax.text(one.right) != "0" or sign not in ("==", "!=", ">") or one.node.child_count != 3:
            continue
        if syntax.language == "Python":
            found = re.fullmatch(r"len\((\w+)\)", text)
            if found and _is_container(syntax, function, found[1]) and _is_test(one.node):
                yield (replace(one.node, f"not {found[1]}" if sign == "==" else found[1]),)
            continue
        found = re.fullmatch(r"([\w.@\[\]>-]+?)(\.|->)(length|size)(\(\))?", text)
        if found is None or (
            syntax.language != "Ruby" and not (found[4] and _is_container(syntax, function, found[1]))
        ):
            continue
        asked = f"{found[1]}{found[2]}{_EMPTY[syntax.language]}"
        yield (replace(one.node, asked if sign == "==" else f"!{asked}"),)


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
    return parent is not None and parent.type in (
        "if_statement", "while_statement", "not_operator", "boolean_operator", "elif_clause", "conditional_expression"
    ) and (parent.type != "boolean_operator" or _is_test(parent))  # fmt: skip


@repair(
    KEY, "superfluous parentheses: pylint C0325, RuboCop Style/ParenthesesAroundCondition, gofmt", family="line_layout"
)
def parentheses_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A whole condition or returned value is put in brackets that do nothing."""
    kinds = ("parenthesized_expression", "parenthesized_statements")
    edits: list[Site] = []
    for node, _ in walk(function.body):
        if node.type not in kinds or node.parent is None or node.named_child_count != 1 or "\n" in syntax.text(node):
            continue
        inner, parent = node.named_children[0], node.parent
        condition = parent.child_by_field_name("condition")
        tested = condition is not None and condition.id == node.id and _plain_if(syntax, parent)
        given = parent.type in ("return_statement", "return") and syntax.language in (
            "Python",
            "Java",
            "C#",
            "JavaScript",
        )
        if not (tested or given or inner.type in kinds) or inner.type not in _INNER | set(kinds):
            continue
        before = syntax.data[node.start_byte - 1 : node.start_byte].decode()
        text = syntax.text(inner)
        if "=" in text and re.search(r"(?<![=!<>~])=(?!=|~)", text):
            continue
        edits.append((replace(node, text if before in " (!" else f" {text}"),))
    if len(edits) > 1:
        yield tuple(edit for site in edits for edit in site)
    yield from edits


@repair(
    KEY,
    "augmented assignment: RuboCop Style/SelfAssignment, ESLint operator-assignment, Sonar S2123",
    family="redundancy",
)
def assignment_shortened(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A variable is written out twice to add to it."""
    signs = {b.node.id: b for b in layout.binaries(syntax, function.body)}
    for match in syntax.matches("assignments", function.body):
        node, target, value = match["assignment"][0], match["target"][0], match["value"][0]
        while value.type == "expression_list" and value.named_child_count == 1:
            value = value.named_children[0]
        parts = signs.get(value.id)
        between = syntax.data[target.end_byte : match["value"][0].start_byte].strip()
        if parts is None or between != b"=" or "declarator" in node.type or "spec" in node.type:
            continue
        sign, name = syntax.text(parts.operator), syntax.text(target)
        if sign not in _SIGNS or syntax.text(parts.left) != name or "(" in name or wording.effects(target):
            continue
        if sign in ("||", "&&") or (
            syntax.language == "Python" and parts.right.type not in ("integer", "float", "string")
        ):
            continue
        right = layout.core(parts.right) if syntax.text(parts.right).startswith("(") else parts.right
        if right is not None and "\n" not in syntax.text(node) and len(name) > 2:
            yield (Edit(target.end_byte, value.end_byte, f" {sign}= {syntax.text(right)}"),)


@repair(KEY, "redundant words: pylint C0201, Java 7 diamond, gofmt -s", ("Python", "Java", "Go"), family="redundancy")
def words_dropped(syntax: Syntax, function: Function) -> Iterator[Site]:
    """An expression spells out what the language infers."""
    text = syntax.text(function.body)
    start = function.body.start_byte
    forms = {
        "Python": r"(?<=\bin )([\w.]+)(\.keys\(\))(?=:| and| or|\s*\n)",
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
        if syntax.language == "Python" and not line.lstrip().startswith(("for ", "if ", "while ", "elif ")):
            continue
        if syntax.language == "Python" and line.lstrip().startswith("for ") and _changes(text, found[1]):
            continue
        yield (Edit(at, at + len(found[2].encode()), "<>" if syntax.language == "Java" else ""),)


def _plain_if(syntax: Syntax, parent: Node) -> bool:
    return syntax.language in ("Python", "Go") or (syntax.language == "Ruby" and parent.type != "conditional")


def _changes(text: str, name: str) -> bool:
    """Whether a loop over a mapping's keys may change the mapping."""
    return (
        re.search(rf"{re.escape(name)}(\[[^\]]*\] = |\.(pop|update|clear|setdefault)\()|del {re.escape(name)}", text)
        is not None
    )


@repair(KEY, "unused variable: CWE-563, pylint W0612, ESLint no-unused-vars", _COLLECTED, family="dead_code")
def unused_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A local variable is given a value that nobody reads."""
    known = scope.variables(syntax, function)
    words = re.findall(r"\w+", syntax.text(function.node))
    owners = {n.id: n for run in layout.sequences(syntax, function.body) for n in run}
    for match in syntax.matches("assignments", function.body):
        node, target, value = match["assignment"][0], match["target"][0], match["value"][0]
        owner = next((owners[n.id] for n in (node, node.parent) if n is not None and n.id in owners), None)
        name = syntax.text(target).lstrip("* ")
        if owner is None or name not in known or known[name].parameter or words.count(name) != 1:
            continue
        plain = (
            not wording.effects(value)
            and not re.search(r"unused|__", syntax.text(owner))
            and "\n" not in syntax.text(owner)
        )
        last = owner.next_named_sibling is None
        if plain and not last and name[0] != "_" and sum("declarator" in c.type for c in owner.named_children) < 2:
            edit = blocks.deletion(syntax, owner)
            if edit is not None:
                yield (edit,)
