# The units are such as systemd takes, and the example of settings such as wbemd takes.
# usage: test_units.sh SERVICE SOCKET SETTINGS WBEMD
set -eu
program=$(realpath "$4")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# With a password file that is there.
"$4" passwd --stdin "$work/passwd" monitor <<PASSWORD
secret
PASSWORD
sed "s|^password-file = .*|password-file = $work/passwd|; s|^#listen|listen|" "$3" >"$work/wbemd.conf"
"$4" --config "$work/wbemd.conf" --check

command -v systemd-analyze >/dev/null || exit 77
# This machine has neither the program where it will be nor its user.
sed "s|^ExecStart=.*|ExecStart=$program|; s|^User=.*|User=daemon|; s|^Group=.*|Group=daemon|" "$1" \
    >"$work/wbemd.service"
cp "$2" "$work/wbemd.socket"
systemd-analyze verify --man=no "$work/wbemd.service" "$work/wbemd.socket" 2>"$work/said" || true
if grep -q "Failed to initialize manager\|Failed to setup" "$work/said"; then
    exit 77
fi
if grep "wbemd" "$work/said"; then
    exit 1
fi
