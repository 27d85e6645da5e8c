"""Commits and files of one repository to records, or to why they are none."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from parsers.language import language_of
from pipeline.sources.files import Refused, decode, has_known_ending, recorded
from pipeline.sources.git_follow import Follower
from pipeline.sources.git_licence import Licences
from pipeline.sources.git_place import Place
from pipeline.sources.git_plan import Row, is_plain
from pipeline.sources.git_view import Entry, View
from schemas.provenance import Origin, content_id, sha256
from schemas.records import Change, Dropped, SourceFile

_LINK, _SUBMODULE = "120000", "160000"
_LFS_POINTER = b"version https://git-lfs.github.com/spec/"
_LFS_POINTER_BYTES = 1024
_REMEMBERED = 1000
_AHEAD = 32


class Reader:
    """Reads what `view` holds of `place`.

    Args:
        place: the repository.
        view: open.
        family: recorded with each origin.
    """

    def __init__(self, place: Place, view: View, family: str | None) -> None:
        self._place = place
        self._view = view
        self._family = family
        self._licences = Licences(view)
        self._follower = Follower(view, place.max_blob_bytes)
        self._digests: dict[str, str] = {}

    def changes(self, listed: Sequence[Row]) -> Iterator[Change | Dropped]:
        """The changes that commits make, in their order."""
        for at in range(0, len(listed), _AHEAD):
            window = [(row, _refuse_change(row)) for row in listed[at : at + _AHEAD]]
            wanted = (row.entry for row, refused in window if refused is None)
            oids = (oid for entry in wanted if entry is not None for oid in entry.oids)
            self._view.objects.expect(oids, self._place.max_blob_bytes)
            for row, refused in window:
                yield self._change(row, refused)

    def change(self, row: Row) -> Change | Dropped:
        """The change that a commit makes; commits are best given in order."""
        return self._change(row, _refuse_change(row))

    def _change(self, row: Row, refused: Refused | None) -> Change | Dropped:
        place = self._place
        self._licences.follow(row.sha, row.licences_of)
        path = "" if row.entry is None else recorded(row.entry.path)
        origin = Origin(
            place.source, place.repo, row.sha, path, "", place.license, row.committed_at, None, self._family
        )
        if refused is not None or row.entry is None:
            return _dropped("change", origin, refused or Refused("not_single_file", "0 files"))
        texts = []
        for side, oid in zip(("older", "newer"), row.entry.oids, strict=True):
            found = self._text(oid)
            if isinstance(found, Refused):
                return _dropped("change", origin, Refused(found.reason, f"{side} side: {found.detail}"))
            texts.append(found)
        (before, older), (after, newer) = texts
        language = language_of(path, newer)
        if language is None:
            return _dropped("change", origin, Refused("no_language", path))
        licence = self._licences.of(row.sha, row.entry.path, after) or place.license
        digests = [self._digest(oid, data) for oid, data in zip(row.entry.oids, (older, newer), strict=True)]
        origin = Origin(
            place.source, place.repo, row.sha, path, digests[1], licence, row.committed_at, digests[0], self._family
        )
        again = self._follower.edited_again(row.entry.oids, row.later) if row.later else None
        facts = row.facts if again is None else replace(row.facts, refixed_by=again)
        return Change(origin, language.name, row.message, before, after, facts)

    def file(self, revision: str, entry: Entry) -> SourceFile | Dropped | None:
        """The file at a tree's entry; None where it is no source file."""
        path = recorded(entry.path)
        place = self._place
        origin = Origin(place.source, place.repo, revision, path, "", place.license, family=self._family)
        if entry.modes[1] == _LINK:
            return _dropped("file", origin, Refused("link", "mode 120000"))
        if entry.modes[1] == _SUBMODULE or not has_known_ending(path):
            return None
        found = self._text(entry.oids[1])
        if isinstance(found, Refused):
            return _dropped("file", origin, found)
        text, data = found
        language = language_of(path, data)
        if language is None:
            return None
        self._licences.follow(revision, None)
        licence = self._licences.of(revision, entry.path, text) or place.license
        return SourceFile(replace(origin, blob_sha256=sha256(data), license=licence), language.name, text)

    def _text(self, oid: str) -> tuple[str, bytes] | Refused:
        most = self._place.max_blob_bytes
        data = self._view.objects.blob(oid, most)
        if isinstance(data, Refused):
            return data
        if len(data) < _LFS_POINTER_BYTES and data.startswith(_LFS_POINTER):
            return Refused("lfs_pointer", f"{len(data)} bytes that name a file kept elsewhere")
        text = decode(data, most)
        return text if isinstance(text, Refused) else (text, data)

    def _digest(self, oid: str, data: bytes) -> str:
        """sha256 of a blob, remembered since the newer side is often the next older one."""
        if oid not in self._digests:
            if len(self._digests) > _REMEMBERED:
                self._digests.clear()
            self._digests[oid] = sha256(data)
        return self._digests[oid]


def _dropped(kind: str, origin: Origin, refused: Refused) -> Dropped:
    key = content_id(origin.source, origin.repo, origin.revision, origin.path, kind)
    return Dropped("mine", refused.reason, refused.detail, key, origin)


def _refuse_change(row: Row) -> Refused | None:
    """Why a commit is no change of one file in place, or None; blobs are not looked at."""
    if row.files < 0:
        return Refused("missing_tree", "the commit or a tree of it is missing or damaged")
    entry = row.entry
    if entry is None:
        return Refused("not_single_file", f"{row.files} files")
    if _LINK in entry.modes:
        return Refused("link", f"modes {' '.join(entry.modes)}")
    if _SUBMODULE in entry.modes:
        return Refused("submodule", f"modes {' '.join(entry.modes)}")
    if entry.status != "M" or not is_plain(entry):
        return Refused("not_in_place", f"status {entry.status}, modes {' '.join(entry.modes)}")
    if entry.oids[0] == entry.oids[1]:
        return Refused("not_in_place", f"modes {' '.join(entry.modes)} alone")
    return None if has_known_ending(recorded(entry.path)) else Refused("no_language", recorded(entry.path))
