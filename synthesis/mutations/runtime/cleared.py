"""Memory of C and C++ that is filled twice, or byte by byte, where once, or a block at a time, would do."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax
from synthesis.mutations import layout, text
from synthesis.mutations.operator import Edit, Site, operator
from synthesis.mutations.runtime import shapes
from synthesis.mutations.trials import outside_tests

CRITERION = "runtime_efficiency"
FAMILY = "needless_work"
_ARRAY = re.compile(
    r"(?:(?:unsigned |signed )?(?:char|int|long|short)|u?int\d+_t|u_char|uchar|"
    r"[Bb]yte|BYTE|wchar_t|TCHAR|size_t|double|float"
    r"|[ui](?:8|16|32|64)|U8|U16|U32|U64|u_int|ngx_u?int_t) (\w+)\[([^\[\]]+)\];"
)
_ALLOCATES = re.compile(
    r"(?<![\w.>])(malloc|xmalloc|zmalloc|git__malloc|curlx_malloc|uv__malloc|je_malloc|mi_malloc|g_malloc|av_malloc"
    r"|png_malloc|ngx_palloc|ngx_alloc|apr_palloc)\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))+)\)(?=;|\))"
)
_CLEARED = {
    "ngx_palloc": "ngx_pcalloc", "ngx_alloc": "ngx_calloc", "apr_palloc": "apr_pcalloc", "zmalloc": "zcalloc",
    "g_malloc": "g_malloc0", "av_malloc": "av_mallocz", "png_malloc": "png_calloc",
}  # fmt: skip
"""Allocators with a twin that clears, of the same arguments; those of the others take a number first."""


@operator(
    CRITERION, "dead stores: the whole block is cleared by the allocator, and then set", ("C", "C++"), family=FAMILY
)
@outside_tests
def allocated_cleared(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Memory that is filled after it is taken is cleared when it is taken."""
    if "alloc" in function.name:
        return
    for statement in syntax.nodes("statements", "statement", function.body):
        source = syntax.text(statement)
        if "{" in source or statement.end_point.row - statement.start_point.row > 3:
            continue
        found = _ALLOCATES.search(source)
        if found is None or re.search(r"^\w+ ?\(|print|assert|\btest", source[: found.start()]):
            continue
        after = syntax.data[statement.end_byte : statement.end_byte + 600]
        if b"memset" in after.split(b"}")[0]:
            continue
        at = statement.start_byte + len(source[: found.start()].encode())
        made = _CLEARED.get(found[1])
        replaced = f"{made}({found[2]})" if made else f"{found[1].replace('malloc', 'calloc')}(1, {found[2]})"
        yield (Edit(at, at + len(found[0].encode()), replaced),)


def byte_by_byte(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Sites that copy or fill byte by byte what one call of C copies or fills."""
    for node in syntax.nodes("statements", "statement", function.body):
        source = syntax.text(node)
        found = re.match(
            r"(?:\(void\) ?)?(?:std::)?(mem(?:cpy|set)|ngx_memcpy|ngx_memzero|XMEMCPY|XMEMSET)\((.+)\);$",
            source,
            re.DOTALL,
        )
        if (
            found is None
            or not text.owns_lines(syntax, node)
            or node.parent is None
            or node.parent.type not in text.BLOCKS
        ):
            continue
        given = _split(found[2])
        index = shapes.free(syntax, function, "i", "j", "n", "pos")
        if index is None or "\n" in source or not given:
            continue
        name = found[1].lower().replace("ngx_", "").lstrip("x")
        if (name == "memzero") != (len(given) == 2) or (name != "memzero" and len(given) != 3):
            continue
        size = given[-1]
        if re.search(r"\w\(", re.sub(r"sizeof ?\(", "", size)) or (
            re.fullmatch(r"\d|sizeof\(\w+\)", size) and len(size) < 3
        ):
            continue
        if any(re.search(r"\+\+|--|=", one) for one in given) or re.search(r"\w\(", " ".join(given[:-1])):
            continue
        yield (Edit(node.start_byte, node.end_byte, _loop(syntax, function, node, name, given, index)),)


def _loop(syntax: Syntax, function: Function, node: Node, name: str, given: list[str], index: str) -> str:
    places = [one if re.fullmatch(r"[\w.\[\]]+(?:->[\w.\[\]]+)*", one) else f"({one})" for one in given]
    target = f"((unsigned char *){places[0]})[{index}]"
    value = "0" if name == "memzero" else given[1]
    if name == "memcpy":
        value = f"((const unsigned char *){places[1]})[{index}]"
    bound = given[-1] if re.fullmatch(r"[\w.\[\]>()*-]+", given[-1]) else f"({given[-1]})"
    line, step = f"\n{text.indent(syntax, node)}", layout.step(syntax, function)
    return f"for (size_t {index} = 0; {index} < {bound}; {index}++) {{{line}{step}{target} = {value};{line}}}"


def _split(source: str) -> list[str]:
    """Arguments of a call, parted at the commas outside of brackets; empty where brackets don't close."""
    found, level, start = [], 0, 0
    for place, mark in enumerate(source):
        level += (mark in "([{") - (mark in ")]}")
        if level < 0 or mark in "\"'":
            return []
        if mark == "," and level == 0:
            found.append(source[start:place].strip())
            start = place + 1
    return [*found, source[start:].strip()] if level == 0 else []
