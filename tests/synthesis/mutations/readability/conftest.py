"""What the tests of the readability operators share."""

from collections.abc import Callable

import pytest

from synthesis.mutations.operator import Operator, mutants
from synthesis.mutations.readability import FILES


@pytest.fixture
def made() -> Callable[[str, str, str], list[str]]:
    """The codes that an operator, by its name, makes of a function in a language."""
    known = {one.name: one for file in FILES for one in vars(file).values() if isinstance(one, Operator)}

    def codes(name: str, language: str, code: str) -> list[str]:
        return [mutant.code for mutant in mutants(language, code, (known[name],))]

    return codes
