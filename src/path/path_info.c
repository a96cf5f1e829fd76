/*
 * What an IWbemPath says of itself: GetInfo's bits and the questions that are
 * answered with TRUE or FALSE.
 */
#include <wchar.h>

#include "path/path_private.h"

static bool is_this_machine(const wchar_t *server)
{
    return server == NULL || wcscmp(server, L".") == 0;
}

/* Each bit as its line in tag_WBEM_PATH_STATUS_FLAG has it. Those that are reserved stay 0, and so
 * does HAS_SUBSCOPES, since WMI has none. */
ULONGLONG path_info(const struct wbem_path *p)
{
    ULONGLONG info = is_this_machine(p->server) ? WBEMPATH_INFO_ANON_LOCAL_MACHINE
                                                : WBEMPATH_INFO_HAS_MACHINE_NAME;
    info |= p->server != NULL ? WBEMPATH_INFO_PATH_HAD_SERVER : 0;
    info |= p->original != NULL ? WBEMPATH_INFO_NATIVE_PATH : 0;
    info |= p->is_parent ? WBEMPATH_INFO_IS_PARENT : 0;
    if (p->class_name != NULL) {
        bool is_instance;
        info |= key_list_info(p->keys, &is_instance);
        info |= is_instance ? WBEMPATH_INFO_IS_INST_REF : WBEMPATH_INFO_IS_CLASS_REF;
        info |= info & WBEMPATH_INFO_CONTAINS_SINGLETON ? WBEMPATH_INFO_IS_SINGLETON : 0;
    } else if (!p->is_parent) {
        info |= WBEMPATH_INFO_SERVER_NAMESPACE_ONLY;
    }
    info |= info & WBEMPATH_INFO_HAS_V2_REF_PATHS ? 0 : WBEMPATH_INFO_V1_COMPLIANT;
    return info;
}

bool path_is_local(const struct wbem_path *p, const wchar_t *machine)
{
    return is_this_machine(p->server) || (machine != NULL && wcscasecmp(p->server, machine) == 0);
}

/* Do the path's namespaces begin with these, and (unless or_child) end with them too? A path that
 * names no namespace is relative to whichever is the current one. */
bool path_is_relative(const struct wbem_path *p, const wchar_t *machine, const wchar_t *name_space,
                      bool or_child)
{
    if (!path_is_local(p, machine)) {
        return false;
    }
    if (p->namespace_count == 0) {
        return true;
    }
    const wchar_t *at = name_space != NULL ? name_space : L"";
    ULONG i = 0;
    for (; *at != L'\0' && i < p->namespace_count; i++) {
        size_t length = wcscspn(at, L"\\/");
        if (wcslen(p->namespaces[i]) != length || wcsncasecmp(p->namespaces[i], at, length) != 0) {
            return false;
        }
        at += length + (at[length] != L'\0' ? 1 : 0);
    }
    return *at == L'\0' && (or_child || i == p->namespace_count);
}
