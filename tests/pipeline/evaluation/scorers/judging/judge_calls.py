"""What tests of judges ask, and what their servers see and say."""

import re

from model_server import completion

from pipeline.evaluation.scorers.generation import ServerOptions

PROMPTS = ["Write f.", "Write g."]
ANSWERS = ["def f(): pass", "def g(): return 1"]
KEYS = ["functional_correctness", "memory_efficiency"]


def at(url, ledger, **settings):
    place = ServerOptions(url=url, timeout_s=5.0, deadline_s=20.0, patience_s=20.0)
    return {"server": place, "ledger": ledger, **settings}


def section(body, name):
    """What a request shows between the lines of a section."""
    text = "\n".join(one["content"] for one in body["messages"])
    return re.search(rf"\[{name} (\w+)\]\n(.*?)\n\[end of {name} \1\]", text, re.DOTALL)[2]


def listing(*places, text="Yes"):
    """A behaviour that gives these tokens, each with its likeliest ones."""
    content = [
        {"token": token, "logprob": logprob, "top_logprobs": [{"token": t, "logprob": p} for t, p in top]}
        for token, logprob, top in places
    ]

    def behave(_, body):
        choice = {"message": {"content": text}, "finish_reason": "length", "logprobs": {"content": content}}
        return completion(body, text, choices=[choice])

    return behave
