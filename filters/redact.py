"""The redactions that a pair's lineage can name, so that each can be done again."""

from filters.masking import Redactor
from filters.personal_data import redact as personal_data
from filters.secrets import redact as secrets

REDACTORS: dict[str, Redactor] = {
    "redact/secrets": secrets,
    "redact/personal_data": personal_data,
}
"""By the name of the step."""
