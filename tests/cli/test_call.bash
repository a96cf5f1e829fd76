# wbem call as its users run it: values of every kind, answers, failures, lists.
set -u
wbem=$1
failures=0
work=$(mktemp -d)
# The programs that the tests start bear a name of their own, so that no other is met.
nap=nap$$
cp "$(command -v sleep)" "$work/$nap"
trap 'rm -rf "$work"' EXIT

fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

# code NAME WANTED COMMAND...: the exit code must be WANTED.
code() {
    local name=$1 wanted=$2 got
    shift 2
    "$@" >"$work/out" 2>"$work/err"
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

same() {
    if [[ $2 == "$3" ]]; then
        echo "ok: $1"
    else
        fail "$1: '$2' is not '$3'"
    fi
}

# ---- the methods of a class
code "methods are listed" 0 "$wbem" call Win32_Process
says "the list has parameters" out 'static uint32 Create\(in string CommandLine, .*out uint32 ProcessId\)'
says "the list shows classes of objects" out 'in Win32_ProcessStartup ProcessStartupInformation'
says "the list says what is missing" out 'not implemented'
code "of an object's class too" 0 "$wbem" call 'Win32_Process.Handle="1"'
says "the list is that of the class" out 'uint32 Terminate\(in uint32 Reason\)'
code "a class without methods" 0 "$wbem" call Win32_TimeZone
says "which is said" out 'no methods'
code "a class that is not there" 4 "$wbem" call Win32_Nothing

# ---- mistakes
code "no arguments" 2 "$wbem" call
code "unknown method" 4 "$wbem" call Win32_Process Craete CommandLine=true
says "a near name is offered" err 'is it Create\?'
code "unknown parameter" 2 "$wbem" call Win32_Process Create Comandline=true
says "a near parameter is offered" err 'is it CommandLine\?'
code "no value" 2 "$wbem" call Win32_Process Create CommandLine
says "the form is told" err 'NAME=VALUE'
code "a value of another type" 2 "$wbem" call "Win32_Process.Handle=\"$$\"" Terminate Reason=many
says "the type is told" err 'uint32'
code "a number that is too large" 2 "$wbem" call "Win32_Process.Handle=\"$$\"" Terminate \
    Reason=4294967296
code "twice what is no array" 2 "$wbem" call Win32_Process Create CommandLine=a CommandLine=b
code "a parameter that is missing" 1 "$wbem" call Win32_Process Create
says "which one is told" err 'CommandLine'
code "an instance's method on the class" 1 "$wbem" call Win32_Process Terminate
says "the code's name" err 'WBEM_E_INVALID_OBJECT_PATH'
code "an instance that is not there" 4 "$wbem" call 'Win32_Process.Handle="0"' Terminate
code "a method that nobody does" 1 "$wbem" call "Win32_Process.Handle=\"$$\"" GetAvailableVirtualSize
says "the code's name" err 'WBEM_E_METHOD_NOT_IMPLEMENTED'
code "no object in JSON" 2 "$wbem" call Win32_Process Create CommandLine=true \
    'ProcessStartupInformation={"PriorityClass":'
says "the place is told" err 'character'
code "an unknown property" 2 "$wbem" call Win32_Process Create CommandLine=true \
    'ProcessStartupInformation={"Priority":64}'
says "the property is told" err "'Priority'"

# Nothing implements this method: told only when its arrays are arrays.
static=('Win32_NetworkAdapterConfiguration.Index=1' EnableStatic)
for list in '{10.0.0.1, "10.0.0.2"}' '{}' '["10.0.0.1"]' 10.0.0.1; do
    code "an array: $list" 1 "$wbem" call "${static[@]}" "IPAddress=$list" IPAddress=10.0.0.3
    says "the array is taken" err 'WBEM_E_METHOD_NOT_IMPLEMENTED'
done
for list in '{10.0.0.1' '{"10.0.0.1}' '{a}b' '["10.0.0.1"' '[[]]' '[1]'; do
    code "no array: $list" 2 "$wbem" call "${static[@]}" "IPAddress=$list"
done
code "a snapshot's machine" 1 env WBEM_LINUX_ROOT="$work" "$wbem" call Win32_Process Create \
    CommandLine=true
says "is not this one" err 'snapshot'

# ---- answers
code "a process is started" 0 "$wbem" call Win32_Process Create "CommandLine=$work/$nap 1000"
says "the return value and its meaning" out '^Meaning *: Successful Completion'
first=$(sed -n 's/^ProcessId *: //p' "$work/out")
code "it is there" 0 "$wbem" get "Win32_Process.Handle=\"$first\""
code "json" 0 "$wbem" call "Win32_Process.Handle=\"$first\"" GetOwner --format json
same "out-parameters in json" "$(jq -r '.[0] | [.ReturnValue, .User] | @tsv' "$work/out")" \
    $'0\t'"$(id -un)"
code "with a time limit" 0 "$wbem" call --timeout 60 "Win32_Process.Handle=\"$first\"" GetOwnerSid
says "the answer came in time" out "S-1-22-1-$(id -u)"
code "csv" 0 "$wbem" call "Win32_Process.Handle=\"$first\"" GetOwnerSid --format csv
same "csv has a header" "$(head -1 "$work/out" | tr -d '\r')" "ReturnValue,Meaning,Sid"
code "a number in hexadecimal" 0 "$wbem" call "Win32_Process.Handle=\"$first\"" SetPriority \
    Priority=0x4000
same "the priority is changed" "$(cut -d' ' -f19 "/proc/$first/stat")" 10
code "a value other than 0" 6 "$wbem" call Win32_Process Create CommandLine=/nowhere/at/all
says "what it means" err 'returned 9: Path Not Found'
says "the answer is shown all the same" out '^ReturnValue *: 9'

# ---- embedded objects and arrays
started=(Win32_Process Create "CurrentDirectory=$work"
    'CommandLine=sh -c "echo \"$A,$B,$(nice)\" > made && mv made env"')
code "an object" 0 "$wbem" call "${started[@]}" \
    "ProcessStartupInformation={\"EnvironmentVariables\":[\"A=1 2\",\"B=3\",\"PATH=$PATH\"],\"PriorityClass\":64}"
for ((i = 0; i < 500; i++)); do
    [[ -e $work/env ]] && break
    sleep 0.02
done
same "its properties were used" "$(<"$work/env")" "1 2,3,19"

# ---- on what a query gives
code "a second process" 0 "$wbem" call Win32_Process Create "CommandLine=$work/$nap 1000"
second=$(sed -n 's/^ProcessId *: //p' "$work/out")
query="SELECT * FROM Win32_Process WHERE Name = '$nap'"
code "each of a query" 0 "$wbem" call --query "$query" GetOwner --format json
same "one answer for each, in order" "$(jq -r '.[].Object' "$work/out" | tr -dc '0-9\n' | cut -c3-)" \
    "$(printf '%s\n%s' "$first" "$second" | sort -n)"
code "limited" 0 "$wbem" call --query "$query" --limit 1 GetOwner --format ndjson
same "one answer" "$(wc -l <"$work/out")" 1
code "some of them fail" 6 "$wbem" call --query "$query" SetPriority Priority=5
same "each is shown" "$(grep -c 'Invalid Parameter' "$work/out")" 2
says "the sum is told" err '2 of 2 calls failed'
code "a wrong value is told once" 2 "$wbem" call --query "$query" Terminate Reason=x
same "and nothing else" "$(wc -l <"$work/err")" 1
code "both are ended" 0 "$wbem" call --query "$query" Terminate
cat >"$work/alarm.mof" <<'MOF'
class Alarm { [key] string Name; [implemented] uint32 Ring([in] uint16 Volume, [in] datetime When); };
instance of Alarm { Name = "a"; }; instance of Alarm { Name = "b"; };
MOF
code "methods with a datetime" 0 "$wbem" mof compile --repository "$work/alarms" -n 'root\cimv2' "$work/alarm.mof"
code "what is no datetime is told once" 2 "$wbem" call --repository "$work/alarms" \
    --query "SELECT * FROM Alarm" Ring Volume=3 When=tomorrow
same "and no other object is called without it" "$(grep -c . "$work/err")" 1
code "nothing matches" 0 "$wbem" call --query \
    "SELECT * FROM Win32_Process WHERE Name = 'none-$nap'" Terminate
says "which is said" err 'nothing was called'
code "a malformed query" 5 "$wbem" call --query "SELEC" Terminate

# ---- files: what the tool is handy for
echo text >"$work/a"
code "a file is copied" 0 "$wbem" call "CIM_DataFile.Name=\"$work/a\"" Copy "FileName=$work/b"
same "the copy" "$(<"$work/b")" text
code "not onto another" 6 "$wbem" call "CIM_DataFile.Name=\"$work/a\"" Copy "FileName=$work/b"
says "why" err 'Object already exists'
code "a file is deleted" 0 "$wbem" call "CIM_DataFile.Name=\"$work/b\"" Delete
if [[ -e $work/b ]]; then
    fail "the file is still there"
fi
code "the registry" 1 "$wbem" call StdRegProv GetStringValue sSubKeyName=SOFTWARE sValueName=x
says "there is none" err 'no registry'

exit $((failures > 0))
