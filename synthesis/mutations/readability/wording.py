"""How a language and a function write names, conditions and blocks: what new code must look like to fit in."""

import re

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import layout, scope
from synthesis.mutations.scope import Variable

_NUMBER_WORDS = scope.kinds("count size len length num index idx total offset width height depth pos position number")
_FLAG_WORDS = scope.kinds("is has use should can was are needs enabled found done ok valid flag")
_ACCESS = scope.kinds(
    "attribute member_expression field_expression selector_expression member_access_expression method_invocation "
    "field_access"
)
_LISTS = scope.kinds("list array list_comprehension array_initializer initializer_list array_creation_expression")
_FLOATS = re.compile(r"\b(float|double|float32|float64|Float|Double|NaN|nan|real)\b|\d\.\d")
_SIZES = re.compile(r"^(len\(.*\)|.*\.(length|size|count|Length|Count|length\(\)|size\(\)))$", re.DOTALL)
_PREDICATES = {
    "JavaScript": r"(\.(includes|startsWith|endsWith|has|test|hasOwnProperty|isArray|every|some|isInteger)|isNaN)$",
    "Python": r"^(isinstance|issubclass|callable|hasattr|any|all)$"
    r"|\.(startswith|endswith|isdigit|isalpha|isspace|isupper|islower|is_file|is_dir|exists|isfile|isdir|issubset)$",
    "Ruby": r"\.(nil|empty|include|key|has_key|is_a|kind_of|respond_to|any|all|none|start_with|end_with|file"
    r"|directory|exist|match|zero|frozen|instance_of|even|odd)\?$",
    "C++": r"(\.|->)(empty|starts_with|ends_with|is_open|has_value)$",
}
EFFECT = re.compile(
    r"call|invocation|creation|await|yield|new_expression|update_expression|assignment|lambda|function|inc_|dec_|"
    r"postfix|receive"
)
"""Nodes whose evaluation may change something."""
_CODE = re.compile(
    r"^(?:[\w.:>\-\[\]*&$@ ]+(?:\(.*\)|\s[-+*/|]?=\s\S.*|\+\+|--);|(?:if|for|while|switch|foreach)\s*\(.*\)\s*\{"
    r"|\}(?: else \{)?"
    r"|(?:return|throw|var|let|const)\b.*;|(?:break|continue);)$"
)
_SCRIPT = re.compile(
    r"^(?:[a-z_@][\w.\[\]'\"@]* [-+*/|]?= \S.*|[a-z_]\w*(?:\.\w+)*\(.*\)|(?:return|raise|yield) [\w.]+\(.*\)"
    r"|puts [\w.\"'].*"
    r"|(?:if|for|while|elif) [^ ]+ ?(?:in|==|is|!=|<|>)? ?\S*:|[\w.]+ := \S.*|fmt\.\w+\(.*\))$"
)
_RESULTS = ("result", "ret", "res", "value", "output", "answer", "rv")
_JUDGED = frozenset(("==", "!=", "===", "!==", "<", "<=", ">", ">=", "in", "not in", "is", "is not", "instanceof"))


def name_words(name: str) -> list[str]:
    """The words of a name, lower case; digits are left out."""
    return [w.lower() for w in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]


def snake(syntax: Syntax, function: Function) -> bool:
    """Whether names of several words are written with underscores here: by the language, in C and C++ by the code."""
    if syntax.language in ("Python", "Ruby"):
        return True
    if syntax.language not in ("C", "C++"):
        return False
    text = syntax.text(function.node)
    return len(re.findall(r"\b[a-z]+_[a-z_]+\b", text)) >= len(re.findall(r"\b[a-z]+[A-Z]\w*\b", text))


def cased(syntax: Syntax, function: Function, words: list[str]) -> str:
    """One name of several words, in the case of the code around it."""
    if snake(syntax, function):
        return "_".join(words)
    return words[0] + "".join(w.capitalize() for w in words[1:]) if words else ""


def kind_of(syntax: Syntax, function: Function, variable: Variable) -> str:
    """What a local holds as far as the text shows: `number`, `list`, `text`, `object`; empty where unsure."""
    words = name_words(variable.name)
    if not words or words[0] in _FLAG_WORDS or words[-1] in _FLAG_WORDS or len(variable.name) < 3:
        return ""
    values = [
        match["value"][0]
        for match in syntax.matches("assignments", function.body)
        if match["target"][0].start_byte in {use.start_byte for use in variable.uses}
    ]
    first = values[0] if values else None
    while first is not None and first.type == "expression_list" and first.named_child_count == 1:
        first = first.named_children[0]
    kind = first.type if first is not None else ""
    if words[-1] in _NUMBER_WORDS:
        return "number"
    if kind in _LISTS:
        return "list"
    if kind in ("string", "string_literal", "interpreted_string_literal", "template_string"):
        return "text"
    reached = any(
        use.parent is not None and use.parent.type in _ACCESS and use.parent.start_byte == use.start_byte
        for use in variable.uses[1:]
    )
    return (
        "object"
        if reached
        and kind
        in (
            "new_expression",
            "object_creation_expression",
            "call_expression",
            "call",
            "invocation_expression",
            "method_invocation",
        )
        else ""
    )


def predicate(syntax: Syntax, function: Function, node: Node) -> bool:
    """Whether an expression is certainly true or false and nothing else."""
    if syntax.language in ("Java", "Go"):
        return True
    for one in layout.binaries(syntax, node):
        if one.node.id == node.id:
            return syntax.language != "C" and syntax.text(one.operator) in _JUDGED and _plain_sign(syntax, one)
    if syntax.language in ("C", "C++", "C#") and node.type == "identifier":
        known = scope.variables(syntax, function).get(syntax.text(node))
        return known is not None and known.type in ("bool", "Boolean", "const bool")
    if layout.operand(node) is not None:
        return syntax.language in ("Python", "JavaScript", "Ruby", "C#", "C++")
    if syntax.language == "C#":
        return (
            node.type == "invocation_expression"
            and re.search(
                r"\.(Contains|ContainsKey|StartsWith|EndsWith|Any|All|Equals|IsNullOrEmpty|IsNullOrWhiteSpace|TryGetValue"
                r"|IsMatch|Exists)(<[^<>]*>)?\(",
                syntax.text(node),
            )
            is not None
            and "?." not in syntax.text(node)
        )
    callee = re.split(r"\((?!.*\()", syntax.text(node), maxsplit=1)[0] if node.type != "call" else _callee(syntax, node)
    known_calls = _PREDICATES.get(syntax.language)
    return bool(known_calls and "call" in node.type and "?." not in callee and re.search(known_calls, callee))


def _plain_sign(syntax: Syntax, one: layout.Binary) -> bool:
    """Ruby's `<` on classes answers nil too, and Python's comparisons are chained."""
    if syntax.language == "Ruby":
        return syntax.text(one.operator) in ("==", "!=")
    return one.node.child_count == 3


def _callee(syntax: Syntax, node: Node) -> str:
    arguments = node.child_by_field_name("arguments")
    end = arguments.start_byte if arguments is not None else node.end_byte
    return syntax.data[node.start_byte : end].decode("utf-8", "replace").strip()


def reversible(syntax: Syntax, function: Function, condition: Node) -> bool:
    """Whether turning every ordering of a condition round gives its exact opposite: no NaN, no undefined, no sets."""
    floats = _FLOATS.search(syntax.text(function.node)) is not None
    for one in layout.binaries(syntax, condition):
        if syntax.text(one.operator) not in ("<", "<=", ">", ">="):
            continue
        sides = (one.left, one.right)
        whole = [_SIZES.match(syntax.text(s)) is not None for s in sides]
        literal = [re.fullmatch(r"-?\d+", syntax.text(s)) is not None for s in sides]
        if one.node.child_count > 3 or (floats and syntax.language != "JavaScript" and not any(whole)):
            return False
        if syntax.language in scope.STATIC:
            continue
        if not all(w or number for w, number in zip(whole, literal, strict=True)) and not (
            syntax.language != "JavaScript" and any(literal)
        ):
            return False
    return True


def opposite(syntax: Syntax, function: Function, condition: Node) -> str:
    """The exact opposite of a condition: orderings are turned only where that is the same."""
    if reversible(syntax, function, condition) or layout.operand(condition) is not None:
        return layout.negation(syntax, condition)
    no, both, either = layout.words(syntax.language)
    for one in layout.binaries(syntax, condition):
        if one.node.id == condition.id and syntax.text(one.operator) in ("<", "<=", ">", ">=", both, either):
            return f"{no}({syntax.text(condition)})"
    return layout.negation(syntax, condition)


def effects(node: Node) -> bool:
    """Whether evaluating a node may change something: it holds a call, an assignment, or the like."""
    return any(EFFECT.search(n.type) for n, _ in walk(node))


def sequenced(node: Node) -> bool:
    """Whether a node waits, yields or throws, so that it can't stand just anywhere in an expression."""
    return any(n.type in ("await", "await_expression", "yield", "yield_expression", "lambda") for n, _ in walk(node))


def fresh(syntax: Syntax, function: Function) -> str:
    """A name for a result that the function does not use yet."""
    taken = scope.words_of(syntax, function)
    start = len(function.name) + len(function.signature)
    return next(
        (w for i in range(len(_RESULTS)) if (w := _RESULTS[(start + i) % len(_RESULTS)]) not in taken), "outcome"
    )


def is_code(syntax: Syntax, line: str) -> bool:
    """Whether a comment's line, its marks taken off, reads as a statement of the language."""
    return (_SCRIPT if syntax.language in ("Python", "Ruby", "Go") else _CODE).match(line) is not None
