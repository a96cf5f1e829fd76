# Each setting of --help stands in wbemd.conf(5), each other option in wbemd(8), and the pages have no
# mistakes.
# usage: test_documented.sh WBEMD MAN_FOLDER
set -eu
failed=0
sed 's/\\-/-/g' "$2/wbemd.conf.5" >/dev/null
settings=$("$1" --help | sed '1,/^Settings/d' | sed -n 's/^ *--\([a-z-]*\).*/\1/p')
others=$("$1" --help | sed '/^Settings/,$d' | sed -n 's/^ *\(-[a-zA-Z], \)\{0,1\}--\([a-z-]*\).*/\2/p')
[ -n "$settings" ] && [ -n "$others" ]
for name in $settings; do
    sed 's/\\-/-/g' "$2/wbemd.conf.5" | grep -q "^\(\.BR\{0,1\} \)\{0,1\}$name\([ *	]\|$\)" ||
        { echo "wbemd.conf(5) lacks $name"; failed=1; }
done
for name in $others; do
    sed 's/\\-/-/g' "$2/wbemd.8" | grep -q -- "--$name" || { echo "wbemd(8) lacks --$name"; failed=1; }
done
for page in wbemd.8 wbemd.conf.5; do
    if command -v man >/dev/null; then
        LC_ALL=C man -l --warnings "$2/$page" 2>&1 >/dev/null | grep . && failed=1
    fi
done
exit $failed
