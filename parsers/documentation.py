"""Documentation comments made plain text: comment marks, Javadoc, Doxygen, JSDoc, YARD and XML tags go."""

import html
import inspect
import re

_HEADER = re.compile(r"copyright|spdx-license|licensed under|all rights reserved|^#!|-\*-|frozen_string_literal", re.I)
_DIRECTIVE = re.compile(
    r"^\s*(eslint|jshint|jslint|istanbul|rubocop:|pylint:|noqa|nolint|type: ignore|mypy:|fmt:|go:\w|clang-format"
    r"|prettier-ignore|@ts-|:nodoc:|coding[:=]|checkstyle|#?pragma)",
    re.I,
)
_RULER = re.compile(r"^[\W_]*$")
_HTML_TAG = re.compile(
    r"</?(?:p|br|code|pre|tt|b|i|em|strong|ul|ol|li|a|h[1-6]|blockquote|table|tr|td|th|dl|dt|dd|span|div|sup|sub"
    r"|summary|remarks|example|para|c|list|item|description|term|value|inheritdoc|returns|param|exception|typeparam)"
    r"(?:\s[^<>]*)?/?>",
    re.I,
)
_XML = (
    (re.compile(r"<(?:see|seealso)\s+(?:cref|langword|href)=\"(?:[A-Z]:)?([^\"]*)\"\s*/>"), r"\1"),
    (re.compile(r"<(?:paramref|typeparamref)\s+name=\"([^\"]*)\"\s*/>"), r"\1"),
    (re.compile(r"<(?:param|typeparam)\s+name=\"([^\"]*)\"\s*>\s*"), r"\n\1: "),
    (re.compile(r"<exception\s+cref=\"(?:[A-Z]:)?([^\"]*)\"\s*>\s*"), r"\nRaises \1: "),
    (re.compile(r"<returns>\s*"), "\nReturns: "),
)
_NAME = r"(\.{0,3}[\w$.*&]+)"
_TAGS = (
    (re.compile(r"\{@(?:link|linkplain|code|literal|value)\s+([^{}]*)\}"), r"\1"),
    (re.compile(r"^[@\\](?:brief|short|details?|description|summary|desc|function|method)\b[ \t]*", re.M), ""),
    (
        re.compile(r"^[@\\]t?param(?:\[[\w, ]*\])?[ \t]+\{([^{}]*)\}[ \t]+\[?" + _NAME + r"[^\s\]]*\]?[ \t-]*", re.M),
        r"\2 (\1): ",
    ),
    (re.compile(r"^[@\\]t?param[ \t]+\[([^\[\]]*)\][ \t]+" + _NAME + r"[ \t-]*", re.M), r"\2 (\1): "),
    (re.compile(r"^[@\\]t?param[ \t]+" + _NAME + r"[ \t]+\[([^\[\]]*)\][ \t-]*", re.M), r"\1 (\2): "),
    (re.compile(r"^[@\\]t?param(?:\[[\w, ]*\])?[ \t]+" + _NAME + r":?(?:[ \t]+-)?[ \t]*", re.M), r"\1: "),
    (re.compile(r"^[@\\]returns?[ \t]+[{\[]([^{}\[\]]*)[}\]][ \t-]*", re.M), r"Returns (\1): "),
    (re.compile(r"^[@\\](?:returns?|result|retval)\b:?[ \t]*", re.M), "Returns: "),
    (re.compile(r"^[@\\](?:throws?|exception|raise)[ \t]+[{\[]?([\w.:]+)[}\]]?[ \t-]*", re.M), r"Raises \1: "),
    (re.compile(r"^[@\\](?:note|remarks?|warning)\b:?[ \t]*", re.M), "Note: "),
    (re.compile(r"^[@\\](?:deprecated)\b:?[ \t]*", re.M), "Deprecated: "),
    (
        re.compile(
            r"^[@\\](?:author|since|version|date|file|copyright|license|see|sa|ingroup|memberof|private|public|api"
            r"|protected|static|override|inheritdoc|type|name|class|constructor|async|export|access)\b.*\n?",
            re.M | re.I,
        ),
        "",
    ),
    (re.compile(r"(?<![\w@])[@\\](?:p|c|a|e|ref)[ \t]+(?=\w)"), ""),
    (
        re.compile(
            r"^:(?:param|parameter|arg|argument|key|keyword)[ \t]+(?:([^:\s]+)[ \t]+)?(\*{0,2}\w+):[ \t]*", re.M
        ),
        r"\2: ",
    ),
    (re.compile(r"^:returns?:[ \t]*", re.M), "Returns: "),
    (re.compile(r"^:(?:raises?|except|exception)[ \t]+([\w.]+):[ \t]*", re.M), r"Raises \1: "),
    (re.compile(r"^:(?:type|rtype|vartype)\b.*\n?", re.M), ""),
    (re.compile(r":(?:class|func|meth|mod|attr|exc|ref|data|const|obj|term|py:\w+):`~?([^`<>]*)`"), r"\1"),
)
_MAX_CHARS = 20_000


def is_header(comment: str) -> bool:
    """Whether a comment belongs to the file and not to the function below it: a licence, an interpreter, a coding."""
    return bool(_HEADER.search(comment))


def plain_comment(text: str) -> str:
    """One or several comments that stand together, without marks and tags; empty where only directives are left."""
    return _plain("\n".join(_unmarked(line) for line in text[:_MAX_CHARS].splitlines()))


def plain_docstring(literal: str) -> str:
    """A Python string literal as documentation; empty for bytes and formatted strings, which are none."""
    found = re.match(r"""([a-zA-Z]*)(\"{3}|'{3}|\"|')(.*)\2$""", literal[:_MAX_CHARS], re.S)
    if found is None or set(found[1].lower()) & set("bf"):
        return ""
    return _plain(inspect.cleandoc(found[3]))


def _unmarked(line: str) -> str:
    """A line of a comment without the marks at its ends."""
    line = line.rstrip()
    bare = line.lstrip()
    if bare in ("=begin", "=end"):
        return ""
    for mark in ("/**<", "/*!", "/**", "/*", "//!", "///", "//", "<!--", "#:", "*/"):
        if bare.startswith(mark):
            bare = bare[len(mark) :].lstrip("*/")
            break
    else:
        if bare.startswith("#"):
            bare = bare.lstrip("#")
        elif bare.startswith("*"):
            bare = bare[1:]
        else:
            bare = line
    return re.sub(r"\s*\**\*/$", "", bare)


def _plain(text: str) -> str:
    lines = [line for line in text.splitlines() if not _DIRECTIVE.match(line)]
    lines = [line if not _RULER.match(line) else "" for line in lines]
    text = inspect.cleandoc("\n" + "\n".join(lines))
    if text.lstrip().startswith("<") or "</" in text or "/>" in text or "<p>" in text:
        for pattern, plain in _XML:
            text = pattern.sub(plain, text)
        text = html.unescape(_HTML_TAG.sub("", text))
    text = re.sub(r"^[ \t]+(?=[@\\:]\w)", "", text, flags=re.M)
    for pattern, plain in _TAGS:
        text = pattern.sub(plain, text)
    text = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", text).strip()
