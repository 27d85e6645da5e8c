"""Repairs of statements: branches, returns and lines that human code has and does not need."""

import re
from collections.abc import Iterator
from itertools import pairwise

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import layout, scope
from synthesis.mutations.layout import replace
from synthesis.mutations.operator import Edit, Site, merged, repair
from synthesis.mutations.readability import blocks, rewording, wording

KEY = "readability_maintainability"
_GENERIC = scope.kinds("result res ret retval rv value val output out tmp temp r answer response_value return_value")
_JUMPS = scope.kinds("return_statement return continue_statement continue next")
_TRUE = frozenset(("true", "True"))
_FALSE = frozenset(("false", "False"))


@repair(KEY, "no else after return: pylint R1705, ESLint no-else-return, clang-tidy, golint", (), "2", family="nesting")
def else_unwrapped(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The long rest of the way sits in an else, one level deeper, though the branch before it has left."""
    for one in layout.ifs(syntax, function.body):
        other = blocks.else_block(one)
        if other is None or not blocks.own(syntax, one) or any(":=" in h for h in (_head(syntax, one),)):
            continue
        first, second = blocks.inside(syntax, one, one.consequence), blocks.inside(syntax, one, other)
        if first is None or second is None or not layout.exits(syntax, first.statements[-1]):
            continue
        declared = {syntax.text(n) for n in syntax.nodes("locals", "local", other)}
        outside = syntax.data[function.node.start_byte : other.start_byte] + syntax.data[other.end_byte :]
        if declared & set(re.findall(r"\w+", outside.decode("utf-8", "replace"))) - {""}:
            continue
        if _clauses(one) or not _longer(syntax, first, second):
            continue
        between = syntax.data[one.consequence.end_byte : other.start_byte].decode("utf-8", "replace")
        if "#" in between or "//" in between or "/*" in between:
            continue
        indent, deep = rewording.indent_of(syntax, one.node), rewording.indent_of(syntax, second.statements[0])
        text = blocks.moved(syntax, second, deep, indent)
        if text is None:
            continue
        closing = f"\n{indent}end" if syntax.language == "Ruby" else ""
        start = one.consequence.end_byte if syntax.text(one.consequence).endswith("}") else first.end
        yield (Edit(start, one.node.end_byte, layout.written(syntax, f"{closing}\n{text}")),)


def _clauses(one: layout.If) -> list[Node]:
    """Branches of a chain: the elifs of an `if`, and the `if` itself where it hangs on another's else."""
    chained = one.node.parent is not None and "else" in one.node.parent.type
    return [n for n in one.node.named_children if n.type in ("elif_clause", "elsif")] + [one.node] * chained


def _longer(syntax: Syntax, first: blocks.Lines, second: blocks.Lines) -> bool:
    """Whether a branch is a path of several statements, much longer than the one before it, that C90 lets stand."""
    rows = [b.statements[-1].end_point.row - b.statements[0].start_point.row + 1 for b in (first, second)]
    mixed = syntax.language == "C" and any(n.type == "declaration" for n in second.statements)
    return not mixed and len(second.statements) >= 3 and rows[1] >= 6 and rows[1] >= 2 * rows[0]


def _head(syntax: Syntax, one: layout.If) -> str:
    return syntax.data[one.node.start_byte : one.consequence.start_byte].decode("utf-8", "replace")


@repair(
    KEY, "collapsible ifs: Sonar S1066, flake8-simplify SIM102, RuboCop Style/SoleNestedConditional", family="nesting"
)
def ifs_merged(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Two ifs, one inside the other with nothing else, test what one condition could."""
    known = {one.node.id: one for one in layout.ifs(syntax, function.body)}
    word = "and" if syntax.language == "Python" else "&&"
    for one in known.values():
        lines = blocks.inside(syntax, one, one.consequence) if blocks.own(syntax, one) else None
        inner = known.get(lines.statements[0].id) if lines is not None and len(lines.statements) == 1 else None
        if inner is None or one.alternative is not None or inner.alternative is not None:
            continue
        body = blocks.inside(syntax, inner, inner.consequence)
        tests = [layout.core(one.condition), layout.core(inner.condition)]
        if body is None or not blocks.own(syntax, inner) or ":=" in _head(syntax, one) + _head(syntax, inner):
            continue
        if any(t is None or "\n" in syntax.text(t) for t in tests) or "constexpr" in _head(syntax, one):
            continue
        indent = rewording.indent_of(syntax, one.node)
        text = blocks.moved(
            syntax, body, rewording.indent_of(syntax, body.statements[0]), rewording.indent_of(syntax, inner.node)
        )
        condition = f" {word} ".join(_joinable(syntax, t) for t in tests if t is not None)
        if text is None or len(indent) + len(condition) > 90 or condition.count(word) > 3:
            continue
        made = blocks.conditional(syntax, one, indent, condition, text)
        yield (replace(one.node, layout.written(syntax, made)),)


def _joinable(syntax: Syntax, node: Node) -> str:
    """A condition as a side of a conjunction: in brackets where it binds less."""
    text = syntax.text(node)
    loose = blocks.either(syntax, node, ("or", "||", "=")) is not None or re.search(
        r"conditional|ternary|assignment|lambda|named_expr", node.type
    )
    wordy = syntax.language == "Ruby" and (
        re.search(r"\b(and|or|not)\b", text) or (node.type == "call" and " " in text)
    )
    return f"({text})" if loose or wordy else text


@repair(KEY, "return the condition itself: pylint R1703, PMD SimplifyBooleanReturns, Sonar S1126", family="redundancy")
def boolean_returned(syntax: Syntax, function: Function) -> Iterator[Site]:
    """An if returns true and else false, where its condition could be returned."""
    values = {n.id: syntax.text(v) for n, v in rewording.returned(syntax, function)}
    for one in layout.ifs(syntax, function.body):
        condition, other = layout.core(one.condition), blocks.else_block(one)
        if (
            condition is None
            or not blocks.own(syntax, one)
            or "\n" in syntax.text(condition)
            or ":=" in _head(syntax, one)
        ):
            continue
        sure = wording.predicate(syntax, function, condition) or (
            syntax.language == "C" and blocks.either(syntax, condition, tuple(layout.OPPOSITE)) is not None
        )
        yes, last = layout.branch(syntax, one.consequence), one.node
        nay = layout.branch(syntax, other) if other is not None else []
        if one.alternative is None:
            following = one.node.next_named_sibling
            before = one.node.prev_named_sibling
            chained = before is not None and before.type == one.node.type
            nay = [following] if following is not None and not chained else []
            last = following or last
        if not sure or len(yes) != 1 or len(nay) != 1 or syntax.nodes("comments", "comment", one.node):
            continue
        first, second = values.get(yes[0].id), values.get(nay[0].id)
        if first in _TRUE and second in _FALSE:
            text = syntax.text(condition)
        elif first in _FALSE and second in _TRUE:
            text = wording.opposite(syntax, function, condition)
        else:
            continue
        if text.startswith(("!(", "not (")):
            continue
        end = ";" if syntax.text(yes[0]).endswith(";") else ""
        yield (Edit(one.node.start_byte, last.end_byte, f"return {text}{end}"),)


@repair(
    KEY,
    "inline temporary (Fowler); RuboCop Style/RedundantAssignment, PMD UnnecessaryLocalBeforeReturn",
    family="redundancy",
)
def result_returned(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A value is stored under a name that says nothing, only to be returned on the next line."""
    known = scope.variables(syntax, function)
    values = {n.id: v for n, v in rewording.returned(syntax, function)}
    owners = {n.id: (n, two) for run in layout.sequences(syntax, function.body) for n, two in pairwise(run)}
    ends = {run[-1].id for run in layout.sequences(syntax, function.body) if blocks.direct(run[0], function.body)}
    for match in syntax.matches("assignments", function.body):
        node, target, value = match["assignment"][0], match["target"][0], match["value"][0]
        pair = next((owners[n.id] for n in (node, node.parent) if n is not None and n.id in owners), None)
        variable = known.get(syntax.text(target).lstrip("* "))
        if pair is None or variable is None or variable.name not in _GENERIC or "augmented" in node.type:
            continue
        owner, back = pair
        given = values.get(back.id) or (back if syntax.language == "Ruby" and back.id in ends else None)
        if given is None or syntax.text(given) != variable.name or len(variable.uses) != 2 or variable.parameter:
            continue
        text = syntax.text(value)
        if (
            "\n" in text
            or syntax.text(owner)[:1] == "@"
            or value.type in rewording.NO_VALUE
            or not _same_type(syntax, function, variable.type)
        ):
            continue
        gap = syntax.data[owner.end_byte : back.start_byte]
        if (
            gap.strip()
            or syntax.text(owner).count(",") > text.count(",")
            or syntax.data[target.end_byte : value.start_byte].strip() not in (b"=", b":=")
        ):
            continue
        end = ";" if syntax.text(back).endswith(";") else ""
        word = "" if given.id == back.id else "return "
        yield (Edit(owner.start_byte, back.end_byte, f"{word}{text}{end}"),)


def _same_type(syntax: Syntax, function: Function, declared: str) -> bool:
    """Whether a local of the declared type converts nothing on its way out."""
    if syntax.language not in scope.STATIC or syntax.language == "Go" or not declared or declared == "var":
        return True
    head = function.signature.split("(")[0]
    return re.search(rf"(^|\s){re.escape(declared.rstrip('*'))}[\s*]", head) is not None


@repair(
    KEY,
    "redundant jump: Sonar S3626, pylint R1711, clang-tidy readability-redundant-control-flow",
    version="2",
    family="dead_code",
)
def jump_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A bare return or continue stands last, where the code goes the same way without it."""
    given = function.node.child_by_field_name("result") is not None or re.search(r"\)\s*\(", function.signature)
    if (syntax.language == "Go" and given) or re.search(r"(?m)^\s*#\s*(if|el|endif)", syntax.text(function.node)):
        return
    bodies = [match["body"][0] for match in syntax.matches("loops", function.body)]
    for block in [function.body, *bodies] if syntax.language != "Ruby" else []:
        for run in layout.sequences(syntax, block):
            last = run[-1]
            if len(run) < 2 or not blocks.direct(last, block) or last.type not in _JUMPS:
                continue
            word = "return" if block.id == function.body.id else "continue"
            edit = blocks.deletion(syntax, last) if syntax.text(last).rstrip(";") == word else None
            if edit is not None and not any("label" in n.type for n, _ in walk(block)):
                yield (edit,)


@repair(
    KEY,
    "no explicit return at the end of a method: Ruby style guide, RuboCop Style/RedundantReturn",
    ("Ruby",),
    family="redundancy",
)
def return_word_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The last line of a method says return, though its value is returned anyway."""
    for run in layout.sequences(syntax, function.body):
        last = run[-1]
        if last.type == "return" and blocks.direct(last, function.body) and last.named_child_count == 1:
            inner = last.named_children[0]
            alone = layout.owns_lines(syntax.data, last.start_byte, last.end_byte)
            guarded = any("return" in syntax.text(n) for n in run[:-1])
            if inner.named_child_count == 1 and alone and not guarded:
                yield (Edit(last.start_byte, inner.start_byte, ""),)


@repair(KEY, "commented-out code: Sonar S125, eradicate ERA001", (), "2", family="dead_code")
def commented_code_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Code that was commented out stands between the lines."""
    groups: list[list[Node]] = []
    for node in rewording.comments(syntax, function):
        gap = syntax.data[groups[-1][-1].end_byte : node.start_byte] if groups else b"-"
        if not gap.strip() and gap.count(b"\n") < 2:
            groups[-1].append(node)
        else:
            groups.append([node])
    texts = [[syntax.text(n).strip("/# \t\r\n") for n in group] for group in groups]
    leftovers = [group for group, lines in zip(groups, texts, strict=True) if _is_leftover(syntax, group, lines)]
    others = [g for g in groups if g not in leftovers and any(_like_code(syntax.text(n)) for n in g)]
    if leftovers and not others:
        yield merged(edit for group in leftovers for edit in _without(syntax, group))


def _like_code(text: str) -> bool:
    return re.search(r"[;{}]\s*$|\w+\(.*\)\s*$|\w \+?= \w", text) is not None


def _is_leftover(syntax: Syntax, group: list[Node], lines: list[str]) -> bool:
    """Whether comments that stand together are all code, on lines of their own, and leave no trace when they go."""
    raw = [syntax.text(n).rstrip() for n in group]
    if any(t.startswith(("/*", "///", "=begin")) or "\n" in t for t in raw):
        return False
    data = syntax.data
    alone = all(layout.owns_lines(data, n.start_byte, n.end_byte) for n in group)
    trailing = any(data[layout.line_start(data, n.start_byte) : n.start_byte].strip() for n in group)
    code = all(wording.is_code(syntax, line) for line in lines)
    return alone and not trailing and code and not _explains(lines) and _bare(syntax, group)


def _without(syntax: Syntax, group: list[Node]) -> list[Edit]:
    """Delete a group of comments, and the blank line above it where one follows as well."""
    edits, data = [rewording.uncommented(syntax, n) for n in group], syntax.data
    above = data[: edits[0].start]
    blank = not above[above.rfind(b"\n") + 1 :].strip()
    following = data[edits[-1].end :].split(b"\n", 2)[1:2]
    if blank and following and not following[0].strip():
        edits[0] = Edit(layout.break_before(data, edits[0].start), edits[0].end, edits[0].text)
    return edits


def _bare(syntax: Syntax, group: list[Node]) -> bool:
    """Whether a block keeps a statement, and no blank line at its top, when the comments go."""
    parent, data = group[0].parent, syntax.data
    if parent is None or all("comment" in child.type for child in parent.named_children):
        return False
    head = data[: layout.line_start(data, group[0].start_byte)].rstrip()
    end = layout.line_end(data, group[-1].end_byte)
    following = data[end:].split(b"\n", 2)[1:2]
    return not (head.endswith((b"{", b":")) and following == [b""])


def _explains(lines: list[str]) -> bool:
    """Whether commented code may stand there as an example or a formula rather than as a leftover."""
    text = " ".join(lines)
    return (
        re.search(r"TODO|FIXME|XXX|\.\.\.|=>|->|\be\.g\.|\bi\.e\.|==>|\bor\b|\bthe\b|\bto\b|\bis\b|\bnot\b", text)
        is not None
        or "(" not in text
    )
