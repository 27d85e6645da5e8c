import re
from importlib.metadata import distributions
from pathlib import Path

import pytest
from identify.vendor.licenses import LICENSES

from pipeline.sources.licence_text import licence_of_header, licence_of_text
from pipeline.sources.licenses import of_pkg_info

TEXTS = dict(LICENSES)
KNOWN = {
    "0BSD": "0BSD",
    "AGPL-3.0": "AGPL-3.0-only",
    "Apache-2.0": "Apache-2.0",
    "Artistic-2.0": "Artistic-2.0",
    "BSD-2-Clause": "BSD-2-Clause",
    "BSD-3-Clause": "BSD-3-Clause",
    "BSD-3-Clause-Clear": "BSD-3-Clause-Clear",
    "BSL-1.0": "BSL-1.0",
    "CC0-1.0": "CC0-1.0",
    "EPL-1.0": "EPL-1.0",
    "EPL-2.0": "EPL-2.0",
    "GPL-2.0": "GPL-2.0-only",
    "GPL-3.0": "GPL-3.0-only",
    "ISC": "ISC",
    "LGPL-2.1": "LGPL-2.1-only",
    "LGPL-3.0": "LGPL-3.0-only",
    "MIT": "MIT",
    "MPL-2.0": "MPL-2.0",
    "PostgreSQL": "PostgreSQL",
    "Unlicense": "Unlicense",
    "Zlib": "Zlib",
}
UNKNOWN = ("AFL-3.0", "CC-BY-4.0", "CC-BY-SA-4.0", "ECL-2.0", "EUPL-1.1", "EUPL-1.2", "LPPL-1.3c", "MS-RL", "OSL-3.0")
SINGLE = {"MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MPL-2.0"}


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_the_text_of_a_licence_is_known_by_its_words(name: str) -> None:
    text = TEXTS[name]
    assert licence_of_text(text) == KNOWN[name]
    commented = "/*\n" + "".join(f" * {line}\n" for line in text.splitlines()) + " */\n"
    assert licence_of_text(commented.upper().replace("\n", "\r\n")) == KNOWN[name]
    assert licence_of_text(f"Copyright (c) 2020 A. Author <a@example.org>\n\n{text}") == KNOWN[name]


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_licence_that_is_not_in_the_table_is_taken_for_no_other(name: str) -> None:
    assert licence_of_text(TEXTS[name]) is None


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_a_text_cut_short_is_no_licence(name: str) -> None:
    text = TEXTS[name]
    assert licence_of_text(text[: len(text) * 2 // 3]) is None


def test_the_licences_of_the_installed_packages_agree_with_what_they_state() -> None:
    agreed, differing = 0, []
    for package in distributions():
        stated = of_pkg_info(package.read_text("METADATA") or "")
        files = [
            file
            for file in package.files or []
            if re.fullmatch(r"[^/]+\.dist-info/(licenses/)?LICEN[CS]E(\.txt|\.md)?", str(file))
            and Path(str(file.locate())).is_file()
        ]
        if stated not in SINGLE or len(files) != 1:
            continue
        found = licence_of_text(Path(str(files[0].locate())).read_text(encoding="utf-8", errors="replace"))
        if found == stated:
            agreed += 1
        elif found is not None:
            differing.append((package.name, stated, found))
    # numba's metadata say "BSD" and no more, which is taken for the stricter of the two
    assert differing == [("numba", "BSD-3-Clause", "BSD-2-Clause")]
    assert agreed >= 20


def test_variants_of_one_opening_are_told_apart_by_their_clauses() -> None:
    mit, bsd = TEXTS["MIT"], TEXTS["BSD-3-Clause"]
    x11 = (
        f"{mit}\nExcept as contained in this notice, the name of A. Author shall not be used in advertising or "
        "otherwise to promote the sale, use or other dealings in this Software without prior written authorization "
        "from A. Author.\n"
    )
    assert licence_of_text(x11) == "X11"
    assert (
        licence_of_text(
            mit.replace("The above copyright", "The Software shall be used for Good, not Evil. The above copyright")
        )
        is None
    )
    notice = re.sub(r", subject to the following.*?Software\.\n", ".\n", mit, flags=re.DOTALL)
    assert licence_of_text(notice) == "MIT-0"
    advertising = bsd.replace(
        "3. Neither",
        "3. All advertising materials mentioning features or use of this software must display the following "
        "acknowledgement: This product includes software developed by A. Author.\n\n4. Neither",
    )
    assert licence_of_text(advertising) == "BSD-4-Clause"
    extra = bsd.replace(
        "3. Neither", "3. " + "Every user sends the author one postcard from the town. " * 5 + "\n4. Neither"
    )
    assert licence_of_text(extra) is None


@pytest.mark.parametrize(
    "around",
    [
        "Alternatively, you may use it under the terms of another licence.",
        "The Software is provided under the licence below with the Commons Clause condition.",
        "This applies to all files except those in third_party/.",
        "Parts are licensed under the Apache License, Version 2.0.",
        "filler words " * 400,
    ],
)
def test_words_around_a_licence_that_take_something_back_leave_it_in_doubt(around: str) -> None:
    assert licence_of_text(f"{TEXTS['MIT']}\n\n{around}\n") is None


def test_several_licences_in_one_file_are_in_doubt_and_one_twice_is_not() -> None:
    mit, bsd = TEXTS["MIT"], TEXTS["BSD-2-Clause"]
    assert licence_of_text(f"{mit}\n\n{bsd}") is None
    assert licence_of_text(f"{mit}\n\nThe older parts:\n\n{mit}") == "MIT"
    assert licence_of_text(f"{TEXTS['GPL-3.0']}\n\n{TEXTS['LGPL-3.0']}") == "LGPL-3.0-only"


def test_known_exceptions_are_part_of_the_expression() -> None:
    fmt = (
        "--- Optional exception to the license ---\n\nAs an exception, if, as a result of your compiling your source "
        "code, portions of this Software are embedded into a machine-executable object form of such source code, you "
        "may redistribute such embedded portions in such object form without including the above copyright and "
        "permission notices.\n"
    )
    assert licence_of_text(f"{TEXTS['MIT']}\n{fmt}") == "MIT WITH fmt-exception"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\0\0",
        "All rights reserved.",
        "permission is hereby granted free of charge to any person obtaining a copy",
        "x" * 300_000,
    ],
)
def test_what_is_no_licence_is_none(text: str) -> None:
    assert licence_of_text(text) is None


def test_a_file_that_only_names_its_licence_is_read_as_a_notice() -> None:
    assert licence_of_text("demo is released under the MIT license.\n") == "MIT"
    assert licence_of_text("Either the MIT or the Apache License, Version 2.0, under the MIT license.") is None


def test_words_parted_at_a_line_end_are_joined() -> None:
    assert (
        licence_of_text(TEXTS["MIT"].replace("furnished", "fur-\nnished").replace("FITNESS", "FIT-\n * NESS")) == "MIT"
    )


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("// SPDX-License-Identifier: MIT\nint x;\n", "MIT"),
        ("/* SPDX-License-Identifier: GPL-2.0-or-later OR MIT */\n", "GPL-2.0-or-later OR MIT"),
        ("# SPDX-License-Identifier: GPL-2.0+\n", "GPL-2.0-or-later"),
        ("<!-- SPDX-License-Identifier: curl -->\n", "curl"),
        ("// SPDX-License-Identifier: MIT\n// SPDX-License-Identifier: ISC\n", "ISC AND MIT"),
        ("// SPDX-License-Identifier: BSD\n", None),
        ("// SPDX-License-Identifier: made-up\n", None),
        ("// SPDX-License-Identifier: MIT\n// SPDX-License-Identifier: made-up\n", None),
        ('char *tag = "SPDX-License-Identifier: MIT";\n', None),
        ("\n" * 80 + "// SPDX-License-Identifier: MIT\n", None),
    ],
)
def test_a_tag_in_a_header_is_a_validated_expression(header: str, expected: str | None) -> None:
    assert licence_of_header(header) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ('Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file', "Apache-2.0"),
        ("The Foundation licenses this file to you under the MIT license.", "MIT"),
        ("This Source Code Form is subject to the terms of the Mozilla Public\nLicense, v. 2.0.", "MPL-2.0"),
        ("Distributed under the Boost Software License, Version 1.0.", "BSL-1.0"),
        (
            "it under the terms of the GNU General Public License as published by\nthe Free Software Foundation; "
            "either version 2 of the License, or\n(at your option) any later version.",
            "GPL-2.0-or-later",
        ),
        (
            "under the terms of the GNU General Public License version 2 as published by the Free Software Foundation.",
            "GPL-2.0-only",
        ),
        (
            "modify it under the terms of the GNU Lesser General Public License as published by the Free Software "
            "Foundation; either version 2.1 of the License, or (at your option) any later version.",
            "LGPL-2.1-or-later",
        ),
        (
            "under the terms of the GNU Affero General Public License as published by the Free Software Foundation, "
            "version 3 of the License.",
            "AGPL-3.0-only",
        ),
        ("under the terms of the Eclipse Public License v1.0", "EPL-1.0"),
        ("Use of this source code is governed by a BSD-style license that can be found in LICENSE.", None),
        ("under the MIT license. Alternatively, under the ISC license.", None),
        ("under the MIT license, or under the ISC license", None),
        ("a helper for counting words", None),
    ],
)
def test_a_notice_in_a_header_names_its_licence(words: str, expected: str | None) -> None:
    slashes = "".join(f"// {line}\n" for line in words.splitlines())
    assert licence_of_header(slashes + "int main(void) { return 0; }\n") == expected
    assert licence_of_header(f"#!/bin/sh\n/* Copyright 2020\n{words}\n*/\n") == expected
    assert licence_of_header(f'"""Module.\n\n{words}\n"""\nx = 1\n') == expected
    assert licence_of_header("".join(f"{line}\n" for line in words.splitlines())) is None  # no comment


def test_a_whole_licence_in_a_header_is_read_as_a_text() -> None:
    for name in ("MIT", "BSD-3-Clause", "ISC"):
        header = "/*\n" + "".join(f" * {line}\n" for line in TEXTS[name].splitlines()) + " */\nint x;\n"
        assert licence_of_header(header) == name
