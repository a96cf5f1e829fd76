# For tests against a wbemd on the loopback: its start, two users and a class Thing of two instances.
# Expects $wbemd, $work and $failures; gives $host, $hash (of "password"), $me, code and says.
unset WBEM_USER WBEM_PASSWORD WBEM_NT_HASH WBEM_DOMAIN WBEM_CREDENTIALS WBEM_KEYTAB WBEM_CCACHE
export KRB5CCNAME=FILE:$work/no-tickets WBEM_REPOSITORY=:memory:

fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

# code NAME WANTED COMMAND...: the exit code must be WANTED.
code() {
    local name=$1 wanted=$2 got
    shift 2
    "$@" >"$work/out" 2>"$work/err" </dev/null
    got=$?
    if ((got != wanted)); then
        fail "$name: exit code $got instead of $wanted; stderr: $(<"$work/err")"
    else
        echo "ok: $name"
    fi
}

# says NAME WHERE PATTERN: the last command's output must match.
says() {
    if grep -qE -- "$3" "$work/$2"; then
        echo "ok: $1"
    else
        fail "$1: '$3' is not in $2: $(head -c 600 "$work/$2")"
    fi
}

# ---- a server
cat >"$work/things.mof" <<'MOF'
class Thing { [key] uint32 Id; string Name; };
instance of Thing { Id = 1; Name = "one"; };
instance of Thing { Id = 2; Name = "two"; };
class Value { uint32 Big; boolean Flag; [key] uint8 Id; sint32 List[]; string Nothing; string Words[]; };
instance of Value { Big = 4294967295; Flag = TRUE; Id = 1; List = {1, 2, 3}; Words = {"a", "b c"}; };
MOF
hash=8846f7eaee8fb117ad06bdd830b7586c # "password"
me=$(id -un)
printf '%s\n' "alice::$hash" "$me::$hash" >"$work/passwd"
chmod 600 "$work/passwd"
mkfifo "$work/log"
"$wbemd" --listen 127.0.0.1 --port 0 --password-file "$work/passwd" --mof "$work/things.mof" \
    2>"$work/log" &
server=$!
trap 'kill $server 2>/dev/null; wait $server; rm -rf "$work"' EXIT
exec 3<"$work/log"
while read -r -u 3 line; do
    [[ $line =~ ready\ on\ port\ ([0-9]+) ]] && port=${BASH_REMATCH[1]} && break
done
host=127.0.0.1[${port:?the server has not started}]
