"""Lines and braces: how the statements are laid out."""

import re
from collections.abc import Iterator
from itertools import pairwise

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import layout, scope
from synthesis.mutations.layout import replace
from synthesis.mutations.operator import Edit, Site, operator
from synthesis.mutations.readability import rewording

KEY = "readability_maintainability"
_BRACKETS = scope.kinds(
    "argument_list arguments list dictionary array hash object array_initializer initializer_list tuple literal_value "
    "parenthesized_expression set"
)
_BODIES = re.compile(r"block|compound|function|lambda|closure|func_literal|preproc|heredoc|comprehension")


@operator(
    KEY,
    "braces around every branch: CERT EXP19-C, Google Java style 4.1.1",
    ("Java", "C#", "JavaScript"),
    "2",
    family="line_layout",
)
def braces_dropped(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A branch has no braces, so the next line added to it falls outside."""
    places = [one.consequence for one in layout.ifs(syntax, function.body) if one.alternative is None]
    places += [
        match["body"][0] for match in syntax.matches("loops", function.body) if match["loop"][0].type != "do_statement"
    ]
    if any(not syntax.text(place).startswith("{") for place in places):
        return  # the function's own style
    for place in places:
        inside = place.named_children
        text = syntax.text(place)
        if (
            not text.startswith("{")
            or len(inside) != 1
            or "declar" in inside[0].type
            or inside[0].type.startswith(("if", "comment", "for", "while", "try"))
        ):
            continue
        long = "\n" in syntax.text(inside[0])
        if long != (syntax.language == "Java") and layout.owns_lines(
            syntax.data, inside[0].start_byte, inside[0].end_byte
        ):
            before = layout.line_start(syntax.data, place.start_byte)
            head = syntax.data[before : place.start_byte].decode()
            start = before + len(head.rstrip().encode()) if head.strip() else layout.break_before(syntax.data, before)
            line = layout.newline(syntax) + rewording.indent_of(syntax, inside[0]) + syntax.text(inside[0])
            yield (Edit(start, place.end_byte, line),)


@operator(
    KEY,
    "one statement a line: PEP 8 E702, RuboCop Style/Semicolon",
    ("Python", "Ruby", "Go", "JavaScript"),
    family="line_layout",
)
def statements_joined(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Several statements share one line."""
    joiner = ", " if syntax.language == "JavaScript" else "; "
    for run in layout.sequences(syntax, function.body):
        for one, two in pairwise(run):
            texts = syntax.text(one).rstrip(), syntax.text(two).rstrip()
            gap = syntax.data[one.end_byte : two.start_byte]
            if gap.strip() or gap.count(b"\n") != 1 or "\n" in texts[0] + texts[1]:
                continue
            plain = {
                "expression_statement",
                "assignment_statement",
                "short_var_declaration",
                "inc_statement",
                "assignment",
                "call",
            }
            if (
                one.type not in plain
                or two.type not in plain | {"return_statement", "return"}
                or "do_block" in str(two)
            ):
                continue
            if joiner == ", ":
                if (
                    two.type != "expression_statement"
                    or "assignment" in one.named_children[0].type + two.named_children[0].type
                ):
                    continue
                yield (Edit(one.start_byte + len(texts[0].rstrip(";").encode()), two.start_byte, joiner),)
            else:
                yield (Edit(one.end_byte, two.start_byte, joiner),)


@operator(
    KEY,
    "lines of at most 80 to 120 columns: PEP 8, Google style guides, RuboCop Layout/LineLength",
    family="line_layout",
)
def line_overlong(syntax: Syntax, function: Function) -> Iterator[Site]:
    """What was wrapped over several lines runs far beyond the right margin on one."""
    data = syntax.data
    comments = syntax.nodes("comments", "comment", function.body)
    quoted = [n for n in syntax.nodes("strings", "string", function.body) if n.start_point.row != n.end_point.row]
    done = -1
    for node, _ in walk(function.body):
        rows = node.end_point.row - node.start_point.row
        if node.type not in _BRACKETS or node.start_byte < done or not 2 <= rows <= 12 or node.has_error:
            continue
        within = [n for n in (*comments, *quoted) if node.start_byte <= n.start_byte < node.end_byte]
        if within or any(_BODIES.search(n.type) for n, _ in walk(node)):
            continue
        if any(n.type == "tuple" and n.named_child_count == 1 for n, _ in walk(node)):
            continue
        text = re.sub(r",(\s*\n\s*})", r"\1", syntax.text(node))
        text = re.sub(r"([(\[])\s*\\?\r?\n\s*", r"\1", re.sub(r",?\s*\n\s*(?=[)\]])", "", text))
        text = re.sub(r"\s*\\?\r?\n\s*", " ", re.sub(r"\s*\\?\r?\n\s*(?=\??\.\w)", "", text))
        if re.search(r"\S {2,}\S", text):
            continue
        start, stop = layout.line_start(data, node.start_byte), layout.line_end(data, node.end_byte)
        length = node.start_byte - start + len(text) + stop - node.end_byte
        if 120 < length < 320:
            done = node.end_byte
            yield (replace(node, text),)
