"""What flows through the pipeline. Every record is frozen; a step returns a new one."""

from dataclasses import dataclass

from schemas.provenance import Origin, Span, Step, content_id

PAIR_KINDS = ("change", "reversed", "defect", "chain", "repair", "flip", "placebo")
"""How the two sides of a pair stand to each other.

    change: the newer side of a commit beats the older one.
    reversed: the older one beats the newer one, for the stated defect that had it undone.
    defect: code beats itself with one defect (or several).
    chain: code with one defect beats the same with one more.
    repair: a repaired version beats the code as its author left it, or a model's better version beats weak code.
    flip: weak in one criterion beats weak in another, by the other; the same two texts stand the other way round too.
    placebo: an edit that changes neither meaning nor quality; a tie.
"""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of a public source, whole.

    Attributes:
        origin: where it was read.
        language: released spelling, such as `C++`.
        text: the file, decoded from UTF-8 without loss.
    """

    origin: Origin
    language: str
    text: str

    @property
    def id(self) -> str:
        """sha256 over source, repo, revision, path and blob."""
        o = self.origin
        return content_id(o.source, o.repo, o.revision, o.path, o.blob_sha256)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a change besides its two sides. Recorded with each candidate; a gate only by configuration.

    Attributes:
        authored_at: author time, Unix seconds.
        pull_request: how it is known to be part of one, such as `merge <sha>`, `squash #12`, `head refs/pull/12/head`,
            `trailer PR-URL: ...`; None where nothing says so.
        reverted_by: full sha of the later commit that undoes it.
        revert_reason: what that commit says of the defect, without what git writes by itself; None where it says none.
        refixed_by: full sha of the commit that edits the same lines next, where that is within a day and its subject
            says that it mends something.
        contributors: different authors (by e-mail) of the repository up to it.
        age_days: from the repository's first commit to it.
        stars: of the repository, from a table that the user gave.
        issues: likewise.
        cves: ids that the change is said to mend, sorted.
    """

    authored_at: int | None = None
    pull_request: str | None = None
    reverted_by: str | None = None
    revert_reason: str | None = None
    refixed_by: str | None = None
    contributors: int | None = None
    age_days: int | None = None
    stars: int | None = None
    issues: int | None = None
    cves: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One file modified in place by one commit or patch, both sides whole.

    Attributes:
        origin: the newer side; `origin.revision` is the commit.
        language: released spelling.
        message: the commit's message.
        before: the file before the change.
        after: the file after the change.
        facts: what else is known of it.
    """

    origin: Origin
    language: str
    message: str
    before: str
    after: str
    facts: Facts = Facts()

    @property
    def id(self) -> str:
        """sha256 over source, repo, revision, path and the newer blob; not that of the file at this commit."""
        o = self.origin
        return content_id("change", o.source, o.repo, o.revision, o.path, o.blob_sha256)


@dataclass(frozen=True, slots=True)
class Candidate:
    """What mining found worth a pair: a documented function (`task`), or an edited one (`change`).

    Attributes:
        id: child id of the file or change that it was found in.
        parent_id: id of that file or change.
        kind: `task` or `change`.
        origin: where its file was read.
        language: released spelling.
        spans: byte ranges of the code in its file (the newer one, for a change).
        instruction: the prompt that would lead to this code.
        after: the code, common indentation removed.
        before: the older code; None for a task.
        criterion: the criterion that the change improves; None for a task.
        confidence: of the criterion, 0 to 1; None for a task.
        message: the commit's message; None for a task.
        window: `train` or `benchmark`; None where there is no time.
        before_spans: byte ranges of the older code in the older file.
        reversed: whether the older side is the better one (a change that was undone for a stated defect).
        facts: of the change.
    """

    id: str
    parent_id: str
    kind: str
    origin: Origin
    language: str
    spans: tuple[Span, ...]
    instruction: str
    after: str
    before: str | None = None
    criterion: str | None = None
    confidence: float | None = None
    message: str | None = None
    window: str | None = None
    before_spans: tuple[Span, ...] = ()
    reversed: bool = False
    facts: Facts = Facts()


@dataclass(frozen=True, slots=True)
class Pair:
    """A prompt and two answers, of which `chosen` is better by `criterion`.

    Attributes:
        id: child id of the candidate; fixed from here on, and the `idx` of the data set.
        parent_id: the candidate's id.
        cluster: pairs of one cluster share texts by design and never deduplicate each other.
        origin: where the code was read.
        language: released spelling.
        criterion: key of a criterion, such as `runtime_efficiency`.
        prompt: the user's message.
        chosen: the better answer.
        rejected: the worse answer.
        spans: byte ranges of the code in its file.
        steps: what made each side.
        window: `train` or `benchmark`; None where there is no time.
        kind: how the sides stand to each other, one of `PAIR_KINDS`.
        label: probability that `chosen` is the better side, .5 to 1; .5 is a tie.
        weight: of the pair in training, above 0, at most 1.
    """

    id: str
    parent_id: str
    cluster: str
    origin: Origin
    language: str
    criterion: str
    prompt: str
    chosen: str
    rejected: str
    spans: tuple[Span, ...]
    steps: tuple[Step, ...]
    window: str | None = None
    kind: str = "defect"
    label: float = 1.0
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Curated:
    """A pair that every filter kept.

    Attributes:
        pair: the pair.
        split: `train` or `benchmark`.
        filters: names of the filters that it passed, in order.
    """

    pair: Pair
    split: str
    filters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dropped:
    """A record that was not kept, and why.

    Attributes:
        stage: `mine`, `synthesize`, `curate` or `assemble`.
        reason: snake_case, one of few; what the funnel counts.
        detail: the measured value and the bound, or the record that won.
        id: the dropped record's id, or of its parent where it never became a record.
        origin: where it was read.
    """

    stage: str
    reason: str
    detail: str
    id: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Dead:
    """A record on which the code failed.

    Attributes:
        stage: the stage that failed.
        error: class and text of the exception, with the innermost frame.
        record: `repr` of the record, cut to 100,000 characters.
    """

    stage: str
    error: str
    record: str
