"""Licence: what may be used, by SPDX expression."""

import pickle
import sys
from pathlib import Path

import pytest

from filters.licence import COPYLEFT, Licence
from schemas.config import validate

sys.path.insert(0, str(Path(__file__).parent))
from pairs import PAIR, pair


def test_a_good_pair_passes_before_and_after_pickling():
    copy = pickle.loads(pickle.dumps(Licence()))
    assert copy == Licence() and copy.refuse(PAIR) is None
    assert copy.refuse(pair(license="x")) is not None


def test_options_come_from_a_configuration():
    assert validate(Licence, {"allow": ["MIT"]}, "x").allow == ("MIT",)


@pytest.mark.parametrize(
    "licence",
    ["MIT", "mit", "Apache-2.0 AND MIT", "GPL-3.0-only OR MIT", "Apache-2.0 WITH LLVM-exception",
     "(MIT AND BSD-3-Clause) OR AGPL-3.0-only", "(GPL-2.0 OR MIT) AND ISC"],
)  # fmt: skip
def test_licences_that_pass(licence):
    assert Licence().refuse(pair(license=licence)) is None


@pytest.mark.parametrize(
    "licence", ["GPL-3.0-only", "MIT AND GPL-2.0", "LicenseRef-mine", "(MIT", "see the file", "BSD", "MIT AND " * 400]
)
def test_licences_that_do_not_pass(licence):
    assert Licence().refuse(pair(license=licence)).reason == "licence"
    assert Licence(allow_unknown=True, allow_copyleft=True).refuse(pair(license=licence)).reason == "licence"


@pytest.mark.parametrize("licence", [*COPYLEFT, "LGPL-2.1", "AGPL-3.0+", "lgpl-2.1+", "MIT AND MPL-2.0"])
def test_copyleft_only_by_opt_in(licence):
    assert Licence().refuse(pair(license=licence)).reason == "licence"
    assert Licence(allow_copyleft=True).refuse(pair(license=licence)) is None


@pytest.mark.parametrize("licence", [None, "", " NOASSERTION "])
def test_unknown_licence(licence):
    assert Licence().refuse(pair(license=licence)).reason == "licence_unknown"
    assert Licence(allow_unknown=True).refuse(pair(license=licence)) is None


def test_a_deprecated_id_in_the_configuration_matches():
    assert Licence(allow=("GPL-3.0",)).refuse(pair(license="GPL-3.0-only")) is None
