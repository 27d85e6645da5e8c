"""From a template and texts of others to a conversation, in which no text can end its own section.

A template is a Jinja file with a block a message, named by its role (`system`, `user`, `assistant`, or what a
published model calls it) and in their order; an empty message is left out. It runs in Jinja's sandbox: a file that
came with a checkpoint can format texts, and do nothing else. It knows

- `quoted.prompt`, `quoted.answer` (or `quoted.first`, `quoted.second`): the texts between lines that bear `tag`,
  which occurs in none of them; for templates of our own;
- `prompt`, `answer` and so on: the bare texts, for formats that have delimiters of their own. Where such a text holds
  a line of the template's own words, a space breaks it;
- `system`, `criterion`, `rubric`, and what the scorer adds.

In both, what a chat template reads as the bounds of a message is broken by a space.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from schemas.criteria import CRITERIA
from schemas.errors import ConfigError
from synthesis.tasks.asking import CONTROL_MARK, fenced

TEMPLATES = Path(__file__).parent.parent / "templates"
MIN_LETTERS = 3
"""Of a piece of a template's own words that a text may not repeat; shorter ones, such as `}`, are no delimiters."""

_LETTERS = re.compile(r"[^\W\d_]+")

Messages = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a model is shown.

    Attributes:
        messages: (role, content), in order.
        opens: whether the model's own message is opened after them, as chat templates do for an answer.
        suffix: text after all of that, which the model goes on from.
    """

    messages: Messages
    opens: bool = True
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A template, ready to be filled.

    Attributes:
        path: of its file.
        template: parsed.
        broken: finds the template's own words in a text; None where it has none.
    """

    path: Path
    template: Template = field(repr=False)
    broken: re.Pattern[str] | None

    def messages(
        self, criterion: str, system: str | None, texts: Mapping[str, str], own: bool = True, **values: Any
    ) -> Messages:
        """The messages, those that are empty left out.

        Args:
            criterion: key of the criterion.
            system: the system prompt that the options give for it; None for none.
            texts: of others, by name.
            own: whether the criterion's rubric is shown.
            values: what else the template wants.

        Raises:
            ConfigError: the template fails, asks for what there is not, or gives no message.
        """
        shown = {name: CONTROL_MARK.sub(_split, text) for name, text in texts.items()}
        tag, quoted = fenced(Random("\n".join(texts.values()).encode("utf-8", "surrogatepass")), shown)
        bare = {name: self.broken.sub(_split, text) if self.broken else text for name, text in shown.items()}
        known = {
            **values,
            **bare,
            "quoted": quoted,
            "tag": tag,
            "system": system or "",
            "criterion": CRITERIA[criterion],
            "rubric": CRITERIA[criterion].rubric if own else (),
        }
        context = self.template.new_context(known)
        try:
            made = [(role, "".join(block(context))) for role, block in self.template.blocks.items()]
        except (TemplateError, TypeError, ValueError, OverflowError) as error:
            raise ConfigError(f"{self.path}: the template fails: {error}. Mend the file.") from None
        kept = tuple((role, content) for role, content in made if content.strip())
        if not kept:
            raise ConfigError(f"{self.path}: gives no message. Write a block a message, such as {{% block user %}}.")
        return kept


def _split(match: re.Match[str]) -> str:
    """A match with a space after the first letter of its longest run of letters, else after its first character."""
    runs = [run.start() for run in sorted(_LETTERS.finditer(match[0]), key=lambda run: -len(run[0]))]
    at = runs[0] + 1 if runs else 1
    return f"{match[0][:at]} {match[0][at:]}"


@cache
def load_prompt(path: Path, extra: tuple[Path, ...] = ()) -> Prompt:
    """A template's file, read once.

    Args:
        path: of the file; ours lie in `TEMPLATES`, which a template may include from.
        extra: files whose own words must not be repeated either, since they stand in the same conversation.

    Raises:
        ConfigError: there is no such file, or it is no template.
    """
    source = _read(path)
    environment = _environment()
    try:
        template = environment.from_string(source)
        pieces = {piece for text in (source, *map(_read, extra)) for piece in own_words(text)}
    except TemplateError as error:
        raise ConfigError(f"{path}: is no Jinja template: {error}.") from None
    return Prompt(path, template, _pattern(sorted(pieces, key=lambda piece: (-len(piece), piece))))


def own_words(source: str) -> list[str]:
    """Patterns of the pieces of a template's fixed text that can be delimiters, line by line.

    A piece that begins a line of the template counts at the beginning of a line, so that code such as
    `f(Response: T)` stays as it is under a template with the line `Response:`; one that follows a value, anywhere.
    """
    found, before = [], ""
    for _, kind, value in _environment().lex(source):
        if kind == "data":
            for number, line in enumerate(value.splitlines()):
                words = [re.escape(word) for word in line.split()]
                start = "" if number == 0 and before == "variable_end" else r"^[ \t]{0,80}"
                if sum(map(str.isalpha, line)) >= MIN_LETTERS:
                    found.append(start + r"\s{1,9}".join(words))
        before = kind
    return found


def _pattern(pieces: Sequence[str]) -> re.Pattern[str] | None:
    """Any of the pieces, whatever the white space in them."""
    return re.compile("|".join(pieces), re.MULTILINE) if pieces else None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"template_file: {path}: can't be read: {error}") from None


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
