"""Sampling by strata: no operator too frequent, no length that gives the winner away. Pure; ranks come from ids."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping

from schemas.provenance import decisive, sha256
from schemas.records import Pair

_ROUNDING = 1e-9  # a product that is a whole number may come out just below it


def operator_of(pair: Pair) -> str:
    """What decides the pair, see `schemas.provenance.decisive`."""
    return decisive((step.side, step.name) for step in pair.steps)


def is_bounded(operator: str) -> bool:
    """Whether what decides a pair is an operator of ours, which should not be too frequent; others are real history."""
    return operator.startswith(("mutation/", "repair/"))


def rank(seed: int, id_: str) -> str:
    """A pair's place in every sample: the same on every worker."""
    return sha256(f"{seed}:rank:{id_}".encode())


def first(ids: Iterable[str], count: int, seed: int) -> frozenset[str]:
    """The `count` ids of lowest rank."""
    return frozenset(sorted(ids, key=lambda id_: rank(seed, id_))[:count])


def share_cap(counts: Mapping[str, int], share: float) -> int:
    """The largest count that no operator may exceed so that none makes more than `share` of what is left.

    Operators that are not mutations are real history: they count for the total and are not cut. Where there is no
    history and too few operators for the share to hold at all, it is an even one.
    """
    free = sum(count for name, count in counts.items() if not is_bounded(name))
    bounded = [count for name, count in counts.items() if is_bounded(name)]
    cap = max(bounded, default=0)
    if not free:
        share = max(share, 1 / max(len(bounded), 1))
    while True:
        lower = int(share * (free + sum(min(count, cap) for count in bounded)) + _ROUNDING)
        if lower >= cap:
            return cap
        cap = lower


def length_side(chosen: str, rejected: str) -> str:
    """`longer`, `shorter` or `equal`: the chosen side, in characters."""
    if len(chosen) == len(rejected):
        return "equal"
    return "longer" if len(chosen) > len(rejected) else "shorter"


def balanced(sides: Mapping[str, str], seed: int) -> frozenset[str]:
    """Ids to keep so that the chosen side is longer as often as it is shorter; equal lengths all stay.

    Args:
        sides: id to `length_side`, of one stratum.
        seed: of the run.
    """
    by_side: dict[str, list[str]] = defaultdict(list)
    for id_, side in sides.items():
        by_side[side].append(id_)
    count = min(len(by_side["longer"]), len(by_side["shorter"]))
    return first(by_side["longer"], count, seed) | first(by_side["shorter"], count, seed) | frozenset(by_side["equal"])


def benchmark_repositories(
    counts: Iterable[tuple[tuple[str, str], int]],
    share: float,
    minimum: int,
    seed: int,
    usable: Collection[str] | None = None,
) -> frozenset[str]:
    """Repositories held out for the benchmark, by language so that each is measured.

    A repository belongs to the language it has most pairs of. Of a language with at least `2 * minimum` repositories,
    `share` of them are held out and never fewer than `minimum`; of one with fewer, none.

    Args:
        counts: ((repo, language), pairs).
        share: of the repositories, 0 to 1.
        minimum: per language.
        seed: of the run.
        usable: those that may be held out; the others count for the share. None for all.
    """
    per_repo: dict[str, Counter[str]] = defaultdict(Counter)
    for (repo, language), count in counts:
        per_repo[repo][language] += count
    by_language: dict[str, list[str]] = defaultdict(list)
    for repo, languages in per_repo.items():
        language = min(languages, key=lambda name: (-languages[name], name))
        by_language[language].append(repo)
    held: set[str] = set()
    for repos in by_language.values():
        if share > 0 and len(repos) >= 2 * minimum:
            fit = repos if usable is None else [repo for repo in repos if repo in usable]
            held |= first(fit, max(minimum, int(share * len(repos))), seed)
    return frozenset(held)
