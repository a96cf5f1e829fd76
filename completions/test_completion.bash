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
COMP_WORDS=(wbem class NoSuchClassAtAll)
COMP_CWORD=2
_wbem 2>/dev/null
if ((${#COMPREPLY[@]} != 0)); then
    echo "FAILED: an unknown prefix must offer nothing, got '${COMPREPLY[*]}'"
    failures=$((failures + 1))
fi
exit $((failures > 0))
