# Two commands: `make run` does the main job, `make test` checks everything. Both work from nothing and again.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: run test lint check clean

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

clean:
	rm -rf $(VENV) runs

$(VENV)/.installed-%: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[train$(if $(filter dev,$*),$(comma)dev)]'
	touch $@

comma := ,
