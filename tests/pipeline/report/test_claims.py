from typing import Any

from pipeline.report.claims import findings


def row(name: str, against: str, holds: bool, low: float | None = 0.1, p: float = 0.01) -> dict[str, Any]:
    difference = {"estimate": 0.2 if holds else -0.2, "low": low, "high": None if low is None else 0.3}
    return {"name": name, "against": against, "holds": holds, "difference": difference, "p_holm": p, "pairs": 40}


def share(value: float) -> dict[str, Any]:
    return {"micro": {"estimate": value, "low": value - 0.1, "high": value + 0.1}}


def test_a_claim_that_does_not_hold_is_turned_round() -> None:
    measured = {
        "claims": {
            "rows": [
                row("beats chance", "chance", True),
                row("beats the token bag", "bag", False, None),
                row("has both sides of a flip right more often than chance", "flips", False),
            ],
            "by_criterion": [
                row("beats chance on Memory_Efficiency", "Memory_Efficiency", False, p=0.05),
                row("beats chance on Security_Hardness", "Security_Hardness", False),
            ],
        }
    }
    found = findings(measured)
    assert [claim.said for claim in found.claims] == [
        "beats chance", "is worse than the token bag",
        "does not have both sides of a flip right more often than chance", "does not beat chance on Memory Efficiency",
        "is worse than chance on Security Hardness",
    ]  # fmt: skip
    assert [claim.difference for claim in found.claims] == [0.2, -0.2, -0.2, -0.2, -0.2]
    assert found.claims[1].low is None
    assert (found.notes, found.warnings) == ((), ())


def test_flips_placebos_families_and_calibration_are_sentences() -> None:
    group = {"pairs": 1200, "half_credit": share(0.7)}
    measured = {
        "by_family": {"held out": {**group, "half_credit": share(0.6)}, "shown": group},
        "flips": {"flips": 30, "both_right": share(0.5), "at_its_accuracy": 0.4},
        "placebos": {"scored": 41, "edited_wins": share(0.5), "band": 0.62, "inside": 0.63, "outside": share(0.9)},
        "calibration": {"ece": 0.04, "brier": 0.18},
        "coverage": {"pairs": 2000, "scored": 1990},
        "clusters": {"notes": ["only 3 clusters"]},
    }
    found = findings(measured)
    assert "60.0% (50.0% to 70.0%) of 1,200 right; of the families that it saw: 70.0%" in found.notes[0]
    assert "50.0% (40.0% to 60.0%) of 30" in found.notes[1]
    assert "in 50.0% (40.0% to 60.0%) of 41" in found.notes[2]
    assert "63.0% of the benchmark's pairs lie inside" in found.notes[2]
    assert "4.0% on average (ECE; Brier score 0.180" in found.notes[3]
    assert found.warnings == ("only 3 clusters", "10 of 2,000 pairs have no score and count as wrong")


def test_placebos_without_pairs_outside_the_band_keep_their_first_sentence() -> None:
    placebos = {"scored": 5, "edited_wins": share(0.5), "band": 9.0, "inside": 1.0, "outside": None}
    found = findings({"placebos": placebos})
    assert len(found.notes) == 1
    assert found.notes[0].startswith("Placebos (edits that change nothing that counts): the edited side scores higher")


def test_nothing_measured_says_nothing() -> None:
    assert findings({}) == findings({"flips": {"flips": 0}, "placebos": {"scored": 0}, "calibration": {}})
    assert findings({}).claims == ()
