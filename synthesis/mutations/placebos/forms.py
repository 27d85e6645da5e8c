"""Other spellings of the same thing, as usual as the first."""

import re
from collections.abc import Iterator

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import layout, scope, text
from synthesis.mutations.layout import replace
from synthesis.mutations.operator import Edit, Site, placebo
from synthesis.mutations.placebos import synonyms

_STEPPED = ("C", "C++", "Java", "JavaScript", "C#")
_STEPS = scope.kinds("update_expression postfix_unary_expression prefix_unary_expression")
_QUOTED = re.compile(r"([a-zA-Z]{0,2})(['\"])([^'\"]*)\2", re.DOTALL)
_INTEGER = re.compile(r"(unsigned |std::)?(u?int\d*(_t)?|long|size_t)")
_JOINED = re.compile(r"/// <summary>(?P<xml>[^\n<]+)</summary>|(?P<mark>/\*\*?) (?P<text>\w[^\n*]*\S) ?\*/")
_APART = re.compile(
    r"/// <summary>\s*///\s?(?P<xml>[^\n<]*\S)\s*/// </summary>"
    r"|(?P<mark>/\*\*?)[ \t]*\r?\n[ \t]*\*[ \t]*(?P<text>\w[^\n*]*\S)[ \t]*\r?\n[ \t]*\*/"
)
_HEX = re.compile(r"0[xX](?P<digits>[0-9a-fA-F_]+)([uUlLnN]*)")
_ENDLESS = re.compile(r"while \((true|1)\)")


@placebo("a local variable's name is as good as its synonym")
def local_renamed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A local variable gets another good name of the same meaning."""
    taken = scope.words_of(syntax, function)
    declared = {n.start_byte for n in syntax.nodes("locals", "local", function.node)}
    said = " ".join(syntax.text(comment) for comment in syntax.nodes("comments", "comment", function.node))
    for one in scope.variables(syntax, function).values():
        name, word = synonyms.synonym(syntax.language, one.name)
        spoken = re.search(rf"\b{re.escape(one.name)}\b", said) is not None
        shared = len(word) > 3 and any(word.lower() in other.lower() for other in taken - {one.name})
        if one.uses[0].start_byte not in declared:  # before that it is another's name, such as a package's
            continue
        if name and not one.parameter and not one.frozen and not spoken and not shared and name not in taken:
            yield tuple(replace(use, name) for use in one.uses)


@placebo("both quotes write the same text", languages=("JavaScript", "Python", "Ruby"))
def quotes_turned(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The function's string literals stand in the other quotes."""
    edits, marks = [], set()
    for node in syntax.nodes("strings", "string", function.body):
        written = syntax.text(node)
        hit = _QUOTED.fullmatch(written)
        if written.startswith(("`", "%", "<<")) or '"""' in written or "'''" in written:
            continue
        if hit is None or (syntax.language == "Ruby" and re.search(r"[\\#]", written)) or "{" in written:
            return
        other = "'" if hit[2] == '"' else '"'
        marks.add(hit[2])
        edits.append(replace(node, f"{hit[1]}{other}{hit[3]}{other}"))
    if edits and len(marks) == 1 and not any(n.type.startswith("jsx") for n, _ in walk(function.body)):
        yield tuple(edits)


@placebo("as a statement, both forms of a step do the same", languages=_STEPPED)
def step_form(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A counter is stepped by the other of the two forms, its value unused."""
    known = scope.variables(syntax, function)
    numbers = {
        name for name, one in known.items() if re.fullmatch(r"(unsigned |std::)?(u?int\d*(_t)?|long|size_t)", one.type)
    }
    for node, _ in walk(function.body):
        hit = (
            re.fullmatch(r"(\+\+|--)([\w.>-]+)|([\w.>-]+?)(\+\+|--)", syntax.text(node))
            if node.type in _STEPS
            else None
        )
        if hit is None or node.parent is None or (syntax.language == "C++" and (hit[2] or hit[3]) not in numbers):
            continue
        if node.parent.type == "expression_statement" or scope.field(node) in ("update", "increment"):
            yield (replace(node, f"{hit[2]}{hit[1]}" if hit[1] else f"{hit[4]}{hit[3]}"),)


@placebo("the case of a hexadecimal digit means nothing")
def hexadecimal_case(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Hexadecimal digits are written in the other case throughout."""
    edits = []
    for node in syntax.nodes("numbers", "number", function.body):
        hit = _HEX.fullmatch(syntax.text(node))
        if hit and (letters := re.sub(r"[^a-zA-Z]", "", hit["digits"])):
            if not (letters.islower() or letters.isupper()):
                return
            start, end = node.start_byte + hit.start("digits"), node.start_byte + hit.end("digits")
            edits.append(Edit(start, end, hit["digits"].swapcase()))
    if len({edit.text.islower() for edit in edits}) == 1:
        yield tuple(edits)


@placebo("for (;;) and while (true) are one loop", languages=_STEPPED)
def endless_loop_form(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A loop without a condition is written in the other of the two usual forms."""
    for one in text.loops(syntax, function.body):
        head = syntax.data[one.node.start_byte : one.body.start_byte].decode("utf-8", "replace").rstrip()
        end = one.node.start_byte + len(head)
        if _ENDLESS.fullmatch(head):
            yield (Edit(one.node.start_byte, end, "for (;;)"),)
        elif re.fullmatch(r"for ?\( ?; ?; ?\)", head):
            yield (Edit(one.node.start_byte, end, f"while ({'1' if syntax.language == 'C' else 'true'})"),)


@placebo(
    "a comment of one sentence stands on one line or between its marks",
    languages=("C", "C++", "C#", "Java", "JavaScript"),
)
def documentation_lines(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The one sentence of the function's documentation stands on the line of its marks instead of its own, or back."""
    start = function.span[0]
    written = syntax.data[start : function.node.start_byte].decode("utf-8", "replace").rstrip()
    brk, indent = layout.newline(syntax), layout.indentation(syntax.data, start)
    joined, apart = _JOINED.fullmatch(written), _APART.fullmatch(written)
    end = start + len(written.encode("utf-8"))
    if joined is not None and joined["xml"]:
        lines = f"/// <summary>{brk}{indent}/// {joined['xml']}{brk}{indent}/// </summary>"
        yield (Edit(start, end, lines),)
    elif joined is not None:
        yield (Edit(start, end, f"{joined['mark']}{brk}{indent} * {joined['text']}{brk}{indent} */"),)
    elif apart is not None and len(written) < 100:
        line = f"/// <summary>{apart['xml']}</summary>" if apart["xml"] else f"{apart['mark']} {apart['text']} */"
        yield (Edit(start, end, line),)
