# wbem events run as its users run it: subscriptions that another process puts,
# what they do, what is said of broken ones, and the end.
set -u
wbem=$1
failures=0
work=$(mktemp -d)
job=
trap '[[ -n $job ]] && kill -KILL $job 2>/dev/null; rm -rf "$work"' EXIT
export WBEM_REPOSITORY=$work/repository

fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

# eventually NAME COMMAND...: it must succeed some day soon.
eventually() {
    local name=$1
    shift
    for _ in $(seq 600); do
        if "$@"; then
            echo "ok: $name"
            return
        fi
        sleep 0.05
    done
    fail "$name: $(head -c 800 "$work/said")"
}

said() {
    grep -q -- "$1" "$work/said"
}

begin() {
    "$wbem" events run "$@" >"$work/out" 2>"$work/said" </dev/null &
    job=$!
}

# end SIGNAL: it ends well by it.
end() {
    local got
    kill -"$1" $job
    wait $job
    got=$?
    job=
    ((got == 0)) || fail "after SIG$1 its exit code is $got"
}

cat >"$work/subscriptions.mof" <<MOF
#pragma namespace("\\\\\\\\.\\\\root\\\\subscription")
instance of __EventFilter as \$timer
{
    Name = "timer"; EventNamespace = "root\\\\cimv2"; QueryLanguage = "WQL";
    Query = "SELECT * FROM __TimerEvent WHERE TimerId = 'tick'";
};
instance of __EventFilter as \$wrong
{
    Name = "wrong"; QueryLanguage = "WQL"; Query = "SELECT * FORM __TimerEvent";
};
instance of LogFileEventConsumer as \$log
{
    Name = "log"; Filename = "$work/ticks.log"; Text = "%__CLASS% of %TimerId%";
};
instance of CommandLineEventConsumer as \$program
{
    Name = "program"; WorkingDirectory = "$work"; CommandLineTemplate = "touch touched-%TimerId%";
};
instance of __FilterToConsumerBinding { Filter = \$timer; Consumer = \$log; };
instance of __FilterToConsumerBinding { Filter = \$timer; Consumer = \$program; };
instance of __FilterToConsumerBinding { Filter = \$wrong; Consumer = \$log; };
MOF
cat >"$work/timer.mof" <<'MOF'
instance of __IntervalTimerInstruction { TimerId = "tick"; IntervalBetweenEvents = 50; };
MOF

# ---- put by another process while it runs
begin --verbose
eventually "it says that it runs" said 'Ctrl-C ends'
"$wbem" mof compile "$work/subscriptions.mof" >"$work/mof" 2>&1 || fail "mof: $(<"$work/mof")"
eventually "what was put works" said 'program.*: works'
eventually "what is wrong is said, with its place" said 'wrong.*line 1, column 10'
"$wbem" mof compile -n 'root\cimv2' "$work/timer.mof" >"$work/mof" 2>&1 || fail "mof: $(<"$work/mof")"
eventually "lines are written" grep -sqx '__TimerEvent of tick' "$work/ticks.log"
eventually "programs are started" test -e "$work/touched-tick"
eventually "which is said" said 'delivered __TimerEvent'
end INT

# ---- there before the start; only problems are said
rm -f "$work/ticks.log"
begin
eventually "it works again" test -s "$work/ticks.log"
said 'wrong.*does not work' || fail "what is wrong is not said without --verbose"
said delivered && fail "too much is said"
end TERM
"$wbem" events run --for 0.1 2>/dev/null || fail "--for: exit code $?"

# ---- not of this user, or open to others
chmod 777 "$work/repository"
"$wbem" events run --for 0.1 2>"$work/said"
[[ $? == 1 ]] || fail "a repository that others may write is taken"
said 'others may write it' || fail "and it is not said why not: $(<"$work/said")"
chmod 700 "$work/repository"
"$wbem" events walk 2>/dev/null
[[ $? == 2 ]] || fail "an unknown word is taken"

((failures == 0)) && echo "all well"
exit $((failures > 0))
