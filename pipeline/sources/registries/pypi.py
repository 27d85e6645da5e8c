"""Python source distributions, from the indexes that pip is set up with; no build backend runs."""

import ast
import os
import ssl
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import httpx2
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter
from unearth import Link, PackageFinder
from unearth.auth import MultiDomainBasicAuth
from unearth.fetchers import Fetcher, PyPIClient

from pipeline.sources.registries.client import Client, redacted
from schemas.errors import SourceUnavailable

ATTEMPTS = 4
WAIT_S = 0.5
BUSY = (408, 425, 429, 500, 502, 503, 504)
CHUNK_BYTES = 1 << 16


class Busy(Exception):
    """An index answered that it can't answer now."""


def settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Pip's settings that matter for a download, by option name; a variable `PIP_*` wins over pip's files.

    Args:
        environment: variables, such as `os.environ`.
    """
    found: dict[str, str] = {}
    lines = _pip_config_list()
    for section in ("global.", "download."):
        for line in lines:
            key, mark, value = line.partition("=")
            if mark and key.startswith(section):
                found[key.removeprefix(section)] = _unquoted(value)
    for key, value in environment.items():
        if key.startswith("PIP_") and value:
            found[key.removeprefix("PIP_").lower().replace("_", "-")] = value
    return found


def _pip_config_list() -> list[str]:
    """Lines of `pip config list`; none where this Python has no pip."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return done.stdout.splitlines() if done.returncode == 0 else []


def _unquoted(value: str) -> str:
    try:
        return str(ast.literal_eval(value))
    except (ValueError, SyntaxError):
        return value


def _finder(options: Mapping[str, str]) -> PackageFinder:
    """A finder over the indexes that `options` names; without any, over the one that unearth knows."""
    no_index = options.get("no-index", "").lower() in ("1", "true", "yes", "on")
    default = PackageFinder().sources[0]["url"]
    indexes = (
        [] if no_index else [*(options.get("index-url", default).split()), *options.get("extra-index-url", "").split()]
    )
    links = options.get("find-links", "").split()
    if not indexes and not links:
        raise SourceUnavailable("pip is set to `no-index` without `find-links`. Unset one, or set the other.")
    try:
        verify: ssl.SSLContext | bool = ssl.create_default_context(cafile=options.get("cert"))
    except OSError as error:
        raise SourceUnavailable(
            f"PIP_CERT {options.get('cert')!r} can't be read: {error}. Correct or unset it."
        ) from None
    trusted = options.get("trusted-host", "").split()
    hooks: dict[str, list[Any]] = {"response": [_refuse_busy]}
    session = PyPIClient(
        trusted_hosts=trusted, verify=verify, timeout=_timeout(options), event_hooks=hooks, follow_redirects=True
    )
    session.auth = MultiDomainBasicAuth(prompting=False, index_urls=indexes)
    finder = PackageFinder(cast(Fetcher, session), trusted_hosts=trusted, ignore_compatibility=True)
    finder.sources.clear()  # it starts with the default index, which `no-index` and `index-url` take away
    for index in indexes:
        finder.add_index_url(index)
    for link in links:
        if "://" in link or Path(link).exists():
            finder.add_find_links(link)
    return finder


def _timeout(options: Mapping[str, str]) -> float:
    try:
        return min(max(float(options.get("default-timeout", options.get("timeout", 30))), 1.0), 300.0)
    except ValueError:
        return 30.0


def _refuse_busy(response: httpx2.Response) -> None:
    if response.status_code in BUSY:
        raise Busy(f"{redacted(str(response.url))} answered {response.status_code}")


class Pypi(Client):
    """Downloads source distributions. Safe to use from several threads."""

    def __init__(self) -> None:
        self._finder = _finder(settings(os.environ))

    def fetch(self, name: str, version: str, sha256: str, folder: Path, max_bytes: int) -> Path:
        """See `Client.fetch`."""
        attempt = retry(
            retry=retry_if_exception_type((Busy, httpx2.TransportError)),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_exponential_jitter(initial=WAIT_S, max=10, jitter=WAIT_S),
            reraise=True,
        )(self._fetch)
        try:
            return attempt(name, version, sha256, folder / "archive", max_bytes)
        except (Busy, httpx2.HTTPError) as error:
            said = redacted(str(error)) or type(error).__name__
            raise SourceUnavailable(f"{said}, {ATTEMPTS} times. Check the network and PIP_INDEX_URL.") from None

    def _fetch(self, name: str, version: str, sha256: str, target: Path, max_bytes: int) -> Path:
        link = self._link(name, version, sha256)
        size = 0
        headers = {"Accept-Encoding": "identity"}  # the file as it is, not unpacked on the way
        with self._finder.session.get_stream(link.normalized, headers=headers) as response, target.open("wb") as file:
            if response.status_code != httpx2.codes.OK:
                raise SourceUnavailable(f"{link.redacted} answered {response.status_code}. Check the index.")
            for chunk in response.iter_bytes(CHUNK_BYTES):
                size += len(chunk)
                if size > max_bytes:
                    raise SourceUnavailable(f"max_archive_bytes is {max_bytes}, and the archive is larger. Raise it.")
                file.write(chunk)
        return target

    def _link(self, name: str, version: str, sha256: str) -> Link:
        """The source distribution's link, also where it was yanked since it was pinned; of several, the pinned one."""
        found = self._finder.find_matches(f"{name}=={version}", allow_yanked=True, allow_prereleases=True)
        links = [package.link for package in found if not package.link.is_wheel and not package.link.is_vcs]
        if not links:
            raise SourceUnavailable(
                f"no source distribution of this version in the indexes. `pip index versions {name}` shows the "
                "versions; PIP_INDEX_URL and PIP_EXTRA_INDEX_URL say where to look."
            )
        return next((link for link in links if sha256 in (link.hash_option or {}).get("sha256", [])), links[0])
