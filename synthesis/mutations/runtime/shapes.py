"""Calls, values and loops of eight languages as `runtime` asks about them: which cost, which only read, which end."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import layout, scope, slower, text

COMPILED = frozenset(("C", "C++", "Go", "Java", "C#"))
"""Languages whose compiler inlines small accessors, so that asking them again costs next to nothing."""

CALLS = frozenset(("call", "call_expression", "invocation_expression", "method_invocation"))
_MEMBERS = {
    "attribute": ("object", "attribute"), "member_expression": ("object", "property"),
    "field_expression": ("argument", "field"), "selector_expression": ("operand", "field"),
    "member_access_expression": ("expression", "name"),
}  # fmt: skip
_MAKES = frozenset(
    ("new_expression", "object_creation_expression", "implicit_object_creation_expression", "composite_literal")
)
_UNSTEADY = frozenset({
    "assignment_expression", "augmented_assignment_expression", "augmented_assignment", "update_expression", "yield",
    "await", "await_expression", "yield_expression", "postfix_unary_expression", "inc_statement", "assignment",
    "named_expression", "operator_assignment", "throw_expression", "declaration_expression", "receive_statement",
    "comment", "line_comment", "block_comment", "is_pattern_expression", "pointer_expression", "heredoc_beginning",
})  # fmt: skip
_READS = scope.kinds("""
    get find fetch query lookup look search parse format compute calculate calc count sum list render convert
    extract decode encode normalize normalise escape unescape sorted hash digest join split trim strip lower
    upper replace substr substring slice map filter select reject collect reduce inject flat flatten group
    partition zip min max strlen strcmp strncmp strcasecmp strncasecmp memcmp strstr strchr strrchr basename
    dirname extname exist exists has is can should contains includes starts ends startswith endswith matches
    match compare equal equals index last keys values entries items len length size name serialize stringify
    describe translate to from as repr str string int float tuple set dict abs floor ceil round sqrt pow any all
    first detect camelize underscore humanize pluralize singularize tokenize lowercase uppercase capitalize
    regexp regex compile pattern isinstance sprintf fields range enumerate gsub sub uniq compact tr chars lines
    bytes reverse reversed difference union intersection pluck where some every
""")
_NEVER = scope.kinds("""
    next pop shift take iterator iter cursor connection session transaction lock mutex alloc malloc strdup dup
    ref unref retain release token random rand uuid time now date tick seed input request response stream reader
    writer file socket errno error err ok ensure require assert check verify validate expect mock stub add
    remove set new state async await promise future task thread channel begin end tap tee cache hook use
""")
_CHEAP = scope.kinds("""
    len is size empty length has isinstance typeof sizeof unlikely likely get to_s to_sym nil? blank? present?
    bool str int count keys values items first last begin end Number String Boolean Array float char uint32
    uint64 int64 string byte rune data c_str id name type value freeze to_i to_a to_h class key? is_a?
    respond_to? kind_of? super frozen? defined Min Max Abs isArray GetType isInstance self abs min max list tuple
    static_cast
""")


@dataclass(frozen=True, slots=True)
class Call:
    """A call: `receiver` and `block` are None where it has none, `name` is the last part of what is called."""

    node: Node
    receiver: Node | None
    name: str
    arguments: tuple[Node, ...]
    block: Node | None = None


def call(syntax: Syntax, node: Node) -> Call | None:
    """What is called at `node`; None where it is no call by a name."""
    if node.type not in CALLS:
        return None
    listed = node.child_by_field_name("arguments")
    found = [n for n in listed.named_children if "comment" not in n.type] if listed is not None else []
    if listed is not None and listed.type == "generator_expression":
        found = [listed]
    arguments = tuple(n.named_children[0] if n.type == "argument" and n.named_child_count == 1 else n for n in found)
    method = node.child_by_field_name("method") or (
        node.child_by_field_name("name") if node.type == "method_invocation" else None
    )
    if method is not None:
        receiver = node.child_by_field_name("receiver") or node.child_by_field_name("object")
        return Call(node, receiver, syntax.text(method), arguments, node.child_by_field_name("block"))
    function = node.child_by_field_name("function")
    if function is None:
        return None
    fields = _MEMBERS.get(function.type)
    if fields is None:
        plain = re.fullmatch(r"[\w:.]+(?:<[^()]*>)?", syntax.text(function)) is not None
        return Call(node, None, syntax.text(function), arguments) if plain else None
    receiver, name = (function.child_by_field_name(field) for field in fields)
    return Call(node, receiver, syntax.text(name), arguments) if name is not None else None


def calls(syntax: Syntax, within: Node) -> Iterator[Call]:
    """Calls by a name at and below `within`, in the order of the text."""
    for node, _ in walk(within):
        if node.type in CALLS:
            made = call(syntax, node)
            if made is not None:
                yield made


def _words(name: str) -> list[str]:
    return text.callee_words(re.sub(r"<.*>", "", name))


def reads(syntax: Syntax, value: Node) -> bool:
    """Whether evaluating `value` only computes: every callee's words say that it looks up or converts."""
    if any(n.type in _UNSTEADY or n.type in _MAKES for n, _ in walk(value)):
        return False
    if syntax.language == "Ruby" and re.search(r"\$\W?\w", syntax.text(value)):
        return False
    if value.has_error or "&" in syntax.text(value).replace("&&", "").replace("&:", "").replace("&.", ""):
        return False
    named = {n.id for n, _ in walk(value) if n.type in CALLS}
    found = list(calls(syntax, value))
    return len(named) == len(found) and all(_only_reads(syntax.language, one) for one in found)


def _only_reads(language: str, one: Call) -> bool:
    words = _words(one.name)
    if language == "Ruby" and (one.name.endswith("!") or one.name == "new" or one.name[:1].isupper()):
        return False
    if language in ("Python", "JavaScript", "Ruby") and one.name[:1].isupper():
        return False
    if words[:1] == ["get"] and len(one.arguments) > 2 and language != "Python":
        return False
    if language == "Ruby" and not one.arguments and one.block is None:
        return not slower.acts(words) and not _NEVER & set(words[-1:])
    plain = one.name in ("set", "dict", "list") and one.receiver is None
    if plain and not one.arguments:
        return False
    if not words or (not plain and (slower.acts(words) or _NEVER & set(words))):
        return False
    if language == "C":
        return bool(_READS & set(words)) and words[-1] != "get" and not {"parse", "build", "list"} & set(words)
    return words[0] in _READS


def costs(syntax: Syntax, value: Node, *, accessors: bool = False) -> bool:
    """Whether `value` makes a call that does more than hand out what is already there.

    Args:
        syntax: the parsed text.
        value: an expression.
        accessors: whether a method that takes nothing counts (`a.total()`), which a compiler may inline.
    """
    for one in calls(syntax, value):
        words = _words(one.name)
        cheap = one.name in _CHEAP or (words[:1] in (["is"], ["has"]) and not one.arguments) or not words
        plain = not one.arguments and one.block is None
        accessor = plain and (words[:1] in (["get"], ["as"]) or syntax.language in COMPILED or not _tells(words))
        if not cheap and (accessors or not accessor) and not (words[0] in ("to", "as", "strlcpy") and plain):
            return True
    return False


def _tells(words: list[str]) -> bool:
    """Whether a callee without arguments says that it walks over or converts something."""
    return bool(words) and words[0] in _READS - _CHEAP and words[0] not in ("get", "is", "has", "as", "to")


def names(syntax: Syntax, node: Node) -> set[str]:
    """Variables below `node`, the ones that only lead to a member included, names of called functions left out."""
    callees = (n.child_by_field_name("function") for n, _ in walk(node))
    called = {n.start_byte for n in callees if n is not None and n.type == "identifier"}
    found = {syntax.text(n) for n in text.variables(syntax, node) if n.start_byte not in called}
    return found - {"self", "this", "cls", "true", "false", "nil"}


def steady(syntax: Syntax, value: Node, region: Node) -> bool:
    """Whether nothing that `value` reads is set or changed in `region`."""
    changed = text.assigned(syntax, region)
    members = re.findall(r"[.@>](\w+)", syntax.text(value))
    return names(syntax, value).isdisjoint(changed) and not any(m in changed for m in members)


def only_computes(syntax: Syntax, node: Node, local: frozenset[str] = frozenset()) -> bool:
    """Whether running `node` changes nothing but the locals that it declares itself.

    Args:
        syntax: the parsed text.
        node: a statement or block.
        local: names that it may set.
    """
    declared = {syntax.text(n) for n in syntax.nodes("locals", "local", node)} | local
    for target in syntax.nodes("assignments", "target", node):
        if not set(re.findall(r"[A-Za-z_]\w*", syntax.text(target))) <= declared | {"const", "int", "auto"}:
            return False
    if any(
        re.search(r"await|yield|delete|throw|raise|goto|go_statement|defer|send_stat", n.type) for n, _ in walk(node)
    ):
        return False
    if any(n.type in _MAKES for n, _ in walk(node)) or re.search(r"\+\+|--|<<=?|[^=!<>]=&", syntax.text(node)):
        return False
    return all(_only_reads(syntax.language, one) for one in calls(syntax, node))


def occurrences(syntax: Syntax, within: Node, name: str) -> list[Node]:
    """Every leaf below `within` that is written `name`, whatever it stands for."""
    return [n for n, _ in walk(within) if n.child_count == 0 and syntax.text(n) == name]


def free(syntax: Syntax, function: Function, *wanted: str) -> str | None:
    """The first of `wanted` that is no word of the function yet."""
    taken = scope.words_of(syntax, function)
    return next((name for name in wanted if name not in taken), None)


def statement_of(node: Node) -> Node | None:
    """The statement around `node` that stands in a block; None where there is none."""
    found: Node | None = node
    while found is not None and (found.parent is None or found.parent.type not in text.BLOCKS):
        found = found.parent
    return found


def following(node: Node) -> Node | None:
    """The statement after `node` in its block, comments left out."""
    found = node.next_named_sibling
    while found is not None and "comment" in found.type:
        found = found.next_named_sibling
    return found


def result_type(syntax: Syntax, function: Function) -> str:
    """The declared type of what the function returns; empty where none is written."""
    node = function.node
    found = node.child_by_field_name("result" if syntax.language == "Go" else "type")
    if found is None and syntax.language == "C#":
        found = node.child_by_field_name("returns")
    written = syntax.text(found) if found is not None else ""
    declarator = node.child_by_field_name("declarator")
    if declarator is not None and syntax.text(declarator).startswith(("*", "&")):
        return f"{written} *" if declarator.type == "pointer_declarator" else ""
    return written


def declared(syntax: Syntax, name: str, value: str, kind: str) -> str:
    """A statement that makes the local `name` with `value`, as the language writes it.

    Args:
        syntax: the parsed text.
        name: of the local.
        value: source of its first value.
        kind: its type, for a language that names it.
    """
    end = layout.ending(syntax)
    if syntax.language in ("Python", "Ruby"):
        return f"{name} = {value}"
    if syntax.language == "Go":
        return f"{name} := {value}"
    if syntax.language == "JavaScript":
        word = "var" if re.search(r"\bvar\s", syntax.text(syntax.root)) else "let"
        return f"{word} {name} = {value}{end}"
    return f"{kind}{'' if kind.endswith('*') else ' '}{name} = {value};"
