# Field for field: what the classes say of this machine is what its own tools say.
set -u
export LC_ALL=C
wbem=$1
failures=0

query() {
    "$wbem" query --format json "$1"
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

skip() {
    echo "skipped: $1"
}

# within NAME A B PERCENT: figures that move while two programs read them
within() {
    if awk -v a="$2" -v b="$3" -v p="$4" \
        'BEGIN { d = a - b; if (d < 0) d = -d; exit !(d <= (a > b ? a : b) * p / 100) }'; then
        echo "ok: $1"
    else
        echo "FAILED: $1: $2 and $3 differ by more than $4 %"
        failures=$((failures + 1))
    fi
}

# ---- processes against ps: a process of our own that stands still
sleep 1000 &
pid=$!
trap 'kill $pid 2>/dev/null' EXIT
json=$(query "SELECT * FROM Win32_Process WHERE ProcessId = $pid")
field() {
    jq -r ".[0].$1" <<<"$json"
}
same "Win32_Process: name" "$(field Name)" "$(ps -o comm= -p $pid)"
same "Win32_Process: command line" "$(field CommandLine)" "$(ps -o args= -p $pid)"
same "Win32_Process: parent" "$(field ParentProcessId)" "$(ps -o ppid= -p $pid | tr -d ' ')"
same "Win32_Process: threads" "$(field ThreadCount)" "$(ps -o nlwp= -p $pid | tr -d ' ')"
within "Win32_Process: resident bytes" "$(field WorkingSetSize)" \
    "$(($(ps -o rss= -p $pid) * 1024))" 25
same "Win32_Process: virtual bytes" "$(field VirtualSize)" "$(($(ps -o vsz= -p $pid) * 1024))"
same "Win32_Process: executable" "$(field ExecutablePath)" "$(readlink /proc/$pid/exe)"
same "Win32_Process: start (to the minute)" "$(field CreationDate | cut -c1-12)" \
    "$(date -d "$(ps -o lstart= -p $pid)" +%Y%m%d%H%M)"
same "Win32_Process: every process once" \
    "$(query 'SELECT ProcessId FROM Win32_Process' | jq '.[].ProcessId' | sort | uniq -d)" ""
same "Win32_Thread of the process" \
    "$(query "SELECT Handle FROM Win32_Thread WHERE ProcessHandle = '$pid'" | jq -r '.[].Handle')" \
    "$(ls /proc/$pid/task)"

# ---- counters against ps, /proc and ip; not those that others change meanwhile
json=$(query "SELECT * FROM Win32_PerfRawData_PerfProc_Process WHERE IDProcess = $pid")
same "PerfProc_Process: parent" "$(field CreatingProcessID)" "$(ps -o ppid= -p $pid | tr -d ' ')"
same "PerfProc_Process: threads" "$(field ThreadCount)" "$(ps -o nlwp= -p $pid | tr -d ' ')"
same "PerfProc_Process: virtual bytes" "$(field VirtualBytes)" "$(($(ps -o vsz= -p $pid) * 1024))"
same "PerfProc_Process: priority" "$(field PriorityBase)" "$(ps -o pri= -p $pid | tr -d ' ')"
json=$(query "SELECT * FROM Win32_PerfFormattedData_PerfProc_Process WHERE IDProcess = $pid")
within "PerfProc_Process: elapsed seconds" "$((100 + $(field ElapsedTime)))" \
    "$((100 + $(ps -o etimes= -p $pid)))" 5
json=$(query "SELECT * FROM Win32_PerfRawData_PerfOS_Memory")
same "PerfOS_Memory: commit limit" "$(field CommitLimit)" \
    "$(($(awk '$1 == "CommitLimit:" { print $2 }' /proc/meminfo) * 1024))"
same "PerfOS_Processor: instances" \
    "$(query "SELECT Name FROM Win32_PerfRawData_PerfOS_Processor" | jq -r '.[].Name')" \
    "$(awk '/^cpu[0-9]/ { print substr($1, 4) } END { print "_Total" }' /proc/stat)"
same "Tcpip_NetworkInterface: instances" \
    "$(query "SELECT Name FROM Win32_PerfRawData_Tcpip_NetworkInterface" | jq -r '.[].Name' | sort)" \
    "$(awk -F: 'NR > 2 { gsub(/ /, "", $1); print $1 }' /proc/net/dev | sort)"
json=$(query "SELECT * FROM Win32_PerfRawData_PerfOS_System")
within "PerfOS_System: context switches" "$(field ContextSwitchesPerSec)" \
    "$(awk '$1 == "ctxt" { print $2 % 4294967296 }' /proc/stat)" 5

# ---- system
json=$(query "SELECT * FROM Win32_OperatingSystem")
same "Win32_OperatingSystem: memory" "$(field TotalVisibleMemorySize)" \
    "$(awk '/^MemTotal/ { print $2 }' /proc/meminfo)"
within "Win32_OperatingSystem: free memory" "$(field FreePhysicalMemory)" \
    "$(awk '/^MemAvailable/ { print $2 }' /proc/meminfo)" 20
same "Win32_OperatingSystem: computer" "$(field CSName)" "$(uname -n | cut -d. -f1)"
within "Win32_OperatingSystem: processes" "$(field NumberOfProcesses)" "$(ps -e --no-headers | wc -l)" 20
json=$(query "SELECT * FROM Win32_ComputerSystem")
same "Win32_ComputerSystem: memory in bytes" "$(field TotalPhysicalMemory)" \
    "$(($(awk '/^MemTotal/ { print $2 }' /proc/meminfo) * 1024))"
same "Win32_ComputerSystem: logical processors" "$(field NumberOfLogicalProcessors)" "$(nproc --all)"
cpus=$(query "SELECT * FROM Win32_Processor")
same "Win32_Processor: sockets" "$(jq length <<<"$cpus")" \
    "$(lscpu -p=SOCKET | grep -v '^#' | sort -u | wc -l)"
same "Win32_Processor: threads" "$(jq '[.[].NumberOfLogicalProcessors] | add' <<<"$cpus")" \
    "$(lscpu -p=CPU | grep -vc '^#')"
same "Win32_Processor: model" "$(jq -r '.[0].Name' <<<"$cpus" | xargs)" \
    "$(lscpu | sed -n 's/^Model name: *//p' | head -1 | xargs)"
same "Win32_TimeZone: one" "$(query 'SELECT * FROM Win32_TimeZone' | jq length)" 1
same "Win32_LocalTime: the hour" \
    "$(query 'SELECT Year, Month, Day FROM Win32_LocalTime' | jq -r '.[0] | "\(.Year) \(.Month) \(.Day)"')" \
    "$(date '+%-Y %-m %-d')"

# ---- disks
json=$(query "SELECT * FROM Win32_LogicalDisk WHERE DeviceID = '/'")
if [[ $(jq length <<<"$json") == 1 ]]; then
    same "Win32_LogicalDisk: size of /" "$(field Size)" "$(df -B1 --output=size / | tail -1 | tr -d ' ')"
    within "Win32_LogicalDisk: free on /" "$(field FreeSpace)" \
        "$(df -B1 --output=avail / | tail -1 | tr -d ' ')" 5
    same "Win32_LogicalDisk: file system of /" "$(field FileSystem)" \
        "$(df --output=fstype / | tail -1)"
else
    skip "Win32_LogicalDisk: / is not a disk here"
fi
# lsblk calls zram and other devices of memory disks too; a drive has a device behind it.
drives() {
    local name size type
    lsblk -dbnpo NAME,SIZE,TYPE 2>/dev/null | while read -r name size type; do
        if [[ $type == disk && -e /sys/block/${name##*/}/device ]]; then
            echo "$name $size"
        fi
    done
}
same "Win32_DiskDrive: sizes" \
    "$(query 'SELECT DeviceID, Size FROM Win32_DiskDrive' |
        jq -r '.[] | "\(.DeviceID) \(.Size)"' | sort)" \
    "$(drives | sort)"

# ---- network
links=$(ip -j link)
same "Win32_NetworkAdapter: every link" \
    "$(query 'SELECT NetConnectionID FROM Win32_NetworkAdapter' | jq -r '.[].NetConnectionID' | sort)" \
    "$(jq -r '.[].ifname' <<<"$links" | sort)"
same "Win32_NetworkAdapterConfiguration: addresses" \
    "$(query 'SELECT IPAddress FROM Win32_NetworkAdapterConfiguration' |
        jq -r '.[].IPAddress // [] | .[]' | sort)" \
    "$(ip -j addr | jq -r '.[].addr_info[]?.local' | sort)"
same "Win32_IP4RouteTable: gateways" \
    "$(query "SELECT NextHop FROM Win32_IP4RouteTable WHERE Destination = '0.0.0.0'" |
        jq -r '.[].NextHop' | sort)" \
    "$(ip -4 -j route show default | jq -r '.[].gateway // "0.0.0.0"' | sort)"

# ---- accounts, software, environment
same "Win32_UserAccount: names of /etc/passwd" \
    "$(query 'SELECT Name FROM Win32_UserAccount' | jq -r '.[].Name' | sort -u)" \
    "$(getent passwd | cut -d: -f1 | sort -u)"
same "Win32_Group: names" \
    "$(query 'SELECT Name FROM Win32_Group' | jq -r '.[].Name' | sort -u)" \
    "$(getent group | cut -d: -f1 | sort -u)"
if command -v dpkg-query >/dev/null; then
    same "Win32_Product: packages and versions" \
        "$(query 'SELECT Name, Version FROM Win32_Product' | jq -r '.[] | "\(.Name) \(.Version)"' | sort -u)" \
        "$(dpkg-query -W -f '${db:Status-Status} ${Package} ${Version}\n' |
            sed -n 's/^installed //p' | sort -u)"
else
    skip "Win32_Product: no dpkg here"
fi
same "Win32_Environment: a variable of this process" \
    "$(LIBWBEM_TEST='a value' query "SELECT * FROM Win32_Environment WHERE Name = 'LIBWBEM_TEST'" |
        jq -r '.[0].VariableValue')" "a value"

# ---- files
printf 12345 >"${TMPDIR:-/tmp}/wbem-test-$$.txt"
json=$(query "SELECT * FROM CIM_DataFile WHERE Name = '${TMPDIR:-/tmp}/wbem-test-$$.txt'")
same "CIM_DataFile: size" "$(field FileSize)" 5
same "CIM_DataFile: extension" "$(field Extension)" txt
rm -f "${TMPDIR:-/tmp}/wbem-test-$$.txt"

# ---- services
if systemctl is-system-running >/dev/null 2>&1 || [[ -S /run/systemd/private ]]; then
    # Loaded units that exist, and files of units that are not loaded.
    same "Win32_Service: names" \
        "$(query 'SELECT Name FROM Win32_Service' | jq -r '.[].Name' | sort -u)" \
        "$({
            systemctl list-units --all --plain --no-legend --type=service |
                awk '$2 != "not-found" { print $1 }'
            systemctl list-unit-files --no-legend --type=service |
                awk '$2 != "alias" && $1 !~ /@\.service$/ { print $1 }'
        } | sed 's/\.service$//' | sort -u)"
else
    skip "Win32_Service: systemd does not run here"
    "$wbem" query 'SELECT Name FROM Win32_Service' >/dev/null 2>&1
    same "Win32_Service: an error without systemd" "$?" 1
    "$wbem" query 'SELECT Name FROM CIM_Service' >/dev/null 2>&1
    same "CIM_Service: no error without systemd" "$?" 0
fi

echo "failures: $failures"
exit $((failures > 0))
