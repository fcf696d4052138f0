#!/usr/bin/env bash
# prints.sh ROOT: finds a place that prints past agent/cli/output.hpp, through which every byte goes to
# standard output and error, so that nothing of a stranger's reaches a terminal or a runner as it
# came. The log writes for itself, and cleans for itself. Prints each breach; fails where there is one.
set -euo pipefail
cd "$1"

# What prints, by whatever name, and what could be made to. CLI11's exit() prints by itself unless it
# is given a stream.
prints='\b(w?cout|w?cerr|w?clog)\b'
prints+='|\bv?[fd]?w?printf\b|\bf?put(s|c|ws|wc|char)\b|\bput(char|s|c|wchar)_unlocked\b|\bfwrite(_unlocked)?\b|\bperror\b'
prints+='|\bstd::print(ln)?\b|\bv?syslog\b|\bpsignal\b|\bfd?reopen\b|\bfdopen\b|\bstream_descriptor\b|\bdup[23]?\('
prints+='|(^|[^"A-Za-z0-9_])std(out|err)([^"A-Za-z0-9_]|$)|\bSTD(OUT|ERR)_FILENO\b'
prints+='|\b(p?writev?2?|send|sendmsg|sendfile|splice)\( *[12] *,'
prints+='|/dev/(std(out|err)|fd/|tty)|/proc/self/fd'
prints+='|\bexit\( *[A-Za-z_]+ *\)'
prints+='|<(iostream|print|syncstream)>'
# What makes the runner do something.
obeyed='(\.|->)workflow_command\('

# Place -> what may be there.
declare -A may=(
    [agent/cli/output.cpp]='\b(cout|cerr)\b|<iostream>'
    [agent/daemon/logging.cpp]='\bSTDERR_FILENO\b'
    [agent/daemon/ground.cpp]='/proc/self/fd' # counts them
    [agent/cli/read_file.cpp]='<iostream>'
    [agent/commands/runs.cpp]='<iostream>'
    [agent/setup/terminal.cpp]='\bSTDOUT_FILENO\b|<iostream>|\bcout\.good\(\)|\bdup2\('
    [agent/action/told/console.cpp]="$obeyed"
)

breaches=0
files=0
while IFS= read -r file; do
    files=$((files + 1))
    # Without comments; what a place may do is taken out before the search.
    while IFS= read -r line; do
        echo "$file:$line: prints past agent/cli/output.hpp"
        breaches=$((breaches + 1))
    done < <(sed -E 's_(^|[[:space:]])//.*__' "$file" |
        sed -E "s#${may[$file]:-$^}##g" | grep -nE "$prints|$obeyed" || true)
done < <(find agent src webhooks \( -name '*.cpp' -o -name '*.hpp' -o -name '*.in' \) -print | sort)

[ "$files" -gt 0 ] || { echo "$1 holds no source file" && exit 1; }
echo "$files files, $breaches breaches"
[ "$breaches" -eq 0 ]
