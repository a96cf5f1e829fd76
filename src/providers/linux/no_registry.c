/*
 * StdRegProv, the class through which WMI gives the Windows registry: it is
 * there, so that programs that ask learn what is the matter.
 */
#include "providers/linux/linux.h"

static HRESULT no_registry(struct provider_call *c)
{
    (void)c;
    return error_raise(WBEM_E_NOT_SUPPORTED, "ExecMethod", "StdRegProv",
                       "this machine runs Linux, which has no registry");
}

static const struct provider_method methods[] = {
    {"CheckAccess", no_registry},
    {"CreateKey", no_registry},
    {"DeleteKey", no_registry},
    {"DeleteValue", no_registry},
    {"EnumKey", no_registry},
    {"EnumValues", no_registry},
    {"GetBinaryValue", no_registry},
    {"GetDWORDValue", no_registry},
    {"GetExpandedStringValue", no_registry},
    {"GetMultiStringValue", no_registry},
    {"GetQWORDValue", no_registry},
    {"GetStringValue", no_registry},
    {"SetBinaryValue", no_registry},
    {"SetDWORDValue", no_registry},
    {"SetExpandedStringValue", no_registry},
    {"SetMultiStringValue", no_registry},
    {"SetQWORDValue", no_registry},
    {"SetStringValue", no_registry},
    {NULL, NULL},
};

static const char *const columns[] = {NULL};

static HRESULT no_instances(const struct provider_request *q, void **ret_cursor)
{
    (void)q, (void)ret_cursor;
    return WBEM_S_FALSE;
}

const struct provider_class linux_std_reg_prov = {
    .name = "StdRegProv",
    .columns = columns,
    .open = no_instances,
    .methods = methods,
};
