"""Repairs of branches: what stands in both, an if alone in an else, a choice between true and false."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import effects, layout
from synthesis.mutations.layout import replace
from synthesis.mutations.operator import Edit, Site, repair
from synthesis.mutations.readability import blocks, rewording, wording

KEY = "readability_maintainability"
_COMPOUND = re.compile(r"(if|for|while|switch|enhanced_for|foreach|for_in|try|with)_statement$")
_TERNARIES = ("conditional_expression", "ternary_expression", "conditional")


@repair(KEY, "no nested conditional operator: ESLint no-nested-ternary, Sonar S3358", family="conditions")
def ternary_unfolded(syntax: Syntax, function: Function) -> Iterator[Site]:
    """One conditional expression stands inside another, where ifs would read one after the other."""
    step = blocks.step(syntax, function)
    broken = re.search(r"\)\s*\n\s*\{", syntax.text(function.node)) is not None
    for node, value in rewording.returned(syntax, function):
        if (
            value.type not in _TERNARIES
            or syntax.language == "Ruby"
            or blocks.holds(value, "comment", "throw", "pattern")
        ):
            continue
        chain, rest = [], value
        while rest.type in _TERNARIES and rest.named_child_count == 3:
            one, two, rest = rest.named_children
            chain.append((two, one) if syntax.language == "Python" else (one, two))
            rest = layout.core(rest) or rest
        if len(chain) < 2 or any(n.type in _TERNARIES for pair in chain for part in pair for n, _ in walk(part)):
            continue
        indent, end = rewording.indent_of(syntax, node), ";" if syntax.text(node).endswith(";") else ""
        brace, made = f"\n{indent}{{" if broken else " {", []
        for test, then in chain:
            bare = " ".join(syntax.text(layout.core(test) or test).split())
            back = f"{indent}{step}return {syntax.text(then)}{end}"
            python = syntax.language == "Python"
            made.append(f"if {bare}:\n{back}" if python else f"if ({bare}){brace}\n{back}\n{indent}}}")
        made.append(f"return {syntax.text(rest)}{end}")
        yield (replace(node, layout.written(syntax, f"\n{indent}".join(made))),)


@repair(
    KEY,
    "no if alone in an else: ESLint no-lonely-if, pylint R5501, RuboCop Style/IfInsideElse, clippy collapsible_else_if",
    family="nesting",
)
def else_if_flattened(syntax: Syntax, function: Function) -> Iterator[Site]:
    """An else holds nothing but another if, one level deeper than an else-if would stand."""
    data = syntax.data
    known = {one.node.id: one for one in layout.ifs(syntax, function.body)}
    for one in known.values():
        other = blocks.else_block(one) if re.match(r"if\b|elif\b|elsif\b", syntax.text(one.node)) else None
        lines = blocks.inside(syntax, one, other) if other is not None else None
        inner = known.get(lines.statements[0].id) if lines is not None and len(lines.statements) == 1 else None
        if inner is None or other is None or lines is None or not blocks.own(syntax, inner):
            continue
        first = layout.branch(syntax, one.consequence)
        if len(first) == 1 and first[0].type == inner.node.type:
            continue  # a table of four cases
        clause = other.parent if syntax.language == "Python" and other.parent is not None else other
        braced = syntax.text(other).startswith("{")
        indent = layout.indentation(data, other.end_byte - 1 if braced else clause.start_byte)
        text = blocks.moved(syntax, lines, rewording.indent_of(syntax, inner.node), indent)
        plain = data[layout.line_start(data, clause.start_byte) : clause.start_byte].strip() == b""
        if text is None or not (braced or plain):
            continue
        if braced:
            word = data[: other.start_byte].rstrip()
            if word.endswith(b"else"):
                yield (Edit(len(word), other.end_byte, f" {text.lstrip()}"),)
        elif syntax.language == "Python":
            yield (Edit(clause.start_byte, lines.end, f"el{text.lstrip()}"),)
        elif syntax.language == "Ruby" and text.split("\n")[-1].strip() == "end":
            yield (Edit(other.start_byte, lines.end, f"els{text.lstrip()}".rsplit("\n", 1)[0].rstrip("\r")),)


@repair(KEY, "consolidate duplicate conditional fragments (Fowler); clang-tidy, Sonar S1871", family="duplication")
def tail_moved_out(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Both branches end in the same statements, which could stand once after them."""
    data = syntax.data
    for one in layout.ifs(syntax, function.body):
        other = blocks.else_block(one) if blocks.own(syntax, one) and layout.core(one.condition) is not None else None
        if other is None or any(c.type in ("elif_clause", "elsif") for c in one.node.named_children):
            continue
        head = data[one.node.start_byte : one.condition.start_byte]
        both = [blocks.inside(syntax, one, block) for block in (one.consequence, other)]
        if both[0] is None or both[1] is None or b"=" in head or (one.node.parent and "else" in one.node.parent.type):
            continue
        first, second = both[0], both[1]
        count = _shared(syntax, first.statements, second.statements)
        if not count:
            continue
        tail = [_tail(syntax, lines, count) for lines in (first, second)]
        texts = [data[lines.start : lines.end] for lines in tail]
        words = set(re.findall(r"\w+", texts[0].decode("utf-8", "replace")))
        declared = {syntax.text(n) for b in (one.consequence, other) for n in syntax.nodes("locals", "local", b)}
        if texts[0] != texts[1] or len(b"".join(texts[0].split())) < 20 or b"#" in texts[0] or b"//" in texts[0]:
            continue
        if declared & words and syntax.language not in ("Python", "Ruby"):
            continue
        starts = [_kept_end(syntax, lines, part) for lines, part in zip((first, second), tail, strict=True)]
        deep, indent = rewording.indent_of(syntax, tail[0].statements[0]), rewording.indent_of(syntax, one.node)
        text = blocks.moved(syntax, tail[0], deep, indent)
        if text is None or None in starts:
            continue
        cuts = [Edit(s, lines.end, "") for s, lines in zip(starts, tail, strict=True) if s is not None]
        end = one.node.end_byte
        yield (*cuts, Edit(end, end, layout.written(syntax, f"\n{text}")))


def _shared(syntax: Syntax, first: list[Node], second: list[Node]) -> int:
    """How many statements at the end of two branches are the same; each branch keeps one of its own."""
    count = 0
    while count < min(len(first), len(second)) - 1:
        if syntax.text(first[-1 - count]) != syntax.text(second[-1 - count]):
            break
        count += 1
    return count


def _tail(syntax: Syntax, lines: blocks.Lines, count: int) -> blocks.Lines:
    """The last `count` statements of a branch as whole lines."""
    statements = lines.statements[-count:]
    return blocks.Lines(layout.line_start(syntax.data, statements[0].start_byte), lines.end, statements)


def _kept_end(syntax: Syntax, lines: blocks.Lines, tail: blocks.Lines) -> int | None:
    """Where a branch ends without its tail; None where a comment stands above the tail or a line is shared."""
    kept = syntax.data[lines.start : tail.start].rstrip()
    last = kept[kept.rfind(b"\n") + 1 :].strip()
    above = lines.statements[-len(tail.statements) - 1]
    if last.startswith((b"#", b"//", b"/*", b"*")) or above.end_point.row >= tail.statements[0].start_point.row:
        return None
    return lines.start + len(kept)


@repair(
    KEY,
    "no conditional between true and false: Sonar S1125, ESLint no-unneeded-ternary, pylint R1719",
    family="redundancy",
)
def truth_chosen(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A conditional expression chooses between true and false, which its condition is already."""
    for node, _ in walk(function.body):
        if node.type not in _TERNARIES or node.named_child_count != 3 or "\n" in syntax.text(node):
            continue
        test, yes, no = node.named_children
        if syntax.language == "Python":
            test, yes = yes, test
        condition, chosen = layout.core(test), (syntax.text(yes).lower(), syntax.text(no).lower())
        if condition is None or chosen not in (("true", "false"), ("false", "true")):
            continue
        sure = wording.predicate(syntax, function, condition) and condition.type != "identifier"
        compared = syntax.language == "C" and blocks.either(syntax, condition, tuple(layout.OPPOSITE)) is not None
        if not sure and not compared:
            continue
        text = syntax.text(condition) if chosen[0] == "true" else wording.opposite(syntax, function, condition)
        if not text.startswith(("!(", "not (")):
            yield (replace(node, text),)


@repair(
    KEY, "guard clauses over nesting (Fowler): ESLint max-depth, Sonar S134, golint, LLVM early exits", family="nesting"
)
def guard_written(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A long way with branches of its own is nested in an if that ends its block, where a guard would keep it flat."""
    end = layout.ending(syntax)
    known = {one.node.id: one for one in layout.ifs(syntax, function.body) if one.alternative is None}
    places = [(match["body"][0], f"continue{end}") for match in syntax.matches("loops", function.body)]
    leave = effects.bare_return(syntax, function)
    if leave and not blocks.holds(function.node, "arrow_function", "lambda", "constructor"):
        places.append((function.body, leave))
    for block, jump in places if syntax.language != "Ruby" else []:
        runs = [run for run in layout.sequences(syntax, block) if blocks.direct(run[0], block)]
        one = known.get(runs[0][-1].id) if runs else None
        lines = blocks.inside(syntax, one, one.consequence) if one is not None and blocks.own(syntax, one) else None
        condition = layout.core(one.condition) if one is not None else None
        if one is None or lines is None or condition is None or "\n" in syntax.text(condition):
            continue
        after = syntax.data[one.node.end_byte : block.end_byte].strip()
        head = syntax.data[one.node.start_byte : condition.start_byte]
        if after not in (b"", b"}") or b"=" in head or b";" in head or not _worth_flattening(syntax, one, lines):
            continue
        if {syntax.text(n) for n in syntax.nodes("locals", "local", one.consequence)} & _outside(syntax, function, one):
            continue
        indent, more = rewording.indent_of(syntax, one.node), blocks.step(syntax, function)
        opposite = wording.opposite(syntax, function, condition)
        body = blocks.moved(syntax, lines, rewording.indent_of(syntax, lines.statements[0]), indent)
        if body is None or opposite.startswith(("!(", "not (")):
            continue
        made = blocks.conditional(syntax, one, indent, opposite, f"{indent}{more}{jump}")
        yield (replace(one.node, layout.written(syntax, f"{made}\n\n{body}")),)


def _worth_flattening(syntax: Syntax, one: layout.If, lines: blocks.Lines) -> bool:
    """Whether the body of an `if` is long, of several statements, and holds a branch or a loop within another."""
    rows = lines.statements[-1].end_point.row - lines.statements[0].start_point.row + 1
    compound = [n for n, _ in walk(one.consequence) if _COMPOUND.match(n.type)]
    deep = any(m.id != n.id and _COMPOUND.match(m.type) for n in compound for m, _ in walk(n))
    mixed = syntax.language == "C" and any(n.type == "declaration" for n in lines.statements)  # C90
    left = layout.exits(syntax, lines.statements[-1])
    return not (mixed or left) and len(lines.statements) >= 3 and rows >= 10 and deep


def _outside(syntax: Syntax, function: Function, one: layout.If) -> set[str]:
    """The words of the function outside an `if`."""
    data = syntax.data
    text = data[function.node.start_byte : one.node.start_byte] + data[one.node.end_byte : function.node.end_byte]
    return set(re.findall(r"\w+", text.decode("utf-8", "replace")))
