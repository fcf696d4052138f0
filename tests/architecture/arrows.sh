#!/usr/bin/env bash
# arrows.sh ROOT: checks who includes whom, against the picture in docs/architecture.md, and a few
# habits of the house that a compiler does not see. Prints each breach; fails where there is one.
set -euo pipefail
cd "$1"

# Part -> what it may include beside itself. "store" is the interface, "store/sqlite" and "store/postgres" what is behind;
# "net" is what its client and its server share.
declare -A may=(
    [decide]=""
    [base]=""
    [json]=""
    [observe]="base"
    [net]="base observe"
    [net/client]="base observe net"
    [net/server]="base observe net"
    [sqlite]="base"
    [postgres]="base observe"
    [config]="base observe decide"
    [runs_api]="base json observe net net/client"
    [github]="base json observe net net/client"
    [store]="base decide json"
    [store/sqlite]="base json observe decide store sqlite"
    [store/postgres]="base json observe decide store postgres"
    [store/copying]="base decide store store/sqlite store/postgres sqlite postgres"
    [execute]="base observe decide github runs_api store"
    [runs_server]="base json observe net net/client runs_api sqlite"
    [webhooks]="base json observe net github decide store"
    [doctor]="base json observe"
    [admin]="base json observe net decide doctor store"
    [agent]="any"
)
# Room of a part -> the rooms of its part that it may include beside itself; "." is what lies in none.
# A room that is not here is in nobody's picture.
declare -A inside=(
    [runs_server/answers]=""
    [runs_server/setup]="answers"
    [runs_server/recording]="answers setup"
    [runs_server/runs]="answers setup recording"
    [runs_server/reporting]="answers setup recording"
    [runs_server/orchestrating]="answers setup recording reporting"
    [runs_server/cypress]="answers setup recording reporting orchestrating"
    [runs_server/caching]="answers setup recording"
    [runs_server/notifying]="answers setup recording"
    [runs_server/http]="answers setup recording reporting orchestrating cypress caching notifying runs"
    [webhooks/deliveries]=""
    [webhooks/receiving]="deliveries"
    [webhooks/catching_up]="deliveries"
    [agent/.]="cli"
    [agent/cli]="."
    [agent/daemon]=". cli"
    [agent/action/asked]=""
    [agent/action/told]=". cli action/asked"
    [agent/action/doing]=". cli action/asked action/told"
    [agent/action]=". cli action/asked action/told action/doing"
    [agent/manual]=". cli"
    [agent/copying]=". cli daemon"
    [agent/setup]=". cli daemon"
    [agent/doctor]=". cli"
    [agent/commands]=". cli daemon doctor action action/asked action/told action/doing"
)
max_sources=20 # .cpp files in one folder
# Libraries that stay behind one part's door (version.cpp prints which SQLite is
# linked, config.cpp the policy as it is in force).
declare -A only_in=([boost/beast]="src/net" [boost/asio/ssl]="src/net" [CLI]="agent"
    [yaml-cpp]="src/config agent/commands/config.cpp" [sqlite3.h]="src/sqlite agent/commands/version.cpp"
    [libpq-fe.h]="src/postgres")

# The headers that hold a thing of Asio's: a timer, an executor, a pool, a socket, or a body that needs
# one. Any other declares its coroutines by base/awaitable.hpp, and leaves Asio, more than a thousand
# files, to the sources that write them.
asio_in_headers="agent/daemon/daemon.hpp agent/heap_trimmer.hpp
    src/base/wakeup.hpp src/execute/executor.hpp src/sqlite/worker.hpp src/postgres/pool.hpp
    src/net/listen_address.hpp src/net/client/connect.hpp src/net/client/resolve.hpp
    src/net/server/peer.hpp src/net/server/request_reader.hpp src/net/server/turns.hpp
    src/runs_server/http/server.hpp src/runs_server/setup/key_lookup.hpp webhooks/receiving/receiver.hpp"

breaches=0
breach() {
    echo "$1: $2"
    breaches=$((breaches + 1))
}

part_of() { # of a path as it is written in an #include
    case $1 in
        store/sqlite/* | store/sqlite_store.*) echo store/sqlite ;;
        store/copying/*) echo store/copying ;;
        store/postgres/* | store/postgres_store.*) echo store/postgres ;;
        net/client/*) echo net/client ;;
        net/server/*) echo net/server ;;
        */*) echo "${1%%/*}" ;;
        *) echo top ;;
    esac
}

room_of() { # within its part
    local inner=${1#*/}
    case $inner in
        action/*/*) echo "${inner%/*}" ;;
        */*) echo "${inner%%/*}" ;;
        *) echo . ;;
    esac
}

has_rooms() { [[ $1 == @(runs_server|webhooks|agent) ]]; }

check_rooms() { # an include within one part
    local file=$1 included=$2 part=$3 from to
    from=$(room_of "${file#src/}")
    to=$(room_of "$included")
    [ "$to" = "$from" ] && return
    [[ " ${inside[$part/$from]-} " == *" $to "* ]] || breach "$file" "$part/$from must not include \"$included\""
}

check_include() {
    local file=$1 included=$2 from to library place
    from=$(part_of "${file#src/}")
    if [[ $included == '"'* ]]; then
        included=${included//\"/}
        to=$(part_of "$included")
        if [ "$to" = "$from" ]; then
            if has_rooms "$from"; then check_rooms "$file" "$included" "$from"; fi
            return
        fi
        [ "$from" = agent ] && return
        [[ " ${may[$from]-} " == *" $to "* ]] || breach "$file" "$from must not include \"$included\""
        if [[ $from == runs_server && $to == net/client && $file != src/runs_server/notifying/* ]]; then
            breach "$file" "of runs_server only notifying asks others, and may include \"$included\""
        fi
        if [ "$from" = webhooks ] && [[ $to == decide && $included != decide/@(facts|attempt).hpp ]]; then
            breach "$file" "webhooks knows decide's facts and attempts only, not \"$included\""
        fi
        return
    fi
    included=${included//[<>]/}
    if [ "$from" = decide ] && [[ $included == */* || $included == *.h ]]; then
        breach "$file" "decide knows the standard library only, not <$included>"
    fi
    if [[ $file == *.hpp && $included == boost/@(asio|beast)[/.]* ]] &&
        [[ ! $asio_in_headers =~ (^|[[:space:]])"$file"($|[[:space:]]) ]]; then
        breach "$file" "brings <$included> to all who include it; base/awaitable.hpp names a coroutine's type"
    fi
    for library in "${!only_in[@]}"; do
        [[ $included == "$library" || $included == "$library"[/.]* ]] || continue
        for place in ${only_in[$library]}; do [[ $file == "$place" || $file == "$place"/* ]] && continue 2; done
        breach "$file" "only ${only_in[$library]} may include <$included>"
    done
}

check_place() { # a source's folder: is it a room in the picture, and not too full?
    local file=$1 part room
    part=$(part_of "${file#src/}")
    if has_rooms "$part"; then
        room=$part/$(room_of "${file#src/}")
        [ "${inside[$room]+known}" ] || breach "$file" "lies in $room, which is no room of the picture"
    fi
    [[ $file == *.cpp ]] || return 0
    sources[${file%/*}]=$((${sources[${file%/*}]-0} + 1))
    [ "${sources[${file%/*}]}" -ne $((max_sources + 1)) ] ||
        breach "${file%/*}" "holds more than $max_sources sources; that is two rooms"
}

license='// SPDX-License-Identifier: MIT'
files=0
declare -A sources=()
while IFS= read -r file; do
    files=$((files + 1))
    lines=$(wc -l <"$file")
    [ "$lines" -le 400 ] || breach "$file" "has $lines lines; over 400 it is two rooms"
    [[ $(sed -n 1p "$file") == "$license" ]] || breach "$file" "does not open with its license"
    if grep -qE 'catch \(\.\.\.\)' "$file"; then breach "$file" "catch (...) hides what it caught"; fi
    if [[ $file == *.hpp ]]; then
        grep -q '^#pragma once$' "$file" || breach "$file" "has no #pragma once"
        [[ $(sed -n 2p "$file") == //* ]] || breach "$file" "does not open with what it is for"
    fi
    [[ $file == tests/* || $file == src/pch.* ]] && continue
    check_place "$file"
    while IFS= read -r included; do
        check_include "$file" "$included"
    done < <(sed -nE 's/^ *# *include +("[^"]+"|<[^>]+>).*/\1/p' "$file")
done < <(find src agent webhooks tests -path tests/.deps -prune -o \
    \( -name '*.cpp' -o -name '*.hpp' \) -print | sort)

[ "$files" -gt 0 ] || breach "$1" "holds no source file"
echo "$files files, $breaches breaches"
[ "$breaches" -eq 0 ]
