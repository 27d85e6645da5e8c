"""Licence metadata of a package to one SPDX expression, or None where it states none that SPDX knows."""

import json
import re
from collections.abc import Iterable
from email.parser import HeaderParser
from functools import cache
from typing import Any

from license_expression import ExpressionError, Licensing, get_spdx_licensing

MAX_CHARS = 200
"""A longer statement is a licence's text, of which the first line is read."""

COMMON = {
    "apache": "Apache-2.0",
    "apache 2": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache 2.0 license": "Apache-2.0",
    "apache license": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "apache software license 2.0": "Apache-2.0",
    "apache-2": "Apache-2.0",
    "2-clause bsd": "BSD-2-Clause",
    "2-clause bsd license": "BSD-2-Clause",
    "3-clause bsd": "BSD-3-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "bsd": "BSD-3-Clause",
    "bsd 2-clause license": "BSD-2-Clause",
    "bsd 3-clause": "BSD-3-Clause",
    "bsd 3-clause license": "BSD-3-Clause",
    "bsd license": "BSD-3-Clause",
    "bsd-2-clause license": "BSD-2-Clause",
    "bsd-3-clause license": "BSD-3-Clause",
    "modified bsd": "BSD-3-Clause",
    "modified bsd license": "BSD-3-Clause",
    "new bsd": "BSD-3-Clause",
    "new bsd license": "BSD-3-Clause",
    "simplified bsd": "BSD-2-Clause",
    "boost software license 1.0": "BSL-1.0",
    "boost software license 1.0 (bsl-1.0)": "BSL-1.0",
    "expat": "MIT",
    "gnu general public license v2 (gplv2)": "GPL-2.0-only",
    "gnu general public license v2 or later (gplv2+)": "GPL-2.0-or-later",
    "gnu general public license v3 (gplv3)": "GPL-3.0-only",
    "gnu general public license v3 or later (gplv3+)": "GPL-3.0-or-later",
    "gnu lesser general public license v2 or later (lgplv2+)": "LGPL-2.0-or-later",
    "gnu lesser general public license v3 (lgplv3)": "LGPL-3.0-only",
    "gnu lesser general public license v3 or later (lgplv3+)": "LGPL-3.0-or-later",
    "isc license": "ISC",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mit no attribution license (mit-0)": "MIT-0",
    "mit-license": "MIT",
    "mit/x11": "MIT",
    "mozilla public license 2.0": "MPL-2.0",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "mpl 2.0": "MPL-2.0",
    "psf": "PSF-2.0",
    "python software foundation license": "PSF-2.0",
    "the mit license": "MIT",
    "the mit license (mit)": "MIT",
    "the unlicense (unlicense)": "Unlicense",
    "zlib/libpng": "Zlib",
    "zlib/libpng license": "Zlib",
    "zope public license": "ZPL-2.1",
}
"""Classifiers and common free text, lower case without commas. Bare `BSD` is read as its three-clause form."""

PARSER_ERRORS = (ExpressionError, LookupError, ValueError, TypeError, AttributeError, AssertionError)
"""What the library's parser lets through on text that is no expression."""

DEBIAN = re.compile(r"\b((?:GPL|LGPL|AGPL)-[0-9]+(?:\.[0-9]+)?)(\+?)(?!\S*-(?:only|or-later))", re.IGNORECASE)
"""GNU licences as Debian writes them: `GPL-2` is this version only, `GPL-2+` this or a later one."""


@cache
def _licensing() -> Licensing:
    return get_spdx_licensing()


def spdx(text: str) -> str | None:
    """A licence's name, common free text or expression as a canonical SPDX expression; None where it is none.

    Args:
        text: what a package states. Of several lines, the first that holds something.
    """
    line = next((stripped for line in text.splitlines() if (stripped := line.strip())), "")
    if not line or len(line) > MAX_CHARS:
        return None
    key = re.sub(r"\s+", " ", line.casefold().replace(",", "")).removesuffix(".")
    if key in COMMON:
        return COMMON[key]
    try:
        parsed = _licensing().parse(line, validate=True, strict=True)
    except PARSER_ERRORS:
        return None
    return None if parsed is None else str(parsed.simplify())


def _joined(found: Iterable[str | None], word: str) -> str | None:
    """The expressions joined by AND or OR, simplified; None where there is none, or where any is unknown."""
    known = list(found)
    if not known or None in known:
        return None
    return spdx(f" {word} ".join(f"({item})" for item in sorted({str(item) for item in known})))


def of_pkg_info(text: str) -> str | None:
    """Licence of a Python source distribution, from its PKG-INFO.

    The order is License-Expression, License, then the classifiers; of several classifiers all are taken to hold.
    """
    headers = HeaderParser().parsestr(text)
    for field in ("License-Expression", "License"):
        stated = headers.get(field)
        if stated and (found := spdx(str(stated))):
            return found
    prefix = "License :: OSI Approved :: "
    classifiers = [str(value).strip() for value in headers.get_all("Classifier", [])]
    return _joined([spdx(c.removeprefix(prefix)) for c in classifiers if c.startswith(prefix)], "AND")


def of_package_json(text: str) -> str | None:
    """Licence of a JavaScript package, from its package.json: a string, an object, or a list to choose from."""
    try:
        manifest = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(manifest, dict):
        return None
    stated = manifest.get("license") or manifest.get("licenses")
    if isinstance(stated, list):
        return _joined([_one(item) for item in stated], "OR")
    return _one(stated)


def _one(stated: Any) -> str | None:
    value = stated.get("type") if isinstance(stated, dict) else stated
    return spdx(value) if isinstance(value, str) else None


def of_debian_copyright(text: str) -> str | None:
    """Licence of a Debian package, from its machine-readable copyright file (DEP-5).

    Every `Files` paragraph but that of the packaging itself (`debian/*`) is taken to hold, since the paths that they
    name are of the source package, not of the installed one. None where any of them is unknown.
    """
    found: list[str | None] = []
    for paragraph in re.split(r"\n[ \t]*\n", text):
        fields = HeaderParser().parsestr(paragraph.strip("\n") + "\n")
        files, stated = fields.get("Files"), fields.get("License")
        if files is None or stated is None or all(name.startswith("debian/") for name in str(files).split()):
            continue
        found.append(_debian_name(str(stated)))
    return _joined(found, "AND")


def _debian_name(stated: str) -> str | None:
    """A DEP-5 licence field: short names joined by `or`, `and` and commas."""
    line = stated.strip().splitlines()[0] if stated.strip() else ""
    line = re.sub(r",?\s+(and|or)\s+", lambda match: f" {match[1].upper()} ", line.replace("/", " OR "))
    line = re.sub(r"\bExpat\b", "MIT", line)
    return spdx(DEBIAN.sub(_gnu, line))


def _gnu(match: re.Match[str]) -> str:
    name = match[1] if "." in match[1] else f"{match[1]}.0"
    return name + ("-or-later" if match[2] else "-only")
