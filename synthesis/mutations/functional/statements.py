"""Operators that leave out, repeat or reorder a step."""

import re
from collections.abc import Iterator
from itertools import pairwise

from parsers.syntax import Function, Syntax
from synthesis.mutations import effects, layout, scope
from synthesis.mutations.functional.common import KEY, LOOPS, above, found, gone, left_unset
from synthesis.mutations.functional.uses import unread
from synthesis.mutations.layout import replace
from synthesis.mutations.operator import Edit, Site, operator

_ACCUMULATES = re.compile(
    r"(?i)(append|push|add|insert|extend|prepend|concat|write|emit|put|pop|shift|remove|incr|decr|advance|consume|skip"
    r"|next|enqueue|dequeue|unread|toggle|invert|negate|swap|reverse)\w*!?$|<<"
)
"""Calls whose second time shows: they build something up, take something away, or turn something round."""
_RELEASES = re.compile(
    r"(?i)[\w.>-]*(?:close|free|release|dispose|destroy|unref|unlock|delete|cleanup|\.parallel|\.helper)\w*\("
)
_IDLE = re.compile(
    r"(?i)(?:\b|_)(?:check|guard|contract|preconditions?|assert|debug|trace|log|logger|timer|ticker|metrics?|stats?|telemetry|tracer"
    r"|span|gc|console|mock|expect|verify)(?:\b|_)|(?:lock|stop|cancel|touch|freeze|reserve|ensureCapacity|yield|helper|parallel|timeout|slow|gc)$|timer"
)
"""Calls that only check, watch, or make ready; what follows does the same without them."""
_INCIDENTAL = re.compile(r"(?i)close_on_exec|daemon|debug|verbose|\blog|nodelay|priority|thread_name|cache|capacity")


def _settles(syntax: Syntax, text: str) -> bool:
    """Whether a second such call changes nothing more: a set takes an element once, a table a key."""
    head, name = text.split("(")[0], re.split(r"\W+", text.split("(")[0])[-1]
    if re.fullmatch(
        r"(?i)put\w*|remove\w*|emplace|invert|negate|insert(?:_or_assign)?|addAll|putAll|add(?:Property|Attribute|Header|Param\w*|Class)",
        name,
    ):
        return not (syntax.language == "Python" and name in ("remove", "insert"))
    named = (
        re.search(r"(?i)set|seen|visited|uniq|ids|names|keys|known|excluded|ignored|listener|class", head) is not None
    )
    return name == "add" and (syntax.language in ("Python", "JavaScript") or named)


_SAME_TWICE = re.compile(r"(?:>>>?|<<)=\s*0\b|^[^=]*(?:[|%&]|\^&|&\^)=")


@operator(KEY, "CWE-665", version="3", family="statement")
def update_lost(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Something keeps its old value where it should get a new one."""
    alone = {run[0].id for run in layout.sequences(syntax, function.body) if len(run) == 1}
    for node, _, _ in effects.updates(syntax, function):
        if node.type in LOOPS or _INCIDENTAL.search(syntax.text(node).split("=")[0]):
            continue  # the update is in the loop's head, or of no account
        if syntax.language == "Java" and function.node.type == "constructor_declaration":
            continue  # a final field has to get its value
        edit = gone(syntax, node)
        if edit is not None and node.id not in alone and not unread(syntax, function, node):
            yield (edit,)


@operator(KEY, "CWE-837", version="2", family="statement")
def update_repeated(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A change that should happen once happens twice."""
    nodes = [node for node, _, builds in effects.updates(syntax, function) if builds]
    actions = [(n, syntax.text(n).rstrip()) for n in effects.actions(syntax, function)]
    nodes = [node for node in nodes if not _SAME_TWICE.search(syntax.text(node))]
    nodes += [
        n
        for n, text in actions
        if "\n" not in text and _ACCUMULATES.search(text.split("(")[0]) and not _settles(syntax, text)
    ]
    for node in sorted({n.id: n for n in nodes}.values(), key=lambda n: n.start_byte):
        edit = layout.insertion_after(syntax, node, syntax.text(node).rstrip())
        if edit is not None:
            yield (edit,)


@operator(KEY, "CWE-573", version="3", family="statement")
def step_lost(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A call that has to be made for its effect is left out."""
    alone = {run[0].id for run in layout.sequences(syntax, function.body) if len(run) == 1}
    for node in sorted(effects.actions(syntax, function), key=lambda n: n.start_byte):
        if _RELEASES.match(syntax.text(node)) or _IDLE.search(syntax.text(node).split("(")[0]):
            continue  # what is not given back is another criterion's; what only checks or waits changes nothing
        edit = gone(syntax, node)
        if edit is not None and node.id not in alone and not unread(syntax, function, node):
            yield (edit,)


@operator(KEY, "CWE-696", version="3", family="statement")
def statements_swapped(syntax: Syntax, function: Function) -> Iterator[Site]:
    """An update and the step that reads the value stand in the wrong order."""
    updates = effects.updates(syntax, function)
    changed = {node.id: target for node, target, _ in updates}
    building = {node.id for node, _, builds in updates if builds}
    for run in layout.sequences(syntax, function.body):
        for one, two in pairwise(run):
            target, other = changed.get(one.id), changed.get(two.id)
            source = one if target is not None else two
            name = target if target is not None else other
            rest = two if source.id == one.id else one
            if (
                name is None
                or layout.exits(syntax, two)
                or layout.exits(syntax, one)
                or "declar" in one.type + two.type
                or left_unset(syntax, function, one)
            ):
                continue
            if target == other and {one.id, two.id} <= building:
                continue  # two additions give the same sum in either order
            gap = syntax.data[one.end_byte : two.start_byte]
            after = syntax.data[two.end_byte : layout.line_end(syntax.data, two.end_byte)]
            if gap.strip() or after.strip() or gap.count(b"\n") != 1 or two.end_point[0] - one.start_point[0] > 7:
                continue
            read = rf"(?<![\w.]){re.escape(name)}(?!\w)(?!\s*=[^=])"
            if not re.search(read, syntax.text(rest)) or "def" in rest.type:
                continue
            if all(layout.owns_lines(syntax.data, n.start_byte, n.end_byte) for n in (one, two)):
                fresh = effects.fresh(syntax, function, one)
                if not any(re.search(rf"\b{re.escape(word)}\b", syntax.text(two)) for word in fresh):
                    yield (replace(one, syntax.text(two).rstrip()), replace(two, syntax.text(one).rstrip()))


@operator(KEY, "CWE-821", ("JavaScript", "Python", "C#"), family="statement")
def await_missing(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A step that takes its time is started and not waited for, so that what follows goes on without its result."""
    for node in found(function.body, frozenset(("await_expression", "await"))):
        inner = node.named_children[-1] if node.named_children else None
        if inner is None or inner.type not in _STARTED:
            continue
        parent = node.parent
        alone = parent is not None and parent.type == "expression_statement"
        if syntax.language == "C#" and not alone:
            continue  # a task is of another type than its result
        returned = parent is not None and parent.type == "return_statement"
        tried = above(node, frozenset(("try_statement",)), function.body) is not None
        if returned and not tried and syntax.language == "JavaScript":
            continue  # the caller waits all the same
        yield (Edit(node.start_byte, inner.start_byte, ""),)


_STARTED = scope.kinds("call call_expression new_expression invocation_expression identifier")
