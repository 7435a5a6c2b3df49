# What a developer runs. Needs Python 3.11 or newer with venv, and make; everything else is installed
# into .venv from the lock file.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
CLIENT := .venv/.official-client
OTHERS := .venv-others
AUDIT := .venv-audit
# One more than there are cores: many tests wait for a program, a time-out or a disk.
WORKERS := $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
LOCK := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --quiet --custom-compile-command "make lock"

.PHONY: run test check format messages docs screenshots bench bench-full bench-others soak audit lock clean

run: $(READY)  ## open the demo
	$(BIN)/memos-admin --demo

# Where PYTHONDONTWRITEBYTECODE is set, each process of a run would compile the tests anew.
test: $(READY) $(CLIENT)  ## run all tests
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

check: $(READY)  ## format, lint, types, layers, dependencies, spelling
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/codespell

format: $(READY)  ## format the code and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

messages: $(READY)  ## bring the catalogues of texts up to date with the code (CONTRIBUTING.md)
	$(BIN)/python -m translations.make

docs: $(READY)  ## write what is made from the program itself: commands, man page
	$(BIN)/python -m docs.make

screenshots: $(READY)  ## make the pictures in screenshots/ from the demo
	$(BIN)/python -m screenshots.make

bench: $(READY) $(CLIENT)  ## measure, side by side (benchmarks/README.md)
	PATH="$$PATH:$(OTHERS)/bin" $(BIN)/python -m benchmarks $(ARGS)

bench-full: $(READY) $(CLIENT)  ## the same with a million memories
	PATH="$$PATH:$(OTHERS)/bin" $(BIN)/python -m benchmarks --full $(ARGS)

bench-others:  ## install the other programs that benchmarks compare with
	test -x $(OTHERS)/bin/python || $(PYTHON) -m venv $(OTHERS)
	$(OTHERS)/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/others.txt

soak: $(READY) $(CLIENT)  ## the long forms of the tests
	PYTHONDONTWRITEBYTECODE= SOAK=1 $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --timeout 3600 $(ARGS)
	$(BIN)/python -m tests.faults

# Strict, since pip-audit counts what it could not ask about as clean otherwise. What it found stands in
# a file, which is not there where it gave up.
audit: $(AUDIT)/.ready  ## ask whether a locked dependency is known to be vulnerable; ARGS="-s osv" asks OSV
	@rm -f $(AUDIT)/found.txt
	@$(AUDIT)/bin/pip-audit --strict --progress-spinner off --disable-pip --require-hashes \
	  -r requirements.lock --output $(AUDIT)/found.txt $(ARGS) 2>$(AUDIT)/said.txt \
	  && cat $(AUDIT)/said.txt \
	  || { if test -s $(AUDIT)/found.txt; then cat $(AUDIT)/said.txt $(AUDIT)/found.txt; else \
	  tail -n 1 $(AUDIT)/said.txt; \
	  echo "So the dependencies were NOT audited. Where the service that knows of vulnerabilities cannot" \
	  "be reached, ask another: make audit$(if $(findstring osv,$(ARGS)),, ARGS='-s osv'). All that was said is in $(AUDIT)/said.txt."; \
	  fi; exit 1; } >&2

lock: $(READY)  ## bring requirements.lock and audit.lock up to date with pyproject.toml
	$(BIN)/python -m pip install --quiet uv
	$(LOCK) pyproject.toml --group dev --output-file requirements.lock
	$(LOCK) --group audit --output-file audit.lock

clean:
	rm -rf .venv $(OTHERS) $(AUDIT) .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(READY): pyproject.toml requirements.lock
	@echo "Installing into .venv what requirements.lock names; once, it takes about a minute."
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q memos_admin  # as pip does for a wheel, even where PYTHONDONTWRITEBYTECODE is set
	touch $@

$(AUDIT)/.ready: audit.lock
	test -x $(AUDIT)/bin/python || $(PYTHON) -m venv $(AUDIT)
	@$(AUDIT)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r audit.lock \
	  >$(AUDIT)/said.txt 2>&1 || { tail -n 1 $(AUDIT)/said.txt; \
	  echo "So the dependencies were NOT audited: what asks about them could not be installed. All that was" \
	  "said is in $(AUDIT)/said.txt."; exit 1; } >&2
	touch $@

# The official client, whose many dependencies its HTTP part does not need.
$(CLIENT): $(READY) tests/official-client.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r tests/official-client.txt
	touch $@
