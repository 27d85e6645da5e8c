"""A pair and a criterion as chat messages: judge, training and evaluation share these words."""

from random import Random

from schemas.criteria import CODE_CRITERIA, CRITERIA

_OPENING = "You score an answer to a programming request."


def system_prompt(criterion: str) -> str:
    """The system prompt that asks for one criterion, stripped.

    Args:
        criterion: a key of `CRITERIA`.
    """
    c = CRITERIA[criterion]
    return f"{_OPENING} Judge it by {c.name}: {c.definition} {c.principle}"


def system_prompt_all(rng: Random) -> str:
    """The system prompt that names every code criterion, in an order drawn from `rng`, stripped."""
    criteria = list(CODE_CRITERIA.values())
    rng.shuffle(criteria)
    return "\n".join([f"{_OPENING} Judge it by all of these:", *(f"- {c.name}: {c.definition}" for c in criteria)])


def draw_system_prompt(criterion: str, shares: tuple[float, float, float], rng: Random) -> str | None:
    """A system prompt for a training pair: none, the criterion's own, or all (paper: 15%, 60-65%, 20-25%).

    Args:
        criterion: the pair's criterion.
        shares: of none, own and all; they sum to one.
        rng: the pair's own random source.
    """
    none, own, _ = shares
    draw = rng.random()
    if draw < none:
        return None
    return system_prompt(criterion) if draw < none + own else system_prompt_all(rng)


def messages(system: str | None, prompt: str, answer: str | None = None) -> list[dict[str, str]]:
    """Chat messages: system (where there is one), user, and the assistant's answer (where there is one)."""
    rows = [] if system is None else [{"role": "system", "content": system}]
    rows.append({"role": "user", "content": prompt})
    if answer is not None:
        rows.append({"role": "assistant", "content": answer})
    return rows
