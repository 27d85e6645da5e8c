"""The extra `train`: what training and evaluation need beyond the pipeline's own dependencies."""

from importlib.util import find_spec

from schemas.errors import ConfigError

MODULES = ("torch", "transformers", "accelerate", "trl", "matplotlib", "sklearn", "scipy")


def require_train_extra() -> None:
    """Check that the extra `train` is installed, without importing it.

    Raises:
        ConfigError: naming the modules that are missing, and the way out.
    """
    missing = [name for name in MODULES if find_spec(name) is None]
    if missing:
        raise ConfigError(f"missing: {', '.join(missing)}. Run `pip install themis-preference[train]`.")
