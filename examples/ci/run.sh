#!/bin/sh
# Runs a WMI client against a server that is there for this test alone. In CI: run.sh; wbemd and
# python3 are taken from $WBEMD and $PYTHON, if they are set.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$work"' EXIT

export WBEMD_PASSWORD="only for this run"
"${WBEMD:-wbemd}" --mof "$here/inventory.mof" --user tester --port 0 --port-file "$work/port" \
    2>"$work/log" &
server=$!
# The file appears when the server is ready; the server ends when it can't be.
until [ -s "$work/port" ]; do
    kill -0 "$server" 2>/dev/null || { cat "$work/log"; exit 1; }
    sleep 0.1
done

PASSWORD=$WBEMD_PASSWORD "${PYTHON:-python3}" "$here/inventory.py" 127.0.0.1 "$(cat "$work/port")" tester \
    >"$work/out"
cat >"$work/wanted" <<ROWS
7 tea 350
8 salt 90
left: tea
ROWS
diff "$work/wanted" "$work/out"

# The wrong password is refused.
if PASSWORD=wrong "${PYTHON:-python3}" "$here/inventory.py" 127.0.0.1 "$(cat "$work/port")" tester \
    >"$work/out" 2>&1; then
    echo "a wrong password was taken"
    exit 1
fi
grep -q access_denied "$work/out"

kill "$server"
wait "$server"
server=
echo "good"
