"""What statements and conditions of a function do: which change something, which read what, what may go."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import layout, scope

LOGIC = {"and": "or", "or": "and", "&&": "||", "||": "&&"}


_HARMLESS = re.compile(
    r"(?i)^(set|assert|check|require|ensure|validate|log|print|debug|warn|info|close|init|super|clear|sort|reset|free"
    r"|delete|lock|unlock|expect|raise|fail|throw|attr|trace|panic|exit|abort|flush|sleep|verify|use|fmt|defer)"
)
"""Calls that may be left out or made twice without a wrong result, or that end the function."""


_STEPS = scope.kinds("update_expression inc_statement dec_statement postfix_unary_expression")


def plain_argument(argument: Node) -> Node | None:
    """The identifier that an argument consists of; None for any other argument."""
    if argument.type == "argument" and argument.named_child_count == 1:
        argument = argument.named_children[0]
    return argument if argument.type == "identifier" else None


def beside(syntax: Syntax, use: Node, name: str) -> bool:
    """Whether the expression around a use names the variable `name` too."""
    node = use
    for _ in range(2):
        if node.parent is None or "block" in node.parent.type or "statement" in node.parent.type:
            break
        node = node.parent
    return any(child.type == "identifier" and syntax.text(child) == name for child, _ in walk(node))


def orphans(syntax: Syntax, function: Function, node: Node) -> bool:
    """Whether Go would refuse the function without `node`, for a variable that nothing else reads."""
    if syntax.language != "Go":
        return False
    text = syntax.text(function.body)
    inside = syntax.text(node)
    names = {syntax.text(n) for n in syntax.nodes("locals", "local", function.body)}
    return any(
        (count := len(re.findall(rf"\b{name}\b", inside))) and len(re.findall(rf"\b{name}\b", text)) - count < 2
        for name in names
    )


def updates(syntax: Syntax, function: Function) -> list[tuple[Node, str, bool]]:
    """Statements that change something already there: (statement, target, whether it builds on the old value)."""
    statements = {n.id: n for run in layout.sequences(syntax, function.body) for n in run}
    known = scope.variables(syntax, function)
    found: dict[int, tuple[Node, str, bool]] = {}
    for match in syntax.matches("assignments", function.body):
        node, target = match["assignment"][0], match["target"][0]
        owner = node if node.id in statements else node.parent
        if owner is None or owner.id not in statements or "declar" in node.type or "declar" in owner.type:
            continue
        name = syntax.text(target)
        fresh = any(owner.start_byte <= v.uses[0].start_byte < target.end_byte for v in known.values())
        sign = syntax.data[target.end_byte : match["value"][0].start_byte].decode().strip()
        if not fresh and ":=" not in sign:
            found[owner.id] = (owner, name, sign not in ("=", "||="))
    for node in statements.values():
        inner = node if node.type in _STEPS else next(iter(node.named_children), None)
        if inner is not None and inner.type in _STEPS and inner.named_children:
            found[node.id] = (node, syntax.text(inner.named_children[0]), True)
    return sorted(found.values(), key=lambda row: row[0].start_byte)


def actions(syntax: Syntax, function: Function) -> list[Node]:
    """Statements that are one call, made for its effect."""
    last = 1 if syntax.language == "Ruby" else 0  # the last one is the block's value
    runs = layout.sequences(syntax, function.body)
    statements = {n.id: n for run in runs for n in run[: len(run) - last] or run}
    found = []
    for match in syntax.matches("calls", function.body):
        call = match["call"][0]
        owner = call if call.id in statements else call.parent
        name = re.split(r"\W+", syntax.text(match["callee"][0]))[-1]
        if owner is None or owner.id not in statements or _HARMLESS.match(name):
            continue
        if owner.type == "call" or owner.type == "expression_statement":
            found.append(owner)
    for one in layout.binaries(syntax, function.body):
        owner = one.node if one.node.id in statements else one.node.parent
        if syntax.text(one.operator) == "<<" and owner is not None and owner.id in statements:
            found.append(owner)
    return [n for n in {n.id: n for n in found}.values() if n.end_point[0] - n.start_point[0] < 4]


def fresh(syntax: Syntax, function: Function, node: Node) -> list[str]:
    """Names that a statement declares."""
    known = scope.variables(syntax, function).values()
    return [v.name for v in known if node.start_byte <= v.uses[0].start_byte < node.end_byte]


def _bare(text: str) -> str:
    return re.sub(r"^\W+|\s", "", text)


def atoms(syntax: Syntax, node: Node) -> Iterator[Node]:
    """Parts of a condition that stand between its connectives."""
    for one in layout.binaries(syntax, node):
        if one.node.id == node.id and syntax.text(one.operator) in LOGIC:
            for side in (one.left, one.right):
                yield from atoms(syntax, side)
            return
    text = syntax.text(node)
    simple = len(text) <= 60 and "\n" not in text and not re.search(r"[^=!<>]=[^=]|\?|\+\+|--", text)
    if simple and not layout.declares(node) and node.type != "parenthesized_expression":
        yield node


def reaches(syntax: Syntax, known: dict[str, scope.Variable], atom: Node, place: Node) -> bool:
    """Whether what a part of a condition reads is declared before `place` and around it."""
    names = {syntax.text(n) for n, _ in walk(atom) if n.type == "identifier"}
    return bool(names) and all(scope.visible(known[name], place) for name in names if name in known)


def precedes(runs: list[list[Node]], target: Node, loop: Node) -> bool:
    """Whether `target` is in a statement before the loop's own, in the same block."""
    for run in runs:
        own = [i for i, s in enumerate(run) if s.start_byte <= loop.start_byte and loop.end_byte <= s.end_byte]
        if own and any(s.start_byte <= target.start_byte < s.end_byte for s in run[: own[0]]):
            return True
    return False


def bare_return(syntax: Syntax, function: Function) -> str:
    """How the function returns nothing; empty where it has to return something."""
    if any(match.get("value") for match in syntax.matches("returns", function.body)):
        return ""
    if syntax.language == "Go" and function.node.child_by_field_name("result") is not None:
        return ""
    if syntax.language in scope.STATIC and syntax.language != "Go" and not re.search(r"\bvoid\s", function.signature):
        return ""
    return "return" + layout.ending(syntax)
