/*
 * The tests' target: see test_target.h.
 */
#include "mof/test_target.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static HRESULT get_class(void *closure, const wchar_t *name_space, const wchar_t *name,
                         IWbemClassObject **ret)
{
    struct test_target *t = closure;
    for (size_t i = t->class_count; i-- > 0;) {
        /* System classes are in every namespace. */
        if (wcscasecmp(t->classes[i].class_name, name) == 0 &&
            (wcsncmp(name, L"__", 2) == 0 ||
             wcscasecmp(t->classes[i].name_space, name_space) == 0)) {
            *ret = t->classes[i].object;
            IWbemClassObject_AddRef(*ret);
            return WBEM_S_NO_ERROR;
        }
    }
    return WBEM_E_NOT_FOUND;
}

static HRESULT put(struct test_object *list, size_t *count, const wchar_t *name_space,
                   IWbemClassObject *object, LONG flags)
{
    VARIANT name;
    VariantInit(&name);
    if (*count == TEST_MAX_OBJECTS) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    HRESULT hr = IWbemClassObject_Get(object, L"__CLASS", 0, &name, NULL, NULL);
    if (FAILED(hr)) {
        return hr;
    }
    list[*count] = (struct test_object){.name_space = wcsdup(name_space),
                                        .class_name = wcsdup(V_BSTR(&name)),
                                        .object = object,
                                        .flags = flags};
    (*count)++;
    IWbemClassObject_AddRef(object);
    (void)VariantClear(&name);
    return WBEM_S_NO_ERROR;
}

static HRESULT put_class(void *closure, const wchar_t *name_space, IWbemClassObject *cls,
                         LONG flags)
{
    struct test_target *t = closure;
    return FAILED(t->refuse) ? t->refuse : put(t->classes, &t->class_count, name_space, cls, flags);
}

static HRESULT put_instance(void *closure, const wchar_t *name_space, IWbemClassObject *instance,
                            LONG flags)
{
    struct test_target *t = closure;
    return FAILED(t->refuse) ? t->refuse
                             : put(t->instances, &t->instance_count, name_space, instance, flags);
}

static void forget(struct test_object *o)
{
    free(o->name_space);
    free(o->class_name);
    IWbemClassObject_Release(o->object);
}

static HRESULT delete_class(void *closure, const wchar_t *name_space, const wchar_t *name)
{
    struct test_target *t = closure;
    for (size_t i = 0; i < t->class_count; i++) {
        if (wcscasecmp(t->classes[i].class_name, name) == 0 &&
            wcscasecmp(t->classes[i].name_space, name_space) == 0) {
            forget(&t->classes[i]);
            t->classes[i] = t->classes[--t->class_count];
            return WBEM_S_NO_ERROR;
        }
    }
    return WBEM_E_NOT_FOUND;
}

struct mof_target test_target_of(struct test_target *t)
{
    return (struct mof_target){.get_class = get_class,
                               .put_class = put_class,
                               .put_instance = put_instance,
                               .delete_class = delete_class,
                               .closure = t};
}

void test_target_done(struct test_target *t)
{
    for (size_t i = 0; i < t->class_count; i++) {
        forget(&t->classes[i]);
    }
    for (size_t i = 0; i < t->instance_count; i++) {
        forget(&t->instances[i]);
    }
    memset(t, 0, sizeof *t);
}

IWbemClassObject *test_target_class(struct test_target *t, const wchar_t *name)
{
    for (size_t i = t->class_count; i-- > 0;) {
        if (wcscasecmp(t->classes[i].class_name, name) == 0) {
            return t->classes[i].object;
        }
    }
    return NULL;
}
