"""Base of every options model, and the one way a YAML file becomes one."""

import json
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from schemas.errors import ConfigError


class Options(BaseModel):
    """A strict, frozen section of the configuration: an unknown key or a wrong type is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


Model = TypeVar("Model", bound=Options)


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file, read safely (no tags, no code).

    Raises:
        ConfigError: the file is missing, unreadable, not YAML, or not a mapping.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file. `themis init` writes one to start from.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: can't be read: {error}") from None
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: not valid YAML: {error}") from None
    if not isinstance(value, dict):
        raise ConfigError(f"{path}: holds {type(value).__name__}, must be a mapping of sections.")
    return value


def validate(model: type[Model], value: Any, where: str) -> Model:
    """`value` as `model`.

    Raises:
        ConfigError: one line a wrong field: its dotted name, what is wrong, and the value given.
    """
    try:
        return model.model_validate_json(json.dumps(value, default=str))  # strict, yet a list may become a tuple
    except ValidationError as error:
        lines = []
        for item in error.errors():
            field = ".".join(str(part) for part in item["loc"]) or "(top level)"
            if item["type"] == "extra_forbidden":
                message = "unknown key; remove it, or see `themis init` for the keys there are"
            else:
                message = item["msg"]
                if not isinstance(item["input"], dict | list):
                    message += f", got {item['input']!r}"
            lines.append(f"{where}: {field}: {message}")
        raise ConfigError("\n".join(lines)) from None
