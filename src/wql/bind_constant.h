/* Constants of a query as values of a property's type. */
#ifndef WBEM_WQL_BIND_CONSTANT_H
#define WBEM_WQL_BIND_CONSTANT_H

#include "wql/wql_private.h"

/* string, datetime or reference */
bool constant_type_is_text(CIMTYPE type);
/* The text as a value of a text type; *ret_storage is to be freed after the value's last use. */
HRESULT constant_text(const wchar_t *text, CIMTYPE type, struct cim_value *ret,
                      uint8_t **ret_storage);
/* The constant as a value to compare one of `type` with. WBEM_E_INVALID_QUERY when it can't be
 * one; then *ret_expected says what would. */
HRESULT constant_bind(const struct operand *o, CIMTYPE type, struct cim_value *ret,
                      uint8_t **ret_storage, const char **ret_expected);

#endif
