"""Defects by which text from outside reaches a shell, a page, a path, a format, an evaluator as it came."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax
from synthesis.mutations import text
from synthesis.mutations.operator import Edit, Site, operator
from synthesis.mutations.security import parsing
from synthesis.mutations.security.places import (
    CRITERION,
    Call,
    after,
    calls,
    rewrites,
    statement_of,
    value_kept,
)

_ESCAPES = re.compile(
    r"(?i)(?:^|[._:])(?!\w*un_?escape|un_?quote|\w*decode)(?:\w*escape_?(?:html|xml|js|javascript|url|uri|path|shell|"
    r"attr\w*|query|sql|"
    r"string|text|value|property|control\w*|regexp?)?(?:_once|4)?|\w*html_?(?:escape|encode)|\w*(?:url|uri)_encode|"
    r"[uU]rlEncode|URLEncoder\.encode|encodeURI(?:Component)?"
    r"|encodeFor\w+|forHtml\w*|urlquote|quote(?:_plus|_string)?|shellescape|(?:sanitize|sanitise)_?(?:html|text|"
    r"input|string|value|name)?|htmlspecialchars"
    r"|escapeDataString|HTMLEscapeString|(?:Query|Path)Escape|purify|strip_tags|escapeshellarg)$"
)
_STATIC = {
    "Go": re.compile(r"^(?:html|template|url|syscall|strconv)\.\w+$|^\w*[eE]scape\w*$"),
    "Java": re.compile(r"(?:^|\.)(?:\w*escape\w*|URLEncoder\.encode|encodeFor\w+|forHtml\w*)$", re.I),
    "C#": re.compile(r"(?:^|\.)(?:HtmlEncode|UrlEncode|EscapeDataString|HtmlAttributeEncode|Encode|Escape)$"),
    "C++": re.compile(r"(?i)escape|encode"),
    "C": re.compile(r"$^"),
}
_LINK = re.compile(
    rb"\s*\.(?:replace|replaceAll|Replace|gsub!?)\((?:\"(?:[<>&'/]|\\\"|\\n|\\r)+\"|'(?:[<>&\"/]|\\'|\\n|\\r)+'|"
    rb"/[<>&\"']/g),"
    rb" ?(?:\"&[#\w]+;\"|'&[#\w]+;'|\"\\\\\\\\\w\"|\"\"|'')\)"
)
_PATHS = re.compile(
    r"^(?:os\.path\.(?:basename|realpath|abspath|normpath)|(?:\w+\.)?secure_filename|path\.(?:normalize|basename|"
    r"posix\.normalize|resolve)"
    r"|(?:file)?path\.(?:Clean|Base)|(?:System\.IO\.)?Path\.Get(?:FileName|FullPath)|(?:::)?File\.(?:basename|"
    r"expand_path|realpath)"
    r"|(?:std::)?(?:filesystem|fs)::(?:weakly_)?canonical|FilenameUtils\.(?:normalize|getName)|"
    r"\w*[nN]ormali[sz]e_?[pP]ath|\w*[cC]lean_?[pP]ath"
    r"|\w*saniti[sz]e_?(?:[pP]ath|[fF]ile_?[nN]ame))$"
)
_REACHES = re.compile(
    r"(?i)\bopen\w*\(|\bjoin\w*\(|Combine\(|\bread\w*[( ]|\bwrite\w*[( ]|\bload\w*\(|unlink|\bremove\w*\(|mkdir|"
    r"exists?\b|starts_?with|has_?prefix|"
    r"\bstat\(|send_?file|copy|rename|\bresolve\(|File\.|createReadStream|\bPath\(|delete\w*\(|commonp|include\?"
)
_JOINED = {
    "safe_join": "os.path.join", "SecureJoin": "filepath.Join", "sanitized_path": "File.join", "safe_path_join":
        "os.path.join",
    "secure_join": "os.path.join",
}  # fmt: skip


_CONFINES = re.compile(
    r"(?i)\bstarts_?with\??\(|HasPrefix\(|commonpath|commonprefix|is_relative_to|relative_to\(|path\.relative\(|"
    r"filepath\.Rel\("
)
"""What holds a path against the folder that it may not leave, which only works on a normalised one."""


def _joined(syntax: Syntax, statement: Node, call: Call, near: str) -> bool:
    """Whether the last part of a path, that the call cuts out, is put behind a folder."""
    source, own = syntax.text(statement), re.escape(syntax.text(call.node))
    bound = re.match(r"(?:\w+ )?(\w+) :?= ", source)
    part = rf"(?:{own}|\b{bound[1]}\b)" if bound and not re.search(rf"[(,+/] ?{own}", source) else own
    return re.search(rf"(?i)(?:\bjoin\w*|Combine|\bPath)\([^\n]+, ?{part}|['\"]/['\"] ?\+ ?{part}", near) is not None


def _used(syntax: Syntax, call: Call) -> bool:
    parent = call.node.parent
    return parent is not None and parent.type not in ("expression_statement", "await")


@operator(CRITERION, "CWE-79, CWE-116: output not neutralised", version="1", family="injection")
def output_escaping_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Text goes into a page, an address, a command or a pattern as it came, without being escaped."""
    allowed = _STATIC.get(syntax.language)
    for call in calls(syntax, function):
        if not _ESCAPES.search(call.callee) or (allowed and not allowed.search(call.callee)) or not _used(syntax, call):
            continue
        if re.search(r"(?i)unescape|decode|is_?escape|escaped$|can_|^urlencode$", call.name) or not call.arguments:
            continue
        first = call.arguments[0]
        constant = all(
            re.fullmatch(r"[\"'].*[\"']|[\w.]*(?:UTF|utf)[\w.]*|safe=.*|True|False|true|false", syntax.text(n))
            for n in call.arguments[1:]
        )
        if (
            first.type in ("keyword_argument", "list_splat", "string", "splat_argument", "block_argument")
            or not constant
        ):
            continue
        source = syntax.text(first)
        if syntax.language == "C++" and "string" not in text.parameter_type(syntax, function, source):
            continue
        yield from value_kept(syntax, call.node, text.inlined(syntax, first) if first.type != "argument" else source)
    yield from _links(syntax, function)
    yield from rewrites(syntax, function, parsing.PAGES)


def _links(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Links of a chain of replacements that escape one character each."""
    if not any(True for _ in calls(syntax, function)):
        return
    body = syntax.data[function.body.start_byte : function.body.end_byte]
    for match in _LINK.finditer(body):
        at = function.body.start_byte
        yield (Edit(at + match.start(), at + match.end(), ""),)


@operator(CRITERION, "CWE-22: path traversal", version="2", family="injection")
def path_normalisation_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A path from outside is used as it came, so that it may lead out of its folder."""
    for call in calls(syntax, function):
        if call.name in _JOINED and len(call.arguments) >= 2:
            name = Edit(call.node.start_byte, call.brackets.start_byte, _JOINED[call.name])
            if statement_of(call.node).type != "import_statement" and _used(syntax, call):
                yield (name,)
        if not _PATHS.match(call.callee) or len(call.arguments) != 1 or not _used(syntax, call):
            continue
        source = syntax.text(call.arguments[0])
        names = {syntax.text(n) for n in text.variables(syntax, call.arguments[0])}
        outside = names & set(text.parameters(syntax, function)) or re.search(
            r"(?i)param|request|env\[|input|upload|header", source
        )
        statement = statement_of(call.node)
        flows = _REACHES.search(syntax.text(statement).replace(syntax.text(call.node), "")) or _REACHES.search(
            after(syntax, function, statement)
        )
        base = re.search(r"(?i)base(?:name)?$|GetFileName|getName|filename$", call.callee) is not None
        near = syntax.text(statement) + "\n" + after(syntax, function, statement)
        if not base and not re.search(_CONFINES, near):
            continue
        if base and not _joined(syntax, statement, call, near):
            continue
        if outside and flows and "__" not in source and not call.arguments[0].type.endswith(("string", "splat")):
            first = call.arguments[0]
            kept = source if first.type == "argument" else text.inlined(syntax, first)
            yield from value_kept(syntax, call.node, kept)


@operator(CRITERION, "CWE-93, CWE-113, CWE-117: line breaks not neutralised", family="injection")
def line_breaks_kept(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Line breaks of a text from outside reach a header, a log or a protocol's line."""
    if re.search(r"(?i)header|cookie|location|mail|redirect|\blog|smtp", syntax.text(function.node)):
        yield from rewrites(syntax, function, parsing.LINE_BREAKS)


@operator(CRITERION, "CWE-134: format string from outside", ("C", "C++"), family="injection")
def format_from_data(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A text from outside is itself the format, so that its percent signs are obeyed."""
    for call in calls(syntax, function):
        given = call.arguments
        if (
            len(given) < 2
            or syntax.text(given[-2]) != '"%s"'
            or not re.search(r"(?i)print|log|error|warn|fmt|format|msg|fail|set", call.name)
        ):
            continue
        if (
            given[-1].type in ("identifier", "field_expression", "call_expression", "subscript_expression")
            and call.name != "sscanf"
        ):
            yield (Edit(given[-2].start_byte, given[-1].start_byte, ""),)


@operator(CRITERION, "CWE-95: evaluation of input", version="3", family="injection", blatant=True)
def input_evaluated(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Input is read by something that runs code, where a parser of plain data stood."""
    yield from rewrites(syntax, function, parsing.EVALUATED)


@operator(CRITERION, "CWE-502: deserialisation of untrusted data", version="2", family="injection")
def loader_made_unsafe(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Data from outside may name the types that it becomes, and so run code, where a safe loader stood."""
    yield from rewrites(syntax, function, parsing.LOADERS)


@operator(CRITERION, "CWE-611, CWE-776: XML external entities", family="injection")
def entities_resolved(syntax: Syntax, function: Function) -> Iterator[Site]:
    """XML from outside may pull in files and addresses: its entities are resolved."""
    yield from rewrites(syntax, function, parsing.ENTITIES)
