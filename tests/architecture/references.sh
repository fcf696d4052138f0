#!/usr/bin/env bash
# references.sh ROOT: a coroutine outlives the expression that made it where it is spawned or kept, and
# what it was given by reference may be gone by then. Finds what CONTRIBUTING.md does not allow: a
# coroutine with a string_view, a span or an rvalue reference among its parameters, and one that is
# given to co_spawn and takes anything by reference. Prints each breach; fails where there is one.
set -euo pipefail
cd "$1"
# Spawned all the same: what they refer to is a local of the function that runs the context to its end.
declare -A may=([log_suppressed_forever]=1 [work]=1)
breaches=0
breach() {
    echo "$1: $2"
    breaches=$((breaches + 1))
}
# A file on one line, without comments, so that a signature may be broken anywhere.
flat() { sed -E 's_(^|[[:space:]])//.*__' "$1" | tr -s '[:space:]' ' '; }

signature='[Aa]waitable<[^;{}()]*> ([A-Za-z_]+::)*[A-Za-z_]+\([^;{}]*\)( const)?( override)?( \{|;)'
files=0
declare -A with_references=()
while IFS= read -r file; do
    files=$((files + 1))
    while IFS= read -r found; do
        name=$(sed -E 's/^[Aa]waitable<[^;{}()]*> ([A-Za-z_]+::)*([A-Za-z_]+)\(.*/\2/' <<<"$found")
        parameters=$(sed -E 's/<[^<>]*>//g; s/<[^<>]*>//g; s/<[^<>]*>//g' <<<"${found#*"$name"(}")
        if [[ $parameters =~ string_view|span|'&&' ]]; then
            breach "$file" "coroutine $name() must own what it is given (${BASH_REMATCH[0]})"
        fi
        if [[ $parameters == *'&'* ]]; then with_references[$name]=$file; fi
    done < <(flat "$file" | grep -oE "$signature" || true)
done < <(find src agent webhooks \( -name '*.cpp' -o -name '*.hpp' \) -print | sort)

while IFS= read -r spawned; do
    name=$(sed -E 's/.*[^A-Za-z_]([A-Za-z_]+)\($/\1/' <<<"$spawned")
    if [ -n "${with_references[$name]-}" ] && [ -z "${may[$name]-}" ]; then
        breach "${with_references[$name]}" "$name() is spawned and takes something by reference"
    fi
done < <(find src agent webhooks -name '*.cpp' -print | sort | while IFS= read -r file; do
    flat "$file" | grep -oE 'co_spawn\([^,;]*, *([A-Za-z_]+(\.|->|::))*[A-Za-z_]+\(' || true
done)
[ "$files" -gt 0 ] || breach "$1" "holds no source file"
echo "$files files, ${#with_references[@]} coroutines with references, $breaches breaches"
[ "$breaches" -eq 0 ]
