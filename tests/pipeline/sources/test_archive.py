import bz2
import gzip
import io
import lzma
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest
import zstandard

from pipeline.sources.archive import Limits, Member, members

LIMITS = Limits(file_bytes=1_000, unpacked_bytes=1_000_000, ratio=100_000, members=100)


def tar_bytes(entries: list[tuple[str, bytes | str]]) -> bytes:
    """A tar of files (bytes) and symbolic links (str)."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, content in entries:
            info = tarfile.TarInfo(name)
            if isinstance(content, str):
                info.type, info.linkname = tarfile.SYMTYPE, content
                tar.addfile(info)
            else:
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def ar_bytes(entries: list[tuple[str, bytes]]) -> bytes:
    out = b"!<arch>\n"
    for name, content in entries:
        out += f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n".encode() + content
        out += b"\n" * (len(content) % 2)
    return out


def written(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "archive"
    path.write_bytes(data)
    return path


def read(tmp_path: Path, data: bytes, limits: Limits = LIMITS) -> list[Member]:
    return list(members(written(tmp_path, data), limits))


def reasons(found: list[Member]) -> dict[str, str | None]:
    return {member.path: member.reason for member in found}


PLAIN = tar_bytes([("./p/a.py", b"a = 1\n"), ("p/b.py", b"")])


@pytest.mark.parametrize(
    "data",
    [
        PLAIN,
        gzip.compress(PLAIN),
        bz2.compress(PLAIN),
        lzma.compress(PLAIN),
        zstandard.compress(PLAIN),
        ar_bytes([("debian-binary", b"2.0"), ("control.tar.gz", b"no"), ("data.tar.xz", lzma.compress(PLAIN))]),
        ar_bytes([("debian-binary", b"2.0\n"), ("data.tar.zst", zstandard.compress(PLAIN))]),
        ar_bytes([("data.tar", PLAIN)]),
    ],
)
def test_every_compression_gives_the_same_members(tmp_path: Path, data: bytes) -> None:
    assert read(tmp_path, data) == [Member("p/a.py", b"a = 1\n"), Member("p/b.py", b"")]


def test_names_are_data(tmp_path: Path) -> None:
    names = ["-rf.py", "a b.py", "new\nline.py", "quo'te\".py", "é/日本.py", "$(touch x).py", "w\\..\\x.py", "n" * 300]
    found = read(tmp_path, gzip.compress(tar_bytes([(name, b"x") for name in names])))
    assert [member.path for member in found] == names
    assert {member.data for member in found} == {b"x"}


def test_links_devices_and_unsafe_paths_have_no_data(tmp_path: Path) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", errors="surrogateescape") as tar:
        for name, kind in [("l.py", tarfile.SYMTYPE), ("h.py", tarfile.LNKTYPE), ("d.py", tarfile.CHRTYPE), ("f", tarfile.FIFOTYPE)]:  # fmt: skip  # noqa: E501
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            tar.addfile(info)
        for name in ["/etc/x.py", "../x.py", "p/../../x.py", "bad\udcff.py"]:
            info = tarfile.TarInfo(name)
            info.size = 1
            tar.addfile(info, io.BytesIO(b"x"))
        folder = tarfile.TarInfo("p")
        folder.type = tarfile.DIRTYPE
        tar.addfile(folder)
    found = read(tmp_path, out.getvalue())
    assert reasons(found) == {
        "l.py": "link",
        "h.py": "link",
        "d.py": "link",
        "f": "link",
        "/etc/x.py": "unsafe_path",
        "../x.py": "unsafe_path",
        "p/../../x.py": "unsafe_path",
        "bad\\udcff.py": "unsafe_path",
    }
    assert all(member.data is None for member in found)


def test_a_large_file_is_left_out_and_the_next_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, gzip.compress(tar_bytes([("big.py", b"x" * 1_001), ("edge.py", b"x" * 1_000)])))
    assert reasons(found) == {"big.py": "too_large", "edge.py": None}
    assert found[0].detail == "1001 bytes, at most 1000"


def test_tar_bomb_by_size_keeps_what_came_before(tmp_path: Path) -> None:
    data = gzip.compress(tar_bytes([("a.py", b"ok"), ("bomb", b"\0" * 5_000_000), ("z.py", b"never")]))
    found = read(tmp_path, data)
    assert found[0] == Member("a.py", b"ok")
    assert found[-1].reason == "archive_bomb"
    assert "z.py" not in reasons(found)


def test_tar_bomb_by_ratio(tmp_path: Path) -> None:
    data = gzip.compress(tar_bytes([("bomb", b"\0" * 900_000)]))
    assert read(tmp_path, data)[-1].reason == "too_large"
    assert read(tmp_path, data, Limits(1_000, 1_000_000, ratio=10))[-1].reason == "archive_bomb"


def test_too_many_members(tmp_path: Path) -> None:
    entries: list[tuple[str, bytes | str]] = [(f"{n}.py", b"x") for n in range(101)]
    found = read(tmp_path, gzip.compress(tar_bytes(entries)))
    assert len(found) == 101
    assert (found[-1].path, found[-1].reason) == ("99.py", "archive_bomb")


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_truncated_stream(tmp_path: Path, pack: object) -> None:
    entries: list[tuple[str, bytes | str]] = [(f"{n}.py", bytes(range(256)) * 3) for n in range(40)]
    assert callable(pack)
    data = pack(tar_bytes(entries))
    found = read(tmp_path, data[: len(data) * 2 // 3])
    assert found[-1].reason == "truncated_archive"


def test_truncated_and_broken_plain_tar(tmp_path: Path) -> None:
    data = tar_bytes([("a.py", b"a" * 600), ("b.py", b"b" * 600)])
    found = read(tmp_path, data[: 512 + 1024 + 512 + 100])
    assert reasons(found) == {"a.py": "truncated_archive"}  # the last word on where it ended
    assert found[0] == Member("a.py", b"a" * 600)
    broken = data[: 512 + 1024] + b"garbage!" * 64 + data[512 + 1024 + 512 :]
    assert read(tmp_path, broken)[-1].reason == "truncated_archive"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not an archive at all",
        b"PK\3\4 but no more",
        b"!<arch>\n",
        ar_bytes([("control.tar", b"x")]),
        ar_bytes([("data.tar.xz", lzma.compress(PLAIN))])[:100],
        b"!<arch>\n" + b"data.tar" + b"x" * 52,
        b"\x28\xb5\x2f\xfd" + b"\xff" * 50,
        b"\xfd7zXZ\0" + b"\xff" * 50,
    ],
)
def test_what_is_no_archive_ends_in_one_member(tmp_path: Path, data: bytes) -> None:
    assert [member.reason for member in read(tmp_path, data)] == ["truncated_archive"]


def zip_bytes(entries: list[tuple[str, bytes, int]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content, mode in entries:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def test_zip(tmp_path: Path) -> None:
    regular = stat.S_IFREG | 0o644
    entries = [
        ("p/", b"", stat.S_IFDIR | 0o755),
        ("p/a.py", b"a = 1", regular),
        ("p/l.py", b"/etc/passwd", stat.S_IFLNK | 0o777),
        ("p/../../x.py", b"x", regular),
        ("/x.py", b"x", regular),
        ("p/big.py", b"x" * 1_001, regular),
    ]
    found = read(tmp_path, zip_bytes(entries))
    assert reasons(found) == {
        "p/a.py": None,
        "p/l.py": "link",
        "p/../../x.py": "unsafe_path",
        "/x.py": "unsafe_path",
        "p/big.py": "too_large",
    }
    assert found[0].data == b"a = 1"


def test_zip_bombs(tmp_path: Path) -> None:
    data = zip_bytes([(f"{n}.py", b"\0" * 1_000, 0) for n in range(50)])
    found = read(tmp_path, data, Limits(1_000, 20_000, ratio=1_000))
    assert [member.reason for member in found] == [None] * 20 + ["archive_bomb"]
    assert [m.reason for m in read(tmp_path, data, Limits(1_000, 10**6, 1_000, members=49))] == ["archive_bomb"]
    small = Limits(1_000, 10**6, ratio=2)
    assert read(tmp_path, data, small)[-1].reason == "archive_bomb"


def test_zip_with_one_damaged_file_gives_the_others(tmp_path: Path) -> None:
    data = bytearray(zip_bytes([("a.py", b"a" * 100, 0), ("b.py", b"b = 2", 0)]))
    data[data.index(b"a.py") + 4 + 2] ^= 0xFF  # inside the first file's deflate stream
    assert reasons(read(tmp_path, bytes(data))) == {"a.py": "unreadable", "b.py": None}
    encrypted = bytearray(zip_bytes([("a.py", b"a" * 100, 0)]))
    encrypted[encrypted.index(b"PK\1\2") + 8] |= 1
    encrypted[6] |= 1
    assert reasons(read(tmp_path, bytes(encrypted))) == {"a.py": "unreadable"}


def test_truncated_zip(tmp_path: Path) -> None:
    data = zip_bytes([("a.py", b"a" * 100, 0), ("b.py", b"b = 2", 0)])
    assert [member.reason for member in read(tmp_path, data[:-30])] == ["truncated_archive"]
