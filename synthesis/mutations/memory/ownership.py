"""Operators that take from the heap, and never give back, what lived on the stack or had an owner."""

import re
from collections.abc import Iterator

from parsers.syntax import Function, Syntax
from synthesis.mutations.memory.places import CRITERION, body_text, found, part, source
from synthesis.mutations.operator import Edit, Site, operator

FAMILY = "release"
_SIZED = re.compile(r"\bsizeof|\w*(?:ARRAY_?SIZE|countof|NELEMS|LENGTH|ARRAY_LEN)\w*\(|std::(?:begin|end|size)\(")


@operator(CRITERION, "CWE-401: memory from the heap that nothing frees", ("C", "C++"), family=FAMILY, blatant=True)
def heap_for_stack(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A buffer that lived on the stack is taken from the heap, and never freed."""
    code = body_text(syntax, function)
    kinds = r"(?:unsigned )?(?:char|wchar_t|u?int8_t|u?int16_t|u?int32_t|int|float|double|size_t)"
    for match in found(syntax, function, rf"(?m)^([ \t]+)({kinds}) (\w+)\[(\w+(?: ?[-+*] ?\w+)?)\];"):
        kind, name, size = part(match, 2), part(match, 3), part(match, 4)
        if _SIZED.search(code) and re.search(rf"(?:{_SIZED.pattern})[ (]*{name}\b", code):
            continue
        if re.search(rf"&{name}\b(?!\[)|\breturn {name};|for ?\([^)]*: ?{name}\)", code):
            continue
        if syntax.language == "C++" and re.search(rf"(?:format_to|std::\w+)\(\s*{name}\b", code):
            continue
        narrow = kind in ("char", "unsigned char", "uint8_t", "int8_t")
        factor = f"({size})" if re.search(r"[-+]", size) else size
        if syntax.language == "C++":
            made = f"{kind}* {name} = new {kind}[{size}];"
        else:
            made = f"{kind} *{name} = malloc({size if narrow else f'{factor} * sizeof({kind})'});"
        yield (Edit(match.start(2), match.end(), made),)


@operator(
    CRITERION,
    "CWE-401; C++ Core Guidelines R.11: an object from new without an owner",
    ("C++",),
    family=FAMILY,
    blatant=True,
)
def owner_lost(syntax: Syntax, function: Function) -> Iterator[Site]:
    """An object whose owner freed it at the end of the block is made with new and never deleted."""
    forms = (
        r"\bauto (\w+) = std::make_unique<([\w:<>]+)>\(",
        r"\bstd::unique_ptr<([\w:]+)> (\w+)\(new ([\w:]+)\(([^;\n]*)\)\);",
    )
    for form, pattern in enumerate(forms):
        for match in found(syntax, function, pattern):
            name = part(match, 1 if form == 0 else 2)
            others = re.sub(
                rf"\b{name}(?:->|\s*(?:==|!=)\s*nullptr)|\*{name}\b",
                "",
                source(syntax, match.end(), function.body.end_byte),
            )
            if re.search(rf"\b{name}\b", others) or "[]" in part(match):
                continue
            if form == 0:
                yield (Edit(match.start(), match.end(), f"auto {name} = new {part(match, 2)}("),)
            else:
                yield (
                    Edit(
                        match.start(),
                        match.end(),
                        f"{part(match, 1)}* {name} = new {part(match, 3)}({part(match, 4)});",
                    ),
                )
