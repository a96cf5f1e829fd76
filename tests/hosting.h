/* What the tests of providers share: a namespace of its own, classes and registrations in it. */
#ifndef WBEM_TESTS_HOSTING_H
#define WBEM_TESTS_HOSTING_H

#include <stdbool.h>

#include "local.h"

#define TEST_CLSID L"{6F0C6A10-1F0B-4F6E-9D53-2A8F106E5501}"

/* A repository and a provider folder in a temporary folder; `module` is the shared object of
 * TEST_CLSID. Before anything of the library is used. */
void hosting_prepare(const char *module);
void hosting_prepare_for(const char *module, const wchar_t *clsid);
void hosting_cleanup(void);
/* The temporary folder. */
const char *hosting_folder(void);
/* The host of providers is `program` from now on; NULL: that of the environment again. The
 * environment itself is left alone: the library reads it on threads of its own. */
void hosting_host(const char *program);
/* Tells the test provider how its Initialize shall go: a word of its, or NULL: well. */
void hosting_initialize(const char *how);

/* A namespace below root\cimv2 of that name, made if it isn't there. */
IWbemServices *hosting_namespace(const wchar_t *name);
/* A class with a key string Id, a sint32 N, a string Text and a method Add, whose instances
 * `provider` has. */
void hosting_class(IWbemServices *s, const wchar_t *name, const wchar_t *superclass,
                   const wchar_t *provider);

struct hosting_registration {
    const wchar_t *name, *clsid, *model;
    const wchar_t *operation_timeout; /* may be NULL, as the next */
    const wchar_t *unload_timeout;
    bool get, put, del, enumerate, query, methods;
};
void hosting_register(IWbemServices *s, const struct hosting_registration *r);

/* Puts of values into instances. */
void hosting_put_text(IWbemClassObject *object, const wchar_t *name, const wchar_t *value);
void hosting_put_long(IWbemClassObject *object, const wchar_t *name, LONG value);
IWbemClassObject *hosting_spawn(IWbemServices *s, const wchar_t *class_name);
HRESULT hosting_get(IWbemServices *s, const wchar_t *path, IWbemClassObject **ret);

/* Runs a query to its end. *ret_count: objects that came. */
HRESULT hosting_count(IWbemServices *s, const wchar_t *query, unsigned *ret_count);
/* Was the provider asked this? Read from its class Test_Asked. */
bool hosting_asked(IWbemServices *s, const wchar_t *what);
LONG hosting_told(IWbemServices *s, const wchar_t *what);

#endif
