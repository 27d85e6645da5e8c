import hashlib
import math

import numpy as np
import pytest

from pipeline.evaluation.calibration import brier, calibration, expected_calibration_error, log_loss, temperature


def test_error_of_two_bins_by_hand():
    # Confidences of |margin|: 0.5, 0.5 | 0.9, 0.9; right: half, half | one of two. Gaps 0 and 0.4, each half the mass.
    nine = math.log(9)
    assert expected_calibration_error([0.0, nine, -nine, 0.0], bins=2) == pytest.approx(0.2)
    assert expected_calibration_error([nine], bins=15) == pytest.approx(0.1)


def test_bins_have_equal_mass():
    margins = np.random.default_rng(0).normal(0.5, 2.0, 1000)
    confidence = 1 / (1 + np.exp(-np.abs(margins)))
    order = np.argsort(confidence, kind="stable")
    total, start = 0.0, 0
    for size in [67] * 10 + [66] * 5:
        part = order[start : start + size]
        total += size * abs(confidence[part].mean() - (margins[part] > 0).mean())
        start += size
    assert expected_calibration_error(margins) == pytest.approx(total / 1000)


def test_brier_and_log_loss_by_hand():
    margins = [math.log(3), -math.log(3), 0.0]  # sigma: 3/4, 1/4, 1/2
    assert brier(margins) == pytest.approx((1 / 16 + 9 / 16 + 1 / 4) / 3)
    assert log_loss(margins) == pytest.approx(-(math.log(0.75) + math.log(0.25) + math.log(0.5)) / 3)
    assert brier([-1e5]) == 1.0  # no overflow
    assert log_loss([-1e5]) == 1e5


def test_the_temperature_is_found_whatever_the_scale():
    rng = np.random.default_rng(1)
    true = rng.normal(0, 2, 4000)
    margins = np.where(rng.random(4000) < 1 / (1 + np.exp(-np.abs(true))), np.abs(true), -np.abs(true))
    for scale in (1e-3, 1.0, 250.0):
        found = temperature(margins * scale)
        assert found == pytest.approx(scale, rel=0.15)
        losses = [log_loss(margins * scale / t) for t in (found * 0.99, found, found * 1.01)]
        assert losses[1] == min(losses)
    assert temperature([0.0, 0.0]) == 1.0


def test_each_half_is_scaled_by_the_other():
    rng = np.random.default_rng(2)
    true = np.abs(rng.normal(0, 2, 3000))
    margins = 40 * np.where(rng.random(3000) < 1 / (1 + np.exp(-true)), true, -true)
    clusters = [str(i % 30) for i in range(3000)]
    found = calibration(margins.tolist(), clusters)
    assert found["pairs"] == 3000
    assert found["ece"] > 0.15 > 0.05 > found["scaled"]["ece"]
    assert found["scaled"]["brier"] < found["brier"]
    assert all(30 < t < 55 for t in found["scaled"]["temperatures"])
    assert calibration(margins.tolist(), clusters) == found


def test_one_cluster_can_not_be_halved():
    assert calibration([1.0, -1.0], ["a", "a"])["scaled"] is None


def test_no_half_is_scaled_by_itself():
    # The two halves differ in scale, so that which one's temperature is used can be told.
    names = [str(i) for i in range(10)]
    first = sorted(names, key=lambda name: hashlib.sha256(name.encode()).hexdigest())[:5]
    rng = np.random.default_rng(4)
    clusters = [names[i % 10] for i in range(2000)]
    scales = np.array([1.0 if name in first else 20.0 for name in clusters])
    margins = rng.normal(1.0, 2.0, 2000) * scales
    inside = np.array([name in first for name in clusters])
    ours, theirs = temperature(margins[inside]), temperature(margins[~inside])
    assert theirs > 10 * ours
    found = calibration(margins.tolist(), clusters)["scaled"]
    assert found["temperatures"] == pytest.approx([ours, theirs], rel=1e-3)
    expected = (log_loss(margins[inside] / theirs) + log_loss(margins[~inside] / ours)) / 2
    assert found["log_loss"] == pytest.approx(expected, abs=1e-4)
