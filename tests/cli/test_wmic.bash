# wmic as monitoring plugins call it, on this machine and against a wbemd on the loopback.
set -u
wmic=$1
wbemd=$2
failures=0
work=$(mktemp -d)
. "$(dirname "$0")/server.bash"

printf 'username=alice\npassword=password\ndomain=\n' >"$work/credentials"
all="SELECT * FROM Thing"

# is NAME EXPECTED: all of the last command's output.
is() {
    if [[ $(<"$work/out") == "$2" ]]; then
        echo "ok: $1"
    else
        fail "$1: $(<"$work/out")"
    fi
}

code "a user and password" 0 "$wmic" -U alice%password "//$host" "$all"
is "class, names, rows" $'CLASS: Thing\nId|Name\n1|one\n2|two'
code "a domain, as plugins write it" 0 "$wmic" --user=WORK/alice%password "//$host" "$all"
code "options of old" 0 "$wmic" -U alice%password -d 1 -k --option='client ntlmv2 auth=Yes' \
    --namespace='root/cimv2' "//$host" "$all"
code "a file" 0 "$wmic" -A "$work/credentials" --delimiter=';' "//$host" "$all"
is "another delimiter" $'CLASS: Thing\nId;Name\n1;one\n2;two'
PASSWD=password code "the environment" 0 "$wmic" -U alice "//$host" "$all"
code "a hash" 0 "$wmic" -U "alice%$hash" --pw-nt-hash "//$host" "$all"
code "keys are there" 0 "$wmic" -A "$work/credentials" "//$host" "SELECT Name FROM Thing WHERE Id=2"
is "with the names" $'CLASS: Thing\nId|Name\n2|two'
code "another namespace" 0 "$wmic" -A "$work/credentials" --namespace='root\default' "//$host" \
    "SELECT Name FROM __NAMESPACE"
code "nothing found" 0 "$wmic" -A "$work/credentials" "//$host" "SELECT * FROM Thing WHERE Id = 3"
is "nothing printed" ""

# ---- values
code "values" 0 "$wmic" -A "$work/credentials" "//$host" "SELECT * FROM Value"
is "null, truth, arrays, numbers" \
    $'CLASS: Value\nBig|Flag|Id|List|Nothing|Words\n4294967295|True|1|(1,2,3)|(null)|(a,b c)'

# ---- the password is not left for ps(1)
"$wmic" -U alice%password --timeout=20 '//192.0.2.1' "$all" >/dev/null 2>&1 &
child=$!
for ((i = 0; i < 200; i++)); do
    line=$(tr '\0' ' ' <"/proc/$child/cmdline" 2>/dev/null) || break
    [[ $line == *alice* && $line != *password* ]] && break
    sleep 0.05
done
if [[ $line == *password* ]]; then fail "the password can be seen: $line"; else echo "ok: hidden"; fi
kill "$child" 2>/dev/null
wait "$child" 2>/dev/null

# ---- failures, in the words that plugins look for
code "a wrong password" 1 "$wmic" -U alice%wrong "//$host" "$all"
says "the step" err 'ERROR: Login to remote object'
says "the status" err '^NTSTATUS: NT_STATUS_ACCESS_DENIED - '
code "nobody listens" 1 "$wmic" -U alice%password '//127.0.0.1[1]' "$all"
says "unreachable" err '^NTSTATUS: NT_STATUS_HOST_UNREACHABLE - '
code "no such namespace" 1 "$wmic" -A "$work/credentials" --namespace='root\nowhere' "//$host" "$all"
says "its code" err '^NTSTATUS: NT code 0x8004100e - '
code "no such class" 1 "$wmic" -A "$work/credentials" "//$host" "SELECT * FROM Nowhere"
says "its code" err '^NTSTATUS: NT code 0x80041010 - '
code "no file of credentials" 1 "$wmic" -A "$work/nowhere" "//$host" "$all"
says "which" err 'nowhere: No such file'
code "nobody to ask" 1 setsid -w "$wmic" -U alice "//$host" "$all"
code "an option there is not" 1 "$wmic" --bogus "//$host" "$all"
says "what there is" err '--namespace'
code "no query" 1 "$wmic" "//$host"
code "help" 0 "$wmic" --help
code "short help" 0 "$wmic" '-?'
code "version" 0 "$wmic" -V

# ---- this machine
code "this machine" 0 "$wmic" //. "SELECT Handle FROM Win32_Process WHERE Handle = '$$'"
is "ourselves" "CLASS: Win32_Process"$'\nHandle\n'"$$"
exit $((failures > 0))
