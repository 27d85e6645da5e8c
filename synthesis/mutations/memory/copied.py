"""Operators that copy a value which could be referred to: results, arguments, receivers, elements, locals."""

import re
from collections.abc import Iterator

from parsers.syntax import Function, Syntax
from synthesis.mutations import text
from synthesis.mutations.memory.places import CRITERION, body_text, found, is_trial, made, part, source, swapped, types
from synthesis.mutations.operator import Edit, Site, operator

FAMILY = "copies"
_STANDARD = (
    r"(?:std::)?(?:string|wstring|vector|map|set|list|deque|unordered_map|"
    r"unordered_set|multimap)\b(?:<(?:[^<>;]|<[^<>;]*>)*>)?"
)
_HEAVY = (
    rf"{_STANDARD}|::{_STANDARD}|\w*(?:basic_json|Json|JSON)\w*(?:<[^<>;]*>)?|(?:\w+::)*(?:string|filename|path)_t|\w*StringType|InternalKey"
    r"|(?:\w+::)*\w*(?:Options|Config|Configuration|Info|Params|Settings|Descriptor|Spec|Re"
    r"quest|Response|Record|Path|Properties|Args|String|Vector|Map|Set|List|Json|json|Document|Message|Metadata|Stats)"
)


def _copy(language: str, name: str, value: str, declared: str) -> str | None:
    """An expression that copies the container `name`, first set to `value`; None where it is no container made here."""
    listed = re.match(r"\[|list\(|sorted\(|(?:new )?Array\(", value) is not None
    keyed = re.match(r"\{\s*\}|\{[^{}]*:|\{\s*\.\.\.|dict\(", value) is not None
    if language == "Python":
        held = re.match(r"set\(|\{[^:]*\}$", value) and not keyed
        return f"list({name})" if listed else f"dict({name})" if keyed else f"set({name})" if held else None
    if language == "JavaScript":
        return f"[...{name}]" if listed else f"{{ ...{name} }}" if keyed and "=>" not in value else None
    if language == "Ruby":
        fresh = re.match(
            r"\[|\{|Hash\.new|String\.new|\+?['\"]|\w[\w.]*\.(?:map|select|merge|split|join|collect)\b", value
        )
        return f"{name}.dup" if fresh else None
    if language == "Go":
        element = re.match(r"(?:make\()?(\[\][\w.*]+)[{,]", value)
        kind = element[1] if element else declared if re.fullmatch(r"\[\][\w.*]+", declared) and not value else None
        return f"append({kind}(nil), {name}...)" if kind else None
    if language == "Java":
        forms: tuple[tuple[str, str], ...] = (
            (r"new (?:ArrayList|LinkedList)<", "new ArrayList<>({0})"),
            (r"new (?:Linked)?HashSet<", "new LinkedHashSet<>({0})"),
            (r"new (?:Linked)?HashMap<", "new LinkedHashMap<>({0})"),
            (r"new \w+\[", "{0}.clone()"),
        )
    elif language == "C#":
        typed = re.match(r"new ((?:Dictionary|HashSet)<(?:[^<>()]|<[^<>()]*>)*>)", value)
        if typed:
            return f"new {typed[1]}({name})"
        forms = ((r"new List<", "{0}.ToList()"), (r"new \w+\[", "{0}.ToArray()"))
    else:
        return None
    return next((form.format(name) for pattern, form in forms if re.match(pattern, value)), None)


@operator(CRITERION, "a result that nobody else holds needs no copy", family=FAMILY)
def result_copied(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A container made in the function is copied once more when it is returned."""
    values = made(syntax, function)
    declared = types(syntax, function)
    for node in syntax.nodes("returns", "return", function.body):
        found_name = re.match(r"return (\w+)(?=;?$|, (?:nil|err)$)", syntax.text(node))
        name = found_name[1] if found_name else ""
        if not name or (name not in values and syntax.language != "Go") or name in text.parameters(syntax, function):
            continue
        copy = _copy(syntax.language, name, values.get(name, ""), declared.get(name, ""))
        if copy:
            at = node.start_byte + len("return ")
            yield (Edit(at, at + len(name.encode()), copy),)
    yield from _last_value(syntax, function, values)


def _last_value(syntax: Syntax, function: Function, values: dict[str, str]) -> Iterator[Site]:
    """Ruby returns what stands last."""
    children = [n for n in function.body.named_children if n.type != "comment"]
    if syntax.language == "Ruby" and children and children[-1].type == "identifier":
        name = syntax.text(children[-1])
        if name in values and _copy("Ruby", name, values[name], ""):
            yield (Edit(children[-1].end_byte, children[-1].end_byte, ".dup"),)


@operator(CRITERION, "performance-for-range-copy: the object is copied for each round", ("C++",), family=FAMILY)
def loop_variable_copied(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The loop's variable is a copy of the element where a reference served."""
    pattern = r"for \(((?:const )?)([\w:<>, ]+?)( const)? ?&{1,2} ?(\w+|\[[^\]]+\]) ?:"
    for match in found(syntax, function, pattern):
        names = re.findall(r"\w+", part(match, 4))
        code = source(syntax, match.end(), function.body.end_byte)
        kind = part(match, 2)
        constant = part(match, 1) or part(match, 3)
        written = any(_written(code, name) for name in names)
        if kind.endswith("auto") and any(re.search(rf"\b{name}->|\*{name}\b", code) for name in names):
            continue
        if (constant or not written) and not re.fullmatch(
            r"(?:unsigned |signed )*(?:int|char|bool|float|double|size_t|u?int\d+_t|long)", kind
        ):
            yield (Edit(match.start(), match.end(), f"for ({part(match, 1)}{kind} {part(match, 4)} :"),)


def _written(code: str, name: str) -> bool:
    """Whether something may change the object behind a C++ name, or keep its address."""
    reading = (
        r"(?:size|length|empty|begin|end|c_str|data|find|at|get\w*|Get\w*|fi"
        r"rst|second|name|str|has\w*|is\w*|Is\w*|ToString)\b"
    )
    word = rf"(?<![\w.>]){re.escape(name)}\b"
    forms = (
        rf"{word}(?:(?:\.|->)\w+|\[[^\]]*\])* ?(?:[-+*/|&^]|<<|>>)?=(?!=)", rf"(?:\+\+|--|&){word}",
        rf"{word}(?:\.\w+)* ?(?:\+\+|--)", rf"{word}(?:\.|->)(?!{reading})\w+\(", rf"[(,]\s*{word}\s*[,)]",
        r"std::move\(",
    )  # fmt: skip
    return any(re.search(form, code) for form in forms)


@operator(
    CRITERION,
    "performance-unnecessary-copy-initialization: a whole object copied to be read",
    ("C++",),
    version="2",
    family=FAMILY,
)
def reference_copied(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A local is a copy of an object where a reference to it served."""
    pattern = (
        r"(?m)^([ \t]*)(?:const ([\w:]+(?:<[\w:<>, *]+>)?) ?&|([\w:]+(?:<[\w:<>, *]+>)?) const ?&) ?(\w+) = ([^;]+);"
    )
    for match in found(syntax, function, pattern):
        kind = part(match, 2) or part(match, 3)
        scalar = re.fullmatch(
            r"(?:int|char|bool|float|double|size_t|u?int\d+_t|long|Slice|StringRef|StringPiece)", kind
        )
        abstract = re.search(r"_cast|\*this|&\w+ *==| [+?] |substr\(|[sS]tr(?:ing)?\(", part(match, 5))
        address = re.search(rf"&{part(match, 4)}\b", body_text(syntax, function))
        standard = re.fullmatch(rf"{_STANDARD}|(?:\w+::)*\w*(?:Vector|Map|Set|List|String)", kind)
        asked = rf"\b{part(match, 4)}\.(?:size|empty|begin|find|length|substr|count)\(|: {part(match, 4)}\)"
        known = standard or (kind == "auto" and re.search(asked, body_text(syntax, function)))
        if known and not scalar and not abstract and not address:
            at, end = match.start() + len(match[1]), match.start(4)
            yield (Edit(at, end, f"const {kind} " if part(match, 2) else f"{kind} const "),)


@operator(
    CRITERION,
    "clang-tidy performance-unnecessary-value-param: the caller's object is copied for each call",
    ("C++",),
    version="2",
    family=FAMILY,
)
def argument_copied(syntax: Syntax, function: Function) -> Iterator[Site]:
    """An argument that was passed by reference to be read is copied into the call."""
    head = source(syntax, function.node.start_byte, function.body.start_byte)
    if re.search(r"\b(?:override|virtual|final|operator)\b|\w::~?\w+\s*\(", head.split("{")[0]):
        return  # it is declared elsewhere too
    pattern = rf"(?<=[(,\s])(?:const ({_HEAVY}) ?&|({_HEAVY}) const ?&) ?(\w+)(?=\s*(?:=[^,()]*)?[,)])"
    for match in found(syntax, function, pattern, whole=True):
        kind, name = part(match, 1) or part(match, 2), part(match, 3)
        kept = re.search(rf"&{name}\b|\breturn {name};|\({name}\)\s*[,{{:]", syntax.text(function.node))
        returned = re.search(r"&\s*$|\*\s*$|view|&\s*\w+::", function.signature.split(function.name)[0])
        holder = r"(?:Matcher|View|Ref|Iterator|Range|Span|Proxy|Predicate)"
        passed = re.search(rf"\breturn [^;]*{holder}[^;]*\b{name}\b|\bnew [^;]*\b{name}\b", syntax.text(function.body))
        passed = passed or re.search(holder, function.signature.split("(")[0])
        outside = match.end() <= function.body.start_byte
        above = source(syntax, max(function.body.start_byte, match.start() - 80), match.start())
        in_lambda = not outside and re.search(r"\[[^\[\]\n]*\]\s*\([^()]*$", above) is not None
        own = kind == function.name  # a copy is made by reference
        if (outside or in_lambda) and not kept and not returned and not passed and not own:
            yield (
                Edit(match.start(), match.end(), f"const {kind} {name}" if part(match, 1) else f"{kind} const {name}"),
            )


@operator(CRITERION, "a string_view refers to the characters; a string holds a copy of them", ("C++",), family=FAMILY)
def view_made_string(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A text that was looked at where it stands is copied into a string."""
    whole = syntax.text(function.node)
    pattern = r"(?<=[(,\s])(?:const )?((?:std|absl)::)string_view (\w+)(?=\s*[,)])"
    for match in found(syntax, function, pattern, whole=True):
        name = part(match, 2)
        leaves = rf"\breturn {name}\b(?!\.(?:size|empty|find))|\w_ = {name}\b|new [^;]*\b{name}\b"
        cut = rf"{name}\.(?:remove_prefix|remove_suffix|data)"
        own = match.end() <= function.body.start_byte and whole.count("string_view") == 1
        if own and not re.search(rf"{leaves}|{cut}", whole):
            yield (Edit(match.start(), match.end(), f"std::string {name}"),)


@operator(CRITERION, "performance-move: a copy is made of what nobody needs any more", ("C++",), family=FAMILY)
def move_lost(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A container or text that could be moved from is copied."""
    declared = types(syntax, function)
    for match in found(syntax, function, r"\bstd::move\((\w+)\)", whole=True):
        kind = declared.get(part(match, 1), "")
        unique = re.search(r"unique_ptr|thread|future|promise|lock|stream|Guard|Handle|&&", kind)
        if re.match(rf"(?:const )?(?:{_HEAVY}|.*\bfunction<)", kind) and not unique:
            yield (swapped(match, r"\1"),)


@operator(CRITERION, "gocritic hugeParam: the struct is copied for each call", ("Go",), family=FAMILY)
def receiver_copied(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A receiver of several fields that was reached through a pointer is copied into each call."""
    head = source(syntax, function.node.start_byte, function.body.start_byte)
    received = re.match(r"func \((\w+) \*(\w+(?:\[[\w, ]+\])?)\)", head)
    code = body_text(syntax, function)
    if received is None:
        return
    name = received[1]
    written = (
        rf"(?<![\w.]){name}\.[\w.\[\]]+(?:, [\w.]+)* ?(?:[-+*/|&^]|<<|>>)?=(?!"
        rf"=)|(?<![\w.]){name}\.[\w.\[\]]+(?:\+\+|--)|:= range|"
        rf"&{name}\b|\*{name}\b|(?<![\w.]){name}\.\w*(?:[mM]u|[mM]utex|[lL]ock|"
        rf"[oO]nce|[wW]g|[aA]tomic)\b|(?<![\w.]){name}(?![\w.])"
    )
    called = re.search(rf"(?<![\w.]){name}(?:\.\w+)+\(", code)
    fields = set(re.findall(rf"(?<![\w.]){name}\.(\w+)\b(?!\()", code))
    if not re.search(written.replace("|:= range", ""), code) and not called and len(fields) >= 3:
        at = function.node.start_byte + len(head[: received.end(1) + 1].encode())
        yield (Edit(at, at + 1, ""),)


@operator(CRITERION, "arguments and rest parameters can be passed on as they are", ("JavaScript",), family=FAMILY)
def arguments_copied(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The list of arguments is copied only to be passed on."""
    for match in found(syntax, function, r"(\.apply\([\w.]+, )arguments\)"):
        yield (swapped(match, r"\1Array.prototype.slice.call(arguments))"),)
    rest = re.search(r"\.\.\.(\w+)\s*\)", source(syntax, function.node.start_byte, function.body.start_byte))
    if rest:
        for match in found(syntax, function, rf"(\.apply\([\w.]+, ){rest[1]}\)"):
            yield (swapped(match, rf"\1[...{rest[1]}])"),)
        for match in found(syntax, function, rf"(?<=[(\s])\.\.\.{rest[1]}\)"):
            yield (swapped(match, f"...{rest[1]}.slice())"),)


_ADDITIONS = {
    "Python": ((r"(?<=\w)\.extend\(([A-Za-z_][\w.]*(?:\([^()\n]*\))?)\)", r".extend(list(\1))"),),
    "JavaScript": (
        (r"(?<=\w)\.push\(\.\.\.([A-Za-z_][\w.]*(?:\([^()\n]*\))?)\)", r".push(...[...\1])"),
        (r"\bObject\.assign\((\w[\w.]*), ([A-Za-z_][\w.]*)\)", r"Object.assign(\1, { ...\2 })"),
    ),
    "Ruby": (
        (r"(?<=\w)\.concat\(([a-z_@][\w.]*)\)", r".concat(\1.dup)"),
        (r"(?<=\w)\.merge!\(([a-z_@][\w.]*)\)", r".merge!(\1.dup)"),
    ),
}  # fmt: skip


@operator(CRITERION, "flake8-comprehensions C4; a list of its own for what is copied over anyway", family=FAMILY)
def addition_copied(syntax: Syntax, function: Function) -> Iterator[Site]:
    """What is added to a container is first copied into one of its own."""
    if is_trial(function):
        return
    for pattern, replacement in _ADDITIONS.get(syntax.language, ()):
        for match in found(syntax, function, pattern):
            if not re.search(r"\(list\(|\(sorted\(|\.(?:dup|slice|to_a|split)\b", part(match)):
                yield (swapped(match, replacement),)
    declared = types(syntax, function) if syntax.language in ("Java", "C#", "Go") else {}
    if syntax.language == "Go":
        for match in found(syntax, function, r"\bappend\((\w[\w.]*), (\w+)\.\.\.\)"):
            kind = declared.get(part(match, 2), "")
            if re.fullmatch(r"\[\][\w.*]+", kind):
                yield (swapped(match, rf"append(\1, append({kind}(nil), \2...)...)"),)
    forms = {
        "Java": (r"(\.addAll)\((\w+)\)", r"\1(new ArrayList<>(\2))", r"(?:Array|Linked)?List<|Collection<|\w*Set<"),
        "C#": (r"(\.AddRange)\((\w+)\)", r"\1(\2.ToList())", r"I?List<|IEnumerable<|IReadOnly\w+<|ICollection<"),
    }
    pattern, replacement, kinds = forms.get(syntax.language, ("", "", ""))
    for match in found(syntax, function, rf"(?<=\w){pattern}") if pattern else []:
        if re.match(kinds, declared.get(part(match, 2), "")):
            yield (swapped(match, replacement),)
