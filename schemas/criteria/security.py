"""Security Hardness."""

from schemas.criteria.criterion import Criterion

CRITERION = Criterion(
    id=2,
    key="security_hardness",
    name="Security Hardness",
    benchmark_name="Security_Hardness",
    definition="How well the code withstands input and callers that mean harm.",
    rubric=(
        "Is outside input checked for size, range, type and path before it is used?",
        "Are commands, queries and markup built so that data cannot become code?",
        "Are secrets compared, generated, stored and logged safely?",
        "Is memory accessed only within bounds and within its lifetime?",
        "Do the defaults refuse when a check fails?",
    ),
    principle="Prefer the answer that leaves an attacker less to work with, though both behave alike on honest input.",
    terms=(
        "cve", "vulnerability", "security", "xss", "csrf", "sql injection", "injection", "buffer overflow", "overflow",
        "use after free", "use-after-free", "out of bounds", "out-of-bounds", "path traversal", "sanitize", "escape",
        "timing attack", "denial of service",
    ),
)  # fmt: skip
