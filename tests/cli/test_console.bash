# wbem wmic: the language of Windows' WMIC, on this machine and against a wbemd on the loopback.
set -u
wbem=$1
wbemd=$2
failures=0
work=$(mktemp -d)
. "$(dirname "$0")/server.bash"
node=$(hostname)

# is NAME EXPECTED: all of the last command's output, line ends included.
is() {
    if [[ $(cat "$work/out" && echo .) == "$2." ]]; then
        echo "ok: $1"
    else
        fail "$1: $(cat -A "$work/out")"
    fi
}

same() {
    if [[ $2 == "$3" ]]; then
        echo "ok: $1"
    else
        fail "$1: '$2' is not '$3'"
    fi
}

wmic() {
    code "$1" "$2" "$wbem" wmic "${@:3}"
}

# there NAME WANTED WORD...: the same on the server.
there() {
    wmic "$1" "$2" "/node:$host" /user:alice /password:password "${@:3}"
}

there "properties in the order of the alphabet" 0 path Thing get name,id
is "a table: wide as the widest value and two" $'Id  Name  \n1   one   \n2   two   \n\n'
there "a list" 0 path Thing where Id=2 get Name,Id /value
is "as WMIC writes it" $'\n\nId=2\nName=two\n\n\n'
there "csv" 0 path Thing get Id /format:csv
is "with the node" $'\nNode,Id\n'"$host"$',1\n'"$host"$',2\n'
there "json" 0 path Thing get Id,Name /format:json
same "values of their types" "$(jq -c . "$work/out")" '[{"Id":1,"Name":"one"},{"Id":2,"Name":"two"}]'
there "mof" 0 path 'Thing.Id=1' get /format:mof
says "an instance" out '^instance of Thing'
there "xml" 0 path Thing get Name /format:rawxml
same "well-formed, with each name" "$(python3 -c 'import sys, xml.etree.ElementTree as e
r = e.parse(sys.stdin).getroot()
print(r.find("RESULTS").get("NODE"), *(v.text for p in r.iter("PROPERTY") if p.get("NAME") == "Name" for v in p))' \
    <"$work/out")" "$host one two"
there "arrays and truth in a list" 0 path Value get Big,Flag,List,Words,Nothing /value
is "as WMIC writes them" \
    $'\n\nBig=4294967295\nFlag=TRUE\nList={1,2,3}\nNothing=\nWords={"a","b c"}\n\n\n'
there "arrays in csv" 0 path Value get List,Words /format:csv
is "with semicolons" $'\nNode,List,Words\n'"$host"$',{1;2;3},{a;b c}\n'

# ---- conditions
there "a value whose quotes the shell took" 0 path Thing where name=two get id
is "is a text" $'Id  \n2   \n\n'
there "a condition of several words" 0 path Thing where Id = 1 or Name = "'two'" get Id /value
says "both" out '^Id=2'
there "nothing found" 0 path Thing where Id=9 get Id
is "nothing printed" ""
says "it is said" err '^No Instance\(s\) Available\.$'
there "an unknown property" 5 path Thing get Nmae
says "the node" err "^Node - 127"
says "the word" err "'Nmae'"

# ---- instances come, change and go
there "create" 0 path Thing create 'Id=3,Name="three, or so"'
there "a comma in quotes" 0 path Thing where Id=3 get Name
is "does not separate" $'Name          \nthree, or so  \n\n'
there "no value" 2 path Thing create Id
there "create another" 0 path Thing create Id=4,Name=four
says "it is said" out '^Instance creation successful\.$'
there "not twice" 1 path Thing create Id=4,Name=four
there "set" 0 path Thing where Id=4 set 'Name=quatre'
says "it is said" out '^Property\(s\) update successful\.$'
there "the new value" 0 path 'Thing.Id=4' get Name
is "is there" $'Name    \nquatre  \n\n'
there "not all of them by mistake" 2 path Thing delete
there "asked, the end of the input is a no" 0 path Thing where Id=4 delete /interactive
there "it is there" 0 path Thing where Id=4 get Id
is "still" $'Id  \n4   \n\n'
there "delete" 0 path Thing where Id=4 delete
says "it is said" out '^Instance deletion successful\.$'
there "gone" 4 path 'Thing.Id=4' get Id
there "an unknown class" 4 path Nothing get Id

# ---- several nodes, and who asks
printf '%s\n\n' "$host" >"$work/nodes"
wmic "a file of nodes" 0 "/node:@$work/nodes" /user:alice /password:password path Thing where Id=1 get Id
is "is read" $'Id  \n1   \n\n'
WBEM_PASSWORD=password wmic "one that is here does not take a user" 2 "/node:$host,." /user:alice \
    path Thing where Id=1 get Id
says "but the other one answers" out "^${host//[\[\]]/.} *1 "
says "it is told" err 'User credentials cannot be used for local connections'
wmic "each node by itself" 1 "/node:127.0.0.1[1],$host" /user:alice /password:password /aggregate:off \
    path Thing where Id=1 get Id
says "the other one answers" out "^${host//[\[\]]/.} *1 "
there "the password" 1 /password:wrong path Thing get Id
says "is refused" err '^Node - 127'

# ---- this machine, by aliases
wmic "an alias" 0 process where "processid=$$" get name
is "this shell" $'Name  \nbash  \n\n'
wmic "its value" 0 process $$ list brief /format:csv
same "what brief shows" "$(sed -n 2p "$work/out")" \
    "Node,HandleCount,Name,Priority,ProcessId,ThreadCount,WorkingSetSize"
same "the same shell" "$(sed -n 3p "$work/out" | cut -d, -f1,3)" "$node,bash"
wmic "all of one argument" 0 'process where "name='"'bash'"' and processid='$$'" get processid /value'
says "is split" out "^ProcessId=$$\$"
wmic "a list of paths" 0 process $$ list instance
says "paths" out "^\\\\\\\\.*Win32_Process.Handle=\"$$\" *\$"
wmic "full" 0 timezone list
says "one property a line" out '^StandardName='
wmic "a method of instances" 0 process where "processid=$$" call getowner
says "who" out 'User = "'"$me"'";'
says "it is said" out '^Method execution successful\.$'
wmic "a method of the class, values by place" 0 process call create "sleep 1000,$work"
pid=$(sed -n 's/.*ProcessId = \([0-9]*\);/\1/p' "$work/out")
same "in that folder" "$(readlink "/proc/$pid/cwd")" "$work"
wmic "the same by name" 0 process $pid call terminate Reason=0
wmic "too many values" 2 process $$ call getowner x
wmic "an unknown method" 4 process $$ call nothing
wmic "associators" 0 process where "processid=$$" assoc /resultclass:Win32_ComputerSystem
says "the computer" out 'Win32_ComputerSystem.Name='
wmic "classes" 0 process assoc
says "a class" out ':CIM_|:Win32_'
wmic "a class" 0 class Win32_TimeZone
says "as MOF" out '^class Win32_TimeZone'
wmic "again and again" 0 timezone get bias /every:0.01 /repeat:3
same "three times" "$(grep -c Bias "$work/out")" 3
wmic "to a file" 0 "/output:$work/file" os get caption
is "nothing here" ""
wmic "and behind it" 0 "/append:$work/file" os get caption
same "twice there" "$(grep -c Caption "$work/file")" 2
wmic "a namespace" 0 '/namespace:\\root' path __NAMESPACE where "name='cimv2'" get name
says "is another" out '^cimv2'

# ---- help, context, lines
wmic "help" 0 '/?'
says "names the aliases" out '^process  '
says "and the verbs" out '^ASSOC '
wmic "of an alias" 0 service '/?'
says "its class" out 'Win32_Service'
wmic "of properties" 0 process get '/?'
says "their types" out '^Handle  *string, key'
wmic "of methods" 0 process call '/?'
says "their parameters" out 'Create\(in string CommandLine'
printf 'timezone get bias\n/namespace:\\\\root\ncontext\nquit\ntimezone get bias\n' >"$work/lines"
"$wbem" wmic <"$work/lines" >"$work/out"
same "lines, until quit" "$(grep -c Bias "$work/out")" 1
says "a switch alone holds on" out '^NAMESPACE *: root$'

# ---- mistakes
wmic "an unknown alias" 2 nothing list
says "is named" err '^nothing - Alias not found\.$'
wmic "an unknown verb" 2 process 1 show
says "is named" err '^show - Invalid Verb\.$'
wmic "an unknown switch" 2 process get name /nothing
wmic "an unknown format" 2 process get name /format:hform
wmic "nothing after where" 2 process where
wmic "a missing value" 2 /node: process
wmic "no clipboard" 2 /output:clipboard process
wmic "a wrong interval" 2 process get name /every:never

exit $((failures > 0))
