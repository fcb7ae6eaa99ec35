# What contributors do often: `just` lists it. Everything is one plain command, so all works without just.

set positional-arguments

_:
    @{{just_executable()}} --list --unsorted

# Everything that continuous integration runs
ci:
    .ci/run

# Formatting, lints and tests; `just check merge` runs only the tests with that in their names
check *FILTER:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings
    cargo test {{FILTER}}

# The smallest notebooks to begin a case with: `just case merge/metadata/my-case`
case PATH:
    .ci/case {{PATH}}

# Write what comes out today as what is expected, and show the difference
bless:
    CELLWISE_BLESS=1 cargo test --test it cases
    git diff --stat tests/cases
    git status --short tests/cases

# Search the laws longer, with other notebooks than always
laws TIMES="20" SEED=`date +%s`:
    CELLWISE_CASES={{TIMES}} CELLWISE_SEED={{SEED}} cargo test --test it laws

# Make notebooks small that show a failure: `just shrink a.ipynb b.ipynb -- COMMAND`, as for git bisect run
shrink *ARGUMENTS:
    cargo run --quiet --example shrink -- "$@"

# See it work
demo:
    examples/run

# A wheel for this machine, in target/wheels
wheel:
    maturin build --release
