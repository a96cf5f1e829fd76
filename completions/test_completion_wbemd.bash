# Drives wbemd's completion function as readline would and looks at its replies.
set -u
source "$1"
failures=0

# expect NAME WANTED WORD...: completing the last word must offer WANTED.
expect() {
    local name=$1 wanted=$2
    shift 2
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    _wbemd 2>/dev/null
    if printf '%s\n' "${COMPREPLY[@]}" | grep -qxF -e "$wanted"; then
        echo "ok: $name"
    else
        echo "FAILED: $name: wanted '$wanted', got '${COMPREPLY[*]}'"
        failures=$((failures + 1))
    fi
}

expect "the command" passwd wbemd pa
expect "options" --check wbemd --ch
expect "an option with a short form" --config wbemd --con
expect "settings" --max-calls-per-user wbemd --max-calls-per-u
expect "choices" privacy wbemd --level p
expect "yes and no" yes wbemd --subscriptions y
expect "files" /etc/passwd wbemd --config /etc/passw
expect "options of passwd" --stdin wbemd passwd --st
exit $((failures != 0))
