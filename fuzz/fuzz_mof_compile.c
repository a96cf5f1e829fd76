/*
 * MOF to objects and back: a class or instance that was accepted prints as
 * text that compiles to an equal one.
 */
#include "fuzz.h"

#include "com/com.h"
#include "mof/mof.h"

#include <string.h>
#include <strings.h>
#include <wchar.h>

#define MAX_OBJECTS 64

struct kept {
    IWbemClassObject *classes[MAX_OBJECTS], *instances[MAX_OBJECTS];
    size_t class_count, instance_count;
};

static bool is_named(IWbemClassObject *cls, const wchar_t *name)
{
    VARIANT value;
    VariantInit(&value);
    bool same = SUCCEEDED(IWbemClassObject_Get(cls, L"__CLASS", 0, &value, NULL, NULL)) &&
                V_VT(&value) == VT_BSTR && wcscasecmp(V_BSTR(&value), name) == 0;
    (void)VariantClear(&value);
    return same;
}

static HRESULT get_class(void *closure, const wchar_t *name_space, const wchar_t *name,
                         IWbemClassObject **ret)
{
    struct kept *k = closure;
    for (size_t i = 0; i < k->class_count; i++) {
        if (is_named(k->classes[i], name)) {
            *ret = k->classes[i];
            com_addref(*ret);
            return WBEM_S_NO_ERROR;
        }
    }
    return WBEM_E_NOT_FOUND;
}

static HRESULT keep(IWbemClassObject **list, size_t *count, IWbemClassObject *object)
{
    if (*count == MAX_OBJECTS) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    com_addref(object);
    list[(*count)++] = object;
    return WBEM_S_NO_ERROR;
}

static HRESULT put_class(void *closure, const wchar_t *name_space, IWbemClassObject *cls,
                         LONG flags)
{
    struct kept *k = closure;
    return keep(k->classes, &k->class_count, cls);
}

static HRESULT put_instance(void *closure, const wchar_t *name_space, IWbemClassObject *instance,
                            LONG flags)
{
    struct kept *k = closure;
    return keep(k->instances, &k->instance_count, instance);
}

static void release(struct kept *k)
{
    for (size_t i = 0; i < k->class_count; i++) {
        com_release(k->classes[i]);
    }
    for (size_t i = 0; i < k->instance_count; i++) {
        com_release(k->instances[i]);
    }
}

/* Compiles what the object prints as, with the classes that were known to it, and compares. */
static void check_round_trip(struct kept *known, IWbemClassObject *object, bool is_class)
{
    struct kept again = {.class_count = known->class_count};
    memcpy(again.classes, known->classes, sizeof again.classes);
    const struct mof_target target = {.get_class = get_class,
                                      .put_class = put_class,
                                      .put_instance = put_instance,
                                      .closure = &again};
    BSTR text = NULL;
    FUZZ_ASSERT(SUCCEEDED(object_text(object, 0, &text)));
    char *utf8 = com_utf8_from_wide_n(text, SysStringLen(text));
    FUZZ_ASSERT(utf8 != NULL);

    struct mof_error e;
    if (again.class_count < MAX_OBJECTS) {
        if (FAILED(mof_compile("printed", utf8, strlen(utf8), L"root", &target, &e))) {
            (void)fprintf(stderr, "%s\n%u:%u: %s\n", utf8, (unsigned)e.line, (unsigned)e.column,
                          e.message);
            abort();
        }
        IWbemClassObject *made =
            is_class ? again.classes[again.class_count - 1] : again.instances[0];
        if (IWbemClassObject_CompareTo(object, 0, made) != WBEM_S_SAME) {
            (void)fprintf(stderr, "not equal after compiling\n%s\n", utf8);
            abort();
        }
        com_release(made);
    }
    free(utf8);
    SysFreeString(text);
}

/* Not here: a directive could name any file. */
static bool has_include(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i + 7 <= size; i++) {
        if (strncasecmp((const char *)data + i, "include", 7) == 0) {
            return true;
        }
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct kept known = {0};
    struct mof_error e = {0};
    const struct mof_target target = {.get_class = get_class,
                                      .put_class = put_class,
                                      .put_instance = put_instance,
                                      .closure = &known};
    if (has_include(data, size)) {
        return 0;
    }
    HRESULT hr = mof_compile("fuzz", (const char *)data, size, L"root", &target, &e);
    FUZZ_ASSERT(SUCCEEDED(hr) || (e.status == hr && e.line >= 1 && e.message[0] != '\0'));

    size_t classes = known.class_count;
    for (size_t i = 0; i < classes; i++) {
        check_round_trip(&known, known.classes[i], true);
    }
    for (size_t i = 0; i < known.instance_count; i++) {
        check_round_trip(&known, known.instances[i], false);
    }
    release(&known);
    return 0;
}
