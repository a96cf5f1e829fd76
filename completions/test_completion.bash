# Drives the completion function as readline would and looks at its replies.
set -u
source "$1"
failures=0

# expect NAME WANTED WORD...: completing the last word must offer WANTED.
expect() {
    local name=$1 wanted=$2 reply
    shift 2
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    _wbem 2>/dev/null
    for reply in "${COMPREPLY[@]}"; do
        if [[ $reply == "$wanted" ]]; then
            echo "ok: $name"
            return
        fi
    done
    echo "FAILED: $name: wanted '$wanted', got '${COMPREPLY[*]}'"
    failures=$((failures + 1))
}

expect "commands" "query" wbem qu
expect "options" "--timeout" wbem query --ti
expect "formats" "ndjson" wbem query --format nd
expect "namespaces" 'root\cimv2' wbem query -n ro
expect "classes" "Win32_Process" wbem class win32_proc
expect "classes after FROM" 'SELECT * FROM Win32_Process' wbem query '"SELECT * FROM Win32_Proc'
expect "properties after WHERE" 'SELECT * FROM Win32_Process WHERE ProcessId' \
    wbem query '"SELECT * FROM Win32_Process WHERE Processi'
expect "classes to call" "Win32_Process" wbem call win32_proc
expect "methods" "Create" wbem call Win32_Process cr
expect "methods of an object" "Terminate" wbem call "'Win32_Process.Handle=\"1\"'" Ter
expect "methods for a query" "Terminate" \
    wbem call --query '"SELECT * FROM Win32_Process"' Ter
expect "parameters" "CommandLine=" wbem call Win32_Process Create comm
expect "options of other hosts" "--password-file" wbem query --pass
expect "levels" "integrity" wbem query --auth-level in
expect "aliases of wmic" "logicaldisk" wbem wmic logicald
expect "classes of wmic" "Win32_Process" wbem wmic path win32_proc
expect "verbs of wmic" "assoc" wbem wmic process as
expect "properties of an alias" "ThreadCount" wbem wmic process get threadc
expect "methods of an alias" "Terminate" wbem wmic process where "name='x'" call term
expect "lists of wmic" "brief" wbem wmic os list br
expect "formats of wmic" "/format:csv" wbem wmic os list brief /format:c
expect "formats of wmic, as readline splits words" "csv" wbem wmic os list brief /format : c
expect "formats of wmic, before the first letter" "csv" wbem wmic os list brief /format :
expect "methods on another host" "Create" wbem call -U somebody Win32_Process cr
COMP_WORDS=(wbem class NoSuchClassAtAll)
COMP_CWORD=2
_wbem 2>/dev/null
if ((${#COMPREPLY[@]} != 0)); then
    echo "FAILED: an unknown prefix must offer nothing, got '${COMPREPLY[*]}'"
    failures=$((failures + 1))
fi
exit $((failures > 0))
