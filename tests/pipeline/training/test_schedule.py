import pytest

from pipeline.training.recipe import Stage
from pipeline.training.schedule import learning_rate, micro_batches, schedule


def test_schedule_covers_each_epoch_and_stops_at_the_budget():
    lengths = [10 + (7 * i) % 50 for i in range(100)]
    plan = schedule(lengths, 8, 3, 0, 5)
    assert sorted(i for batch in plan for i in batch) == sorted(list(range(100)) * 3)
    assert plan == schedule(lengths, 8, 3, 10**9, 5) != schedule(lengths, 8, 3, 0, 6)
    spread = [max(lengths[i] for i in batch) - min(lengths[i] for i in batch) for batch in plan]
    assert sum(spread) / len(spread) < 10  # a random batch of eight spreads over about forty
    short = schedule(lengths, 8, 3, 1000, 5)
    assert short == plan[: len(short)]
    assert sum(lengths[i] for batch in short for i in batch) <= 1000
    assert len(schedule(lengths, 8, 3, 1, 5)) == 1


@pytest.mark.parametrize("processes", [1, 2, 3, 7])
@pytest.mark.parametrize("most", [0, 40, 60, 10_000])
def test_processes_share_a_batch_each_row_once_in_like_parts(processes, most):
    lengths = [5 + (11 * i) % 37 for i in range(50)]
    for batch in (tuple(range(3, 20)), (4, 9), (7,)):
        shares = micro_batches(batch, lengths, processes, most)
        assert len(shares) == processes
        assert sorted(i for share in shares for part in share for i in part) == sorted(batch)
        assert len({len(share) for share in shares}) == 1
        rows = [sum(map(len, share)) for share in shares]
        assert max(rows) - min(rows) <= 1
        for share in shares:
            for part in share:
                padded = len(part) * max((lengths[i] for i in part), default=0)
                assert not most or padded <= most or len(part) == 1


def test_micro_batches_hold_more_of_the_shorter_rows():
    lengths = [100] * 4 + [10] * 20
    (share,) = micro_batches(range(24), lengths, 1, 200)
    assert [len(part) for part in share] == [2, 2, 20]


def test_the_rate_rises_then_falls():
    stage = Stage(
        max_tokens=16, epochs=1, batch_pairs=1, learning_rate=1.0, final_learning_rate=0.1, lm_weight=0,
        magnitude_weight=0,
    )  # fmt: skip
    rates = [learning_rate(step, 100, stage) for step in range(100)]
    assert rates[:5] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert rates[5] == 1.0
    assert rates[5:] == sorted(rates[5:], reverse=True)
    assert rates[-1] == pytest.approx(0.1)
    assert learning_rate(0, 1, stage) == 1.0
    assert learning_rate(100, 100, stage) == pytest.approx(0.1)  # the scheduler looks one step past the end
