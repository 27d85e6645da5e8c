"""The whole of a run's configuration. Each source, filter and backend has its options in its own file."""

from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import Field, field_validator, model_validator

from filters.bidi import Bidi
from filters.code_share import CodeShare
from filters.decontaminate import Decontamination
from filters.depth import Depth
from filters.encoded import Encoded
from filters.english import English
from filters.generated import Generated
from filters.identical import Identical
from filters.length import Length
from filters.licence import Licence
from filters.perplexity import Perplexity
from filters.personal_data import PersonalData
from filters.sanity import Sanity
from filters.secrets import Secrets
from filters.unlike import Unlike
from pipeline.sources.bigquery import BigQuerySource
from pipeline.sources.commits import CommitsSource
from pipeline.sources.files import FilesSource
from pipeline.sources.git import GitSource
from pipeline.sources.packages import PackagesSource
from pipeline.sources.quilt import QuiltSource
from pipeline.stages.assemble import AssembleOptions
from pipeline.stages.curate import SplitOptions
from pipeline.stages.mine import MineOptions
from pipeline.stages.near_duplicates import NearDuplicateOptions
from pipeline.stages.synthesize import SynthesizeOptions
from pipeline.training.recipes import RECIPES
from schemas.config import Options, read_yaml, validate
from schemas.errors import ConfigError
from schemas.provenance import content_id

AnySource = Annotated[
    BigQuerySource | CommitsSource | FilesSource | GitSource | PackagesSource | QuiltSource, Field(discriminator="kind")
]
AnyFilter = Annotated[
    Bidi
    | CodeShare
    | Depth
    | Encoded
    | English
    | Generated
    | Identical
    | Length
    | Licence
    | Perplexity
    | PersonalData
    | Sanity
    | Secrets
    | Unlike,
    Field(discriminator="kind"),
]

DEFAULT_FILTERS: tuple[AnyFilter, ...] = (
    Licence(),
    Length(),
    Generated(),
    Encoded(),
    Secrets(),
    PersonalData(),
    Identical(),
    Unlike(),
    Bidi(),
    Depth(),
    CodeShare(),
    Sanity(),
    English(),
    Perplexity(),
)
"""In this order: what is cheap first, length before what reads all of a text, those that share a parse together."""


class CurateOptions(Options):
    """What is kept.

    Attributes:
        filters: applied in order.
        near_duplicates: when two texts are the same one.
        decontaminate: benchmark prompts that training must not share 13-grams with.
        split: which repositories are held out.
        max_operator_share: of one mutation operator among a split's kept pairs.
    """

    filters: tuple[AnyFilter, ...] = DEFAULT_FILTERS
    near_duplicates: NearDuplicateOptions = NearDuplicateOptions()
    decontaminate: Decontamination = Decontamination()
    split: SplitOptions = SplitOptions()
    max_operator_share: float = Field(default=1.0, gt=0, le=1)


class TrainOptions(Options):
    """Which model is trained on the shards.

    Attributes:
        recipe: name of a recipe.
        configuration: of the data set, `full` or `balanced`.
    """

    recipe: str = "nano"
    configuration: str = Field(default="balanced", pattern="^(full|balanced)$")

    @field_validator("recipe")
    @classmethod
    def _known(cls, recipe: str) -> str:
        if recipe not in RECIPES:
            raise ValueError(f"{recipe!r} is no recipe; there are {', '.join(RECIPES)}")
        return recipe


class ExecutionOptions(Options):
    """How a run is carried out; nothing here changes a byte of the data set.

    Attributes:
        runner: Beam runner.
        beam_options: passed to Beam as they are.
        cache: folder of fetched archives; `~` is the home folder.
        max_dead_share: of a stage's records that may fail before the run does.
        min_free_gib: disk space that a local run's folder must have.
        table_shards: files of each table between stages.
    """

    runner: str = "FnApiRunner"
    beam_options: tuple[str, ...] = ()
    cache: str = "~/.cache/themis"
    max_dead_share: float = Field(default=0.01, ge=0, le=1)
    min_free_gib: float = 2.0
    table_shards: int = Field(default=4, ge=1)


class RunConfig(Options):
    """A run's whole configuration.

    Attributes:
        name: of the run.
        seed: of every draw.
        sources: where code is read from.
        mine: what makes a candidate.
        synthesize: how pairs are made.
        curate: what is kept.
        assemble: how shards are laid out.
        train: the model; None trains none.
        execution: how it is carried out.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    seed: int = 20190301
    sources: tuple[AnySource, ...] = Field(min_length=1)
    mine: MineOptions = MineOptions()
    synthesize: SynthesizeOptions = SynthesizeOptions()
    curate: CurateOptions = CurateOptions()
    assemble: AssembleOptions = AssembleOptions()
    train: TrainOptions | None = TrainOptions()
    execution: ExecutionOptions = ExecutionOptions()

    @model_validator(mode="after")
    def _names_differ(self) -> "RunConfig":
        names = [source.name for source in self.sources]
        if len(set(names)) < len(names):
            raise ValueError(f"sources: two have one name among {', '.join(names)}; give each its own")
        return self

    @property
    def identity(self) -> str:
        """What makes a folder this run's: a folder of another name, seed or set of sources is refused."""
        sources = [yaml.safe_dump(source.model_dump(mode="json"), sort_keys=True) for source in self.sources]
        return content_id(self.name, str(self.seed), *sources)


def load(path: Path, sets: tuple[str, ...] = ()) -> RunConfig:
    """The configuration in a YAML file, with `a.b=value` assignments made.

    Raises:
        ConfigError: the file or a field is wrong.
    """
    table = read_yaml(path)
    for assignment in sets:
        _assign(table, assignment)
    return validate(RunConfig, table, str(path))


def _assign(table: dict[str, Any], assignment: str) -> None:
    name, equals, text = assignment.partition("=")
    if not equals:
        raise ConfigError(f"--set {assignment}: must be FIELD=VALUE, such as --set train.recipe=nano")
    *parents, last = name.split(".")
    section: Any = table
    for parent in parents:
        section = section.setdefault(parent, {}) if isinstance(section, dict) else None
    if not isinstance(section, dict):
        raise ConfigError(f"--set {assignment}: {'.'.join(parents)} is not a section")
    try:
        section[last] = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"--set {assignment}: {text!r} is not valid YAML: {error}") from None


def dump(config: RunConfig) -> str:
    """The configuration as YAML, every default written out."""
    return yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
