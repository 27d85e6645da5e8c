"""Runtime Efficiency."""

from schemas.criteria.criterion import Criterion

CRITERION = Criterion(
    id=1,
    key="runtime_efficiency",
    name="Runtime Efficiency",
    benchmark_name="Runtime_Efficiency",
    definition="How little time the code takes for the same result, above all as its input grows.",
    rubric=(
        "Is the order of growth the best that the task allows?",
        "Is work that does not change kept out of loops?",
        "Do the containers fit the look-ups made on them?",
        "Does it stop as soon as the answer is known?",
        "Are calls to slow services batched and results reused?",
    ),
    principle="Prefer the answer that reaches the same result in less time, weighing order of growth before constants.",
    terms=(
        "faster", "speed up", "speedup", "optimize", "optimise", "performance", "perf", "avoid recomputing", "cache",
        "memoize", "quadratic", "slow", "hot path", "latency", "throughput",
    ),
)  # fmt: skip
