"""Defects by which names that an object inherits, up to its prototype, are taken for its own."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax
from synthesis.mutations import text
from synthesis.mutations.operator import Site, operator
from synthesis.mutations.security.places import CRITERION, Call, calls, dropped, replaced, rewrites
from synthesis.mutations.trials import is_test

_OWN = re.compile(r"hasOwnProp\w*(?:\$\d)?\.call$|^Object\.hasOwn$|^_\.has$|^has\$\d$")
_NAMED = re.compile(r"==\s*['\"](?:__proto__|constructor|prototype)['\"]")
_LOOSE = frozenset({"binary_expression", "ternary_expression", "parenthesized_expression", "return_statement"})


@operator(
    CRITERION, "CWE-1321, CWE-915: modification of an object's prototype", ("JavaScript",), "2", family="missing_check"
)
def inherited_name_taken(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Names that come from an object's prototype, or reach it, are taken for the object's own."""
    if is_test(syntax, function):
        return
    yield from _conditions(syntax, function)
    yield from rewrites(syntax, function, {"JavaScript": ((r"\bObject\.create\(null\)", "{}"),)})
    for call in calls(syntax, function):
        found = _asked(syntax, call)
        if found is None or not re.fullmatch(r"[\w.]+", found[1]) or call.node.parent is None:
            continue
        holder, key = found
        if _in_loop_over(syntax, call.node, holder):
            yield from _unasked(syntax, call.node)
            continue
        first = re.escape(key.split(".")[0])
        local = rf"(?:\b(?:var|let|const|for \(\w+) )\{{?{first}\b|\({first}\) =>|\bfunction \w*\({first}\b"
        if key not in text.parameters(syntax, function) and not re.search(local, syntax.text(function.body)):
            continue
        if _uses(syntax, function, holder, key):
            kept = f"{key} in {holder}"
            yield (replaced(call.node, kept if call.node.parent.type in _LOOSE else f"({kept})"),)


def _conditions(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Conditions on the names `__proto__` and `constructor`, and those that skip what a loop's object inherits."""
    for match in syntax.matches("conditions", function.body):
        node, source = match["if"][0], syntax.text(match["condition"][0])
        other = node.child_by_field_name("alternative")
        statements = text.inner(match["consequence"][0])
        leaves = len(statements) == 1 and re.match(r"(?:return|continue|throw)\b", syntax.text(statements[0]))
        own = re.fullmatch(r"\(?\s*[\w.]*hasOwn\w*(?:\.call)?\(([^()]*)\)\s*\)?", source)
        block = None
        if own and other is None and not leaves and _loop_of(node) is not None:
            block = match["consequence"][0]
        if _NAMED.search(source) and other is not None and other.type == "else_clause" and other.named_child_count == 1:
            block = other.named_children[0]
        if _NAMED.search(source) and leaves and other is None:
            yield from dropped(syntax, function, node)
        edit = text.unwrapped(syntax, node, block) if block is not None and "if" not in block.type else None
        if edit is not None:
            yield (edit,)


def _unasked(syntax: Syntax, node: Node) -> Iterator[Site]:
    """A condition without the question, within a loop over the names of the object; the whole `if` where it is all."""
    outer = node.parent
    if outer is not None and outer.type == "binary_expression":
        left, right = outer.child_by_field_name("left"), outer.child_by_field_name("right")
        sign = outer.child_by_field_name("operator")
        if left is not None and right is not None and sign is not None and syntax.text(sign) == "&&":
            other = right if left == node else left
            yield (replaced(outer, syntax.text(other)),)
    branch = outer.parent if outer is not None and outer.type == "parenthesized_expression" else None
    if branch is None or branch.type != "if_statement" or branch.child_by_field_name("alternative") is not None:
        return
    kept = branch.child_by_field_name("consequence")
    if kept is not None and kept.type != "statement_block" and "\n" not in syntax.text(branch):
        yield (replaced(branch, syntax.text(kept)),)


def _asked(syntax: Syntax, call: Call) -> tuple[str, str] | None:
    """The object and the key, where a call asks whether the key is the object's own."""
    given = [syntax.text(n) for n in call.arguments]
    if _OWN.search(call.callee) and len(given) == 2:
        return given[0], given[1]
    if call.name == "hasOwnProperty" and len(given) == 1:
        return call.callee.rsplit(".", 1)[0], given[0]
    return None


def _uses(syntax: Syntax, function: Function, holder: str, key: str) -> bool:
    """Whether the answer decides what is read from the object under that key, or is the function's own answer."""
    body = syntax.text(function.body)
    plain = re.search(rf"\breturn [^;\n]*\([^()]*\b{re.escape(key)}\)(?: \?|;|$)", body, re.MULTILINE) is not None
    asks_both = re.search(rf"\b{re.escape(key)} in {re.escape(holder)}\b|\beq\(|\bis_?[eE]qual", body) is not None
    return not asks_both and (plain or re.search(rf"\b{re.escape(holder)}\[{re.escape(key)}\]", body) is not None)


def _loop_of(node: Node) -> Node | None:
    """The `for` over an object's names whose body `node` is a statement of."""
    outer = node.parent
    if outer is not None and outer.type == "statement_block":
        outer = outer.parent
    return outer if outer is not None and outer.type == "for_in_statement" else None


def _in_loop_over(syntax: Syntax, node: Node, holder: str) -> bool:
    """Whether `node` stands in a loop over the names of `holder`, all of which are in it anyway."""
    outer = node.parent
    while outer is not None:
        over = outer.child_by_field_name("right") if outer.type == "for_in_statement" else None
        if over is not None and re.search(rf"\b{re.escape(holder)}\b", syntax.text(over)):
            return True
        outer = outer.parent
    return False
