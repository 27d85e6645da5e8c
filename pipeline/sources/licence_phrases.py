"""Phrases by which the texts of common licences are known, in lower-case words parted by one space.

Our own selection from the texts that https://spdx.org/licenses lists; lengths were counted on them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """How one licence's text is known.

    Attributes:
        name: SPDX expression.
        start: what it opens with; variants share it.
        ends: what it can end with; the last that is found counts.
        chars: least and most characters from the start's first to the end's last.
        needs: phrases that must be between.
        bars: phrases that must not.
    """

    name: str
    start: str
    ends: tuple[str, ...]
    chars: tuple[int, int]
    needs: tuple[str, ...] = ()
    bars: tuple[str, ...] = ()


MIT = "permission is hereby granted free of charge to any person obtaining a copy"
BSD = "redistribution and use"
ISC = "permission to use copy modify"
_SUCH_DAMAGE = ("of such damage",)
_SOURCE_AND_BINARY = (
    "source code must retain the above copyright",
    "in binary form must reproduce the above copyright",
)
_ENDORSE = "endorse or promote products derived from"
_ADVERTISING = "advertising materials mentioning"
_BSD_ODD = ("patent", "nuclear", "acknowledgment", "acknowledgement", "may not be called", "views and conclusions")
_GNU_END = "end of terms and conditions"

TEXTS = (
    Text(
        "X11", MIT, ("without prior written authorization",), (1_050, 1_300),
        ("to deal in the software without restriction", "this permission notice", "be included in all copies",
         "except as contained in this notice the name of", "shall not be used in advertising"),
        ("good not evil", "patent"),
    ),
    Text(
        "MIT", MIT, ("dealings in the software",), (900, 1080),
        ("to deal in the software without restriction", "this permission notice", "be included in all copies"),
        ("good not evil", "advertising", "patent"),
    ),
    Text(
        "MIT-0", MIT, ("dealings in the software",), (700, 860),
        ("to deal in the software without restriction", "is furnished to do so the software is provided as is"),
        ("permission notice",),
    ),
    Text(
        "NCSA", MIT, ("dealings with the software",), (1250, 1600),
        ("to deal with the software without restriction", "redistributions in binary form", "neither the names of"),
    ),
    Text("BSD-2-Clause", BSD, _SUCH_DAMAGE, (1080, 1330), _SOURCE_AND_BINARY, (_ENDORSE, _ADVERTISING, *_BSD_ODD)),
    Text("BSD-3-Clause", BSD, _SUCH_DAMAGE, (1240, 1640), (*_SOURCE_AND_BINARY, _ENDORSE), (_ADVERTISING, *_BSD_ODD)),
    Text(
        "BSD-3-Clause-Clear", BSD, _SUCH_DAMAGE, (1400, 1680),
        (*_SOURCE_AND_BINARY, _ENDORSE, "no express or implied licenses to any party s patent rights are granted"),
        (_ADVERTISING,),
    ),
    Text("BSD-4-Clause", BSD, _SUCH_DAMAGE, (1400, 1850), (*_SOURCE_AND_BINARY, _ENDORSE, _ADVERTISING)),
    Text(
        "ISC", ISC, ("use or performance of this software",), (600, 740),
        ("with or without fee is hereby granted provided that the above copyright notice and this permission notice",),
    ),
    Text(
        "0BSD", ISC, ("use or performance of this software",), (500, 640),
        ("with or without fee is hereby granted the software is provided as is",),
    ),
    Text(
        "curl", ISC, ("prior written authorization of the copyright holder",), (750, 950),
        ("with or without fee is hereby granted", "the name of a copyright holder shall not be used in advertising"),
    ),
    Text(
        "PostgreSQL", ISC, ("updates enhancements or modifications",), (780, 1000),
        ("without fee and without a written agreement is hereby granted",),
    ),
    Text(
        "Zlib", "in no event will the authors be held liable for any damages arising from the use of this software",
        ("removed or altered from any source distribution",), (600, 760),
        ("must not be misrepresented", "must be plainly marked", "would be appreciated but is not required"),
    ),
    Text(
        "BSL-1.0", "permission is hereby granted free of charge to any person or organization obtaining a copy",
        ("dealings in the software",), (1100, 1290), ("machine executable object code",),
    ),
    Text(
        "UPL-1.0", "permission is hereby granted to any person obtaining a copy of this software associate",
        ("dealings in the software",), (1400, 1750), ("larger works", "patent rights"),
    ),
    Text(
        "Unlicense", "this is free and unencumbered software released into the public domain",
        ("dealings in the software", "refer to http unlicense org", "refer to https unlicense org"), (1050, 1200),
        ("in perpetuity of all present and future rights",),
    ),
    Text(
        "WTFPL", "do what the fuck you want to public license version 2",
        ("you just do what the fuck you want to",), (300, 430),
    ),
    Text(
        "Apache-2.0 WITH LLVM-exception", "apache license version 2 0 january 2004",
        ("only with respect to the combined software",), (9_900, 11_900),
        ("grant of patent license", "llvm exceptions to the apache 2 0 license"),
    ),
    Text(
        "Apache-2.0", "apache license version 2 0 january 2004",
        ("warranty or additional liability", "permissions and limitations under the license"), (8_600, 10_300),
        ("grant of patent license", "submission of contributions", "accepting warranty or additional liability"),
        ("llvm exceptions",),
    ),
    Text(
        "MPL-2.0", "mozilla public license version 2 0 1 definitions",
        ("as defined by the mozilla public license v 2 0",), (13_800, 14_900),
        ("larger work", "incompatible with secondary licenses"),
    ),
    Text(
        "MPL-2.0", "mozilla public license version 2 0 definitions",  # headings without numbers
        ("as defined by the mozilla public license v 2 0",), (13_400, 14_900),
        ("larger work", "incompatible with secondary licenses"),
    ),
    Text(
        "EPL-1.0", "eclipse public license v 1 0", ("jury trial in any resulting litigation",), (10_500, 11_400),
        ("agreement steward", "licensed patents"),
    ),
    Text(
        "EPL-2.0", "eclipse public license v 2 0",
        ("beneficiary rights are created under this agreement", "additional accurate notices of copyright ownership"),
        (12_400, 14_100), ("agreement steward", "secondary license"),
    ),
    Text(
        "CC0-1.0", "cc0 1 0 universal", ("with respect to this cc0 or use of the work", "publicdomain zero 1 0"),
        (5_900, 7_400), ("public license fallback", "waiver"),
    ),
    Text(
        "Artistic-2.0", "the artistic license 2 0 copyright c 2000 2006 the perl foundation", _SUCH_DAMAGE,
        (8_000, 8_900), ("distribution of modified versions of the package as source",),
    ),
    Text(
        "OFL-1.1", "sil open font license version 1 1 26 february 2007", ("dealings in the font software",),
        (3_500, 4_400), ("reserved font name",),
    ),
    Text("MS-PL", "microsoft public license ms pl", ("and non infringement",), (2_300, 2_700), ("patent grant",)),
    Text(
        "GPL-2.0-only", "gnu general public license version 2 june 1991",
        (_GNU_END, "instead of this license"), (14_000, 17_900), ("you may not impose any further restrictions",),
    ),
    Text(
        "GPL-3.0-only", "gnu general public license version 3 29 june 2007",
        (_GNU_END, "why not lgpl html"), (30_000, 34_800), ("installation information", "acceptance not required"),
    ),
    Text(
        "LGPL-2.0-only", "gnu library general public license version 2 june 1991",
        (_GNU_END, "that s all there is to it"), (22_000, 26_200), ("work that uses the library",),
    ),
    Text(
        "LGPL-2.1-only", "gnu lesser general public license version 2 1 february 1999",
        (_GNU_END, "that s all there is to it"), (22_500, 26_600), ("work that uses the library",),
    ),
    Text(
        "LGPL-3.0-only", "gnu lesser general public license version 3 29 june 2007",
        ("choose that version for the library",), (6_700, 7_600), ("additional permissions", "application"),
    ),
    Text(
        "AGPL-3.0-only", "gnu affero general public license version 3 19 november 2007",
        (_GNU_END, "see https www gnu org licenses", "see http www gnu org licenses"), (29_500, 34_500),
        ("remote network interaction",),
    ),
)  # fmt: skip
"""A bare GNU text grants this version at least; that later ones may be chosen stands in headers, not in the text."""
