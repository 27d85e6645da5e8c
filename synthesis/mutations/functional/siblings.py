"""Operators that call the wrong one of two related functions, or name the wrong one of two related constants."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import scope
from synthesis.mutations.functional.common import KEY, called
from synthesis.mutations.layout import replace
from synthesis.mutations.operator import Site, operator

_PAIRS = {
    "C": "min max, MIN MAX, fmin fmax, floor ceil, toupper tolower, isupper islower, strchr strrchr, "
    "list_add list_add_tail, list_first_entry list_last_entry, set_bit clear_bit",
    "C++": "min max, fmin fmax, floor ceil, toupper tolower, isupper islower, strchr strrchr, front back, "
    "starts_with ends_with, find_first_of find_last_of, lower_bound upper_bound, min_element max_element, "
    "StartsWith EndsWith, ToLower ToUpper",
    "C#": "Min Max, Floor Ceiling, StartsWith EndsWith, First Last, ToUpper ToLower, "
    "ToUpperInvariant ToLowerInvariant, TrimStart TrimEnd, IndexOf LastIndexOf, OrderBy OrderByDescending, "
    "ThenBy ThenByDescending, Skip Take, AddFirst AddLast, RemoveFirst RemoveLast, PadLeft PadRight, All Any, "
    "TakeWhile SkipWhile, Union Intersect",
    "Go": "min max, Min Max, Floor Ceil, HasPrefix HasSuffix, ToUpper ToLower, TrimLeft TrimRight, "
    "TrimPrefix TrimSuffix, Index LastIndex, Before After, IsUpper IsLower, CutPrefix CutSuffix, PushBack PushFront",
    "Java": "min max, floor ceil, startsWith endsWith, getFirst getLast, addFirst addLast, removeFirst removeLast, "
    "toUpperCase toLowerCase, indexOf lastIndexOf, isBefore isAfter, anyMatch allMatch, isUpperCase isLowerCase, "
    "plusDays minusDays, peekFirst peekLast, pollFirst pollLast, floorKey ceilingKey, headMap tailMap, minimum maximum",
    "JavaScript": "min max, floor ceil, every some, startsWith endsWith, toUpperCase toLowerCase, trimStart trimEnd, "
    "indexOf lastIndexOf, push unshift, pop shift, padStart padEnd, firstChild lastChild",
    "Python": "min max, floor ceil, all any, startswith endswith, upper lower, lstrip rstrip, isupper islower, "
    "removeprefix removesuffix, ljust rjust, nlargest nsmallest, argmin argmax, minimum maximum",
    "Ruby": "min max, floor ceil, start_with? end_with?, first last, upcase downcase, lstrip rstrip, push unshift, "
    "pop shift, index rindex, ljust rjust, select reject, min_by max_by, take drop, delete_prefix delete_suffix",
}
"""Language to pairs of functions: one does on the other side, or in the other direction, what its sibling does."""

_SIBLINGS = {
    language: {one: two for pair in pairs.split(", ") for a, b in [pair.split()] for one, two in ((a, b), (b, a))}
    for language, pairs in _PAIRS.items()
}
_FREE = scope.kinds("min max all any floor ceil toupper tolower isupper islower fmin fmax strchr strrchr MIN MAX")
"""Functions that are there without anything before them."""


@operator(KEY, "CWE-480", version="2", family="wrong_value")
def sibling_called(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The counterpart of the function that is needed is called: the largest for the smallest, the end for the start."""
    pairs = _SIBLINGS[syntax.language]
    for node, name in called(syntax, function.body):
        other = pairs.get(syntax.text(name))
        if other is not None and _there(syntax, node, name):
            yield (replace(name, other),)


def _there(syntax: Syntax, node: Node, name: Node) -> bool:
    """Whether the counterpart can stand in this call."""
    text, whole = syntax.text(name), syntax.text(node)
    arguments = node.child_by_field_name("arguments")
    count = arguments.named_child_count if arguments is not None else 0
    if name.start_byte == node.start_byte and text not in _FREE:
        return syntax.language == "C"  # elsewhere a function of the project, whose counterpart need not exist
    if syntax.language == "C#" and text in ("Min", "Max") and not whole.startswith("Math."):
        return not count or "=>" in whole
    if text in ("First", "Last") and count:
        return False  # often at most one element fits
    if syntax.language == "Go" and text in ("Index", "LastIndex") and not whole.startswith(("strings.", "bytes.")):
        return False
    if whole.startswith(("time.After", "time.Before")) or "OfType<" in whole:
        return False
    if text in ("pop", "shift", "append", "prepend", "index"):
        known = {"JavaScript": ("pop", "shift"), "Ruby": ("pop", "shift", "index")}
        return text in known.get(syntax.language, ()) and count == (text == "index")
    return text not in ("Skip", "Take", "push", "unshift", "take", "drop") or count == 1


@operator(KEY, "CWE-628", family="wrong_value")
def wrong_constant(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The wrong one of several named constants of one kind is used."""
    groups: dict[str, dict[str, list[Node]]] = {}
    for node, _ in walk(function.body):
        match = _CONSTANT.fullmatch(syntax.text(node)) if node.type in _CONSTANT_NODES and not node.has_error else None
        if match is not None and not _is_label(node) and _is_constant(syntax.language, syntax.text(node)):
            groups.setdefault(match["kind"], {}).setdefault(syntax.text(node), []).append(node)
    for members in groups.values():
        names = sorted(members, key=lambda name: members[name][0].start_byte)
        for one in names:
            others = [name for name in names if name != one and not _OPPOSED.search(name)]
            for node in members[one]:
                around = _statement(node)
                fit = [name for name in others if name not in syntax.text(around)]
                if fit and not _OPPOSED.search(one):
                    yield (replace(node, fit[0]),)


_CONSTANT_NODES = scope.kinds(
    "identifier constant attribute member_expression field_access member_access_expression selector_expression "
    "qualified_identifier scope_resolution"
)
_CONSTANT = re.compile(r"(?P<kind>[A-Z][A-Z0-9]+_(?:[A-Z0-9]+_)*|(?:[A-Z]\w*(?:\.|::))+)[A-Z]\w*")
_OPPOSED = re.compile(
    r"(?i)\b\w+\.\w*\(|error|exception|_H$|Environment|Empty$|Instance$|Default$|_OK$|Math|System|Type$"
)


def _is_constant(language: str, text: str) -> bool:
    """Whether a name looks like a constant rather than a class or a module; some languages write both alike."""
    last = re.split(r"\.|::", text)[-1]
    return last.isupper() or language in ("C#", "C++")


def _is_label(node: Node) -> bool:
    """Whether a constant is the callee of a call, part of a longer name, a case's label, or a type."""
    parent = node.parent
    if parent is None or parent.type in _NAMING:
        return True
    return scope.field(node) in ("function", "object", "type", "constructor", "expression", "receiver", "scope", "name")


_NAMING = _CONSTANT_NODES - {"identifier"} | scope.kinds(
    "case_statement switch_label constant_pattern when pattern expression_case switch_case preproc_ifdef "
    "preproc_defined "
    "call_expression method_invocation call superclass object_creation_expression new_expression exceptions catch_type "
    "except_clause type_arguments generic_type invocation_expression template_argument_list type_descriptor"
)


def _statement(node: Node) -> Node:
    while node.parent is not None and not ("statement" in node.parent.type or "block" in node.parent.type):
        node = node.parent
    return node
