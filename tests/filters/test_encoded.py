import base64
import pickle
import random
import sys
from pathlib import Path

import pytest

from filters.encoded import Encoded, covered, entropy, packed_script, runs
from schemas.config import validate
from schemas.errors import ConfigError

sys.path.insert(0, str(Path(__file__).parent))
from pairs import CHOSEN, PAIR, pair

RANDOM = random.Random(5)
DATA = RANDOM.randbytes(900)
TABLE = list(range(256))
RANDOM.shuffle(TABLE)
CODE = "".join(f"    state[{i}] = mix(state[{i}], round_key[{i}])\n" for i in range(8))


def wrapped(text: str, width: int = 76) -> str:
    return "\n".join(f'    "{text[at : at + width]}"' for at in range(0, len(text), width))


BLOBS = {
    "base64": f'LOGO = "{base64.b64encode(DATA).decode()}"\n',
    "url-safe base64": f'LOGO = "{base64.urlsafe_b64encode(DATA).decode()}"\n',
    "base64 in lines": f"LOGO = (\n{wrapped(base64.b64encode(DATA).decode())}\n)\n",
    "base85": f'LOGO = r"""{base64.b85encode(DATA).decode()}"""\n',
    "hexadecimal": f'LOGO = "{DATA.hex()}"\n',
    "digits": f"N = {int.from_bytes(DATA)}\n",
    "byte escapes": "LOGO = b'" + "".join(f"\\x{b:02x}" for b in DATA) + "'\n",
    "octal escapes": 'char logo[] = "' + "".join(f"\\{b:03o}" for b in DATA) + '";\n',
    "unicode escapes": "var s = '" + "".join(f"\\u{b:04x}" for b in DATA) + "';\n",
    "percent escapes": "var s = unescape('" + "".join(f"%{b:02X}" for b in DATA) + "');\n",
    "a table in hexadecimal": "logo = [" + ", ".join(f"0x{b:02x}" for b in DATA) + "]\n",
    "a table in decimal": "logo = {" + ",\n".join(map(str, DATA)) + "};\n",
    "a table of floats": "w = [" + ", ".join(f"{b / 7:.6f}f" for b in DATA) + "]\n",
    "a table of negatives": "w = [" + ", ".join(f"-{b}" for b in DATA) + "]\n",
    "a data: address": f'<img src="data:image/png;base64,{base64.b64encode(DATA).decode()}">\n',
    "a packed script": "eval(function(p,a,c,k,e,d){while(c--){p=p.replace(c,k[c])}return p}"
    "('0 1',2,2,'a|b'.split('|')))\n",
    "renamed names": "".join(f"var _0x{i:04x} = _0x{i + 1:04x}(1);\n" for i in range(0xA0, 0xA8)),
}


@pytest.mark.parametrize("name", BLOBS)
def test_encoded_data_is_refused_in_any_text(name):
    for field in ("prompt", "chosen", "rejected"):
        found = Encoded().refuse(pair(**{field: CHOSEN + BLOBS[name] + CODE}))
        assert found is not None, field
        assert found.reason == "encoded"
        assert found.detail.startswith(f"{field}: ")


CONSTANTS = {
    "a digest": f'EXPECTED = "{"9f86d081884c7d65" * 4}"\n',
    "a long digest": f'EXPECTED = "{DATA[:64].hex()}"\n',
    "a public key": f'[assembly: InternalsVisibleTo("Tests, PublicKey={DATA[:160].hex()}")]\n',
    "a modulus": f"P = 0x{DATA[:256].hex()}\n",
    "a UUID": 'ID = "7d444840-9dc0-11d1-b245-5ffdce74fad2"\n',
    "a token": f'TOKEN = "{base64.urlsafe_b64encode(DATA[:120]).decode()}"\n',
    "a small icon": f'ICON = "data:image/gif;base64,{base64.b64encode(DATA[:60]).decode()}"\n',
    "test vectors": "".join(f'check("{DATA[i : i + 32].hex()}", "{DATA[i + 32 : i + 64].hex()}")\n' for i in range(4)),
    "an S-box": "SBOX = [\n" + ",\n".join(", ".join(f"0x{b:02x}" for b in TABLE[i : i + 16]) for i in range(0, 256, 16))
    + "]\n",
    "a table of checks": "TABLE = [" + ", ".join(f"0x{RANDOM.getrandbits(32):08x}" for _ in range(256)) + "]\n",
    "an alphabet": 'A = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"\n',
    "rulers": "# " + "-" * 900 + "\n# " + "=" * 900 + "\nzero = '" + "0" * 600 + "'\n",
    "a long name": "x = " + "get_The_Value_Of_Number_2_" * 20 + "\n",
    "a few escapes": 'RED = "\\x1b[31m\\x1b[1m"\nBOM = b"\\xef\\xbb\\xbf"\n' * 20,
    "a few renamed": "_0xabcd = 1\n" * 50,
}  # fmt: skip


@pytest.mark.parametrize("name", CONSTANTS)
def test_constants_pass_in_code(name):
    text = CHOSEN + CONSTANTS[name] + CODE
    assert Encoded().refuse(pair(prompt=text, chosen=text, rejected=text)) is None


def test_a_good_pair_passes_before_and_after_pickling():
    assert Encoded().refuse(PAIR) is None
    assert Encoded().refuse(pair(prompt="", chosen="", rejected="\ud800\u00e9")) is None
    copy = pickle.loads(pickle.dumps(Encoded()))
    assert copy == Encoded()
    assert copy.refuse(pair(chosen=BLOBS["base64"])) is not None


def test_bounds_come_from_the_options():
    digest = pair(chosen=CHOSEN + f'x = "{DATA[:32].hex()}"\n')
    assert Encoded().refuse(digest) is None
    refused = validate(Encoded, {"max_bytes": 16}, "x").refuse(digest)
    assert refused is not None
    assert refused.detail == "chosen: 32 bytes as digits in one run, at most 16"
    table = pair(rejected=CHOSEN + f"x = {list(range(40))}\n")
    refused = Encoded(max_numbers=39).refuse(table)
    assert refused is not None
    assert refused.detail == "rejected: 40 numbers in one run, at most 39"
    assert Encoded(max_numbers=40).refuse(table) is None
    refused = Encoded(max_share=0.1, min_characters=50).refuse(table)
    assert refused is not None
    assert "of it in runs of encoded data, at most 0.1" in refused.detail
    assert Encoded(max_share=0.1, min_characters=500).refuse(table) is None
    assert Encoded(max_bits=3.0).refuse(pair(chosen=CHOSEN * 8)) is not None
    with pytest.raises(ConfigError, match="max_share"):
        validate(Encoded, {"max_share": 2}, "x")


def test_a_side_that_is_data_only_is_refused_by_its_share():
    parts = "\n".join(f'"{base64.b64encode(DATA[i : i + 60]).decode()}",' for i in range(0, 900, 60))
    refused = Encoded().refuse(pair(chosen=f"[\n{parts}\n]\n"))
    assert refused is not None
    assert "of it in runs" in refused.detail
    assert Encoded().refuse(pair(chosen=f"[\n{parts}\n]\n" + CODE * 2)) is None


def test_runs_say_what_they_are_and_where():
    text = f"a = 0x{DATA[:20].hex()} + [1, 2, 3]"
    found = runs(text)
    assert [(run.form, run.amount) for run in found] == [("digits", 20)]
    assert text[found[0].start : found[0].end] == f"0x{DATA[:20].hex()}"
    assert covered(text, found + found) == 42
    assert runs("x" * 400) == []
    assert runs("1 " * 15) == []
    assert [run.amount for run in runs("1 " * 16)] == [16]


def test_packed_scripts_are_told_from_calls_of_eval():
    assert packed_script("eval( function (p, a, c, k, e, r) {") == "holds a packed script"
    assert packed_script("eval(function(x) { return x })") is None
    assert packed_script("_0x1a2b") is None


def test_entropy_takes_the_second_highest_window():
    assert entropy("a" * 1000) == 0.0
    assert entropy("ab" * 100) == 0.0  # shorter than two windows
    assert entropy("ab" * 500) == pytest.approx(1.0)
    assert entropy("".join(map(chr, range(33, 127))) * 12) == pytest.approx(6.5, abs=0.1)
    assert entropy("\u00e9 " * 5000) == 0.0


@pytest.mark.parametrize(
    "text",
    ["1 " * 5_000_000, "1" * 10_000_000, "1" + " " * 9_999_999, ("1," * 15 + "x") * 300_000, "\\x4" * 3_000_000,
     "A1b" * 3_000_000, "data:" * 2_000_000, "data:a/b;c" * 1_000_000, "eval(" * 2_000_000, "0x" * 5_000_000,
     ("1" + " " * 61) * 160_000, "_0x" * 3_000_000, "&#1" * 3_000_000],
)  # fmt: skip
def test_ten_megabytes_of_anything_end(text):
    refused = Encoded().refuse(pair(chosen=text))
    assert refused is None or refused.reason == "encoded"
