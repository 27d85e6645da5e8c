"""Operators that hold values in more bytes than they need: boxes, wider elements, more room, copies of constants."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import text
from synthesis.mutations.memory.places import CRITERION, body_text, found, is_trial, part, source, swapped
from synthesis.mutations.operator import Edit, Site, operator

FAMILY = "sizes"
_C_WIDER = (
    (
        (
            r"(?m)^([ \t]+(?:static )?(?:const )?)(?:unsigned )?(?:short|int|u"
            r"?int8_t|u?int16_t|u?int32_t) (\w+)(?=\[[^\n;]*;)"
        ),
        r"\1long \2",
    ),
    (r"(?m)^([ \t]+(?:static )?(?:const )?)float (\w+)(?=\[[^\n;]*;)", r"\1double \2"),
)
_WIDER = {
    "C": _C_WIDER,
    "C++": (*_C_WIDER, (r"\bstd::vector<bool> (\w+)(?=[;(])", r"std::vector<int> \1")),
    "Go": (
        (r"(?<=:= )make\((map\[\w+\])struct\{\}", r"make(\1interface{}"),
    ),
    "Python": ((r"(\bnp\.(?:zeros|ones|empty)\([^\n]*dtype=)np\.(?:float32|float16)\b", r"\1np.float64"),),
    "JavaScript": (
        ((r"\bnew (?:Uint8|Int8|Uint16|Int16|Int32|Uint32|Float32)Arra"
r"y\((\w*(?:size|length|len|count)\w*|\d+)\)"), r"new Array(\1).fill(0)"),
    ),
}  # fmt: skip


@operator(CRITERION, "an element type wider than its values", version="2", family=FAMILY)
def type_widened(syntax: Syntax, function: Function) -> Iterator[Site]:
    """An array's elements take more bytes than their values need."""
    code = body_text(syntax, function)
    for pattern, replacement in _WIDER.get(syntax.language, ()):
        for match in found(syntax, function, pattern):
            line = source(syntax, match.start(), match.start() + 200).split(";")[0]
            few = not re.search(r"\[(?:\d{3,}|[3-9]\d|\w*(?:SIZE|MAX|LEN|BUF|size|len)\w*)|vector", line)
            if syntax.language in ("C", "C++") and (few or not _indexed_only(syntax, code, match)):
                continue
            yield (swapped(match, replacement),)


def _indexed_only(syntax: Syntax, code: str, match: re.Match[bytes]) -> bool:
    """Whether a C array is used by single elements alone: one that is handed on has the type that its taker wants."""
    name = part(match, match.re.groups)
    line = source(syntax, match.end(), match.end() + 200).split(";")[0]
    if syntax.language == "C++" and "vector" in part(match):
        methods = re.search(rf"\b{name}\.(?!size|push_back|at|empty|resize)\w+", code)
        return methods is None and not re.search(rf"\b{name}\b(?!\s*[.\[(;])", code)
    address = re.search(rf"&{name}\b|sizeof|\b{name}\[[^\]]+\]\[", code)
    several = "," in re.sub(r"\{.*", "", line)
    return not address and not several and re.search(rf"\b{name}\b(?!\s*\[)", code) is None


_BOXES = {"int": "Integer", "long": "Long", "double": "Double"}
_VALUES = {
    "int": r"-?\d+|[\w.]+\.length|[\w.]+\.(?:size|length)\(\)|[\w.]+\.indexOf\([^()\n]*\)",
    "long": (r"-?\d+[lL]|System\.(?:nanoTime|curr"
r"entTimeMillis)\(\)"), "double": r"-?\d*\.\d+|-?\d+[dD]",
}  # fmt: skip


@operator(
    CRITERION,
    "Effective Java item 61: primitive types are preferred to boxed ones",
    ("Java",),
    version="2",
    family=FAMILY,
)
def value_boxed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A number that changes is kept as an object of its own, made anew by every change."""
    code = body_text(syntax, function)
    if is_trial(function):
        return
    for match in found(syntax, function, r"(?:(?<=[ \t])|(?<=for \())(int|long|double) (\w+) = ([^;,\n]+);"):
        kind, name = part(match, 1), part(match, 2)
        if not re.fullmatch(_VALUES[kind], part(match, 3).strip()) or len(re.findall(rf"\b{kind} {name}\b", code)) != 1:
            continue
        if _boxes_well(code, kind, name) and not re.search(r"(?i)depth|level|indent|ptr", name):
            yield (Edit(match.start(1), match.end(1), _BOXES[kind]),)


def _boxes_well(code: str, kind: str, name: str) -> bool:
    """Whether every use of a local compiles and means the same with a box, and some use makes a new one."""
    word = rf"(?<![\w.]){name}\b"
    refused = (
        rf"\.remove\({name}\)|\((?:byte|char|short|float)\) ?\(?{name}\b|[!"
        rf"=]= ?{name}\b|{word} [!=]= (?!-?\d|null)|{word}\."
        rf"|\? ?{name}\b|: ?{name}\b|{word}(?:<<|>>|[-*/%&|^])=|[!~]{name}\b(?= \?)|switch ?\({name}\)"
    )
    if re.search(refused, code):
        return False
    sets = re.findall(rf"{word} ?(\+?=)(?!=) ?([^;]+);", code)
    plain = {*re.findall(rf"\b{kind} (\w+)", code)}
    fits = all(re.fullmatch(_VALUES[kind], value.strip()) or value.strip() in plain for _, value in sets)
    if any(sign == "+=" for sign, _ in sets) and kind not in ("int", "long"):
        return False
    changed = re.search(rf"{word}(?:\+\+|--)|(?:\+\+|--){name}\b|{word} \+=", code) is not None
    few = re.search(rf"{word} <=? ?\d{{1,3}}\b|\bfinal {kind} {name}\b", code)  # small numbers are boxed once, for all
    return fits and changed and not few and re.search(r"\b(?:for|while) \(", code) is not None


@operator(
    CRITERION, "SpotBugs DM_STRING_CTOR, DM_NUMBER_CTOR: an object for what is there already", ("Java",), family=FAMILY
)
def constant_copied(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A constant that the runtime shares is made into an object of its own by each call."""
    forms = (
        (r"(\bString \w+ = |\breturn )(\"[^\"\n]*\")(?=;)", r"\1new String(\2)"),
        (r"\b(Integer|Long|Double|Character|Boolean|Short|Byte)\.valueOf\((\w+)\)", r"new \1(\2)"),
        (r"\bBoolean\.(TRUE|FALSE)\b(?=[;,)])", ""),
        (r"(?<=return )Collections\.empty(?:List|Set)\(\)", "new ArrayList<>()"),
        (r"(?<=return )Collections\.emptyMap\(\)", "new HashMap<>()"),
    )
    code = body_text(syntax, function)
    for pattern, replacement in forms:
        for match in found(syntax, function, pattern):
            line = source(syntax, syntax.data.rfind(b"\n", 0, match.start()) + 1, match.start())
            if "new String" in replacement and re.search(r"[!=]= ?\"|\bfinal\b", code + line):
                continue
            if "emptySet" in part(match):
                replacement_now = "new HashSet<>()"
            elif "Boolean" in part(match) and not replacement:
                replacement_now = f"new Boolean({part(match, 1).lower()})"
            else:
                replacement_now = replacement
            yield (swapped(match, replacement_now),)


_TEXT_MADE = frozenset(["format", "join", "substring", "toLowerCase", "toUpperCase", "replaceAll"])
_TAKES_TEXT = frozenset(["return_statement", "variable_declarator", "argument_list", "assignment_expression"])
_RARE = (
    r"(?i)\b(?:throw|assert\w*|fail|println?|printf|require\w*|check\w*)\b"
    r"|\blog\w*\.|\.(?:debug|info|warn|error|trace)\("
)


@operator(CRITERION, "SpotBugs DM_STRING_CTOR: new String copies a text that is new anyway", ("Java",), family=FAMILY)
def new_text_copied(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A text that was just made is copied into a second one."""
    if is_trial(function):
        return
    for node, _ in walk(function.body):
        parent = node.parent
        code = syntax.text(node)
        if parent is None or parent.type not in _TAKES_TEXT or "\n" in code or not _makes_text(syntax, node):
            continue
        start = text.line_start(syntax, node.start_byte)
        line = source(syntax, syntax.data.rfind(b";", 0, node.start_byte) + 1, node.start_byte)
        of_exception = re.search(r"\bnew \w*(?:Exception|Error)\(", line)
        if not of_exception and not re.search(_RARE, line + source(syntax, start, node.start_byte)):
            yield (Edit(node.start_byte, node.end_byte, f"new String({code})"),)


def _makes_text(syntax: Syntax, node: Node) -> bool:
    """Whether a Java expression certainly gives a text that nobody else holds."""
    if node.type == "binary_expression":
        sides = [node.child_by_field_name(x) for x in ("left", "right")]
        kinds = {n.type for n, _ in walk(node)}
        joined = any(n is not None and n.type == "string_literal" for n in sides)
        return joined and bool(kinds & {"identifier", "method_invocation"}) and node.children[1].type == "+"
    name, receiver = (node.child_by_field_name(x) for x in ("name", "object"))
    if node.type != "method_invocation" or name is None or receiver is None or syntax.text(name) not in _TEXT_MADE:
        return False
    given = syntax.text(receiver)
    static = syntax.text(name) in ("format", "join")
    return given == "String" if static else not given[0].isupper()


_INFLATED = {
    "C": (
        (r"(?m)^([ \t]+char \w+\[)(\d{2,4})\](?=;)", r"\1\g<2>0]"),
        (r"(?m)^([ \t]+(?:unsigned )?char (\w+)\[)([A-Z_]+)\](?=;)", r"\1\3 * 16]"),
        (r"(?<== )((?:z|s_|x|g_|ngx_)?malloc)\(((?:[^()\n]|\((?:[^()\n]|\([^()\n]*\))*\))+)\)", r"\1(2 * (\2))"),
        (r"(?<== )(z?calloc)\(([\w>.-]+), ?(?=s)", r"\1(\2 * 2, "),
        (r"(?<== )((?:z|s_|x)?realloc)\(([\w>.-]+), ?((?:[^()\n]|\([^()\n]*\))+)\)", r"\1(\2, 2 * (\3))"),
    ),
    "C++": (
        (r"(?m)^([ \t]+char \w+\[)(\d{2,4})\](?=;)", r"\1\g<2>0]"),
        (r"\bnew (char|uint8_t|unsigned char)\[([\w.>()+ -]+)\]", r"new \1[2 * (\2)]"),
        (r"(\.reserve)\(([\w.>()+ -]+)\)(?=;)", r"\1(4 * (\2))"),
    ),
    "Go": (
        (r"\bmake\((\[\]\w+), 0, ([\w.()]+)\)", r"make(\1, 0, 4*\2)"),
        (r"\bmake\((map\[\w+\][\w.]+)\)", r"make(\1, 1024)"),
        (r"\bmake\((chan [\w.]+), (\d{2,})\)", r"make(\1, \g<2>0)"),
    ),
    "Java": (
        (r"\bnew (StringBuilder|StringBuffer)\(\)", r"new \1(8192)"),
        (r"\bnew (ArrayList|HashMap|HashSet|LinkedHashMap|LinkedHashSet)<([^()\n]*)>\(\)", r"new \1<\2>(4096)"),
    ),
    "C#": (
        (r"\bnew (StringBuilder|MemoryStream)\(\)", r"new \1(8192)"),
        (r"\bnew (List|Dictionary|HashSet)<([^()\n]*)>\(\)(?! ?\{|\s*\{)", r"new \1<\2>(4096)"),
    ),
}  # fmt: skip


@operator(CRITERION, "an allocation many times larger than its use", family=FAMILY, blatant=True)
def size_inflated(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A buffer or container is made larger than what it is to hold."""
    code = body_text(syntax, function)
    for pattern, replacement in _INFLATED.get(syntax.language, ()):
        for match in found(syntax, function, pattern):
            array = re.search(r"char (\w+)\[", part(match))
            if array and re.search(
                rf"sizeof[ (]*{array[1]}\b|\b(?:read|recv|fread|fgets)\w*\([^;]*\b{array[1]}\b", code
            ):
                continue
            single = re.search(r"\bmalloc\(sizeof[ (][^+*]*\)$", part(match)) or "sizeof(struct" in part(match)
            if not single:
                made = swapped(match, replacement)
                yield (Edit(made.start, made.end, re.sub(r"(\d \* )\(([\w.]+)\)", r"\1\2", made.text)),)
