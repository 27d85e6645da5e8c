"""Magic numbers: numbers that stand where a name or another notation said what they mean."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax
from synthesis.mutations import layout, scope
from synthesis.mutations.layout import replace
from synthesis.mutations.operator import Edit, Site, operator
from synthesis.mutations.readability import blocks, rewording

KEY = "readability_maintainability"
_STATUS = {
    "OK": 200, "Created": 201, "Accepted": 202, "NoContent": 204, "MovedPermanently": 301, "Found": 302,
    "SeeOther": 303, "NotModified": 304, "BadRequest": 400, "Unauthorized": 401, "Forbidden": 403, "NotFound": 404,
    "MethodNotAllowed": 405, "Conflict": 409, "Gone": 410, "UnprocessableEntity": 422, "TooManyRequests": 429,
    "InternalServerError": 500, "NotImplemented": 501, "BadGateway": 502, "ServiceUnavailable": 503,
    "GatewayTimeout": 504,
}  # fmt: skip
_KNOWN: dict[str, dict[str, str]] = {
    "Go": {
        **{f"http.Status{name}": str(code) for name, code in _STATUS.items()},
        "math.MaxInt32": "2147483647", "math.MaxUint16": "65535", "math.MaxUint32": "4294967295",
        "math.MaxInt64": "9223372036854775807", "math.Pi": "3.141592653589793", "time.Second": "1000000000",
        "time.Millisecond": "1000000", "time.Minute": "60000000000", "time.Hour": "3600000000000",
        "utf8.RuneSelf": "128", "utf8.UTFMax": "4",
    },
    "Java": {
        "Integer.MAX_VALUE": "2147483647", "Short.MAX_VALUE": "32767", "Byte.MAX_VALUE": "127",
        "Long.MAX_VALUE": "9223372036854775807L", "Math.PI": "3.141592653589793", "Integer.SIZE": "32",
        "Long.SIZE": "64", "Byte.SIZE": "8", "Integer.BYTES": "4", "Long.BYTES": "8", "Character.MAX_RADIX": "36",
        "HttpURLConnection.HTTP_OK": "200", "HttpURLConnection.HTTP_NOT_FOUND": "404",
    },
    "C#": {
        "int.MaxValue": "2147483647", "short.MaxValue": "32767", "byte.MaxValue": "255", "ushort.MaxValue": "65535",
        "Int32.MaxValue": "2147483647", "long.MaxValue": "9223372036854775807", "Math.PI": "3.14159265358979",
    },
    "JavaScript": {
        "Number.MAX_SAFE_INTEGER": "9007199254740991", "Math.PI": "3.141592653589793",
        "Number.EPSILON": "2.220446049250313e-16",
        "Math.LN2": "0.6931471805599453",
    },
    "Python": {
        "math.pi": "3.141592653589793", "socket.AF_INET": "2", "os.SEEK_END": "2", "os.SEEK_SET": "0",
        "io.SEEK_END": "2", "math.tau": "6.283185307179586",
    },
    "C": {
        "INT_MAX": "2147483647", "UINT8_MAX": "255", "UINT16_MAX": "65535", "CHAR_BIT": "8", "SEEK_SET": "0",
        "SEEK_CUR": "1", "SEEK_END": "2", "STDIN_FILENO": "0", "STDOUT_FILENO": "1", "STDERR_FILENO": "2",
        "EXIT_FAILURE": "1", "EXIT_SUCCESS": "0", "INT32_MAX": "2147483647", "UCHAR_MAX": "255",
        "M_PI": "3.14159265358979323846",
    },
    "Ruby": {"Math::PI": "3.141592653589793", "Float::EPSILON": "2.220446049250313e-16"},
}  # fmt: skip
_KNOWN["C++"] = _KNOWN["C"]
_CHARACTERS = {"\\n": 10, "\\t": 9, "\\r": 13, "\\\\": 92, "\\'": 39}
_BITWISE = frozenset(("&", "|", "^", "&^", "&=", "|=", "^="))
_COMPARED = frozenset(("==", "!=", "<", "<=", ">", ">=", "-"))


@operator(KEY, "no magic numbers: CWE-1106 insufficient use of symbolic constants", family="explanations")
def constant_inlined(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A number stands bare where a named constant said what it means."""
    literals = {n.id for n in syntax.nodes("numbers", "number", function.body)}
    for variable, owner, value, _ in rewording.once(syntax, function):
        named = value.id in literals or ("binary" in value.type and all(c.id in literals for c in value.named_children))
        edit = blocks.deletion(syntax, owner) if named and len(variable.name) > 3 else None
        if edit is None or rewording.closed_over(variable, value) or len(variable.uses) > 5:
            continue
        if syntax.text(value) in ("0", "1", "-1", "0.0", "1.0"):
            continue
        yield (edit, *rewording.inlined(syntax, variable, value))
    known = _KNOWN[syntax.language]
    for node in _constants(syntax, function):
        number = known.get(syntax.text(node))
        if number is not None:
            yield (replace(node, number),)


def _constants(syntax: Syntax, function: Function) -> Iterator[Node]:
    """Names and member accesses that are no part of a longer access."""
    for node in syntax.nodes("identifiers", "identifier", function.body):
        whole = node
        if node.parent is not None and node.parent.type in _ACCESSES and node.parent.end_byte == node.end_byte:
            whole = node.parent
        outer = whole.parent
        if outer is None or (outer.type in _ACCESSES and outer.start_byte == whole.start_byte) or whole.has_error:
            continue
        if not outer.type.startswith(("case", "preproc")):
            yield whole


_ACCESSES = scope.kinds(
    "selector_expression field_access member_access_expression member_expression attribute scope_resolution"
)


@operator(
    KEY,
    "no magic numbers: a character's code in place of the character, clang-tidy readability-magic-numbers",
    ("C", "C++", "Java", "Go", "C#"),
    family="explanations",
)
def character_coded(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A character is compared by its number, which the reader has to look up."""
    sites = []
    for one in layout.binaries(syntax, function.body):
        for side in (one.left, one.right):
            text = syntax.text(side)
            if side.type not in ("char_literal", "character_literal", "rune_literal") or text[:1] != "'":
                continue
            inner = text[1:-1]
            code = ord(inner) if len(inner) == 1 and inner.isascii() else _CHARACTERS.get(inner)
            if code is not None and syntax.text(one.operator) in _COMPARED:
                sites.append(replace(side, str(code)))
    if len(sites) > 1:
        yield tuple(sites)
    for edit in sites:
        yield (edit,)


@operator(KEY, "write masks in hexadecimal, sizes as powers of two: CERT DCL06-C", (), "2", family="explanations")
def mask_in_decimal(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A bit mask or a power of two is written as a plain decimal number."""
    numbers = {n.id: n for n in syntax.nodes("numbers", "number", function.body)}
    sites: list[Edit] = []
    for one in layout.binaries(syntax, function.body):
        sign, sides = syntax.text(one.operator), (one.left, one.right)
        texts = [syntax.text(side) for side in sides]
        if sign == "<<" and all(side.id in numbers for side in sides) and texts[0] == "1" and texts[1].isdigit():
            if 12 <= int(texts[1]) < 31:
                sites.append(replace(_bracketed(one.node), str(1 << int(texts[1]))))
        elif sign in _BITWISE:
            sites += [
                replace(side, str(int(text, 16)))
                for side, text in zip(sides, texts, strict=True)
                if re.fullmatch(r"0[xX][0-9a-fA-F]{2,8}", text)
                and int(text, 16) in range(11, 2**31)
                and int(text, 16) != 255
            ]
    if len(sites) > 1:
        yield tuple(sites)
    for edit in sites:
        yield (edit,)


def _bracketed(node: Node) -> Node:
    """The brackets around a node that stand in a larger expression, or the node itself."""
    outer = node.parent
    around = outer.parent.type if outer is not None and outer.parent is not None else ""
    free = (
        outer is not None and outer.type == "parenthesized_expression" and ("binary" in around or "argument" in around)
    )
    return outer if free and outer is not None else node
