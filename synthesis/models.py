"""Options of a language model that a server serves."""

from pydantic import Field

from schemas.config import Options


class ModelOptions(Options):
    """A model on an OpenAI-compatible server, such as `vllm serve`.

    Attributes:
        name: what tasks and reports call it.
        model: its name on the server; default: `name`.
        url: of the server's API, up to and with `/v1`; without user name and password, which `api_key_env` is for.
        api_key_env: environment variable that holds the key; the key itself is written nowhere.
        max_concurrency: calls in flight at once, from one worker.
        timeout_s: of one attempt, from sending to the whole answer.
        deadline_s: of one call with all its attempts.
        patience_s: how long no call at all may succeed before the server counts as gone.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    model: str = ""
    url: str = Field(default="http://127.0.0.1:8000/v1", pattern=r"^https?://[^@\s?#]+$")
    api_key_env: str | None = None
    max_concurrency: int = Field(default=64, ge=1)
    timeout_s: float = Field(default=120.0, gt=0)
    deadline_s: float = Field(default=900.0, gt=0)
    patience_s: float = Field(default=300.0, gt=0)

    @property
    def served(self) -> str:
        """The model's name on its server."""
        return self.model or self.name
