# Two commands: `make run` does the main job, `make test` checks everything. Both work from nothing and again.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: run test lint check bench clean

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

# Speed of commit mining beside other tools, on a folder or URL: make bench BENCH_REPO=../redis
bench: .venv-bench/.installed
	@test -n "$(BENCH_REPO)" || { echo "BENCH_REPO is not set; name a clone or a URL: make bench BENCH_REPO=../redis"; exit 2; }
	.venv-bench/bin/python -m bench.mining $(BENCH_OPTIONS) -- "$(BENCH_REPO)"

clean:
	rm -rf $(VENV) .venv-bench runs

$(VENV)/.installed-%: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[train,mine$(if $(filter dev,$*),$(comma)dev)]'
	touch $@

.venv-bench/.installed: pyproject.toml constraints.txt bench/requirements.txt
	test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --constraint constraints.txt --editable . --requirement bench/requirements.txt
	touch $@

comma := ,
