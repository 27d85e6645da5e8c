"""Operators that hold values in more bytes than they need: boxes, wider elements, more room, copies of constants."""

import re
from collections.abc import Iterator

from parsers.syntax import Function, Syntax
from synthesis.mutations.memory.places import CRITERION, body_text, found, mentions, part, source, swapped
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


@operator(CRITERION, "an element type wider than its values", family=FAMILY)
def type_widened(syntax: Syntax, function: Function) -> Iterator[Site]:
    """An array's elements take more bytes than their values need."""
    code = body_text(syntax, function)
    for pattern, replacement in _WIDER.get(syntax.language, ()):
        for match in found(syntax, function, pattern):
            if syntax.language in ("C", "C++") and not _indexed_only(syntax, code, match):
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


_BOXES = {"int": "Integer", "long": "Long", "double": "Double", "boolean": "Boolean"}
_VALUES = {
    "int": r"-?\d+|[\w.]+\.length|[\w.]+\.(?:size|length)\(\)|[\w.]+\.indexOf\([^()\n]*\)",
    "long": (r"-?\d+[lL]|System\.(?:nanoTime|curr"
r"entTimeMillis)\(\)"), "double": r"-?\d*\.\d+|-?\d+[dD]", "boolean": "true|false",
}  # fmt: skip


@operator(CRITERION, "Effective Java item 61: primitive types are preferred to boxed ones", ("Java",), family=FAMILY)
def value_boxed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A number or flag that changes is kept as an object of its own, made anew by every change."""
    code = body_text(syntax, function)
    for match in found(syntax, function, r"(?:(?<=[ \t])|(?<=for \())(int|long|double|boolean) (\w+) = ([^;,\n]+);"):
        kind, name = part(match, 1), part(match, 2)
        if not re.fullmatch(_VALUES[kind], part(match, 3).strip()) or len(re.findall(rf"\b{kind} {name}\b", code)) != 1:
            continue
        if _boxes_well(code, kind, name):
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
    changed = re.search(rf"{word}(?:\+\+|--)|(?:\+\+|--){name}\b", code) is not None or len(sets) > 1
    counted = kind == "int" and re.search(rf"[<>]=? ?{name}\b|{word} ?(?:[<>]|[-+*/%] )", code) is not None
    counted = counted and not re.search(rf"\bint {name} = -?\d", code)  # small numbers are boxed once, for everybody
    return fits and (changed or bool(counted)) and mentions(code, name) > 1


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


@operator(
    CRITERION, "CA1825, Style/EmptyLiteral: an empty collection that could be shared", ("C#", "Ruby"), family=FAMILY
)
def shared_constant_lost(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A shared empty array or frozen text is allocated anew by each call."""
    forms = {
        "C#": (
            (r"\bArray\.Empty<([\w.?]+)>\(\)", r"new \1[0]"),
            (r"\bEnumerable\.Empty<([\w.?]+)>\(\)", r"new List<\1>()"),
            (r"\bTask\.CompletedTask\b(?=;)", "Task.FromResult(true)"),
        ),
        "Ruby": ((r"(?<=['\"\]])\.freeze\b", ""),),
    }
    for pattern, replacement in forms[syntax.language]:
        for match in found(syntax, function, pattern):
            yield (swapped(match, replacement),)


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


@operator(CRITERION, "an allocation many times larger than its use", family=FAMILY)
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
