# Associations of this machine against its own tools, those that it has.
set -u
export LC_ALL=C
wbem=$1
failures=0
if ! command -v jq >/dev/null; then
    echo "skipped: no jq here"
    exit 77
fi

query() {
    "$wbem" query --format json "$1"
}

# The value of KEY in each object that the query gives, sorted.
values() {
    query "$2" | jq -r ".[].$1" | sort
}

same() {
    if [[ "$2" == "$3" ]]; then
        echo "ok: $1"
    else
        echo "FAILED: $1"
        diff <(printf '%s\n' "$2") <(printf '%s\n' "$3") | head -10
        failures=$((failures + 1))
    fi
}

has() {
    command -v "$1" >/dev/null || {
        echo "skipped: no $1 here"
        return 1
    }
}

host=$(query 'SELECT Name FROM Win32_ComputerSystem' | jq -r '.[0].Name')
sleep 1000 &
pid=$!
trap 'kill $pid 2>/dev/null' EXIT
until [[ $(readlink /proc/$pid/exe) != $(readlink /proc/$$/exe) ]]; do :; done

# ---- processes
process="Win32_Process.Handle=\"$pid\""
same "CIM_ProcessExecutable: what may be executed" \
    "$(values Name "ASSOCIATORS OF {$process} WHERE AssocClass=CIM_ProcessExecutable")" \
    "$(awk '$2 ~ /x/ && $6 ~ /^\// && $NF != "(deleted)" { print $6 }' /proc/$pid/maps | sort -u)"
same "CIM_ProcessThread" \
    "$(values Handle "ASSOCIATORS OF {$process} WHERE AssocClass=CIM_ProcessThread")" "$pid"
same "Win32_SystemProcesses: of a process its computer" \
    "$(values Name "ASSOCIATORS OF {$process} WHERE AssocClass=Win32_SystemProcesses")" "$host"
if has ps; then
    # What began since, and what ended, is in one list only.
    before=$(ps -e -o pid= | tr -d ' ' | sort)
    shown=$(values Handle "ASSOCIATORS OF {Win32_ComputerSystem.Name=\"$host\"}
        WHERE AssocClass=Win32_SystemProcesses KeysOnly")
    after=$(ps -e -o pid= | tr -d ' ' | sort)
    stayed=$(comm -12 <(echo "$before") <(echo "$after"))
    same "Win32_SystemProcesses: those of ps" "$(comm -12 <(echo "$stayed") <(echo "$shown"))" \
        "$stayed"
fi

# ---- accounts
if has getent && has id; then
    # Groups of /etc/group that root is in, by itself or as its primary group.
    same "Win32_GroupUser: groups of root" \
        "$(values Name "ASSOCIATORS OF {Win32_UserAccount.Domain=\"$host\",Name=\"root\"}
            WHERE AssocClass=Win32_GroupUser")" \
        "$(id -nG root | tr ' ' '\n' | sort)"
    primary=$(getent passwd root | cut -d: -f4)
    same "Win32_GroupUser: users of root's group" \
        "$(values Name "ASSOCIATORS OF {Win32_Group.Domain=\"$host\",Name=\"$(id -ng root)\"}
            WHERE AssocClass=Win32_GroupUser" | sort -u)" \
        "$({
            getent group "$primary" | cut -d: -f4 | tr ',' '\n'
            getent passwd | awk -F: -v g="$primary" '$4 == g { print $1 }'
        } | grep . | sort -u)"
fi

# ---- disks
if has lsblk; then
    same "Win32_DiskDriveToDiskPartition: lsblk's parents" \
        "$(query 'SELECT * FROM Win32_DiskDriveToDiskPartition' |
            jq -r '.[] | "\(.Antecedent) \(.Dependent)"' |
            sed 's/[^ ]*DeviceID="\([^"]*\)"/\1/g' | sort)" \
        "$(lsblk -bnpro NAME,PKNAME,TYPE 2>/dev/null |
            while read -r name parent type; do
                if [[ $type == part && -e /sys/block/${parent##*/}/device ]]; then
                    echo "$parent $name"
                fi
            done | sort)"
    query 'SELECT Antecedent, Dependent FROM Win32_LogicalDiskToPartition' |
        jq -r '.[] | "\(.Antecedent) \(.Dependent)"' |
        sed 's/[^ ]*DeviceID="\([^"]*\)"/\1/g' >"${TMPDIR:-/tmp}/wbem-assoc-$$"
    while read -r partition point; do
        same "Win32_LogicalDiskToPartition: $point" \
            "$(lsblk -nro MOUNTPOINT "$partition" | grep -Fx "$point" | head -1)" "$point"
    done <"${TMPDIR:-/tmp}/wbem-assoc-$$"
    rm -f "${TMPDIR:-/tmp}/wbem-assoc-$$"
fi

# ---- network
if has ip; then
    index=$(cat /sys/class/net/lo/ifindex 2>/dev/null)
    if [[ -n $index ]]; then
        same "Win32_NetworkAdapterSetting: of lo" \
            "$(query "ASSOCIATORS OF {Win32_NetworkAdapter.DeviceID=\"$index\"}
                WHERE AssocClass=Win32_NetworkAdapterSetting" |
                jq -r '.[].IPAddress // [] | .[]' | sort)" \
            "$(ip -j addr show lo | jq -r '.[].addr_info[]?.local' | sort)"
    fi
fi

# ---- files
folder=$(mktemp -d)
touch "$folder/a b" "$folder/.c"
mkdir "$folder/d"
ln -s nowhere "$folder/e"
same "CIM_DirectoryContainsFile: ls" \
    "$(values Name "ASSOCIATORS OF {Win32_Directory.Name=\"$folder\"}
        WHERE AssocClass=CIM_DirectoryContainsFile")" \
    "$(find "$folder" -mindepth 1 ! -type d | sort)"
same "Win32_SubDirectory: both ways" \
    "$(values Name "ASSOCIATORS OF {Win32_Directory.Name=\"$folder\"}
        WHERE AssocClass=Win32_SubDirectory")" \
    "$(printf '%s\n' "$(dirname "$folder")" "$folder/d" | sort)"
rm -r "$folder"

# ---- services
if systemctl is-system-running >/dev/null 2>&1 || [[ -S /run/systemd/private ]]; then
    unit=systemd-journald
    same "Win32_DependentService: what $unit needs" \
        "$(values Name "ASSOCIATORS OF {Win32_Service.Name=\"$unit\"}
            WHERE AssocClass=Win32_DependentService Role=Dependent")" \
        "$(systemctl show -p Requires,Requisite,BindsTo,Conflicts --value $unit.service |
            tr ' ' '\n' | sed -n 's/\.service$//p' | sort -u)"
else
    echo "skipped: systemd does not run here"
    "$wbem" query "ASSOCIATORS OF {Win32_ComputerSystem.Name=\"$host\"} WHERE KeysOnly" >/dev/null
    same "no error without systemd for who asks for everything" "$?" 0
    "$wbem" query 'SELECT * FROM Win32_SystemServices' >/dev/null 2>&1
    same "an error without systemd for who asks for services" "$?" 1
fi

echo "failures: $failures"
exit $((failures > 0))
