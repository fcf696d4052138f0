#!/usr/bin/env bash
# arrows_test.sh ROOT: proves that arrows.sh sees what it is there to see: in a small tree of its own
# each breach is made in turn, and must be reported.
set -euo pipefail
arrows=$1/tests/architecture/arrows.sh
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
license='// SPDX-License-Identifier: MIT'
failures=0

fresh() {
    rm -rf "${tree:?}"/*
    mkdir -p "$tree"/{src/{base,decide,execute,net/{client,server},runs_api,store/sqlite},tests}
    mkdir -p "$tree"/{src/runs_server/{setup,recording,runs,http},webhooks/{receiving,catching_up}}
    mkdir -p "$tree"/agent/{cli,daemon,commands,action/{asked,told,doing}}
    printf '// What decide does.\n#pragma once\n#include <string>\n' >"$tree/src/decide/decide.hpp"
    printf '#include "decide/decide.hpp"\n#include "store/store.hpp"\n' >"$tree/src/execute/executor.cpp"
    printf '#include "decide/facts.hpp"\n#include "net/http_message.hpp"\n' >"$tree/webhooks/receiving/receiver.cpp"
    printf '#include "agent/cli/report.hpp"\n#include <CLI/CLI.hpp>\n' >"$tree/agent/main.cpp"
    printf '#include "webhooks/receiving/receiver.hpp"\n#include "agent/cli/report.hpp"\n' >"$tree/agent/daemon/daemon.cpp"
    printf '#include "agent/action/told/judge.hpp"\n#include "net/client/http_client.hpp"\n' >"$tree/agent/action/doing/find.cpp"
    printf '#include "net/url.hpp"\n#include "net/client/connect.hpp"\n' >"$tree/src/net/client/http_client.cpp"
    printf '#include "net/client/http_client.hpp"\n' >"$tree/src/runs_api/client.cpp"
    printf '#include "runs_server/recording/rows.hpp"\n#include "net/http_message.hpp"\n' >"$tree/src/runs_server/runs/find.cpp"
    printf '// A timer.\n#pragma once\n#include <boost/asio/steady_timer.hpp>\n' >"$tree/src/base/wakeup.hpp"
    printf '#include "base/wakeup.hpp"\n#include <boost/asio/use_awaitable.hpp>\n' >"$tree/src/base/wakeup.cpp"
    printf '// What it asks.\n#pragma once\n#include "base/awaitable.hpp"\n' >"$tree/src/runs_api/runs_api.hpp"
    printf '#include <boost/beast/http.hpp>\n#include <sys/stat.h>\n' >"$tree/src/net/server/http_server.cpp"
    find "$tree" -name '*.?pp' -exec sed -i "1i $license" {} +
}

# breaks FILE LINE: with that line in that file, the check must fail and name the file.
breaks() {
    fresh
    [ -e "$tree/$1" ] || printf '%s\n' "$license" >"$tree/$1"
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
breaks src/execute/executor.cpp '#include "net/client/http_client.hpp"'
breaks src/execute/executor.cpp '#include "agent/daemon/daemon.hpp"'
breaks src/execute/executor.cpp '#include <boost/beast/http.hpp>'
breaks src/execute/executor.cpp '#include <sqlite3.h>'
breaks webhooks/receiving/receiver.cpp '#include "decide/decide.hpp"'
breaks webhooks/receiving/receiver.cpp '#include "store/sqlite/schema.hpp"'
breaks webhooks/receiving/receiver.cpp '#  include "agent/daemon/daemon.hpp"'
breaks src/base/clock.cpp '#include "net/url.hpp"'
breaks src/net/server/http_server.cpp '#include "webhooks/receiving/receiver.hpp"'
breaks src/net/server/http_server.cpp '} catch (...) {'
breaks src/net/server/http_server.cpp "$(printf 'line\n%.0s' {1..401})"
breaks src/runs_api/runs_api.hpp '#include <boost/asio/awaitable.hpp>'
breaks src/runs_api/runs_api.hpp '#include <boost/asio.hpp>'
breaks src/net/bare.hpp '#pragma once'
breaks src/net/twice.hpp '// Says what it is for.'

# Within a part.
breaks src/net/client/http_client.cpp '#include "net/server/http_server.hpp"'
breaks src/net/server/http_server.cpp '#include "net/client/connect.hpp"'
breaks src/net/url.cpp '#include "net/client/connect.hpp"'
breaks src/runs_api/client.cpp '#include "net/server/http_server.hpp"'
breaks src/runs_server/setup/keys.cpp '#include "runs_server/recording/rows.hpp"'
breaks src/runs_server/recording/ingest.cpp '#include "runs_server/runs/run_json.hpp"'
breaks src/runs_server/runs/find.cpp '#include "runs_server/http/routes.hpp"'
breaks src/runs_server/http/server.cpp '#include "net/client/http_client.hpp"'
breaks src/runs_server/http/server.cpp '#include "net/server/http_server.hpp"'
breaks webhooks/receiving/receiver.cpp '#include "net/server/http_server.hpp"'
breaks webhooks/receiving/receiver.cpp '#include "webhooks/catching_up/verdict.hpp"'
breaks webhooks/catching_up/round.cpp '#include "webhooks/receiving/signature.hpp"'
breaks agent/action/asked/request.cpp '#include "agent/action/told/outcome.hpp"'
breaks agent/action/told/judge.cpp '#include "agent/action/doing/find.hpp"'
breaks agent/action/doing/find.cpp '#include "agent/action/step.hpp"'
breaks agent/action/step.cpp '#include "agent/daemon/daemon.hpp"'
breaks agent/cli/report.cpp '#include "agent/daemon/logging.hpp"'
breaks agent/daemon/daemon.cpp '#include "agent/commands/api_database.hpp"'
# What lies where nobody looks for it.
breaks src/runs_server/flat.cpp '#include <string>'
breaks webhooks/elsewhere.cpp '#include <string>'

# crowded FOLDER: one source too many must be reported, and the one before it not.
crowded() {
    fresh
    local count output
    for count in {1..20}; do echo "$license" >"$tree/$1/$count.cpp"; done
    "$arrows" "$tree" >/dev/null || { echo "20 sources in $1 are refused" && failures=$((failures + 1)); }
    echo "$license" >"$tree/$1/21.cpp"
    if output=$("$arrows" "$tree") || [[ $output != *"$1: "* ]]; then
        echo "not seen: 21 sources in $1"
        failures=$((failures + 1))
    fi
}
crowded src/decide

fresh
echo '// What it asks.' >"$tree/src/decide/unlicensed.cpp"
if output=$("$arrows" "$tree") || [[ $output != *"unlicensed.cpp: does not open with its license"* ]]; then
    echo "not seen: a source without its license"
    failures=$((failures + 1))
fi

echo "$failures breaches went unseen"
[ "$failures" -eq 0 ]
