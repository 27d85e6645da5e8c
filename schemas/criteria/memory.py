"""Memory Efficiency."""

from schemas.criteria.criterion import Criterion

CRITERION = Criterion(
    id=4,
    key="memory_efficiency",
    name="Memory Efficiency",
    benchmark_name="Memory_Efficiency",
    definition="How little memory and how few held resources the code needs for the same result.",
    rubric=(
        "Does it stream where the whole is not needed at once?",
        "Does it release what it acquires, on every path?",
        "Does it avoid copies, boxes and buffers that nothing reads?",
        "Are caches and queues bounded?",
    ),
    principle="Prefer the answer that holds less at its peak and gives back what it took.",
    terms=(
        "memory leak", "leak", "memory usage", "reduce memory", "allocation", "allocations", "free", "footprint",
        "out of memory", "oom", "close file", "close the", "dispose",
    ),
)  # fmt: skip
