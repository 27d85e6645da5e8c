"""Operators that make code harder to read or to change, and leave what it does as it is."""

import re
from collections.abc import Iterator
from itertools import pairwise

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import layout, rewording, scope
from synthesis.mutations.layout import replace
from synthesis.mutations.operator import Edit, Site, merged, operator

KEY = "readability_maintainability"
BRACES = ("C", "C++", "Java", "C#", "JavaScript")
_TRUTH = frozenset(("==", "!=", "===", "!==", "<", "<=", ">", ">=", "in", "not in", "is", "is not"))


@operator(KEY, "meaningful names: Google style guides, naming; PEP 8")
def names_shortened(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Names of local variables no longer say what they hold."""
    taken = set(scope.words_of(syntax, function))
    locals_ = [v for v in rewording.renamable(syntax, function) if len(v.name) > 3]
    sites = []
    for variable in locals_:
        for name in rewording.stubs(variable.name):
            if name not in taken and len(name) < len(variable.name):
                taken.add(name)
                sites.append(rewording.renamed(variable, name))
                break
    if len(sites) > 1:
        yield tuple(edit for site in sites for edit in site)
    yield from sites


@operator(KEY, "meaningful names: a name that speaks of another thing; CERT DCL02-C")
def names_misleading(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A local variable has a long name that speaks of something else."""
    taken = scope.words_of(syntax, function)
    known = list(scope.variables(syntax, function).values())
    everything: list[Edit] = []
    for index, variable in enumerate(rewording.renamable(syntax, function)):
        others = [v.name for v in known if v.name != variable.name and len(v.name) > 2 and not v.name.startswith("_")]
        others += [w for w in re.findall(r"[A-Za-z]{3,}", function.name) if w.lower() not in variable.name.lower()]
        if not others:
            continue
        other = others[(index + len(variable.name)) % len(others)]
        for name in (
            rewording.joined(variable.name, other),
            rewording.joined(other, variable.name),
            variable.name + "2",
        ):
            if name not in taken and name.isidentifier():
                yield rewording.renamed(variable, name)
                if all(edit.text != name for edit in everything):
                    everything += rewording.renamed(variable, name)
                break
    if len({edit.text for edit in everything}) > 1:
        yield tuple(everything)


@operator(KEY, "comments that say why: Google style guides, comments")
def comments_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Comments that say what the code cannot are gone."""
    groups: list[list[Node]] = []
    for node in rewording.comments(syntax, function):
        if groups and not syntax.data[groups[-1][-1].end_byte : node.start_byte].strip():
            groups[-1].append(node)
        else:
            groups.append([node])
    sites = [merged(rewording.uncommented(syntax, node) for node in group) for group in groups]
    if len(sites) > 1:
        yield merged(edit for site in sites for edit in site)
    yield from sites


@operator(KEY, "documented interfaces: PEP 257; Javadoc; Go doc comments")
def documentation_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Nothing tells the caller what the function is for."""
    if function.doc_span is None or len(function.doc.split()) < 3:
        return
    start, end = function.doc_span
    data = syntax.data
    if start >= function.body.start_byte:  # a documentation string, which may be all that the body holds
        if not data[end : function.body.end_byte].strip() or not layout.owns_lines(data, start, end):
            return
        yield (Edit(layout.break_before(data, start), layout.line_end(data, end), ""),)
        return
    stop = end
    while stop < function.node.start_byte and data[stop : stop + 1].isspace():
        stop += 1
    if not data[layout.line_start(data, start) : start].strip():
        yield (Edit(start, stop, ""),)


@operator(KEY, "introduce explaining variable (Fowler); CWE-1106")
def explanation_inlined(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A name that said what a value means is gone: the value stands bare in the middle of an expression."""
    literals = {n.id for kind in ("number", "string") for n in syntax.nodes(kind + "s", kind, function.body)}
    for variable, owner, value, follower in rewording.once(syntax, function):
        literal = value.id in literals
        near = len(variable.uses) == 2 and follower.start_byte <= variable.uses[1].start_byte < follower.end_byte
        if not near and not (literal and len(variable.uses) < 4):
            continue
        if not literal and rewording.within_inner(variable.uses[1], follower):
            continue
        if not literal and follower.type.startswith(("while", "for", "do_")):
            continue
        edit = layout.deletion(syntax, owner, comment=False)
        if edit is not None and not rewording.closed_over(variable, value):
            yield (edit, *rewording.inlined(syntax, variable, value))


@operator(KEY, "do not repeat yourself; extract variable (Fowler)")
def expression_repeated(syntax: Syntax, function: Function) -> Iterator[Site]:
    """One expression is written out at every place that needs its value."""
    known = scope.variables(syntax, function)
    for variable, owner, value, _ in rewording.once(syntax, function):
        if (
            len(variable.uses) < 3
            or rewording.closed_over(variable, value)
            or any(rewording.EFFECTS.search(n.type) for n, _ in walk(value))
        ):
            continue
        names = {syntax.text(n) for n, _ in walk(value) if n.type == "identifier"}
        last = variable.uses[-1].end_byte
        moved = [
            w for n in names if n in known for w in scope.written(known[n]) if owner.end_byte <= w.start_byte < last
        ]
        edit = layout.deletion(syntax, owner, comment=False)
        leaves = sum(n.is_named and not n.named_children for n, _ in walk(value))
        if edit is not None and not moved and leaves > 2:
            yield (edit, *rewording.inlined(syntax, variable, value))


@operator(KEY, "guard clauses over nesting (Fowler); no else after return: pylint R1705, ESLint no-else-return")
def else_after_exit(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The main path sits in an else that nothing needs, one level deeper."""
    data, more = syntax.data, layout.step(syntax, function)
    for one, rest, _ in rewording.guards(syntax, function):
        start, end = layout.line_end(data, one.node.end_byte), layout.line_end(data, rest[-1].end_byte)
        moved = layout.reindented(syntax, start + 1, end, more)
        indent = rewording.indent_of(syntax, one.node)
        if (
            moved is None
            or start >= rest[0].start_byte
            or (syntax.language == "Go" and ":=" in syntax.text(one.node).split("{")[0])
        ):
            continue
        moved = moved.lstrip("\r\n")
        closing = data[one.node.start_byte : one.node.end_byte].rstrip()
        if syntax.language == "Python":
            made = Edit(start, end, f"\n{indent}else:\n{moved}")
        elif syntax.language == "Ruby" and closing.endswith(b"end"):
            stop = layout.line_start(data, one.node.end_byte)
            made = Edit(stop, end, f"{indent}else\n{moved}\n{indent}end")
        elif syntax.language == "Ruby" and one.node.type.endswith("modifier"):
            head = f"{one.node.type[:-9]} {syntax.text(one.condition)}\n{indent}{more}{syntax.text(one.consequence)}"
            made = Edit(one.node.start_byte, end, f"{head}\n{indent}else\n{moved}\n{indent}end")
        elif closing.endswith(b"}") and one.consequence.type in ("block", "compound_statement", "statement_block"):
            gap, brace = rewording.brace_style(syntax, one)
            made = Edit(one.node.end_byte, end, f"{gap}else{brace}{{\n{moved}\n{indent}}}")
        else:
            continue
        yield (Edit(made.start, made.end, layout.written(syntax, made.text)),)


@operator(KEY, "guard clauses over nesting (Fowler)")
def guard_nested(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The main path is nested in a condition where a guard kept it flat."""
    data, more = syntax.data, layout.step(syntax, function)
    for one, rest, condition in rewording.guards(syntax, function):
        inside = layout.branch(syntax, one.consequence)
        start, end = layout.line_start(data, rest[0].start_byte), layout.line_end(data, rest[-1].end_byte)
        moved = layout.reindented(syntax, start, end, more)
        indent, (gap, brace) = rewording.indent_of(syntax, one.node), rewording.brace_style(syntax, one)
        if one.node.type.endswith("modifier") or syntax.nodes("comments", "comment", one.consequence):
            continue
        if (
            moved is None
            or len(inside) != 1
            or "\n" in syntax.text(inside[0])
            or b"#" in data[one.node.end_byte : start]
            or b"/" in data[one.node.end_byte : start]
        ):
            continue
        word = data[one.node.start_byte : condition.start_byte].decode()
        head = data[one.node.start_byte : one.consequence.start_byte].decode()
        tail = head[len(word) + len(syntax.text(condition)) :].rstrip("{ \r\n\t")
        leave = f"{indent}{more}{syntax.text(inside[0])}"
        opposite = layout.negation(syntax, condition)
        if word.startswith("unless"):
            word, opposite = word.replace("unless", "if"), syntax.text(condition)
        if syntax.language == "Python":
            made = f"{word}{opposite}{tail}\n{moved}\n{indent}else:\n{leave}"
        elif syntax.language == "Ruby":
            made = f"{word}{opposite}{tail}\n{moved}\n{indent}else\n{leave}\n{indent}end"
        elif "{" in syntax.text(one.consequence):
            made = f"{word}{opposite}{tail}{brace}{{\n{moved}\n{indent}}}{gap}else{brace}{{\n{leave}\n{indent}}}"
        else:
            continue
        yield (Edit(one.node.start_byte, end, layout.written(syntax, made)),)


@operator(KEY, "CWE-563")
def dead_assignment(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A statement does nothing: a value is stored that is there already, or that nobody reads."""
    taken, known = scope.words_of(syntax, function), scope.variables(syntax, function)
    statements = {n.id: n for run in layout.sequences(syntax, function.body) for n in run}
    for match in syntax.matches("assignments", function.body):
        node, target, value = match["assignment"][0], match["target"][0], match["value"][0]
        owner = next((n for n in (node, node.parent) if n is not None and n.id in statements), None)
        text, name = syntax.text(value), syntax.text(target)
        sign = syntax.data[target.end_byte : value.start_byte].decode().strip()
        if (
            owner is None
            or "\n" in text
            or sign not in ("=", ":=")
            or re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", text)
        ):
            continue
        if any(rewording.EFFECTS.search(n.type) for n, _ in walk(value)) or value.type in (
            "initializer_list",
            "array_initializer",
        ):
            continue
        again, whole = None, syntax.text(owner).rstrip()
        if "declar" not in owner.type and sign == "=":
            again = whole
        elif sign == ":=" and not name.startswith("_") and "," not in name:
            again = f"{name} = {text}"
        elif name in known and "const" in whole.split()[0] + owner.type and len(owner.named_children) <= 2:
            again = None
        if again is None and name in known and syntax.language != "Go" and whole.count(name) == 1 and "," not in whole:
            others = [v for v in known if v != name and len(v) > 1] or [function.name.split(".")[-1].split(":")[-1]]
            fresh = rewording.joined(name, others[len(text) % len(others)])
            again = (
                re.sub(rf"\b{re.escape(name)}\b", fresh, whole) if fresh not in taken and fresh.isidentifier() else None
            )
        edit = layout.insertion_after(syntax, owner, again) if again else None
        if edit is not None:
            yield (edit,)


@operator(KEY, "simple conditions: CWE-1121; double negation, ESLint no-extra-boolean-cast")
def condition_convoluted(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A condition says by two negations what it could say plainly."""
    no, both, either = layout.words(syntax.language)
    for one in layout.ifs(syntax, function.body):
        condition = layout.core(one.condition)
        if condition is None or "\n" in syntax.text(condition) or one.node.type == "unless":
            continue
        parts = next((b for b in layout.binaries(syntax, condition) if b.node.id == condition.id), None)
        sign = syntax.text(parts.operator) if parts is not None else ""
        if parts is not None and sign in (both, either):
            word = either if sign == both else both
            left, right = layout.negation(syntax, parts.left), layout.negation(syntax, parts.right)
            yield (replace(condition, f"{no}({left} {word} {right})"),)
        elif parts is not None and sign in layout.OPPOSITE:
            yield (replace(condition, f"{no}({layout.negation(syntax, condition)})"),)


@operator(KEY, "positive conditions first: ESLint no-negated-condition")
def branches_inverted(syntax: Syntax, function: Function) -> Iterator[Site]:
    """An if with an else tests the negative, so the reader has to turn it over."""
    for one in layout.ifs(syntax, function.body):
        condition = layout.core(one.condition)
        other = one.alternative
        if condition is None or other is None or layout.operand(condition) is not None or one.node.type == "unless":
            continue
        if other.type == "else_clause" or other.type == "else":
            inner = [c for c in other.named_children if c.type != "comment"]
            other = inner[0] if len(inner) == 1 and other.type == "else_clause" else None
        if (
            other is None
            or other.type != one.consequence.type
            or ("block" not in other.type and other.type != "compound_statement")
        ):
            continue
        if b"\n#" in syntax.data[one.node.start_byte : one.node.end_byte]:
            continue
        if (
            rewording.indent_of(syntax, one.consequence) == rewording.indent_of(syntax, other)
            or syntax.language == "Python"
        ):
            swapped = (replace(one.consequence, syntax.text(other)), replace(other, syntax.text(one.consequence)))
            yield (replace(condition, layout.negation(syntax, condition)), *swapped)


@operator(KEY, "return the condition itself: pylint R1703, PMD SimplifyBooleanReturns")
def return_expanded(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A condition is spelt out as two returns of true and false."""
    true, false = ("True", "False") if syntax.language == "Python" else ("true", "false")
    if syntax.language == "C" and "bool" not in function.signature:
        true, false = "1", "0"
    more, end = layout.step(syntax, function), layout.ending(syntax)
    for node, value in rewording.returned(syntax, function):
        text, indent = syntax.text(value), rewording.indent_of(syntax, node)
        parts = next((b for b in layout.binaries(syntax, value) if b.node.id == value.id), None)
        negated = layout.operand(value) is not None
        if "\n" in text or not (negated or (parts is not None and syntax.text(parts.operator) in _TRUTH)):
            continue
        back = "" if node.id == value.id else "return "
        yes, nay = f"{indent}{more}{back}{true}{end}", f"{back}{false}{end}"
        line = (
            f"\n{indent}" if ") {" not in (whole := syntax.text(function.node)) and re.search(r"\n\s*{", whole) else " "
        )
        if syntax.language == "Python":
            made = f"if {text}:\n{yes}\n{indent}else:\n{indent}{more}{nay}"
        elif syntax.language == "Ruby":
            made = f"if {text}\n{yes}\n{indent}else\n{indent}{more}{nay}\n{indent}end"
        else:
            test = text if syntax.language == "Go" else f"({text})"
            made = f"if {test}{line}{{\n{yes}\n{indent}}}{line}else{line}{{\n{indent}{more}{nay}\n{indent}}}"
        yield (replace(node, layout.written(syntax, made)),)


@operator(KEY, "inline temporary (Fowler); RuboCop Style/RedundantAssignment, PMD UnnecessaryLocalBeforeReturn")
def value_named_to_return(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A value is given a name only to be returned on the next line."""
    taken, end = scope.words_of(syntax, function), layout.ending(syntax)
    known = scope.variables(syntax, function)
    for node, value in rewording.returned(syntax, function):
        text, indent = syntax.text(value), rewording.indent_of(syntax, node)
        head = rewording.declaration(syntax, function)
        inner = any(rewording.NESTED.search(parent.type) for parent in rewording.parents(node, function.body))
        if (
            head is None
            or inner
            or value.type in ("identifier", "null", "nil", "none", "true", "false", "undefined", "expression_list")
        ):
            continue
        if "\n" in text or len(text) < 6 or value.type in ("string", "array", "initializer_list", "yield_expression"):
            continue
        words = [
            w for n in (function.name, *re.findall(r"[A-Za-z_]{3,}", text)) for w in reversed(rewording.name_words(n))
        ]
        name = next(
            (w for w in words if len(w) > 2 and w not in taken and w not in rewording.KEYWORDS and w not in known), None
        )
        if name is None:
            continue
        back = name if syntax.language == "Ruby" and node.id == value.id else f"return {name}{end}"
        yield (
            replace(
                node, layout.written(syntax, f"{head}{name} {rewording.assign(syntax)} {text}{end}\n{indent}{back}")
            ),
        )


@operator(KEY, "braces around every branch: CERT EXP19-C, Google Java style 4.1.1", BRACES)
def braces_dropped(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A branch has no braces, so the next line added to it falls outside."""
    places = [one.consequence for one in layout.ifs(syntax, function.body) if one.alternative is None]
    places += [
        match["body"][0] for match in syntax.matches("loops", function.body) if match["loop"][0].type != "do_statement"
    ]
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
        if "\n" not in syntax.text(inside[0]) and layout.owns_lines(
            syntax.data, inside[0].start_byte, inside[0].end_byte
        ):
            before = layout.line_start(syntax.data, place.start_byte)
            head = syntax.data[before : place.start_byte].decode()
            start = before + len(head.rstrip().encode()) if head.strip() else layout.break_before(syntax.data, before)
            line = layout.newline(syntax) + rewording.indent_of(syntax, inside[0]) + syntax.text(inside[0])
            yield (Edit(start, place.end_byte, line),)


@operator(KEY, "one statement a line: PEP 8 E702, RuboCop Style/Semicolon", ("Python", "Ruby", "Go", "JavaScript"))
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
