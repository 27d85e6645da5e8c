"""Which licence a Debian package's copyright file states for one file (DEP-5, the machine-readable format)."""

import re
from fnmatch import translate
from functools import lru_cache

from pipeline.sources.licence_text import licence_of_text
from pipeline.sources.licenses import of_debian_copyright

MAX_CHARS = 1_000_000


def licence_of(text: str, path: str) -> str | None:
    """SPDX expression of the last `Files` paragraph that matches `path`; None where none does, or it names no licence.

    Args:
        text: `debian/copyright`.
        path: of a file, seen from the source's top folder.
    """
    for patterns, stated in reversed(_paragraphs(text)):
        if any(pattern.match(path) for pattern in patterns):
            return stated
    return None


@lru_cache(maxsize=16)
def _paragraphs(text: str) -> tuple[tuple[list[re.Pattern[str]], str | None], ...]:
    """Patterns and licence of each `Files` paragraph, in order; none where the file is not machine-readable."""
    if len(text) > MAX_CHARS:
        return ()
    parts = [_fields(part) for part in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n"))]
    licensed = [part for part in parts if "license" in part]
    texts = {name: body for part in licensed for name, _, body in [part["license"].partition("\n")] if body.strip()}
    return tuple(
        ([_glob(word) for word in part["files"].split()], _stated(part["license"], texts))
        for part in licensed
        if "files" in part
    )


def _stated(field: str, texts: dict[str, str]) -> str | None:
    """The licence by its name, else by the text that goes with it, here or in a paragraph of its own."""
    name, _, body = field.partition("\n")
    known = of_debian_copyright(f"Files: *\nLicense: {name}\n")
    return known or licence_of_text(body.strip() or texts.get(name, ""))


def _fields(paragraph: str) -> dict[str, str]:
    """Fields by lower-case name, continuation lines with their value."""
    fields: dict[str, str] = {}
    last = ""
    for line in paragraph.split("\n"):
        name, colon, value = line.partition(":")
        if line[:1] in (" ", "\t"):
            if last:
                fields[last] += "\n" + line.strip()
        elif colon and not line.startswith("#"):
            last = name.strip().lower()
            fields[last] = value.strip()
    return fields


def _glob(word: str) -> re.Pattern[str]:
    r"""A pattern of the format: `*` any characters, slashes among them, `?` one, `\` takes the next as it is."""
    parts = []
    for escaped, char in re.findall(r"(\\?)(.)", word.removeprefix("./"), re.DOTALL):
        parts.append(f"[{char}]" if char == "[" or (escaped and char in "*?") else char)
    return re.compile(translate("".join(parts)))
