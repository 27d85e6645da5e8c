"""Numbers and foreign text as a reader should see them."""

import re

_BIDI = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


def visible(text: str) -> str:
    """`text` with every character that would act on the page, or hide in it, turned into a visible sign.

    Control characters become their Unicode pictures; direction marks and zero-width characters their code point.
    Line feeds and tabs stay.
    """
    shown = _CONTROL.sub(lambda m: "\u2421" if m[0] == "\x7f" else chr(0x2400 + ord(m[0])), text)
    return _BIDI.sub(lambda m: f"\u27e8U+{ord(m[0]):04X}\u27e9", shown)


def count(value: float) -> str:
    """A whole number with thousands separated: `12,345`."""
    return f"{value:,.0f}"


def percent(part: float, whole: float) -> str:
    """`part` of `whole` with one decimal: `12.3%`, or `<0.1%`; a dash where there is nothing to divide."""
    if not whole:
        return "\u2013"
    return "<0.1%" if 0 < part / whole < 0.0005 else f"{100 * part / whole:.1f}%"


def share(value: float | None) -> str:
    """A share between 0 and 1 as a percentage with one decimal; a dash for None."""
    return "\u2013" if value is None else f"{100 * value:.1f}%"


def size(number: float) -> str:
    """Bytes in the largest fitting unit: `1.5 MB` (powers of 1000)."""
    for unit in ("B", "kB", "MB", "GB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} TB"


def duration(seconds: float) -> str:
    """Seconds as `4.2 s`, `3 min 5 s` or `2 h 10 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
