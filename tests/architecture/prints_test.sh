#!/usr/bin/env bash
# prints_test.sh ROOT: does prints.sh see a place that prints? Each way is put into a tree that is
# fine, and must be reported.
set -euo pipefail
prints=$1/tests/architecture/prints.sh
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failures=0

fresh() {
    rm -rf "${tree:?}"/*
    mkdir -p "$tree"/{src/observe,agent/{action/told,cli,commands,daemon},webhooks/receiving}
    printf '#include <iostream>\nvoid put() { std::cout << text << std::flush; }\n' >"$tree/agent/cli/output.cpp"
    printf 'auto log = Log(STDERR_FILENO);\n' >"$tree/agent/daemon/logging.cpp"
    printf 'out_.workflow_command("::endgroup::");\n' >"$tree/agent/action/told/console.cpp"
    printf 'const auto written = ::write(descriptor_, piece.data(), piece.size());\n' >"$tree/src/observe/log.cpp"
    printf '// std::cout is not for us\nstd::string type;  // stdout, say\nput(json, "stdout");\n' >"$tree/webhooks/receiving/receiver.cpp"
    printf 'std::snprintf(label.data(), 3, "x");\nprogram.exit(wrong, text, text);\n' >"$tree/agent/commands/keys.cpp"
}

# breaks LINE [FILE]: with that line in the file the check must fail and name the file.
breaks() {
    local file=${2:-agent/commands/keys.cpp} output
    fresh
    printf '%s\n' "$1" >>"$tree/$file"
    if output=$("$prints" "$tree") || [[ $output != *"$file:"* ]]; then
        echo "not seen: $1 in $file"
        failures=$((failures + 1))
    fi
}

fresh
"$prints" "$tree" || { echo "the good tree is refused" && exit 1; }

for line in \
    'std::cout << key.name;' 'std::cerr << "x";' 'std::clog << x;' 'using std::cout;' 'std::wcout << L"x";' \
    'std::printf("%s", name);' 'std::fprintf(stderr, "%s", name);' 'dprintf(2, "%s", name);' 'vprintf(format, list);' \
    'std::puts(name);' 'std::fputs(name, stdout);' 'std::fputc(c, out);' 'putchar(c);' 'std::fwrite(p, 1, n, out);' \
    'auto* out = stdout;' 'perror("x");' 'std::print("{}", name);' 'std::println("{}", name);' \
    '::write(1, text.data(), text.size());' 'write(2, p, n);' '::writev(1, parts, 2);' 'const int to = STDOUT_FILENO;' \
    'std::ofstream out("/dev/stderr");' 'std::ofstream out("/dev/fd/1");' 'FILE* out = fdopen(1, "w");' \
    'return program.exit(wrong);' '#include <iostream>' '#include <print>' 'syslog(LOG_INFO, "%s", name);' \
    'asio::posix::stream_descriptor out(executor, 1);' 'standard_output().workflow_command(name);'; do
    breaks "$line"
done
breaks 'std::cout << peer;' webhooks/receiving/receiver.cpp
breaks 'std::cerr << text;' src/observe/log.cpp
breaks 'std::fputs(text, stdout);' agent/cli/output.cpp
breaks 'std::cout << text;' agent/daemon/logging.cpp
breaks 'std::cout << text;' agent/action/told/console.cpp

echo "$failures places went unseen"
[ "$failures" -eq 0 ]
