"""What a Debian patch's header says: DEP-3 (https://dep-team.pages.debian.net/deps/dep3/) or `git format-patch`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import MessageError
from email.header import decode_header, make_header
from email.utils import parsedate_to_datetime

MAX_CHARS = 20_000

_CVE = re.compile(r"\bCVE[-_ ](\d{4})[-_](\d{4,7})(?!\d)", re.IGNORECASE)
_NAMED_CVE = re.compile(r"CVE[-_.]?(\d{4})[-_.](\d{4,7})(?!\d)", re.IGNORECASE)
_FIELD = re.compile(r"([A-Za-z]+(?:-[A-Za-z]+)*):[ \t]*(.*)")
_KNOWN = re.compile(
    r"(?:Description|Subject|From|Author|Date|Last-Updated?|Last-Modified|Forwarded|Reviewed-by|Acked-by|Tested-by|"
    r"Applied-Upstream|Upstream|Fixed-in|Backported-by|Commit|Gbp(?:-Pq)?|Patch-Name|Content-Type|Message-Id|To|Cc|"
    r"Content-Transfer-Encoding|MIME-Version|Index)",
    re.IGNORECASE,
)
_ANY_CASE = re.compile(r"(?:Origin|Bugs?(?:-[A-Za-z]+)*|(?:Debian|Ubuntu)-Bug|Forwarded|Last-Update)", re.IGNORECASE)
"""Fields that patches also write in lower case; the other names are words of a description there."""

_REFERENCE = re.compile(r"[(\[]?(?:https?://\S+|(?:CVE|GHSA|TEMP)-[\w-]+|#\d+)[)\].,:;]*", re.IGNORECASE)
_PICKED = re.compile(r"\(?(?:cherry[- ]picked|backported|picked) from commit [0-9a-f]+\)?\.?", re.IGNORECASE)

_TAGS = re.compile(r"^(?:\s*\[[^\]]{1,60}\])+\s*")
_NUMBER = re.compile(r"^\d+[-_.]")


@dataclass(frozen=True, slots=True)
class PatchHeader:
    """What a patch's header states.

    Attributes:
        subject: one line, which says something where any line does.
        body: the description below it, and a subject that is a reference alone at its end.
        author: name and address; None where none is given.
        last_update: Unix seconds (midnight UTC of a date alone) of `Last-Update`; None where it is not given.
        date: Unix seconds of `Date`, which is the author's; likewise.
        cves: ids in the patch's name and its header, sorted.
    """

    subject: str
    body: str
    author: str | None
    last_update: int | None
    date: int | None
    cves: tuple[str, ...]

    @property
    def message(self) -> str:
        """Subject and description, as a commit has them."""
        return f"{self.subject}\n\n{self.body}".strip()


def read_header(name: str, data: bytes) -> PatchHeader:
    """The header of the patch `name`.

    Args:
        name: of the patch's file, which often holds the CVE id, and is the subject where the header has none.
        data: what stands before the first diff; not UTF-8 is read as Latin-1.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    text = text.replace("\r\n", "\n").replace("\0", "")[:MAX_CHARS]
    fields, free = _split(text)
    subject, body = _description(fields, free)
    if not subject:
        subject, _, body = "\n".join(free).strip().partition("\n")
    if not subject:
        stem = re.sub(r"\.(?:patch|diff|dpatch)$", "", name.rpartition("/")[2])
        subject = _NUMBER.sub("", stem).replace("-", " ").replace("_", " ") if not _NAMED_CVE.search(stem) else stem
    author = fields.get("author") or fields.get("from")
    subject, body = _telling(_TAGS.sub("", subject).strip(), body.strip())
    return PatchHeader(
        subject=subject,
        body=body,
        author=None if not author else _decoded(author[0]),
        last_update=_first_time(fields, ("last-update", "last-updated", "last-modified")),
        date=_first_time(fields, ("date",)),
        cves=cve_ids(name, text),
    )


def cve_ids(name: str, text: str) -> tuple[str, ...]:
    """CVE ids in a patch's name and header, sorted by year and number."""
    found = {(match[1], match[2]) for match in (*_NAMED_CVE.finditer(name), *_CVE.finditer(text))}
    return tuple(f"CVE-{year}-{number}" for year, number in sorted(found, key=lambda one: (int(one[0]), int(one[1]))))


def _split(text: str) -> tuple[dict[str, list[str]], list[str]]:
    """Fields by lower-case name (each value with its continuation lines), and the lines that are of none."""
    fields: dict[str, list[str]] = {}
    free: list[str] = []
    last: list[str] | None = None
    for line in _header_lines(text):
        match = _FIELD.match(line)
        if match and _is_field(match[1]):
            last = fields.setdefault(match[1].lower(), [])
            last.append(match[2])
        elif last is not None and line[:1] in (" ", "\t") and line.strip():
            last[-1] += "\n" + ("" if line.strip() == "." else line[1:].rstrip())
        else:
            last = None
            free.append(line.rstrip())
    return fields, free


def _is_field(name: str) -> bool:
    return bool(_ANY_CASE.fullmatch(name) or (name[0].isupper() and _KNOWN.fullmatch(name)))


def _header_lines(text: str) -> Iterator[str]:
    """Lines of the header, without mbox's first one and what follows a line of three dashes."""
    for number, line in enumerate(text.split("\n")):
        if line.rstrip() == "---":
            return
        if number == 0 and re.match(r"From [0-9a-f]{7,40} ", line):
            continue
        yield line.removeprefix("## DP: ").removeprefix("# ")


def _description(fields: dict[str, list[str]], free: list[str]) -> tuple[str, str]:
    """Subject and body: of `Subject` a continuation goes on with the line, of `Description` it is the body."""
    below = "\n".join(free).strip()
    if values := fields.get("subject"):
        head = " ".join(_decoded(values[0]).split())
        more = [value for value in fields.get("description", []) if value.strip()]
        return head, "\n\n".join([*more, below]).strip()
    if values := fields.get("description"):
        head, _, rest = values[0].partition("\n")
        if not head.strip():
            head, _, rest = rest.partition("\n")
        return head.strip(), "\n\n".join(part for part in (rest.strip(), below) if part)
    return "", ""


def _telling(subject: str, body: str) -> tuple[str, str]:
    """Subject and body; where the subject is a reference alone, the first line that says something takes its place."""
    lines = body.split("\n")
    if not _refers(subject):
        return subject, body
    for number, line in enumerate(lines):
        if line.strip() and not _refers(line):
            rest = "\n".join((*lines[:number], *lines[number + 1 :])).strip()
            return line.strip(), "\n\n".join(part for part in (rest, subject) if part)
    return subject, body


def _refers(line: str) -> bool:
    """Whether a line says where something is, and not what."""
    return bool(_PICKED.fullmatch(line.strip())) or all(_REFERENCE.fullmatch(word) for word in line.split())


def _decoded(value: str) -> str:
    """A mail header's value, its encoded words decoded where they can be."""
    try:
        return str(make_header(decode_header(value)))
    except (MessageError, LookupError, ValueError):
        return value


def _first_time(fields: dict[str, list[str]], names: tuple[str, ...]) -> int | None:
    for name in names:
        for value in fields.get(name, []):
            seconds = _seconds(value.strip())
            if seconds is not None:
                return seconds
    return None


def _seconds(value: str) -> int | None:
    """An ISO date or a mail date as Unix seconds; None where it is neither, or no time that there was."""
    for read in (_iso, parsedate_to_datetime):
        try:
            moment = read(value)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        seconds = int(moment.timestamp())
        return seconds if seconds > 0 else None
    return None


def _iso(value: str) -> datetime:
    match = re.match(r"(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)", value)
    if match is None:
        raise ValueError(value)
    return datetime(int(match[1]), int(match[2]), int(match[3]), tzinfo=UTC)
