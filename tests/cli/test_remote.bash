# wbem --host as its users run it, against a wbemd on the loopback.
set -u
wbem=$1
wbemd=$2
failures=0
work=$(mktemp -d)
. "$(dirname "$0")/server.bash"

# ---- credentials
echo password >"$work/secret"
echo $hash >"$work/hash"
printf 'username = alice\npassword = password\n' >"$work/credentials"
chmod 600 "$work/secret" "$work/hash" "$work/credentials"
login=(-H "$host" -U alice --password-file "$work/secret")
code "a password file" 0 "$wbem" query "${login[@]}" "SELECT * FROM Thing" -f csv
says "what was asked for" out '^2,two'
code "a hash" 0 "$wbem" query -H "$host" -U alice --hash --password-file "$work/hash" \
    "SELECT * FROM Thing"
code "a file of credentials" 0 "$wbem" query -H "$host" -A "$work/credentials" "SELECT * FROM Thing"
WBEM_PASSWORD=password code "a password of the environment" 0 "$wbem" query -H "$host" -U alice \
    "SELECT * FROM Thing"
WBEM_NT_HASH=$hash code "a hash of the environment" 0 "$wbem" query -H "$host" -U alice \
    "SELECT * FROM Thing"
WBEM_USER=alice WBEM_PASSWORD=password code "a user of the environment" 0 "$wbem" query -H "$host" \
    "SELECT * FROM Thing"
chmod 644 "$work/secret"
code "a file that others may read" 2 "$wbem" query "${login[@]}" "SELECT * FROM Thing"
says "which is said" err 'others may read'
chmod 600 "$work/secret"
code "nobody to ask" 2 setsid -w "$wbem" query -H "$host" -U alice "SELECT * FROM Thing"
says "where passwords come from" err 'password-file'
WBEM_PASSWORD=wrong code "a wrong password" 1 "$wbem" query -H "$host" -U alice "SELECT * FROM Thing"
says "what to check" err 'user, domain and password'

# ---- every command
code "get" 0 "$wbem" get "${login[@]}" Thing.Id=2
says "the object" out 'two'
code "classes" 0 "$wbem" classes "${login[@]}" 'Thin*'
says "the class" out '^Thing$'
code "class" 0 "$wbem" class "${login[@]}" Thing
says "the property" out 'Name +string'
code "call" 0 "$wbem" call -H "$host" -U "$me" --password-file "$work/secret" Win32_Process Create \
    'CommandLine=true'
says "the out-parameter" out 'ProcessId'
code "what is not for everybody" 1 "$wbem" call "${login[@]}" Win32_Process Create 'CommandLine=true'
says "why not" err 'administrators'
code "watch" 0 "$wbem" watch "${login[@]}" --for 1 "SELECT * FROM __InstanceCreationEvent"
code "dump" 0 "$wbem" mof dump "${login[@]}" Thing
says "as MOF" out 'class Thing'
code "both levels" 0 "$wbem" query "${login[@]}" --auth-level integrity "SELECT * FROM Thing"
code "trace" 0 "$wbem" query "${login[@]}" --trace "SELECT * FROM Thing"
says "its calls" err 'IWbemServices::ExecQuery'
says "its negotiation" err 'privacy'

# ---- failures
code "no such namespace" 4 "$wbem" query "${login[@]}" -n 'root\nowhere' "SELECT * FROM Thing"
code "no such object" 4 "$wbem" get "${login[@]}" Thing.Id=3
code "a malformed query" 5 "$wbem" query "${login[@]}" "SELECT"
code "nobody listens" 1 "$wbem" query -H '127.0.0.1[1]' -A "$work/credentials" "SELECT * FROM Thing"
says "what to check then" err 'nobody listens'
code "an unknown host" 1 "$wbem" query -H nowhere.invalid -A "$work/credentials" --timeout 5 \
    "SELECT * FROM Thing"

# ---- usage
code "a user without a host" 2 "$wbem" query -U alice "SELECT * FROM Thing"
code "a password without a user" 2 "$wbem" query -H "$host" --hash "SELECT * FROM Thing"
code "two hosts" 2 "$wbem" query "${login[@]}" -n '\\.\root\cimv2' "SELECT * FROM Thing"
code "a local command" 2 "$wbem" repository "${login[@]}" check
code "a level there is not" 1 "$wbem" query "${login[@]}" --auth-level none "SELECT * FROM Thing"
says "which there are" err 'integrity or privacy'
exit $((failures > 0))
