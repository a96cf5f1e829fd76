# wbem object: bytes of objects to something that can be read, and back.
set -u
wbem=$1
failures=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# code NAME WANTED COMMAND...: the exit code must be WANTED.
code() {
    local name=$1 wanted=$2 got
    shift 2
    "$@" >"$work/out" 2>"$work/err" </dev/null
    got=$?
    if ((got != wanted)); then
        echo "FAILED: $name: exit code $got instead of $wanted; stderr: $(<"$work/err")"
        failures=$((failures + 1))
    else
        echo "ok: $name"
    fi
}

# says NAME WHERE PATTERN: the last command's output must match.
says() {
    if grep -qE -- "$3" "$work/$2"; then
        echo "ok: $1"
    else
        echo "FAILED: $1: '$3' is not in $2: $(head -c 600 "$work/$2")"
        failures=$((failures + 1))
    fi
}

# same NAME ONE OTHER: two files must not differ.
same() {
    if cmp -s "$2" "$3"; then
        echo "ok: $1"
    else
        echo "FAILED: $1: $(cmp "$2" "$3" 2>&1)"
        failures=$((failures + 1))
    fi
}

code "a process's bytes" 0 "$wbem" object encode "Win32_Process.Handle=\"$$\""
says "an EncodingUnit" out '^78563412'
cp "$work/out" "$work/hex"
code "as MOF" 0 "$wbem" object decode "$work/hex"
says "the object" out "Handle = \"$$\";"
code "as a line of JSON" 0 "$wbem" object decode --format ndjson "$work/hex"
says "the object" out "\"Handle\":\"$$\""
code "with a place" 0 "$wbem" object decode --format ndjson --system "$work/hex"
says "the namespace" out '"__NAMESPACE":"root.+cimv2"'
code "as JSON with its layout" 0 "$wbem" object decode --format json "$work/hex"
says "a property" out '"property": "Handle"'
says "its value" out "\"text\": \"$$\""
cp "$work/out" "$work/object.json"
code "and back" 0 "$wbem" object encode "$work/object.json"
same "the bytes that were read" "$work/hex" "$work/out"
code "from the standard input" 0 bash -c '"$1" object encode - <"$2"' - "$wbem" "$work/object.json"
same "the same bytes" "$work/hex" "$work/out"
head -c 1000 "$work/object.json" >"$work/short.json"
code "JSON cut off" 1 "$wbem" object encode "$work/short.json"
says "where" err 'short.json:[0-9]+:[0-9]+: '
sed 's/"flavor": [0-9]*/"flavor": "x"/' "$work/object.json" >"$work/wrong.json"
code "JSON with a wrong member" 1 "$wbem" object encode "$work/wrong.json"
says "which" err "qualifiers\[0\]: 'flavor' must be a whole number"
python3 -c 'import sys; sys.stdout.buffer.write(bytes.fromhex(open(sys.argv[1]).read()))' \
    "$work/hex" >"$work/binary"
code "binary" 0 "$wbem" object decode "$work/binary"
says "the same" out "Handle = \"$$\";"
sed 's/../0x&, /g' "$work/hex" >"$work/dump"
code "digits as programmers write them" 0 "$wbem" object decode "$work/dump"
code "a class" 0 "$wbem" object encode Win32_Process
cp "$work/out" "$work/class"
code "a class as JSON" 0 bash -c '"$1" object decode -f json "$2" "$3" >"$4"' - "$wbem" \
    "$work/class" "$work/hex" "$work/both.json"
code "two and back" 0 "$wbem" object encode "$work/both.json"
cat "$work/class" "$work/hex" >"$work/both"
same "both" "$work/both" "$work/out"
code "MOF with its bytes" 0 bash -c '"$1" object decode -f mof "$2" "$3" >"$4"' - "$wbem" \
    "$work/class" "$work/hex" "$work/both.mof"
code "MOF and back" 0 "$wbem" object encode "$work/both.mof"
same "both from MOF" "$work/both" "$work/out"
code "from the standard input" 0 bash -c '"$1" object encode - <"$2"' - "$wbem" "$work/both.mof"
same "the same from there" "$work/both" "$work/out"
changed=$(grep -n 'Handle = ' "$work/both.mof" | cut -d: -f1)
sed "${changed}s/Handle = .*/Handle = \"0\";/" "$work/both.mof" >"$work/changed.mof"
code "MOF that was changed" 1 "$wbem" object encode "$work/changed.mof"
says "in which line" err "changed.mof:$changed: the MOF was changed"
code "for reading" 0 "$wbem" object decode "$work/hex"
cp "$work/out" "$work/plain.mof"
code "MOF without bytes" 1 "$wbem" object encode "$work/plain.mof"
says "what to do" err 'wbem mof compile'
code "several" 0 "$wbem" object decode "$work/class" "$work/hex"
says "the class" out '^class Win32_Process : CIM_Process'
head -c 300 "$work/hex" >"$work/cut"
code "cut off" 1 "$wbem" object decode "$work/cut"
says "how much is there" err 'cut off: [0-9]+ are there'
code "nothing" 1 "$wbem" object decode /dev/null
code "no file" 1 "$wbem" object decode "$work/nowhere"
code "no such object" 4 "$wbem" object encode 'Win32_Process.Handle="0"'
code "neither" 2 "$wbem" object mangle "$work/hex"
code "two paths" 2 "$wbem" object encode Win32_Process Win32_Service
exit $((failures > 0))
