"""Operators that drop the handling of a case."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import layout, scope
from synthesis.mutations.functional.absence import absent, failed, present
from synthesis.mutations.functional.common import KEY, found, gone, left_unset, only_logs, static_end
from synthesis.mutations.functional.uses import unread
from synthesis.mutations.operator import Edit, Site, operator

_CASES = scope.kinds(
    "case_statement switch_case switch_block_statement_group switch_section switch_rule switch_expression_arm "
    "expression_case type_case when case_clause in_clause"
)
_DEFAULTS = frozenset(("switch_default", "default_case", "else"))
_LABELS = scope.kinds(
    "switch_label constant_pattern pattern comment line_comment block_comment when_clause case_pattern guard "
    "declaration_pattern string_literal expression_list type_identifier relational_pattern or_pattern"
)
_ENDS = layout.EXITS | frozenset(("yield_statement",))
_ONLY_FASTER = re.compile(r"(?i)cache|memo|\blog|debug|verbose|trace")


@operator(KEY, "CWE-754", version="3", family="case_lost")
def guard_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A case that must not go down the main path is no longer caught before it."""
    conditions = {one.node.id: one for one in layout.ifs(syntax, function.body)}
    for run in layout.sequences(syntax, function.body):
        for node in run[:-1]:
            one = conditions.get(node.id)
            if one is None or one.alternative is not None or unread(syntax, function, node):
                continue
            inside = layout.branch(syntax, one.consequence)
            if not 0 < len(inside) <= 2 or not layout.exits(syntax, inside[-1]) or layout.declares(one.condition):
                continue
            text = syntax.text(layout.core(one.condition) or one.condition)
            returned = re.sub(r"^return\s*|;$", "", syntax.text(inside[-1]))
            kept = present(text) != "" and present(text) == returned  # a result that is there already
            other = failed(text) if syntax.language in ("Go", "C", "C++") else False
            if absent(text) or other or kept or _ONLY_FASTER.search(text):
                continue  # `null_guard_lost` and `error_ignored` take the first two
            if _loop_says(syntax, text, node, run):
                continue
            edit = gone(syntax, node)
            if edit is not None:
                yield (edit,)


_EMPTY = re.compile(
    r"(?:!|not )?(?:len\()?(?P<name>[\w.>@-]+?)\)?(?:\.(?:length|size|Length|Count|count)(?:\(\))?)? ?"
    r"(?:===?|<=?) ?[01]"
    r"|(?P<other>[\w.>@-]+?)(?:\.|->)(?:isEmpty|empty|empty\?|Empty|IsEmpty)(?:\(\))?|not (?P<third>\w+)"
)


def _loop_says(syntax: Syntax, text: str, node: Node, run: list[Node]) -> bool:
    """Whether a guard asks for an empty collection that the code after it only goes through, which does the same."""
    match = _EMPTY.fullmatch(text)
    if match is None:
        return False
    name = re.escape(next(word for word in match.groups() if word))
    rest = syntax.data[node.end_byte : run[-1].end_byte].decode("utf-8", "replace")
    looped = re.search(
        rf"(?:\bin|\bof|\brange|:) {name}\b|{name}\.(?:each|map|forEach|stream|size|length)\b|< ?{name}\b", rest
    )
    return looped is not None and not re.search(
        rf"{name}\[0\]|{name}\.(?:front|first|get\(0)|/ ?(?:len\()?{name}", rest
    )


@operator(KEY, "CWE-478", version="3", family="case_lost")
def else_dropped(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The other case of a decision is not handled."""
    for one in layout.ifs(syntax, function.body):
        other = _last(one.alternative)
        if other is None or other.has_error or static_end(syntax, function, one.node):
            continue
        if left_unset(syntax, function, one.node):
            continue
        if unread(syntax, function, other) or only_logs(syntax, other):
            continue
        end = other.end_byte - len(syntax.text(other)) + len(syntax.text(other).rstrip())
        before = one.consequence
        if syntax.language == "Python" and other.prev_named_sibling is not None:
            before = other.prev_named_sibling
        if before.end_byte < end:
            start = before.end_byte - len(syntax.text(before)) + len(syntax.text(before).rstrip())
            yield (Edit(start, end, ""),)


def _last(alternative: Node | None) -> Node | None:
    """An alternative that is a plain else; None where it asks for something more."""
    if alternative is None or alternative.type in ("elsif", "elif_clause", "if_statement"):
        return None
    inner = alternative.named_children
    return None if alternative.type == "else_clause" and inner and inner[-1].type == "if_statement" else alternative


@operator(KEY, "CWE-478", version="2", family="case_lost")
def case_dropped(syntax: Syntax, function: Function) -> Iterator[Site]:
    """One of several cases is not handled."""
    yield from _else_ifs(syntax, function)
    for node in found(function.body, _CASES):
        parent, following = node.parent, node.next_named_sibling
        if parent is None or unread(syntax, function, node) or only_logs(syntax, node):
            continue
        if left_unset(syntax, function, parent):
            continue
        cases = [child for child in parent.named_children if child.type in _CASES | _DEFAULTS]
        text = syntax.text(node)
        if len(cases) < 3 or text.startswith("default") or re.match(r"(case )?_\b", text) or _reached(node, cases):
            continue
        if not _own(node) or _same_as_default(syntax, node, cases) or _needed(syntax, node, cases):
            continue
        edit = _lines(syntax, node)
        if node.type == "switch_expression_arm" and following is not None:
            edit = Edit(node.start_byte, following.start_byte, "")
        if edit is not None:
            yield (edit,)


def _else_ifs(syntax: Syntax, function: Function) -> Iterator[Site]:
    for node in found(function.body, frozenset(("elif_clause", "elsif"))):
        rest = node.child_by_field_name("alternative")
        lost = syntax.text(node.child_by_field_name("consequence") or node)
        if only_logs(syntax, node) or (rest is not None and lost in syntax.text(rest)):
            continue
        if rest is not None:
            yield (Edit(node.start_byte, rest.start_byte, ""),)
        elif (edit := gone(syntax, node, comment=False)) is not None:
            yield (edit,)
    for one in layout.ifs(syntax, function.body):
        inner = one.alternative
        if inner is not None and inner.type == "else_clause" and inner.named_children:
            inner = inner.named_children[-1]
        if inner is None or inner.type != "if_statement" or one.alternative is None:
            continue
        if unread(syntax, function, inner) or layout.declares(inner) or left_unset(syntax, function, inner):
            continue
        rest, body = inner.child_by_field_name("alternative"), inner.child_by_field_name("consequence")
        if body is None or only_logs(syntax, body) or (rest is not None and syntax.text(body) in syntax.text(rest)):
            continue
        if rest is not None:
            start = one.alternative.start_byte if rest.type == "else_clause" else inner.start_byte
            yield (Edit(start, rest.start_byte, ""),)
        elif not static_end(syntax, function, one.node):
            yield (Edit(one.consequence.end_byte, inner.end_byte, ""),)


def _lines(syntax: Syntax, node: Node) -> Edit | None:
    """Delete the lines of a case; None where it shares one. The node may take in the line break after it."""
    end = node.start_byte + len(syntax.data[node.start_byte : node.end_byte].rstrip())
    if not layout.owns_lines(syntax.data, node.start_byte, end):
        return None
    return Edit(layout.break_before(syntax.data, node.start_byte), layout.line_end(syntax.data, end), "")


def _own(node: Node) -> bool:
    """Whether a case has statements of its own and does not run on into the next one."""
    if node.type not in ("case_statement", "switch_case", "switch_block_statement_group", "switch_section"):
        return True
    statements = _statements(node)
    return bool(statements) and any(inner.type in _ENDS for inner, _ in walk(statements[-1]))


def _statements(node: Node) -> list[Node]:
    value = node.child_by_field_name("value")
    return [c for c in node.named_children if c.type not in _LABELS and (value is None or c.id != value.id)]


def _reached(node: Node, cases: list[Node]) -> bool:
    """Whether the case before runs on into this one."""
    at = next(i for i, one in enumerate(cases) if one.id == node.id)
    return at > 0 and not _own(cases[at - 1])


def _same_as_default(syntax: Syntax, node: Node, cases: list[Node]) -> bool:
    """Whether the default case does the same."""
    last = cases[-1]
    bodies = [re.split(r"(?::|=>|->|\bthen\b|\belse\b|\n)", syntax.text(one), maxsplit=1)[-1] for one in (node, last)]
    return "".join(bodies[0].split()) == "".join(bodies[1].split())


def _needed(syntax: Syntax, node: Node, cases: list[Node]) -> bool:
    """Whether the compiler asks for every case: a switch that gives a value, and has no default."""
    if node.type not in ("switch_rule", "switch_expression_arm"):
        return False
    return not re.match(r"default|_", syntax.text(cases[-1]))
