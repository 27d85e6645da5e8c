"""Operators that take a copy of what is only looked at: arguments, views, and collections that were just made."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax
from synthesis.mutations import layout, text
from synthesis.mutations.memory.places import CRITERION, aliased, body_text, changes, found, part, source, swapped
from synthesis.mutations.operator import Edit, Site, operator

FAMILY = "snapshots"
_LISTED = r"List|Collection|Set|ArrayList|LinkedList|SortedSet"
_SHARP = r"(?:System\.Collections\.Generic\.)?(?:IEnumerable|IList|List|IReadOnlyList|ICollection|IReadOnlyCollection)<"


def _snapshot(language: str, name: str, kind: str, code: str, doc: str) -> str | None:
    """An expression that copies the parameter, where its type or documentation says that it is a container."""
    if language == "Java":
        if re.fullmatch(r"(?:final )?(?:byte|char|int|long|double|float|short)\s?\[\]", kind):
            return f"{name}.clone()"
        listed = re.match(rf"({_LISTED})<", kind)
        made = "LinkedHashSet" if listed and "Set" in listed[1] else "ArrayList"
        return f"new {made}<>({name})" if listed and kind[:5] != "final" else None
    if language == "C#":
        array = re.fullmatch(r"[\w.]+\[\]", kind)
        return f"{name}.ToArray()" if array else f"{name}.ToList()" if re.match(_SHARP, kind) else None
    if language == "Go":
        return f"append({kind}(nil), {name}...)" if re.fullmatch(r"\[\][\w.*]+", kind) else None
    word = re.escape(name)
    if language == "JavaScript":
        documented = re.search(rf"\b{word} \((?:Array(?:<[^)]*>)?|[\w.]+\[\])\)", doc)
        return (
            f"{name}.slice()"
            if documented or re.search(rf"Array\.isArray\({word}\)|for \([^)]* of {word}\)", code)
            else None
        )
    walked = re.search(rf"\bfor \w+ in {word}:|\bin enumerate\({word}\)", code)
    if language == "Python":
        keyed = re.search(rf"\b{word}\.(?:items|keys|values)\(", code) and not re.search(
            rf"\b{word}(?:\.get\(|\[)", code
        )
        held = walked or re.search(rf"(?m)\blist of\b.*\b{word}\b|\b{word}\b ?(?:\([^)\n]*)?(?:list|List)\b", doc)
        return f"dict({name})" if keyed else f"list({name})" if held else None
    if language == "Ruby":
        used = re.search(
            rf"(?<![\w.@]){word}\.(?:each|map|select|reject|each_pair|each_with_index|key\?|fetch|any\?|keys)\b", code
        )
        return f"{name}.dup" if used else None
    return None


@operator(CRITERION, "a defensive copy holds all of it a second time, and nothing here changes it", family=FAMILY)
def argument_snapshot(syntax: Syntax, function: Function) -> Iterator[Site]:
    """An argument that is only read is copied whole at the start."""
    code = body_text(syntax, function)
    runs = [run for run in layout.sequences(syntax, function.body) if _first(function, run[0])]
    first = min((run[0] for run in runs), key=lambda n: n.start_byte, default=None)
    above = _head(syntax, function) if first is None else source(syntax, function.node.start_byte, first.start_byte)
    if first is None or "yield" in code or re.search(r"(?m)^\s*(?://|#|\*)[^\n]*\s*\Z", above):
        return  # a line put in there would part a comment from what it is about
    mark = (
        ";" if syntax.language in ("Java", "C#") else layout.ending(syntax) if syntax.language == "JavaScript" else ""
    )
    for name in text.parameters(syntax, function):
        kind = text.parameter_type(syntax, function, name)
        optional = re.search(rf"\b{name}\b\s*(?:=|\?)|[*&]{name}\b|\.\.\.\s*{name}\b", _head(syntax, function))
        tested = re.search(
            rf"\b{name}\b\s*(?:===?|!==?|is|\?\?|\|\||&&|or\b|and\b|\?(?!\.?\w*\())|(?:\bif|\bwhile|!)"
            rf" ?\(?!?{name}\s*\)|\b(?:if|not|unless) !?{name}\b(?!\.)|{name}\.nil\?|{name}\?\."
            rf"|isNull|requireNonNull\({name}|{name}\[[^\]\n]*:"
            rf"|\bnull\b[^\n]*\b{name}\b|typeof {name}\b|isinstance\({name}|instanceof",
            code,
        )
        fixed = re.search(rf"\bfinal [^,]*\b{name}\b", _head(syntax, function)) or re.search(
            rf"\b{name}\.(?:listI|i)terator\(", code
        )
        if fixed or not re.search(rf"\b{name}\b", code) or re.search(rf"\b{name}\.\.\.", code):
            continue
        if optional or tested or changes(code, name) or aliased(code, name) or re.search(r"->|=>", code):
            continue
        if syntax.language in ("Ruby", "Python") and re.search(rf"\breturn {name}$|(?m:^\s*{name}$)", code):
            continue
        copy = _snapshot(syntax.language, name, kind.strip(), code, function.doc)
        if copy is not None and text.owns_lines(syntax, first):
            line = f"{name} = {copy}{mark}{layout.newline(syntax)}{text.indent(syntax, first)}"
            yield (Edit(first.start_byte, first.start_byte, line),)


def _head(syntax: Syntax, function: Function) -> str:
    return syntax.data[function.node.start_byte : function.body.start_byte].decode("utf-8", "replace")


def _first(function: Function, node: Node) -> bool:
    parent = node.parent
    if parent is not None and parent.type == "statement_list":
        parent = parent.parent
    return parent is not None and parent.id == function.body.id


_NESTED = r"((?:[^()\n]|\((?:[^()\n]|\([^()\n]*\))*\))+)"
_VIEWS = {
    "Java": (
        ((rf"\bCollections\.unmodifiable(List|Col"
rf"lection)\({_NESTED}\)"), r"Collections.unmodifiable\1(new ArrayList<>(\2))"),
        (rf"\bCollections\.unmodifiableSet\({_NESTED}\)", r"Collections.unmodifiableSet(new LinkedHashSet<>(\1))"),
        (rf"\bCollections\.unmodifiableMap\({_NESTED}\)", r"Collections.unmodifiableMap(new LinkedHashMap<>(\1))"),
        (rf"(?<!\()\bArrays\.asList\({_NESTED}\)", r"new ArrayList<>(Arrays.asList(\1))"),
        (r"(?<![\w.])(\w+)\.subList\(([^()\n]*(?:\(\)[^()\n]*)*)\)", r"new ArrayList<>(\1.subList(\2))"),
        (r"\bByteBuffer\.wrap\((\w+)\)", r"ByteBuffer.wrap(\1.clone())"),
        (r"\bnew ByteArrayInputStream\((\w+)\)", r"new ByteArrayInputStream(\1.clone())"),
    ),
    "C#": (
        (r"\b(\w+)\.AsReadOnly\(\)", r"\1.ToList().AsReadOnly()"),
        (r"\bnew MemoryStream\((\w+)\)", r"new MemoryStream(\1.ToArray())"),
        (r"\bnew ReadOnlyCollection<([\w<>]+)>\((\w+)\)", r"new ReadOnlyCollection<\1>(\2.ToList())"),
    ),
    "Go": (
        (r"\bbytes\.NewReader\((\w[\w.]*)\)", r"strings.NewReader(string(\1))"),
        (r"\bstrings\.NewReader\((\w[\w.]*)\)", r"bytes.NewReader([]byte(\1))"),
        (r"\bbytes\.NewBuffer\((\w[\w.]*)\)", r"bytes.NewBufferString(string(\1))"),
    ),
    "JavaScript": (
        (r"\b(\w*[bB]uf\w*|data|chunk)\.subarray\(([^()\n]*)\)", r"Buffer.from(\1.subarray(\2))"),
        (r"\bBuffer\.from\((\w+)\.buffer, (\w+\.byteOffset), (\w+\.byteLength)\)", r"Buffer.from(\1)"),
        (r"\bArray\.prototype\.(forEach|map|some|every|reduce)\.call\((\w+), ", r"Array.prototype.slice.call(\2).\1("),
    ),
    "Python": ((r"(?<= = )memoryview\(([\w.]+)\)(?=\n)", r"bytes(\1)"),),
    "C++": (
        (r"\bstd::string_view (\w+) = ([\w.]+)\.substr\(", r"std::string \1 = std::string(\2).substr("),
        (r"(?m)^([ \t]*(?:const )?)std::string_view (\w+)\(([^()\n;]+)\);", r"\1std::string \2(\3);"),
    ),
}  # fmt: skip


@operator(CRITERION, "a view refers to the elements; a copy holds all of them once more", family=FAMILY)
def view_copied(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Elements that were shown through a view or wrapper are copied first."""
    for pattern, replacement in _VIEWS.get(syntax.language, ()):
        for match in found(syntax, function, pattern):
            yield (swapped(match, replacement),)


_LINQ = (
    r"(?:Select|Where|OrderBy|OrderByDescending|ThenBy|Distinct|Concat|Cast"
    r"|OfType|SelectMany|Skip|Take|Reverse|Union|Except|Zip)"
)
_TWICE = {
    "Python": (
        ((r"(?<![\w.])(sorted|set|tuple|frozenset|max|min|sum|any|a"
r"ll)\((\w[\w.]*)(?=\)|, key=|, reverse=)"), r"\1(list(\2)"),
        (r"(?<=return )(\[[^\n]* for [^\n]*\])$", r"list(\1)"),
        (r"(?<= = )(\[[^\n]* for [^\n]*\])$", r"list(\1)"),
        (r"(?<=return )(\{[^\n]*: [^\n]* for [^\n]*\})$", r"dict(\1)"),
        (r"(?<=return )(sorted\([^\n]*\))$", r"list(\1)"),
    ),
    "JavaScript": (
        (r"(?<=return )([A-Za-z][\w.]*\.(?:map|filter)\((?:[^()]|\((?:[^()]|\([^()]*\))*\))+\))(?=;?\n)", r"[...\1]"),
        (r"(?<=return )(Object\.(?:keys|values|entries)\([\w.]+\))(?=;?\n)", r"[...\1]"),
        (r"(?<== )([A-Za-z][\w.]*\.(?:map|filter)\((?:[^()]|\((?:[^()]|\([^()]*\))*\))+\))(?=;?\n)", r"[...\1]"),
        (r"(?<== )(Object\.(?:keys|values|entries)\([\w.]+\))(?=;?\n)", r"[...\1]"),
    ),
    "C#": (
        ((rf"(\.{_LINQ}(?:<[\w.<>?]+>)?\((?:[^()]|\((?:[^()]|"
rf"\([^()]*\))*\))*\)\s*)\.ToArray\(\)"), r"\1.ToList().ToArray()"),
        ((rf"(\.{_LINQ}(?:<[\w.<>?]+>)?\((?:[^()]|\((?:[^()]|"
rf"\([^()]*\))*\))*\)\s*)\.ToList\(\)"), r"\1.ToArray().ToList()"),
    ),
    "Ruby": (
        ((r"(?<![\w.@])(\w+\.(?:keys|values|split\([^()\n]*\)|sort|uniq|compact|flatten|reve"
r"rse))(?=\.(?:each|map|select|include\?|join|any\?|first|last)\b)"), r"\1.dup"),
        ((r"(\.(?:map|select|reject|sort_by|collect)(?:\(&:\w+[?!]?\)| \{[^{}\n]*\}))(?=\.(?:join"
r"|each|uniq|compact|first|last|sum|max|min|include\?|flatten|to_set|any\?|empty\?)\b)"), r"\1.dup"),
    ),
    "Java": (
        ((r"(?<=return )((?:sb|sbuf|buf|buffer|out|builder|str|result"
r"|\w+Builder|\w+Buffer)\.toString\(\))(?=;)"), r"new String(\1)"),
        (r"(?<=return )([\w.]+\.stream\(\)(?:[^;]*)\.collect\(Collectors\.toList\(\)\))(?=;)", r"new ArrayList<>(\1)"),
        (r"\b(\w+)\.toArray\(new (\w+)\[(?:0|\1\.size\(\))\]\)(?=;)", r"\1.toArray(new \2[\1.size()]).clone()"),
    ),
}  # fmt: skip


@operator(
    CRITERION, "flake8-comprehensions C411, C414; unicorn/no-useless-spread: a second copy of a new list", family=FAMILY
)
def copied_twice(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A collection that is made here anyway is built a second time in between."""
    for pattern, replacement in _TWICE.get(syntax.language, ()):
        for match in found(syntax, function, pattern):
            receiver = part(match, 1).split(".")[0]
            if receiver in ("_", "$", "R", "async", "Promise", "jQuery", "lodash") or "file" in receiver:
                continue
            yield (swapped(match, replacement),)
