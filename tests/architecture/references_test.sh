#!/usr/bin/env bash
# references_test.sh ROOT: does references.sh see what it is there for, and let the rest be?
set -euo pipefail
check=$1/tests/architecture/references.sh
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir -p "$tree/src" "$tree/agent" "$tree/webhooks"

# expect RESULT TEXT: what is said of a source with that text.
expect() {
    printf '%s\n' "$2" >"$tree/src/one.cpp"
    if "$check" "$tree" >"$tree/said" 2>&1; then said=ok; else said=breach; fi
    [ "$said" = "$1" ] || {
        echo "references_test.sh: wanted $1 of: $2"
        cat "$tree/said"
        exit 1
    }
}

expect ok 'asio::awaitable<int> one(Store& store, std::string name) { co_return 1; }'
expect ok 'asio::awaitable<int> one(std::string name); void two() { co_spawn(context, one(name), detached); }'
expect ok '// asio::awaitable<int> one(std::string_view name);'
expect breach 'asio::awaitable<int> one(std::string_view name) { co_return 1; }'
expect breach 'Awaitable<int> one(std::string_view name);'
expect breach 'asio::awaitable<Result<int>> Some::one(
    Store& store, std::span<const int> all) const { co_return 1; }'
expect breach 'asio::awaitable<int> one(std::string&& name);'
expect breach 'asio::awaitable<int> one(Store& store); void two() { asio::co_spawn(context, self->one(store), detached); }'
rm "$tree/src/one.cpp"
! "$check" "$tree" >/dev/null || { echo "references_test.sh: a tree without sources passed"; exit 1; }
