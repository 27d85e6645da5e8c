"""Patches applied one after another to the files that they touch, each by `patch` in a folder with that one file."""

import os
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.sources.quilt_patch import BadPatch, Section
from pipeline.sources.registries.client import found_on_path

TIMEOUT_S = 60
COMMAND = ("-u", "-F", "0", "-N", "-t", "-s", "-r", "-", "-o", "after", "before")
"""Unified, no fuzz (as dpkg-source demands), never reversed, no question; names in the patch are not looked at."""


@dataclass(frozen=True, slots=True)
class Touched:
    """What one patch did to one file.

    Attributes:
        path: of the file.
        before: its bytes before the patch; None where it was not there.
        after: likewise after it.
    """

    path: str
    before: bytes | None
    after: bytes | None


class Tree:
    """The files of a source that patches name, as the patches so far have left them.

    Args:
        files: bytes by path.
        missing: why a path that the source has is not among them.
    """

    def __init__(self, files: Mapping[str, bytes], missing: Mapping[str, str]) -> None:
        self._files: dict[str, bytes | None] = dict(files)
        self._missing = missing

    def apply(self, sections: list[Section]) -> list[Touched]:
        """Apply a patch, all of it or nothing.

        Returns:
            The files that it touched, in the order of their paths.

        Raises:
            BadPatch: it does not apply.
        """
        changed: dict[str, bytes | None] = {}
        for section in sections:
            path = self._target(section, changed)
            before = self._now(path, changed)
            if section.creates:
                if before:
                    raise BadPatch("patch_failed", f"{path}: made anew, but it is there")
                before = b""
            if before is None:
                raise BadPatch("patch_failed", f"{path}: {self._missing.get(path, 'not in the source')}")
            after = run_patch(before, section, path) if section.hunks else before
            if section.renames and section.new is not None and section.new != path:
                changed[path] = None
                path = section.new
            changed[path] = None if section.deletes and not after else after
        touched = [Touched(path, self._files.get(path), changed[path]) for path in sorted(changed)]
        self._files.update(changed)
        return touched

    def _now(self, path: str, changed: Mapping[str, bytes | None]) -> bytes | None:
        return changed[path] if path in changed else self._files.get(path)

    def _target(self, section: Section, changed: Mapping[str, bytes | None]) -> str:
        """The path that a section means: of those that it names, the first that is there."""
        names = (section.old,) if section.renames and section.old is not None else section.names
        there = (name for name in names if name is not None and self._now(name, changed) is not None)
        return next(there, next(name for name in names if name is not None))


def patch_program() -> str:
    """Where `patch` lies.

    Raises:
        SourceUnavailable: nowhere.
    """
    return found_on_path("patch", "Install GNU patch, or set `required: false` to go on without this source.")


def run_patch(before: bytes, section: Section, path: str) -> bytes:
    """The file's bytes after a section's hunks.

    Raises:
        BadPatch: they do not fit.
        SourceUnavailable: there is no `patch`.
    """
    program = patch_program()
    end = b"\r\n" if section.crlf else b"\n"
    text = b"--- before" + end + b"+++ before" + end + section.hunks
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "PATCH_GET": "0"}
    try:
        with tempfile.TemporaryDirectory(prefix="quilt-") as folder:
            (Path(folder) / "before").write_bytes(before)
            done = subprocess.run(
                [program, *COMMAND], cwd=folder, env={**environment, "TMPDIR": folder}, input=text,
                capture_output=True, timeout=TIMEOUT_S, check=False,
            )  # fmt: skip
            after = Path(folder) / "after"
            if done.returncode == 0 and after.is_file() and not after.is_symlink():
                return after.read_bytes()
    except subprocess.TimeoutExpired:
        raise BadPatch("patch_failed", f"{path}: `patch` took more than {TIMEOUT_S} s") from None
    said = " ".join((done.stdout + done.stderr).decode("utf-8", "replace").split())[-300:]
    raise BadPatch("patch_failed", f"{path}: {said or 'no output'}")
