"""Repairs of memory: full lists, copies and open handles in code as its author left it, taken out."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax
from synthesis.mutations import layout, text
from synthesis.mutations.memory.places import (
    CRITERION,
    body_text,
    changes,
    found,
    mentions,
    part,
    source,
    swapped,
    types,
)
from synthesis.mutations.operator import Edit, Site, repair

_NESTED = r"((?:[^()\n]|\((?:[^()\n]|\([^()\n]*\))*\))+)"


def _loop_of(syntax: Syntax, function: Function, position: int) -> str | None:
    """Text of the body of the loop whose head holds the byte `position`."""
    bodies: list[Node] = [
        x.body for x in text.loops(syntax, function.body) if x.node.start_byte <= position < x.body.start_byte
    ]
    return syntax.text(bodies[-1]) if bodies else None


@repair(CRITERION, "flake8-comprehensions C403, C404, C410, C419: a list for one call", ("Python",), family="eager")
def list_unneeded(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A call that takes any iterable is given a list that is built for it and thrown away."""
    takers = ("any", "all", "sum", "set", "tuple", "frozenset", "max", "min")
    acts = r"\b\w*(?:pop|append|add|remove|write|send|save|update|delete|check|assert|next|run|set_)\w*\("
    for call, callee, arguments in text.calls(syntax, function.body):
        given = arguments.named_children
        if callee not in takers or not given or given[0].type != "list_comprehension" or call.has_error:
            continue
        inside = syntax.text(given[0])[1:-1].strip().rstrip(",")
        if re.search(r"\bawait\b|\basync\b", inside) or (callee in ("any", "all") and re.search(acts, inside)):
            continue  # any and all stop early on a generator
        if len(given) == 1:
            yield (Edit(arguments.start_byte, arguments.end_byte, f"({inside})"),)
        elif callee in ("sum", "max", "min"):
            yield (Edit(given[0].start_byte, given[0].end_byte, f"({inside})"),)


@repair(CRITERION, "a copy is needed only where the loop changes what it walks over", ("Python",), family="eager")
def keys_listed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The elements that a loop walks over are copied into a list, though nothing changes them meanwhile."""
    pattern = r"(?m)^[ \t]*for [\w, ()]+ in (list\(([A-Za-z_]\w*)(\.(?:items|keys|values)\(\))\)):[ \t]*$"
    for match in found(syntax, function, pattern):
        name, view = part(match, 2), part(match, 3)
        code = _loop_of(syntax, function, match.start(1))
        if code is None or re.search(r"\bawait\b|\byield\b|\bdel\b", code):
            continue
        passed = re.search(rf"[(,]\s*{name}\s*[,)]|\b{name}\.(?!items|keys|values|get)\w+\(", code)
        if not changes(code, name) and not passed:
            yield (Edit(match.start(1), match.end(1), name + (view if view != ".keys()" else "")),)


@repair(CRITERION, "a file is an iterator over its lines; readlines holds all of them", ("Python", "Ruby"),
        family="eager")  # fmt: skip
def lines_streamed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """All lines of a file are read into a list, only to be walked over."""
    if syntax.language == "Python":
        for match in found(syntax, function, r"(?<= in )(\w+)\.readlines\(\)(?=:\s*(?:#[^\n]*)?\n)"):
            code = _loop_of(syntax, function, match.start())
            if code is not None and mentions(code, part(match, 1)) == 0:
                yield (swapped(match, r"\1"),)
        return
    for match in found(syntax, function, rf"\b(?:File|IO)\.readlines\({_NESTED}\)\.each(?= do| \{{)"):
        yield (swapped(match, r"File.foreach(\1)"),)
    for match in found(syntax, function, rf"\bFile\.read\({_NESTED}\)\.(?:each_line|lines\.each)(?= do| \{{)"):
        yield (swapped(match, r"File.foreach(\1)"),)


@repair(CRITERION, "CWE-772: a file that nothing closes", ("Python", "Ruby"), family="release")
def file_closed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A file is opened and read, or written, and never closed."""
    if syntax.language == "Ruby":
        for match in found(syntax, function, r"(?<![\w.])File\.(?:open|new)\(([^(),\n]+)\)\.read\b"):
            yield (swapped(match, r"File.read(\1)"),)
        return
    loaded = rf"(json|pickle|yaml)\.(\w+)\(open\({_NESTED}\)\)"
    used = rf"open\({_NESTED}\)\.(read|readlines|write)\(([^()\n]*)\)"
    for match in found(syntax, function, rf"(?m)^([ \t]*)(return |\w+ = |)(?:{loaded}|{used})$"):
        margin, keep, given = part(match, 1), part(match, 2), part(match, 5) or part(match, 6)
        use = f"{part(match, 3)}.{part(match, 4)}(f)" if match[3] else f"f.{part(match, 7)}({part(match, 8)})"
        if not mentions(body_text(syntax, function), "f"):
            step = layout.step(syntax, function)
            made = f"{margin}with open({given}) as f:\n{margin}{step}{keep}{use}"
            yield (Edit(match.start(), match.end(), made),)


_OBJECT = r"(?:std::)(?:string|vector|map|set|list|deque|unordered_map|unordered_set)\b(?:<(?:[^<>;]|<[^<>;]*>)*>)?"


@repair(CRITERION, "clang-tidy performance-for-range-copy, performance-unnecessary-value-param", ("C++",),
        family="copies")  # fmt: skip
def copy_referred(syntax: Syntax, function: Function) -> Iterator[Site]:
    """An object that is only read is copied, element by element or on each call."""
    code = body_text(syntax, function)
    for match in found(syntax, function, rf"\bfor \((?:const )?({_OBJECT}) (\w+) ?:"):
        if not _may_change(source(syntax, match.end(), function.body.end_byte), part(match, 2)):
            yield (Edit(match.start(), match.end(), f"for (const {part(match, 1)}& {part(match, 2)} :"),)
    for match in found(syntax, function, r"\bfor \((?:const )?auto (\w+) ?:"):
        rest = source(syntax, match.end(), function.body.end_byte)
        name = part(match, 1)
        object_like = re.search(rf"\b{name}\.(?:first|second|size\(|c_str\(|empty\(|begin\(|name|substr\()", rest)
        if object_like and not re.search(rf"\b{name}->|\*{name}\b", rest) and not _may_change(rest, name):
            yield (Edit(match.start(), match.end(), f"for (const auto& {name} :"),)
    for match in found(syntax, function, rf"(?<=[(,\s])const ({_OBJECT}) (\w+)(?=\s*[,)])", whole=True):
        kept = re.search(rf"\[[=&]|\bstd::(?:thread|async)|\breturn {part(match, 2)};", code)
        if match.end() <= function.body.start_byte and not kept:
            yield (Edit(match.start(), match.end(), f"const {part(match, 1)}& {part(match, 2)}"),)


def _may_change(code: str, name: str) -> bool:
    """Whether something may set, move or keep the variable: then it needs to be a copy."""
    word = rf"(?<![\w.>]){re.escape(name)}\b"
    reading = r"(?:size|length|empty|begin|end|cbegin|cend|c_str|data|find|at|substr|compare|count|front|back)\b"
    forms = (
        rf"{word}(?:\[[^\]]*\])? ?(?:[-+*/|&^]|<<|>>)?=(?!=)", rf"&{word}", rf"std::move\({name}\)",
        rf"{word}\.(?!{reading})\w+\(", rf"[(,]\s*{name}\s*[,)]", r"\[[=&]",
    )  # fmt: skip
    return any(re.search(form, code) for form in forms)


@repair(CRITERION, "Effective Java items 6 and 61; SpotBugs DM_NUMBER_CTOR, DM_STRING_CTOR", ("Java",), family="sizes")
def box_shared(syntax: Syntax, function: Function) -> Iterator[Site]:
    """An object is made for a value that the runtime shares, or that needs none."""
    code = body_text(syntax, function)
    if re.search(r"(?i)notSame|[!=]= new |Identity", code + function.name):
        return
    for match in found(syntax, function, r"\bnew (Integer|Long|Short|Byte|Character|Boolean)\(([^()\n]+)\)"):
        yield (swapped(match, r"\1.valueOf(\2)"),)
    for match in found(syntax, function, r"\bnew String\((\"[^\"\n]*\")\)"):
        yield (swapped(match, r"\1"),)


@repair(CRITERION, "each element is needed once: a list in between holds all of them", ("C#", "JavaScript"),
        family="eager")  # fmt: skip
def walked_directly(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A new list is made of what a chain or a fresh array gives, only to be walked over or copied again."""
    steps = "Select|Where|OrderBy|OrderByDescending|ThenBy|Distinct|Concat|Cast|OfType|SelectMany"
    linq = rf"\.(?:{steps})(?:<[\w.<>]+>)?\("
    if syntax.language == "C#":
        asks = "Select|Where|Any|First|FirstOrDefault|Count|ToList|ToArray|ToDictionary|Sum|Max|Min"
        for match in found(syntax, function, rf"\.To(?:List|Array)\(\)(?=\s*\.(?:{asks})\()"):
            if re.search(linq, source(syntax, text.line_start(syntax, match.start()), match.start())):
                yield (Edit(match.start(), match.end(), ""),)
        joined = rf"(?<=string\.Join\()([^,\n]+, [^\n]*{linq}[^\n]*?)\.To(?:Array|List)\(\)(?=\))"
        for match in found(syntax, function, joined):
            yield (swapped(match, r"\1"),)
        return
    callback = r"((?:[^()]|\((?:[^()]|\([^()]*\))*\))+)"
    for ending, method in ((r"(?:\[0\]|\.shift\(\))", "find"), (r"\.length > 0", "some")):
        for match in found(syntax, function, rf"\.filter\({callback}\){ending}"):
            if re.search(r"=>|function", part(match, 1)):
                yield (Edit(match.start(), match.end(), f".{method}({part(match, 1)})"),)
    for match in found(syntax, function, r"\[\.\.\.((?:Object\.(?:keys|values|entries)|Array\.from)\([\w.]+\))\]"):
        yield (swapped(match, r"\1"),)


@repair(CRITERION, "gocritic preferFprint, staticcheck QF1012: a text made to be converted once", ("Go",),
        family="temporaries")  # fmt: skip
def text_written_directly(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A text is built, and copied to bytes or back, only to be written."""
    forms = (
        rf"\b([\w.]+)\.Write\(\[\]byte\(fmt\.Sprint(f|ln|)\({_NESTED}\)\)\)",
        rf"\b([\w.]+)\.WriteString\(fmt\.Sprint(f|ln|)\({_NESTED}\)\)",
    )
    for form in forms:
        for match in found(syntax, function, form):
            writer = part(match, 1)
            values = rf"(?:var {re.escape(writer)} |{re.escape(writer)} :?= )(?:strings\.Builder|bytes\.Buffer)"
            address = "&" if re.search(values, body_text(syntax, function)) else ""
            if writer != "io":
                made = f"fmt.Fprint{part(match, 2)}({address}{writer}, {part(match, 3)})"
                yield (Edit(match.start(), match.end(), made),)


@repair(CRITERION, "RuboCop Performance/Detect, Performance/Count, Style/HashEachMethods: an array in between",
        ("Ruby",), family="temporaries")  # fmt: skip
def array_unneeded(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A whole array is built to take its first element, its size, or one element after the other."""
    forms = (
        (r"\.keys\.each(?= do| \{)", ".each_key"), (r"\.values\.each(?= do| \{)", ".each_value"),
        (r"\.reverse\.each(?= do| \{)", ".reverse_each"), (r"\.chars\.each(?= do| \{)", ".each_char"),
        (r"\.select( \{[^{}\n]*\})\.first\b(?!\()", r".find\1"),
        (r"\.select( \{[^{}\n]*\})\.(?:size|count|length)\b(?! \{|\()", r".count\1"),
        (r"\.map( \{[^{}\n]*\})\.flatten\(1\)", r".flat_map\1"),
    )  # fmt: skip
    for pattern, replacement in forms:
        for match in found(syntax, function, pattern):
            block = source(syntax, match.end(), function.body.end_byte)
            head = source(syntax, text.line_start(syntax, match.start()), match.start())
            receiver = re.search(r"@?[\w.]+$", head)
            if "each" in replacement and (receiver is None or changes(block, receiver[0])):
                continue
            yield (swapped(match, replacement),)


_LENGTHS = {"Go": "len({0})", "C++": "{0}.size()", "Java": "{0}.size()", "C#": "{0}.Count"}
_EMPTY = {
    "Go": r"(\w+) := (?:(\[\][\w.*]+)\{\}|make\((\[\][\w.*]+), 0\))",
    "C++": r"std::vector<.+> (\w+);",
    "Java": r"(?:final )?(?:Array)?List<[^=]*> (\w+) = new ArrayList<[^()]*>\(\);",
    "C#": r"(?:var|List<[^=]+>) (\w+) = new List<[^()]+>\(\);",
}
_GROWS = {
    "Go": r"{0} = append\({0}, [^\n]+\)$", "C++": r"{0}\.(?:push_back|emplace_back)\([^\n]+\);$",
    "Java": r"{0}\.add\([^\n]+\);$", "C#": r"{0}\.Add\([^\n]+\);$",
}  # fmt: skip
_WALKS = {
    "Go": r"for \w+, \w+ := range (\w+)\s*$", "C++": r"for \([^:;]*[\w&\]] ?: ?(\w+)\)\s*$",
    "Java": r"for \([^:;]*\w ?: (\w+)\)\s*$", "C#": r"foreach \([^;]* in (\w+)\)\s*$",
}  # fmt: skip
_SIZED = {
    "Go": r"\[\]|map\[", "C++": r"(?:const )?std::(?:vector|list|set|map|deque|unordered_\w+|array)<",
    "Java": r"(?:List|Collection|Set|ArrayList)<", "C#": (r"(?:List|IList|ICollection|IReadOnlyLis"
r"t|IReadOnlyCollection)<"),
}  # fmt: skip


@repair(CRITERION, "prealloc; performance-inefficient-vector-operation: each growth copies, and leaves slack",
        ("Go", "C++", "Java", "C#"), family="buffers")  # fmt: skip
def capacity_given(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A container that gets one element for each of another, whose size is known, grows step by step."""
    language = syntax.language
    declared = types(syntax, function)
    for loop in text.loops(syntax, function.body):
        before = loop.node.prev_named_sibling
        head = source(syntax, loop.node.start_byte, loop.body.start_byte).rstrip("{ \n\t")
        walked = re.fullmatch(_WALKS[language], head)
        empty = re.fullmatch(_EMPTY[language], syntax.text(before)) if before is not None else None
        if (
            before is None
            or walked is None
            or empty is None
            or not re.match(_SIZED[language], declared.get(walked[1], ""))
        ):
            continue
        name, size = empty[1], _LENGTHS[language].format(walked[1])
        statements = [syntax.text(n) for n in text.inner(loop.body)]
        grows = [s for s in statements if re.match(_GROWS[language].replace("{0}", name), s)]
        if len(grows) != 1 or mentions(syntax.text(loop.body), name) > (2 if language == "Go" else 1):
            continue
        if re.search(r"\b(?:continue|break|return|goto)\b", syntax.text(loop.body)):
            continue
        written = syntax.text(before)
        if language == "C++":
            line = f"{name}.reserve({size});{layout.newline(syntax)}{text.indent(syntax, loop.node)}"
            yield (Edit(loop.node.start_byte, loop.node.start_byte, line),)
        elif language == "Go":
            yield (Edit(before.start_byte, before.end_byte, f"{name} := make({empty[2] or empty[3]}, 0, {size})"),)
        else:
            yield (Edit(before.start_byte, before.end_byte, f"{written[:-3]}({size});"),)


@repair(CRITERION, "a constant table in static storage is there once; a local one is built for each call", ("C", "C++"),
        family="buffers")  # fmt: skip
def table_stored_once(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A constant table is put on the stack by every call."""
    constant = r"(?:\s|[-+]?\d[\w.]*|\"[^\"\n]*\"|'[^'\n]+'|[A-Z][A-Z0-9_]+|NULL|nullptr|[{},]|/\*[^*\n]*\*/)+"
    pattern = (
        rf"(?m)^([ \t]+)(const (?:unsigned )?\w+(?: ?\*(?: ?const)?)? ?\*?(\w+)\[\w*\](?:\[\w*\])? = \{{{constant}\}};)"
    )
    for match in found(syntax, function, pattern):
        name, listed = part(match, 3), part(match, 2)
        written = re.search(
            rf"\b{name}\[[^\]]*\] ?=(?!=)|&{name}\b(?!\[)", body_text(syntax, function).replace(listed, "")
        )
        if listed.count(",") >= 4 and not written and "constexpr" not in function.signature:
            yield (swapped(match, r"\1static \2"),)
