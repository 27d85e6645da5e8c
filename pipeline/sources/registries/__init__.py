"""Clients of package registries, one file each: the registry's own client, as the user has set it up."""

from pipeline.sources.registries import debian, npm, pypi
from pipeline.sources.registries.client import Client

CLIENTS: dict[str, type[Client]] = {"debian": debian.Debian, "npm": npm.Npm, "pypi": pypi.Pypi}
"""Client of each registry, by the name that the configuration uses."""
