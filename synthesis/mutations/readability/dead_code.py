"""Dead code: statements that nothing needs."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import effects, layout, scope
from synthesis.mutations.operator import Site, operator
from synthesis.mutations.readability import blocks, rewording, wording

KEY = "readability_maintainability"
_COMPOUND = re.compile(r"if|for|while|switch|do_|try|with|enhanced_for|using|lock|unless|until|case")
_GOES_ON = scope.kinds(
    "expression_statement assignment_statement inc_statement dec_statement for_in_statement enhanced_for_statement "
    "foreach_statement"
)


@operator(KEY, "CWE-563 assignment without use; pylint W0612, Sonar S1854", (), "2", family="dead_code")
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
            or _COMPOUND.match(owner.type)
            or (syntax.language == "Java" and "constructor" in function.node.type and name not in known)
            or "\n" in text
            or sign not in ("=", ":=")
            or not _plain_target(syntax, target)
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
            words = [*wording.name_words(name), *wording.name_words(others[len(text) % len(others)])[-1:]]
            fresh = wording.cased(syntax, function, words)
            usable = fresh not in taken and fresh.isidentifier()
            again = re.sub(rf"\b{re.escape(name)}\b", fresh, whole) if usable else None
        edit = layout.insertion_after(syntax, owner, again) if again else None
        if edit is not None:
            yield (edit,)


def _plain_target(syntax: Syntax, target: Node) -> bool:
    """Whether storing twice is storing once: a variable, or a field where no setter can stand behind it."""
    name = syntax.text(target).lstrip("* ")
    if re.fullmatch(r"@?[^\W\d]\w*", name):
        property_like = syntax.language == "C#" and name[0].isupper()
        return not syntax.text(target).startswith("*") and not property_like
    return syntax.language in ("Java", "Go", "C", "C++") and re.fullmatch(r"\w+((\.|->)\w+)+", name) is not None


@operator(KEY, "CWE-561 dead code: a condition that is never true there, CWE-570", family="dead_code", blatant=True)
def guard_repeated(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A guard stands twice: the second can never hold, since the first has left."""
    for one, rest, condition in rewording.guards(syntax, function):
        text = syntax.text(one.node)
        if wording.effects(condition) or text.count("\n") > 4 or rest[0].type == one.node.type:
            continue
        if one.node.child_by_field_name("initializer") is not None or re.search(r"errno|volatile", text):
            continue
        edit = layout.insertion_after(syntax, one.node, text)
        if edit is not None:
            yield (edit,)


@operator(
    KEY,
    "CWE-561 dead code: redundant jump, Sonar S3626, pylint R1711, clang-tidy readability-redundant-control-flow",
    ("C", "C++", "C#", "Go", "Java", "JavaScript", "Python"),
    family="dead_code",
)
def needless_jump(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A jump leads where the code goes anyway."""
    end = layout.ending(syntax)
    places = [(match["body"][0], "continue" + end) for match in syntax.matches("loops", function.body)]
    leave = effects.bare_return(syntax, function)
    if leave and not blocks.holds(function.node, "arrow_function", "lambda", "constructor"):
        places.append((function.body, leave))
    for block, jump in places:
        runs = [r for r in layout.sequences(syntax, block) if blocks.direct(r[0], block)]
        last = runs[0][-1] if runs else None
        if (
            last is None
            or last.type not in _GOES_ON
            or re.search(r"\b(panic|exit|abort|fail|throw)", syntax.text(last))
        ):
            continue
        tail = syntax.data[layout.line_end(syntax.data, last.end_byte) : block.end_byte]
        edit = layout.insertion_after(syntax, last, jump)
        if edit is not None and tail.strip() in (b"", b"}") and len(runs[0]) > 1:
            yield (edit,)
