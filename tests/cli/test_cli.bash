# The wbem program as its users run it: formats, errors, exit codes, pipes, signals.
set -u
wbem=$1
failures=0
work=$(mktemp -d)
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

# ---- help and mistakes
code "no arguments" 2 "$wbem"
code "help" 0 "$wbem" --help
says "help names the commands" out 'query .*WQL'
code "help of a command" 0 "$wbem" query --help
says "help of a command names its options" out '--timeout'
code "version" 0 "$wbem" --version
code "unknown command" 2 "$wbem" qurey
says "unknown command is named" err "'qurey'"
code "unknown option" 2 "$wbem" query --bacth 5 "SELECT * FROM Win32_TimeZone"
code "bad number" 2 "$wbem" query --limit none "SELECT * FROM Win32_TimeZone"
says "bad number is named" err "'none'"
code "bad format" 2 "$wbem" query --format xml "SELECT * FROM Win32_TimeZone"
code "unquoted query" 2 "$wbem" query SELECT Name FROM Win32_Process
says "unquoted query gets a hint" err 'quotes'
code "malformed query" 5 "$wbem" query "SELEC * FROM Win32_Process"
says "malformed query: the code's name" err 'WBEM_E_INVALID_QUERY'
says "malformed query: the place" err 'line 1, column 1'
code "an event clause in a data query" 5 "$wbem" query "SELECT * FROM Win32_TimeZone WITHIN 5"
says "an event clause is named" err "at 'WITHIN': .*event queries"
code "associators of nothing" 5 "$wbem" query "ASSOCIATORS OF {Win32_Process}"
says "a class needs SchemaOnly" err 'SchemaOnly'
code "unknown class" 4 "$wbem" query "SELECT * FROM Win32_Proces"
says "unknown class: the place and the word" err "column 15.*Win32_Proces"
code "unknown property" 5 "$wbem" query "SELECT Nmae FROM Win32_Process"
says "unknown property is named" err 'Nmae'
code "unknown namespace" 4 "$wbem" query -n 'root\nowhere' "SELECT * FROM Win32_Process"
code "unknown instance" 4 "$wbem" get 'Win32_Process.Handle="0"'
code "malformed path" 1 "$wbem" get 'Win32_Process.Handle='
code "class pattern without a match" 4 "$wbem" classes 'Nothing*'

# ---- formats
me='SELECT ProcessId, Name, CommandLine, WorkingSetSize FROM Win32_Process WHERE ProcessId = '$$
code "piped table" 0 "$wbem" query "$me"
same "piped table: header" "$(head -1 "$work/out")" $'ProcessId\tName\tCommandLine\tWorkingSetSize'
same "piped table: one row" "$(wc -l <"$work/out")" 2
same "piped table: this shell" "$(sed -n 2p "$work/out" | cut -f2)" bash
code "json" 0 "$wbem" query --format json "$me"
same "json is valid, numbers are numbers" \
    "$(jq -r '.[0] | [.ProcessId, (.WorkingSetSize | type)] | @tsv' "$work/out")" $$$'\tnumber'
code "ndjson" 0 "$wbem" query --format ndjson "SELECT ProcessId FROM Win32_Process"
same "ndjson: an object a line" "$(jq -c 'has("ProcessId")' "$work/out" | sort -u)" true
code "list" 0 "$wbem" query --format list "$me"
says "list: a line a property" out "^ProcessId +: $$\$"
code "csv" 0 "$wbem" query --format csv "$me"
says "csv: header with CRLF" out $'^ProcessId,Name,CommandLine,WorkingSetSize\r$'
code "mof" 0 "$wbem" query --format mof "$me"
says "mof: an instance" out '^instance of Win32_Process'
code "empty answer" 0 "$wbem" query --format json "SELECT * FROM Win32_Process WHERE ProcessId = 0"
same "empty answer is an empty array" "$(<"$work/out")" "[]"
code "count" 0 "$wbem" query --format json "SELECT COUNT(*) FROM Win32_Process"
same "count is a number above 1" "$(jq '.[0].Count > 1' "$work/out")" true
code "limit" 0 "$wbem" query --limit 3 --batch 2 --format ndjson "SELECT Handle FROM Win32_Process"
same "limit: three objects" "$(wc -l <"$work/out")" 3
code "system properties" 0 "$wbem" query --system --format json "$me"
same "system properties: the path" "$(jq -r '.[0].__RELPATH' "$work/out")" \
    "Win32_Process.Handle=\"$$\""

# ---- a terminal: aligned where it fits, otherwise a list; control characters can't reach it
terminal() {
    script -qec "stty cols $1; $2" /dev/null </dev/null | tr -d '\r' >"$work/out"
}
if command -v script >/dev/null; then
    terminal 80 "'$wbem' query \"SELECT ProcessId, Name FROM Win32_Process WHERE ProcessId = $$\""
    says "terminal: numbers to the right, two blanks between" out "^ProcessId  Name\$"
    says "terminal: the row" out "^ *$$  bash\$"
    terminal 30 "'$wbem' query \"$me\""
    says "narrow terminal: a list" out "^ProcessId +: $$\$"
    (exec -a $'evil\e[31mname' sleep 100) &
    evil=$!
    until grep -q evil /proc/$evil/cmdline 2>/dev/null; do :; done
    terminal 200 "'$wbem' query -f list \"SELECT CommandLine FROM Win32_Process WHERE ProcessId = $evil\""
    says "terminal: an escape in a name is shown, not obeyed" out 'evil\\x1b\[31mname'
    kill $evil
fi

# ---- objects and classes
code "get" 0 "$wbem" get "Win32_Process.Handle=\"$$\""
says "get: this shell" out '^Name +: bash$'
code "get a class" 0 "$wbem" get --format mof Win32_Process
says "get a class: MOF" out '^class Win32_Process : CIM_Process'
code "classes" 0 "$wbem" classes 'win32_process[os]*'
same "classes: pattern without regard to case" "$(<"$work/out")" $'Win32_Processor\nWin32_ProcessStartTrace\nWin32_ProcessStartup\nWin32_ProcessStopTrace'
code "classes below" 0 "$wbem" classes --below CIM_Process
same "classes below: the derived one" "$(<"$work/out")" Win32_Process
code "class" 0 "$wbem" class Win32_LogicalDisk
says "class: key and type" out '^ +DeviceID +string +key'
code "class as mof" 0 "$wbem" class -f mof Win32_LogicalDisk
says "class as mof: uint64 property" out 'uint64 FreeSpace'

code "schema query" 0 "$wbem" query "SELECT * FROM meta_class WHERE __Class = 'win32_process'"
same "schema query: the names of the class" "$(tail -1 "$work/out")" \
    $'Win32_Process\tCIM_Process\tCIM_ManagedSystemElement'
code "references of a class" 0 "$wbem" query "REFERENCES OF {__Win32Provider} WHERE SchemaOnly"
code "associators of what is not there" 4 "$wbem" query "ASSOCIATORS OF {Win32_Process.Handle='0'}"
says "associators: what is wrong" err 'no such instance'

# ---- pipes, time-outs, signals
"$wbem" query --format ndjson "SELECT * FROM Win32_Thread" | head -1 >"$work/out"
status=("${PIPESTATUS[@]}")
same "a closed pipe: the first line came" "$(wc -l <"$work/out")" 1
if ((status[0] != 0 && status[0] != 141)); then
    fail "a closed pipe: exit code ${status[0]}"
fi
# A processor's load takes two looks at it, a quarter of a second apart.
code "time-out" 3 "$wbem" query --timeout 0.05 "SELECT LoadPercentage FROM Win32_Processor"
says "time-out is told" err 'gave up after 0.05 seconds'

"$wbem" query -f ndjson "SELECT Name FROM CIM_DataFile WHERE Extension = 'no such extension'" &
pid=$!
while ! grep -q 'eventpoll\|signalfd\|eventfd' <(ls -l /proc/$pid/fd 2>/dev/null); do
    kill -0 $pid 2>/dev/null || break
done
kill -INT $pid 2>/dev/null
wait $pid
status=$?
if ((status == 0)); then
    echo "skipped: Ctrl-C: the search was over already"
else
    same "Ctrl-C ends by its signal" $status 130
fi

# ---- events
code "watch: ends in time" 0 "$wbem" watch --for 0.1 "SELECT * FROM Win32_DeviceChangeEvent"
same "watch: nothing has happened" "$(<"$work/out")" ""
code "watch: no class of events" 5 "$wbem" watch "SELECT * FROM Win32_Process"
says "watch: what to ask instead" err '__InstanceOperationEvent WITHIN'
code "watch: malformed" 5 "$wbem" watch "SELECT * FORM Win32_VolumeChangeEvent"
says "watch: the place" err 'line 1, column 10'
"$wbem" watch "SELECT * FROM Win32_DeviceChangeEvent" &
pid=$!
while ! grep -q 'signalfd' <(ls -l /proc/$pid/fd 2>/dev/null); do
    kill -0 $pid 2>/dev/null || break
done
kill -INT $pid 2>/dev/null
wait $pid
same "watch: Ctrl-C ends by its signal" $? 130
# ---- the repository
place=$work/repository
code "repository: where" 0 "$wbem" repository where --repository "$place"
same "repository: its folder" "$(<"$work/out")" "$place"
code "repository: check" 0 "$wbem" repository check --repository "$place"
says "repository: whole" out 'whole'
code "repository: backup" 0 "$wbem" repository backup "$work/backup" --repository "$place"
code "repository: restore" 0 "$wbem" repository restore "$work/backup" --repository "$place"
code "repository: restore what is none" 1 "$wbem" repository restore "$0" --repository "$place"
says "repository: the file is named" err 'test_cli'
code "repository: no such backup" 4 "$wbem" repository restore "$work/none" --repository "$place"
code "repository: no file" 2 "$wbem" repository backup --repository "$place"
code "repository: unknown word" 2 "$wbem" repository frobnicate --repository "$place"
printf 'no repository at all' >"$place/data.mdb"
code "repository: damaged" 1 "$wbem" query "SELECT * FROM Win32_TimeZone" --repository "$place"
says "repository: damaged: the place" err "$place"
code "repository: check finds damage" 1 "$wbem" repository check --repository "$place"

if [[ -c /dev/full ]]; then
    "$wbem" query "SELECT * FROM Win32_Process" >/dev/full 2>"$work/err"
    status=$?
    ((status != 0)) || fail "a full disk must not look like success"
    for command in "mof dump" "classes" "class Win32_Process" "call Win32_Process --help" "--help" "--version"; do
        # shellcheck disable=SC2086
        "$wbem" $command >/dev/full 2>"$work/err"
        status=$?
        ((status == 1)) || fail "$command: a full disk must not look like success: $status"
        says "$command: the reason" err 'No space left'
    done
fi

# ---- a reader that does not read
mkfifo "$work/pipe"
sleep 60 <"$work/pipe" &
reader=$!
much="SELECT * FROM CIM_DataFile WHERE Path = '/usr/bin/'"
# shellcheck disable=SC2016
code "a time-out is one, whoever reads" 3 bash -c '"$1" query --timeout 1 -f json "$2" >"$3"' - \
    "$wbem" "$much" "$work/pipe"
"$wbem" query -f json "$much" >"$work/pipe" 2>"$work/err" &
blocked=$!
sleep 0.5
kill -TERM "$blocked"
wait "$blocked" 2>/dev/null
status=$?
((status == 143)) || fail "a signal must end it, whoever reads: $status"
kill "$reader"
wait "$reader" 2>/dev/null

# ---- the locale of cron
cat >"$work/letters.mof" <<'MOF'
class Letters { [key] string Name; };
instance of Letters { Name = "Gr\x00fcn"; };
MOF
code "letters" 0 "$wbem" mof compile --repository "$work/letters" -n 'root\cimv2' "$work/letters.mof"
for locale in C POSIX C.UTF-8; do
    code "are found in $locale" 0 env LC_ALL=$locale "$wbem" get --repository "$work/letters" 'Letters.Name="Grün"'
    says "and shown" out 'Grün'
done

echo "failures: $failures"
exit $((failures > 0))
