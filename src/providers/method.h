/*
 * What a method of a built-in class gets: its parameters and its object, read
 * by name, and a row for what it answers.
 */
#ifndef WBEM_PROVIDERS_METHOD_H
#define WBEM_PROVIDERS_METHOD_H

#include "object/object.h"

struct repository_namespace;

/* One call. The parameters have been checked against the method's signature: each that is there is
 * of its declared type. All of it is borrowed for the call. */
struct provider_call {
    IWbemClassObject *in;       /* an instance of the in-signature; NULL: the method takes none */
    IWbemClassObject *instance; /* the object whose method it is; NULL for a static one */
    IWbemContext *context;      /* the caller's; may be NULL */
    struct repository_namespace *name_space; /* that it is called in */
    uint32_t rights; /* the caller's to that namespace: WBEM_ENABLE and so on */
    struct row *out; /* method_set_…(); NULL: the method answers nothing */
    HRESULT failure; /* the first that a setter met */
};

struct provider_method {
    const char *name;
    /* What the method itself tells, good or bad, is its ReturnValue (method_return()); a failure
     * here is the call's, for what the signature can't say, and leaves an error object. */
    HRESULT (*run)(struct provider_call *c);
};

/* ---- reading parameters, and properties of the instance or of an embedded object -------------
 * False or NULL: null, not there, or not to be had as that type. `from` may be NULL. */

bool method_get_uint(IWbemClassObject *from, const wchar_t *name, uint64_t *ret);
bool method_get_sint(IWbemClassObject *from, const wchar_t *name, int64_t *ret);
bool method_get_bool(IWbemClassObject *from, const wchar_t *name, bool *ret);
/* UTF-8 for free(). */
char *method_get_string(IWbemClassObject *from, const wchar_t *name);
/* WBEM_S_FALSE: null. A list that ends with NULL, for method_strings_free(). */
HRESULT method_get_strings(IWbemClassObject *from, const wchar_t *name, char ***ret);
void method_strings_free(char **list);
/* WBEM_S_FALSE: null. A new reference. */
HRESULT method_get_object(IWbemClassObject *from, const wchar_t *name, IWbemClassObject **ret);

/* ---- answering: out-parameters are null until they are set --------------------------------- */

void method_set_uint(struct provider_call *c, const wchar_t *name, uint64_t v);
void method_set_sint(struct provider_call *c, const wchar_t *name, int64_t v);
void method_set_bool(struct provider_call *c, const wchar_t *name, bool v);
void method_set_string(struct provider_call *c, const wchar_t *name, const char *utf8);
/* Sets ReturnValue; gives WBEM_S_NO_ERROR, so that a method may end with it. */
HRESULT method_return(struct provider_call *c, uint32_t code);

/* ---- for the services ------------------------------------------------------------------------ */

struct provider_class;

/* The provider's own implementation of that name, without regard to case; NULL: it has none. */
const struct provider_method *provider_find_method(const struct provider_class *p,
                                                   const wchar_t *name);

/* Runs it. `out_class` is the out-signature (NULL: there is none, *ret_out stays NULL). */
HRESULT provider_run_method(const struct provider_method *m, struct provider_call *c,
                            IWbemClassObject *out_class, struct decoration *where,
                            IWbemClassObject **ret_out);

#endif
