"""Small replications of the paper's questions on a run's own held-out repositories; one file an experiment."""

from collections.abc import Callable

from pipeline.experiments import criteria, loss, prompt, scaling, transfer
from pipeline.experiments.common import Design
from pipeline.experiments.material import Material

EXPERIMENTS: dict[str, Callable[[Material], Design]] = {
    "scaling": scaling.design,
    "transfer": transfer.design,
    "criteria": criteria.design,
    "loss": loss.design,
    "prompt": prompt.design,
}
"""Name to what makes its design."""
