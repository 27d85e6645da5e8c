"""Where things stand in a function, for the operators of memory: matches outside of quotes, loops, locals and types."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax
from synthesis.mutations import scope, text
from synthesis.mutations.operator import Edit

CRITERION = "memory_efficiency"
_CHANGES = (
    r"\b{0}\s*(?:\.|->)\s*(?:append|appendleft|add|Add|push|unshift|shift|spli"
    r"ce|pop|insert|extend|remove|discard|clear|delete|put|set"
    r"|Remove|Insert|Clear|update|popitem|setdefault|sort|reverse|concat|merge|erase|emplace|resize)\w*!?\s*[( ]"
    r"|\bdel {0}\b|\bdelete {0}\b|\b{0}\[[^\]\n]*\](?:\.\w+)* ?[-+*/|&]?=("
    r"?!=)|\b{0} <<|\b{0}\.\w+!|\b{0} ?[-+*/|&]?=(?![=~>])"
)


def found(syntax: Syntax, function: Function, pattern: str, *, whole: bool = False) -> Iterator[re.Match[bytes]]:
    """Matches in the function's body that begin outside of comments, documentation and texts.

    Args:
        syntax: the parsed text; offsets of the matches are its own.
        function: where to look.
        pattern: of a regular expression, over bytes.
        whole: whether to look at the head of the function too.
    """
    quiet = []
    for concept, capture in (("comments", "comment"), ("docstrings", "docstring"), ("strings", "string")):
        quiet += [(n.start_byte, n.end_byte) for n in syntax.nodes(concept, capture, function.node)]
    outer = function.node if whole else function.body
    start = syntax.data.rfind(b"\n", 0, outer.start_byte) + 1
    start = start if not syntax.data[start : outer.start_byte].strip() else outer.start_byte
    for match in re.compile(pattern.encode()).finditer(syntax.data, start, outer.end_byte):
        at = match.start()
        if not any(a < at < b or (a == at and match.end() <= b) for a, b in quiet):
            yield match


def part(match: re.Match[bytes], group: int = 0) -> str:
    """Text of a group; empty where it took no part."""
    return (match[group] or b"").decode("utf-8", "replace")


def swapped(match: re.Match[bytes], replacement: str) -> Edit:
    """The match's text replaced by a template of its groups."""
    return Edit(match.start(), match.end(), match.expand(replacement.encode()).decode("utf-8", "replace"))


def source(syntax: Syntax, start: int, end: int) -> str:
    """Text between two offsets."""
    return syntax.data[start:end].decode("utf-8", "replace")


def body_text(syntax: Syntax, function: Function) -> str:
    """Text of the function's body."""
    return syntax.text(function.body)


def changes(code: str, name: str) -> bool:
    """Whether `code` sets the name, or adds to, takes from or reorders the container behind it."""
    return re.search(_CHANGES.replace("{0}", re.escape(name)), code) is not None


def mentions(code: str, name: str) -> int:
    """How often the name stands in `code` as a word of its own, members of the same name not counted."""
    return len(re.findall(rf"(?<![\w.@$]){re.escape(name)}(?![\w$])", code))


def made(syntax: Syntax, function: Function) -> dict[str, str]:
    """Locals of the function by name, with the source of the value that each is first given."""
    bindings = text.bindings(syntax, function.body)
    values = {b.name: syntax.text(b.value) for b in reversed(bindings)}
    if syntax.language == "JavaScript":  # one declaration of several names is no binding of its own
        several = r"(?:\b(?:var|let)|,)\s*(\w+) = (\[\s*\]|\{\s*\}|(?:new )?Array\(\w+\))(?=\s*[,;\n])"
        for match in found(syntax, function, several):
            values.setdefault(part(match, 1), part(match, 2))
    return values


def types(syntax: Syntax, function: Function) -> dict[str, str]:
    """Parameters and locals of the function with their declared types; empty where the text shows none."""
    return {name: variable.type for name, variable in scope.variables(syntax, function).items()}


def loop_around(syntax: Syntax, function: Function, position: int) -> Node | None:
    """The innermost loop whose body holds the byte `position`."""
    around = [x for x in text.loops(syntax, function.body) if x.body.start_byte <= position < x.body.end_byte]
    return max(around, key=lambda x: x.body.start_byte).node if around else None


def stands_alone(node: Node) -> bool:
    """Whether an expression can become a comparison without brackets around it."""
    parent = node.parent
    kinds = (
        "parenthesized_expression", "return_statement", "variable_declarator", "init_declarator", "arguments",
        "argument_list", "argument", "expression_list", "assignment", "assignment_expression", "statement_block",
        "body_statement", "arrow_function", "lambda_expression",
        "then", "return", "arrow_expression_clause", "equals_value_clause",
    )  # fmt: skip
    if parent is None:
        return False
    return parent.type in kinds or parent.child_by_field_name("condition") == node


def grouped(node: Node, code: str) -> str:
    """`code`, a comparison, as it can stand in the place of `node`."""
    return code if stands_alone(node) else f"({code})"


def is_fresh(value: str) -> bool:
    """Whether an expression makes a container or text that nobody else holds: a literal, or a new one."""
    literal = re.match(r"[\[{'\"`]|\+['\"]|f['\"]", value) is not None
    calls = r"(?:list|dict|set|sorted|bytearray|Array|Hash|String|Set)(?:\.new)?\b|new (?:Array|List|Map|Set)\b"
    return literal or re.match(calls, value) is not None


def aliased(code: str, name: str) -> bool:
    """Whether a second name or a container may come to hold what `name` holds: it is assigned, stored or passed on."""
    plain = re.sub(
        r"\b(?:len|sorted|str|list|set|tuple|sum|any|all|min|max|enumerate|join|print)\(\s*\w+\s*[,)]", "", code
    )
    word = rf"{re.escape(name)}(?![\w$])"
    return re.search(rf"(?:[^=!<>]=|=>|[(,\[{{:]|\byield\b)\s*{word}\s*(?:[,)\]}};]|\n|$)", plain) is not None


def before(syntax: Syntax, function: Function, node: Node) -> str:
    """The body up to the end of `node`, or of the outermost loop around it: what may run before it does."""
    end = node.end_byte
    for loop in text.loops(syntax, function.body):
        if loop.node.start_byte <= node.start_byte and node.end_byte <= loop.node.end_byte:
            end = max(end, loop.node.end_byte)
    return source(syntax, function.body.start_byte, end)


def is_trial(function: Function) -> bool:
    """Whether the function is a test or a benchmark by its name: what it holds for a moment matters to nobody."""
    head = function.signature.split("{")[0]
    return re.search(r"(?i)test|bench|example|mock|fixture|set_?up\b|\bassert", f"{function.name} {head}") is not None


def nested(function: Function, node: Node) -> bool:
    """Whether `node` stands in a function inside the function."""
    kinds = ("function_definition", "lambda", "function_expression", "arrow_function", "function_declaration", "method")
    outer = node.parent
    while outer is not None and outer.id not in (function.body.id, function.node.id):
        if outer.type in kinds:
            return True
        outer = outer.parent
    return False
