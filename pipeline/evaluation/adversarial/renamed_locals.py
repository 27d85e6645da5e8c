"""Local variables get plain new names: the same on both sides, everywhere, and none that means something already."""

import re
from random import Random

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from pipeline.evaluation.adversarial.base import Code, Perturbation, same_shape
from schemas.criteria import CODE_CRITERIA
from synthesis.mutations import scope
from synthesis.mutations.layout import replace
from synthesis.mutations.operator import Site

STEMS = ("value", "entry", "part", "datum", "slot")
_WORD = re.compile(r"[^\W\d]\w*")
_FUNCTION_WIDE = frozenset(("Python", "Ruby"))
"""Languages in which a local holds in the whole function or closure, whichever line sets it."""

_FUNCTIONS = frozenset(("function_definition", "lambda", "method", "singleton_method", "block", "do_block"))
_MEMBER_MARKS = frozenset((".", "->", "?.", "&.", "::"))
_MEMBERS = frozenset(("field_identifier", "property_identifier", "private_property_identifier", "hash_key_symbol"))
_NAMED = frozenset((("keyword_argument", "name"), ("argument", "name"), ("element_value_pair", "key")))
_ASKS_NAMES = re.compile(r"\bnameof\b|\blocal_variables\b|\bbinding\b")


def edits(codes: tuple[Code, ...], criterion: str, rng: Random) -> tuple[Site, ...] | None:
    """Every use of each local that can be renamed on whichever side has the name."""
    found = [renameable(code) for code in codes]
    written = [{code.syntax.text(node) for node, _ in walk(code.syntax.root) if not node.child_count} for code in codes]
    names = [
        name
        for name in dict.fromkeys(name for uses in found for name in uses)
        if all(name in uses or name not in words for uses, words in zip(found, written, strict=True))
    ]
    if not names:
        return None
    taken = {word for code in codes for word in _WORD.findall(code.text)}
    mapping = new_names(names, taken, codes[0].syntax.language, rng)
    sites = [
        tuple(replace(use, mapping[name]) for name, nodes in uses.items() if name in mapping for use in nodes)
        for uses in found
    ]
    return tuple(sites) if all(sites) else None


def new_names(names: list[str], taken: set[str], language: str, rng: Random) -> dict[str, str]:
    """Old name to a new one that no word of the texts equals."""
    stem = rng.choice(STEMS)
    snake = language in ("Python", "Ruby", "C", "C++")
    made: dict[str, str] = {}
    number = 0
    for name in names:
        number += 1
        while (new := f"{stem}_{number}" if snake else f"{stem}{number}") in taken:
            number += 1
        made[name] = new
    return made


def renameable(code: Code) -> dict[str, list[Node]]:
    """Local name to all of its uses; a name that anything else in the code goes by is left out."""
    syntax = code.syntax
    if code.errors or _ASKS_NAMES.search(code.text):
        return {}
    uses: dict[str, list[Node]] = {}
    unfit: set[str] = set()
    for function in code.functions():
        declared = {n.start_byte: n for n in syntax.nodes("locals", "local", function.node)}
        for name, variable in scope.variables(syntax, function).items():
            if _fit(syntax, function, variable, declared):
                uses.setdefault(name, []).extend(variable.uses)
            else:
                unfit.add(name)
    accounted = {node.id for nodes in uses.values() for node in nodes}
    raw = " ".join(syntax.text(node) for node, _ in walk(syntax.root) if node.type == "preproc_arg")
    unfit |= set(_WORD.findall(raw))
    before = ""
    for node, _ in walk(syntax.root):
        if node.child_count:
            continue
        name = syntax.text(node)
        if name in uses and node.id not in accounted and not _other(node, before):
            unfit.add(name)
        before = name
    return {name: nodes for name, nodes in uses.items() if name not in unfit}


def _other(node: Node, before: str) -> bool:
    """Whether a leaf of a local's name is plainly something else: a member, the name of an argument, or text."""
    if "content" in node.type or "fragment" in node.type or "comment" in node.type or before in _MEMBER_MARKS:
        return True
    if node.type == "hash_key_symbol":  # `{x:}` is short for `{x: x}`
        return node.parent is not None and node.parent.named_child_count > 1
    place = scope.field(node)
    return node.type in _MEMBERS or (node.parent is not None and (node.parent.type, place) in _NAMED)


def _fit(syntax: Syntax, function: Function, variable: scope.Variable, declared: dict[int, Node]) -> bool:
    """Whether every use of a variable is of a declaration in the function, and none is out of the ordinary."""
    name = variable.name
    if variable.parameter or variable.frozen or not re.match(r"[a-z][A-Za-z0-9_]*$", name):
        return False
    mine = [node for node in variable.uses if node.start_byte in declared]
    if not mine or variable.uses[0].id != mine[0].id or _in_own_value(variable.uses):
        return False
    regions = [(node.start_byte, _region(syntax, function, node)) for node in mine]
    wide = syntax.language in _FUNCTION_WIDE
    for use in variable.uses:
        covered = any(
            region.start_byte <= use.start_byte < region.end_byte and (wide or start <= use.start_byte)
            for start, region in regions
        )
        if not covered or not _ordinary(function, use):
            return False
    return True


def _region(syntax: Syntax, function: Function, declaration: Node) -> Node:
    """Where a declaration holds."""
    if syntax.language not in _FUNCTION_WIDE:
        return scope.scope(declaration)
    node = declaration.parent
    while node is not None and node.id != function.node.id and not _closes(syntax.language, node):
        node = node.parent
    return node if node is not None else function.node


def _closes(language: str, node: Node) -> bool:
    """Whether a local that is first set inside `node` is unknown outside; a block of Python is no closure."""
    return node.type in _FUNCTIONS and not (language == "Python" and node.type == "block")


def _in_own_value(uses: tuple[Node, ...]) -> bool:
    """Whether a declaration's own value reads the name: that may be another thing, such as a package."""
    node: Node | None = uses[0]
    while node is not None and not re.search(r"declar|assignment$|spec$", node.type):
        node = node.parent
    return node is not None and any(node.start_byte <= use.start_byte < node.end_byte for use in uses[1:])


def _ordinary(function: Function, use: Node) -> bool:
    """Whether a use is neither in a class of its own, nor in an import, a directive, or a text that shows its name."""
    node = use.parent
    if node is not None and node.type == "interpolation" and any(child.type == "=" for child in node.children):
        return False
    while node is not None and node.id != function.node.id:
        if re.search(r"class|import|tuple_expression|preproc_(if|elif|def)|global_|nonlocal_", node.type):
            return False
        node = node.parent
    return True


PERTURBATION = Perturbation(
    name="renamed_locals",
    sides="both",
    criteria=frozenset(CODE_CRITERIA) - {"readability_maintainability"},
    changes="local variables get plain new names, the same on both sides",
    edits=edits,
    same=same_shape,
)
