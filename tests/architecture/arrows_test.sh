#!/usr/bin/env bash
# arrows_test.sh ROOT: proves that arrows.sh sees what it is there to see: in a small tree of its own
# each breach is made in turn, and must be reported.
set -euo pipefail
arrows=$1/tests/architecture/arrows.sh
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failures=0

fresh() {
    rm -rf "${tree:?}"/*
    mkdir -p "$tree"/{src/{base,decide,execute,net,store/sqlite},agent,webhooks/receiving,tests}
    printf '// What decide does.\n#pragma once\n#include <string>\n' >"$tree/src/decide/decide.hpp"
    printf '#include "decide/decide.hpp"\n#include "store/store.hpp"\n' >"$tree/src/execute/executor.cpp"
    printf '#include "decide/facts.hpp"\n#include "net/http_message.hpp"\n' >"$tree/webhooks/receiving/receiver.cpp"
    printf '#include "webhooks/receiving/receiver.hpp"\n#include <CLI/CLI.hpp>\n' >"$tree/agent/main.cpp"
    printf '#include <boost/beast/http.hpp>\n#include <sys/stat.h>\n' >"$tree/src/net/http_server.cpp"
}

# breaks FILE LINE: with that line in that file, the check must fail and name the file.
breaks() {
    fresh
    printf '%s\n' "$2" >>"$tree/$1"
    local output
    if output=$("$arrows" "$tree") || [[ $output != *"$1: "* ]]; then
        echo "not seen: $2 in $1"
        failures=$((failures + 1))
    fi
}

fresh
"$arrows" "$tree" >/dev/null || { echo "the good tree is refused" && exit 1; }

breaks src/decide/decide.hpp '#include "base/clock.hpp"'
breaks src/decide/decide.hpp '#include <boost/asio/awaitable.hpp>'
breaks src/decide/decide.hpp '#include <unistd.h>'
breaks src/execute/executor.cpp '#include "store/sqlite_store.hpp"'
breaks src/execute/executor.cpp '#include "net/http_client.hpp"'
breaks src/execute/executor.cpp '#include "agent/daemon/daemon.hpp"'
breaks src/execute/executor.cpp '#include <boost/beast/http.hpp>'
breaks src/execute/executor.cpp '#include <sqlite3.h>'
breaks webhooks/receiving/receiver.cpp '#include "decide/decide.hpp"'
breaks webhooks/receiving/receiver.cpp '#include "store/sqlite/schema.hpp"'
breaks webhooks/receiving/receiver.cpp '#  include "agent/daemon/daemon.hpp"'
breaks src/base/clock.cpp '#include "net/url.hpp"'
breaks src/net/http_server.cpp '#include "webhooks/receiving/receiver.hpp"'
breaks src/net/http_server.cpp '} catch (...) {'
breaks src/net/http_server.cpp "$(printf 'line\n%.0s' {1..401})"
breaks src/net/bare.hpp '#pragma once'
breaks src/net/twice.hpp '// Says what it is for.'

echo "$failures breaches went unseen"
[ "$failures" -eq 0 ]
