import pytest
from pydantic import ValidationError

from filters.changes.pull_request import PullRequest
from filters.changes.refixed import Refixed
from filters.changes.reputation import Reputation
from filters.changes.reverted import Reverted
from schemas.records import Facts
from tests.filters.changes.planted import change, reason, refusal

SHA = "a" * 40


def test_reverted():
    assert reason(Reverted(), change()) is None
    bare, stated = change(facts=Facts(reverted_by=SHA)), change(facts=Facts(reverted_by=SHA, revert_reason="it leaks"))
    assert reason(Reverted(), bare) == reason(Reverted(), stated) == "reverted"
    assert reason(Reverted(keep_stated=True), bare) == "reverted"
    assert reason(Reverted(keep_stated=True), stated) is None


def test_refixed():
    assert reason(Refixed(), change()) is None
    assert refusal(Refixed(), change(facts=Facts(refixed_by=SHA))) == ("refixed", f"mended by {SHA}")


def test_pull_request():
    assert reason(PullRequest(), change()) == "no_pull_request"
    assert reason(PullRequest(), change(facts=Facts(pull_request="squash #12"))) is None
    assert reason(PullRequest(required=False), change()) is None


def test_reputation():
    known = change(facts=Facts(stars=14, contributors=5, issues=10))
    assert reason(Reputation(), known) is None
    assert refusal(Reputation(min_stars=15), known) == ("reputation", "14 stars, at least 15")
    assert reason(Reputation(min_contributors=5, min_issues=10), known) is None
    assert reason(Reputation(min_issues=11), known) == "reputation"
    assert reason(Reputation(min_stars=15), change()) is None
    assert reason(Reputation(min_stars=15, unknown=False), change()) == "reputation"


def test_options_are_bounded():
    with pytest.raises(ValidationError, match="min_stars"):
        Reputation(min_stars=-1)
