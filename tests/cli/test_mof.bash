# wbem mof as its users run it: a schema of the DMTF's shape in one run, all or
# nothing, messages with their place, and a dump that compiles back.
set -u
wbem=$1 make_schema=$2
failures=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export WBEM_REPOSITORY=$work/repository

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

# ---- a schema in hundreds of files
python3 "$make_schema" "$work/schema" 400 || exit 1
before=$("$wbem" classes -n 'root\default' | wc -l)
code "a schema is checked" 0 "$wbem" mof check "$work/schema/cim_schema.mof"
says "and counted" out '^Correct: 402 files, 400 classes, 0 instances, 36 qualifier declarations$'
[[ $("$wbem" classes -n 'root\default' | wc -l) == "$before" ]] || fail "checking changed something"

# A mistake in one of the last files: nothing of all that comes before stays.
cp -r "$work/schema" "$work/broken"
last=$(tail -n 1 "$work/broken/cim_schema.mof" | sed 's/.*("\(.*\)").*/\1/')
line=$(grep -n 'Version' "$work/broken/$last" | head -n 1 | cut -d: -f1)
sed -i "${line}s/Version/Verschen ( 1 ), , Version/" "$work/broken/$last"
code "a broken schema is refused" 1 "$wbem" mof compile "$work/broken/cim_schema.mof"
says "file, line and column are named" err "^$work/broken/$last:$line:[0-9]+: error: .*\\[WBEMMOF_E_"
says "the line is shown" err 'Verschen \( 1 \), , Version'
says "with a mark" err '^ +\^$'
says "and what it means" err 'nothing was changed'
[[ $("$wbem" classes -n 'root\default' | wc -l) == "$before" ]] || fail "a part of it stayed"

code "the schema compiles" 0 "$wbem" mof compile "$work/schema/cim_schema.mof"
says "and is counted" out '^Compiled: 402 files, 400 classes'
code "its classes are there" 0 "$wbem" class -n 'root\default' CIM_ManagedElement --format mof
code "once more does no harm" 0 "$wbem" mof compile "$work/schema/cim_schema.mof"
code "but may be forbidden" 1 "$wbem" mof compile --create-only "$work/schema/cim_schema.mof"
says "which is said" err 'exists already'
code "the repository is whole" 0 "$wbem" repository check

# ---- there and back
cat >"$work/things.mof" <<'MOF'
#pragma namespace("\\\\.\\root\\things")
[Description("Things \"of\" all kinds: \x263a, a tab \t and a backslash \\") : Amended ToSubclass]
class Thing
{
    [key] string Name;
    [key] sint64 Number;
    boolean Yes = TRUE; uint8 U8; sint8 S8 = -128; uint16 U16; sint16 S16; uint32 U32; sint32 S32;
    uint64 U64; real32 R32; real64 R64 = 1.0e300; char16 C16; datetime When;
    uint8 Bytes[]; string Texts[] = {"a", "", "\"q\""}; real64 Reals[]; boolean Booleans[];
    sint64 Longs[]; datetime Moments[]; object Inside; Thing ref Other;
    [Implemented] uint32 Do([in] string What, [out] Thing ref Which, [in, out] uint16 Numbers[]);
};
class Special : Thing { [Units("bytes") : ToSubclass] uint64 Size = 18446744073709551615; };
instance of Thing as $one
{
    Name = "one \x1F600 \xD83D\xDE00 ä"; Number = -9223372036854775808; Yes = FALSE; U8 = 255;
    S16 = -32768; U16 = 65535; S32 = -2147483648; U32 = 4294967295; U64 = 18446744073709551615;
    R32 = 1.5; R64 = -2.2250738585072014e-308; C16 = 'x'; When = "20240229235959.999999+060";
    Bytes = {0, 1, 255}; Texts = {}; Reals = {0.1, -0.0, 1e10}; Booleans = {TRUE, FALSE};
    Longs = {-9223372036854775808, 9223372036854775807}; Moments = {"00000001000000.000000:000"};
};
instance of Special { Name = "two"; Number = 2; Inside = instance of Thing { Name = "in"; Number = 3; };
                      Other = $one; };
MOF
code "things compile" 0 "$wbem" mof compile "$work/things.mof"
code "and are dumped" 0 "$wbem" mof dump -n 'root\things'
cp "$work/out" "$work/dump1"
for coding in UTF-16LE UTF-16BE; do
    case $coding in UTF-16LE) mark='\xff\xfe' ;; *) mark='\xfe\xff' ;; esac
    { printf "$mark"; iconv -f UTF-8 -t $coding "$work/dump1"; } >"$work/$coding.mof"
    WBEM_REPOSITORY=$work/$coding code "the dump compiles ($coding)" 0 \
        "$wbem" mof compile "$work/$coding.mof"
    WBEM_REPOSITORY=$work/$coding code "and is dumped again" 0 "$wbem" mof dump -n 'root\things'
    cmp -s "$work/out" "$work/dump1" || fail "another dump: $(diff "$work/out" "$work/dump1" | head -5)"
done
code "the library's own classes are dumped" 0 "$wbem" mof dump
cp "$work/out" "$work/cimv2.mof"
sed 's/cimv2/copy/' "$work/cimv2.mof" >"$work/copy.mof"
code "and compile elsewhere" 0 "$wbem" mof compile "$work/copy.mof"
code "to the same classes" 0 "$wbem" mof dump -n 'root\copy'
sed 's/copy/cimv2/' "$work/out" | cmp -s - "$work/cimv2.mof" || fail "the copy of cimv2 is another"
code "one class alone" 0 "$wbem" mof dump -n 'root\things' Special
says "with its instances" out 'instance of Special'

# ---- texts of a locale apart
cat >"$work/amended.mof" <<'MOF'
#pragma namespace("\\\\.\\root\\things")
#pragma amendment("MS_407")
[Description("Ein Ding") : Amended] class Ding { [key, Description("der Name") : Amended] string Name;
    string Rest; };
MOF
code "an amendment compiles" 0 "$wbem" mof compile "$work/amended.mof"
code "and has its namespace" 0 "$wbem" mof dump -n 'root\things\MS_407' Ding
says "with the texts" out 'AMENDMENT.*LOCALE\(1031\).*Description\("Ein Ding"\): Amended'
says "of what has any" out 'der Name'
grep -q Rest "$work/out" && fail "a property without texts is there"
cat >"$work/thing.mof" <<'MOF'
#pragma namespace("\\\\.\\root\\things")
[Description("A thing") : Amended] class Ding { [key, Description("the name") : Amended] string Name;
    string Rest; };
MOF
code "texts in another language compile" 0 "$wbem" mof compile "$work/thing.mof"
code "which a class has" 0 "$wbem" class -n 'root\things' Ding
says "by itself" out 'the name'
code "and in the first language" 0 "$wbem" class -n 'root\things' --locale MS_411,MS_407 Ding
says "on demand" out 'der Name'

# ---- the ways to give it
printf '#pragma include("inner.mof")\n' >"$work/outer.mof"
mkdir "$work/elsewhere"
printf 'class Inner { [key] string Id; };\n' >"$work/elsewhere/inner.mof"
code "an included file that is not found" 1 "$wbem" mof compile "$work/outer.mof"
says "is named with its place" err "outer.mof:1:[0-9]+: error: the file can't be read"
code "but is found with --include" 0 "$wbem" mof compile -I "$work/elsewhere" "$work/outer.mof"
printf 'class Piped { [key] string Id; };' | "$wbem" mof compile - >"$work/out" 2>"$work/err" ||
    fail "the standard input: $(<"$work/err")"
code "what came through a pipe is there" 0 "$wbem" class -n 'root\default' Piped
code "a file that is not there" 1 "$wbem" mof compile "$work/nothing.mof"
says "is named" err 'nothing.mof.*No such file'
code "a folder" 1 "$wbem" mof compile "$work"
code "a namespace that is not there" 4 "$wbem" mof compile -n 'root\nowhere' "$work/outer.mof"
code "no file" 2 "$wbem" mof compile
code "no command" 2 "$wbem" mof
code "an unknown command" 2 "$wbem" mof frobnicate x
code "only updates" 1 "$wbem" mof compile --update-only <(echo 'class New { [key] string Id; };')

# ---- interrupted: the repository is as it was
rm -rf "$work/schema"
python3 "$make_schema" "$work/schema" 3000
"$wbem" mof compile -n 'root\things' "$work/schema/cim_schema.mof" >"$work/out" 2>"$work/err" &
job=$!
# Once it holds the repository's write lock it is in the middle of it.
for _ in $(seq 200); do
    grep -q "$(stat -c %i "$work/repository/lock.mdb")" /proc/$job/maps 2>/dev/null && break
    sleep 0.02
done
kill -INT $job
wait $job
got=$?
if ((got == 130)); then
    says "an interruption is told" err 'interrupted; the repository is as it was'
    [[ $("$wbem" classes -n 'root\things' 'CIM_*' | grep -c CIM_) == 0 ]] || fail "a part stayed"
elif ((got != 0)); then
    fail "an interrupted compilation: exit code $got: $(<"$work/err")"
fi
code "the repository is still whole" 0 "$wbem" repository check

((failures == 0)) && echo "all well"
exit $((failures > 0))
