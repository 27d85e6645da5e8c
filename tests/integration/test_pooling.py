"""Saved checkpoints behind a real vLLM pooling server score as plain transformers and our evaluator have them.

Deselected by default; `make test-vllm` installs what it needs and runs it.
"""

from pathlib import Path

import pytest

from pipeline.evaluation.scorers.sequence_classification import SequenceClassificationOptions
from pipeline.evaluation.scorers.vllm_pooling import VllmPoolingOptions
from schemas.errors import ConfigError
from synthesis.calls import ServerUnavailable
from synthesis.serving import ServeOptions, serving
from tests.pipeline.evaluation.parity import asked, columns, nano, of_others, pads_with_its_end, plain

pytestmark = pytest.mark.vllm
POOLING = ("--runner", "pooling", "--dtype", "float32")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("pooling")
    checkpoint = nano(made)
    pads_with_its_end(made, checkpoint)
    of_others(made, checkpoint)
    return made


@pytest.mark.parametrize("name", ["nano", "pad-is-end", "llama"])
def test_a_served_checkpoint_scores_the_same(folder: Path, name: str) -> None:
    pairs = asked(folder)
    _, last = plain(folder / name, pairs)
    prompts, answers, criteria = columns(pairs)
    assert len({round(score, 3) for score in last}) > len(last) // 2
    ours = SequenceClassificationOptions().load(str(folder / name)).score(prompts, answers, criteria)
    assert ours == pytest.approx(last, abs=1e-4)

    with serving(ServeOptions(model=str(folder / name), name=name, arguments=POOLING)) as server:
        scorer = VllmPoolingOptions(url=server.url).load(str(folder / name))
        assert scorer.window == 512
        assert scorer.score(prompts, answers, criteria) == pytest.approx(last, abs=1e-4)
        back = scorer.score(prompts[::-1], answers[::-1], criteria[::-1])
        assert back == pytest.approx(last[::-1], abs=1e-4)
        alone = VllmPoolingOptions(url=server.url, max_concurrency=1).load(str(folder / name))
        assert alone.score(prompts[:4], answers[:4], criteria[:4]) == pytest.approx(last[:4], abs=1e-4)
        with pytest.raises(ConfigError, match="more than 512 tokens, the server's window"):
            scorer.score(prompts[:1], ["x y z " * 600], criteria[:1])
        with pytest.raises(ConfigError, match=f"serves {name}, not other"):
            VllmPoolingOptions(url=server.url, served="other").load(str(folder / name))
    with pytest.raises(ServerUnavailable, match="no server answers"):
        VllmPoolingOptions(url=server.url).load(str(folder / name))
