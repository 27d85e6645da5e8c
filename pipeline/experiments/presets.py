"""The two sizes of an experiment."""

from pipeline.experiments.common import Preset

QUICK = Preset(
    tokens=150_000, max_pairs=1000, max_tokens=256, batch_pairs=8, seeds=2, benchmark_pairs=320, sizes=3, min_test=10
)  # fmt: skip
"""About a minute an experiment on an idle laptop: it shows how the experiment works, seldom what holds."""

FULL = Preset(tokens=1_600_000, max_pairs=0, seeds=5, sizes=4)
"""The budget of the recipe `nano`, five seeds, the whole benchmark."""

PRESETS = {"quick": QUICK, "full": FULL}
