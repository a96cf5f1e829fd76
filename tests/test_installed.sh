# What a user does: install, then build clients with pkg-config's flags alone and run them.
# usage: test_installed.sh BUILD_DIR SOURCE_DIR CC CXX
set -eu
build=$1
source=$2
cc=$3
cxx=$4
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

DESTDIR="$root" meson install -C "$build" --no-rebuild --quiet
pc=$(find "$root" -name wbem.pc)
lib=$(dirname "$(find "$root" -name libwbem.so)")
export PKG_CONFIG_PATH="${pc%/*}" PKG_CONFIG_SYSROOT_DIR="$root"
flags=$(pkg-config --cflags wbem)
libs=$(pkg-config --libs wbem)
export LD_LIBRARY_PATH="$lib"

try() {
    echo "-- $1"
    shift
    "$@"
}

# shellcheck disable=SC2086 # word splitting is what we want
{
    try "the smallest client" $cc -Wall -Werror "$source/examples/smallest.c" -o "$root/smallest" $flags $libs
    try "the C client of NextAsync" $cc -Wall -Werror "$source/examples/next_async.c" -o "$root/next" $flags $libs -lpthread
    try "the C++ client" $cxx -Wall -Werror "$source/examples/services.cpp" -o "$root/services" $flags $libs
    try "a C++ client as written for Windows" $cxx -std=c++17 -Wall "$source/tests/clients/query_sink.cpp" -o "$root/sink" $flags $libs
}
"$root/smallest" | grep -q .
"$root/next" | grep -q 'batch 1 ended with 0x0000000'
"$root/services" | grep -q 'DeviceID\|Caption'
"$root/sink" | grep -q 'Name: '
LC_ALL=C man -l --warnings "$(find "$root" -name 'wbem.1*' | head -1)" >/dev/null 2>"$root/man" || true
if [ -s "$root/man" ]; then
    echo "the man page has mistakes:"
    cat "$root/man"
    exit 1
fi
test -f "$(find "$root" -path '*bash-completion*' -name wbem)"
echo "ok"
