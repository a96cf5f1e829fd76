# The library exports the COM entry points, the identifiers, and wbem_*: nothing else.
# usage: test_exports.sh LIBRARY LIST
set -eu
# AddressSanitizer adds a symbol of its own to every exported variable: not the library's.
nm -D --defined-only "$1" | awk '{ print $3 }' | sed 's/@.*//' | grep -v '^__odr_asan\.' |
    grep -vE '^(wbem_[a-z0-9_]+|(CLSID|IID|LIBID|CATID)_[A-Za-z0-9_]+|GUID_NULL)$' |
    LC_ALL=C sort >"${TMPDIR:-/tmp}/exports.$$" || true
if diff "$2" "${TMPDIR:-/tmp}/exports.$$"; then
    rm -f "${TMPDIR:-/tmp}/exports.$$"
else
    echo "'<' is missing from the library, '>' should not be exported (or belongs on the list)"
    rm -f "${TMPDIR:-/tmp}/exports.$$"
    exit 1
fi
