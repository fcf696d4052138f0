#!/usr/bin/env bash
# arrows.sh ROOT: checks who includes whom, against the picture in docs/architecture.md, and a few
# habits of the house that a compiler does not see. Prints each breach; fails where there is one.
set -euo pipefail
cd "$1"

# Part -> what it may include beside itself. "store" is the interface, "store/sqlite" what is behind.
declare -A may=(
    [decide]=""
    [base]=""
    [json]=""
    [observe]="base"
    [net]="base observe"
    [sqlite]="base"
    [config]="base observe decide"
    [runs_api]="base json observe net"
    [github]="base json observe net"
    [store]="base decide json"
    [store/sqlite]="base json observe decide store sqlite"
    [execute]="base observe decide github runs_api store"
    [runs_server]="base json observe net runs_api sqlite"
    [webhooks]="base json observe net github decide store"
    [agent]="any"
)
# Libraries that stay behind one part's door (version.cpp prints which SQLite is
# linked, config.cpp the policy as it is in force).
declare -A only_in=([boost/beast]="src/net" [boost/asio/ssl]="src/net" [CLI]="agent"
    [yaml-cpp]="src/config agent/commands/config.cpp" [sqlite3.h]="src/sqlite agent/commands/version.cpp")

breaches=0
breach() {
    echo "$1: $2"
    breaches=$((breaches + 1))
}

part_of() { # of a path as it is written in an #include
    case $1 in
        store/sqlite/* | store/sqlite_store.*) echo store/sqlite ;;
        */*) echo "${1%%/*}" ;;
        *) echo top ;;
    esac
}

check_include() {
    local file=$1 included=$2 from to library place
    from=$(part_of "${file#src/}")
    if [[ $included == '"'* ]]; then
        included=${included//\"/}
        to=$(part_of "$included")
        [ "$from" = agent ] || [ "$to" = "$from" ] && return
        [[ " ${may[$from]-} " == *" $to "* ]] || breach "$file" "$from must not include \"$included\""
        if [ "$from" = webhooks ] && [[ $to == decide && $included != decide/@(facts|attempt).hpp ]]; then
            breach "$file" "webhooks knows decide's facts and attempts only, not \"$included\""
        fi
        return
    fi
    included=${included//[<>]/}
    if [ "$from" = decide ] && [[ $included == */* || $included == *.h ]]; then
        breach "$file" "decide knows the standard library only, not <$included>"
    fi
    for library in "${!only_in[@]}"; do
        [[ $included == "$library" || $included == "$library"[/.]* ]] || continue
        for place in ${only_in[$library]}; do [[ $file == "$place" || $file == "$place"/* ]] && continue 2; done
        breach "$file" "only ${only_in[$library]} may include <$included>"
    done
}

files=0
while IFS= read -r file; do
    files=$((files + 1))
    lines=$(wc -l <"$file")
    [ "$lines" -le 400 ] || breach "$file" "has $lines lines; over 400 it is two rooms"
    if grep -qE 'catch \(\.\.\.\)' "$file"; then breach "$file" "catch (...) hides what it caught"; fi
    if [[ $file == *.hpp ]]; then
        grep -q '^#pragma once$' "$file" || breach "$file" "has no #pragma once"
        [[ $(head -n 1 "$file") == //* ]] || breach "$file" "does not open with what it is for"
    fi
    [[ $file == tests/* || $file == src/pch.* ]] && continue
    while IFS= read -r included; do
        check_include "$file" "$included"
    done < <(sed -nE 's/^ *# *include +("[^"]+"|<[^>]+>).*/\1/p' "$file")
done < <(find src agent webhooks tests -path tests/.deps -prune -o \
    \( -name '*.cpp' -o -name '*.hpp' \) -print | sort)

[ "$files" -gt 0 ] || breach "$1" "holds no source file"
echo "$files files, $breaches breaches"
[ "$breaches" -eq 0 ]
