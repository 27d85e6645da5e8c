import json

import pytest

from pipeline.sources.licenses import of_debian_copyright, of_package_json, of_pkg_info, spdx


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("mit", "MIT"),
        ("MIT License", "MIT"),
        ("The MIT License (MIT)", "MIT"),
        ("MIT/X11", "MIT"),
        ("Expat", "MIT"),
        ("BSD", "BSD-3-Clause"),
        ("Apache 2.0", "Apache-2.0"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("(MIT OR Apache-2.0)", "Apache-2.0 OR MIT"),
        ("Apache-2.0 WITH LLVM-exception", "Apache-2.0 WITH LLVM-exception"),
        ("\n  MIT License\n\nCopyright (c) ...\n", "MIT"),
        ("", None),
        ("UNLICENSED", None),
        ("SEE LICENSE IN LICENSE.txt", None),
        ("Dual License", None),
        ("MIT OR", None),
        ("(MIT", None),
        ("()", None),
        ("GPL-2.0 WITH MIT", None),
        ("MIT/Apache/whatever", None),
        ("MIT AND Unheard-Of-1.0", None),
        ("x" * 300, None),
    ],
)
def test_spdx(stated: str, expected: str | None) -> None:
    assert spdx(stated) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ("License-Expression: MIT OR Apache-2.0\nLicense: GPL\n", "Apache-2.0 OR MIT"),
        ("License: BSD\n", "BSD-3-Clause"),
        ("License: UNKNOWN\nClassifier: License :: OSI Approved :: MIT License\n", "MIT"),
        (
            "License: Dual License\nClassifier: License :: OSI Approved :: BSD License\n"
            "Classifier: License :: OSI Approved :: Apache Software License\n",
            "Apache-2.0 AND BSD-3-Clause",
        ),
        (
            "Classifier: License :: OSI Approved :: MIT License\n"
            "Classifier: License :: OSI Approved :: A Licence Nobody Knows\n",
            None,
        ),
        ("Classifier: Programming Language :: Python\n", None),
    ],
)
def test_pkg_info(headers: str, expected: str | None) -> None:
    text = f"Metadata-Version: 2.1\nName: x\n{headers}\nLicense: GPL-3.0-only in the description is not a header\n"
    assert of_pkg_info(text) == expected


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        ({"license": "ISC"}, "ISC"),
        ({"license": "(MPL-2.0 OR Apache-2.0)"}, "Apache-2.0 OR MPL-2.0"),
        ({"license": {"type": "MIT", "url": "x"}}, "MIT"),
        ({"licenses": [{"type": "MIT"}, {"type": "Apache-2.0"}]}, "Apache-2.0 OR MIT"),
        ({"licenses": ["MIT", "WTF unknown thing"]}, None),
        ({"license": "UNLICENSED"}, None),
        ({"license": 3}, None),
        ({}, None),
        (["MIT"], None),
    ],
)
def test_package_json(manifest: object, expected: str | None) -> None:
    assert _unordered(of_package_json(json.dumps(manifest))) == _unordered(expected)


def _unordered(expression: str | None) -> set[str]:
    return set(str(expression).split(" OR "))


def test_package_json_that_is_not_json() -> None:
    assert of_package_json("{license: MIT") is None
    assert of_package_json("[" * 100_000) is None


HEAD = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: x\n\n"


@pytest.mark.parametrize(
    ("paragraphs", "expected"),
    [
        ("Files: *\nCopyright: A\nLicense: Expat\n", "MIT"),
        ("Files: *\nLicense: Apache-2.0\n\nFiles: debian/*\nLicense: GPL-2+\n", "Apache-2.0"),
        ("Files: *\nLicense: GPL-2+\n", "GPL-2.0-or-later"),
        ("Files: *\nLicense: LGPL-2.1\n", "LGPL-2.1-only"),
        ("Files: *\nLicense: GPL-3.0-or-later\n", "GPL-3.0-or-later"),
        ("Files: *\nLicense: Expat or BSD-2-clause\n Text of it.\n", "BSD-2-Clause OR MIT"),
        ("Files: *\nLicense: Expat\n\nFiles: lib/a.rb\n lib/b.rb\nLicense: BSD-3-clause\n", "BSD-3-Clause AND MIT"),
        ("Files: *\nLicense: Expat\n\nFiles: lib/a.rb\nLicense: odd-one\n", None),
        ("License: Expat\n The text alone.\n", None),
        ("This package was debianized by hand. Licence: MIT, see there.\n", None),
    ],
)
def test_debian_copyright(paragraphs: str, expected: str | None) -> None:
    assert of_debian_copyright(HEAD + paragraphs) == expected
