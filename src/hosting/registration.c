/*
 * Registrations: the instance of __Win32Provider that bears a provider's name,
 * and the __ProviderRegistration instances that refer to it and say what it
 * can do (WmiSdk "Registering a Provider" and the pages of these classes).
 * What was read is kept until anything is committed to the repository, by
 * whatever process, so that a registration counts at once.
 */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "hosting/hosting_private.h"
#include "providers/live_provider.h"

static HRESULT (*services_for)(struct repository_namespace *n, IWbemServices **ret);

void hosting_use_services(HRESULT (*create)(struct repository_namespace *n, IWbemServices **ret))
{
    services_for = create;
}

HRESULT hosting_services(struct repository_namespace *n, IWbemServices **ret)
{
    return services_for ? services_for(n, ret) : WBEM_E_INITIALIZATION_FAILURE;
}

struct registration *registration_ref(struct registration *r)
{
    (void)com_ref_inc(&r->refs);
    return r;
}

void registration_unref(struct registration *r)
{
    if (r && com_ref_dec(&r->refs) == 0) {
        com_release(r->object);
        free(r->name);
        free(r);
    }
}

static void cleanup_registration(struct registration **r)
{
    registration_unref(*r);
}

/* ---- what a class says ------------------------------------------------------------ */

HRESULT hosting_class_provider(IWbemClassObject *cls, bool dynamic, wchar_t **ret)
{
    CLEANUP(com_cleanup_release) IWbemQualifierSet *set = NULL;
    HRESULT hr = IWbemClassObject_GetQualifierSet(cls, &set);
    if (FAILED(hr)) {
        return hr;
    }
    if (dynamic && !qualifier_set_is_true(set, L"dynamic")) {
        return WBEM_S_FALSE;
    }
    CLEANUP(com_cleanup_variant) VARIANT v = {0};
    hr = IWbemQualifierSet_Get(set, L"provider", 0, &v, NULL);
    if (hr == WBEM_E_NOT_FOUND ||
        (SUCCEEDED(hr) && (V_VT(&v) != VT_BSTR || !V_BSTR(&v) || !*V_BSTR(&v)))) {
        return WBEM_S_FALSE;
    }
    if (FAILED(hr)) {
        return hr;
    }
    *ret = com_wide_copy(V_BSTR(&v));
    return *ret ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
}

/* ---- values of the instances ---------------------------------------------------------- */

/* The property's text, or NULL; free() it. */
static HRESULT get_text(IWbemClassObject *object, const wchar_t *name, wchar_t **ret)
{
    CLEANUP(com_cleanup_variant) VARIANT v = {0};
    *ret = NULL;
    HRESULT hr = IWbemClassObject_Get(object, name, 0, &v, NULL, NULL);
    if (FAILED(hr)) {
        return hr == WBEM_E_NOT_FOUND ? WBEM_S_NO_ERROR : hr;
    }
    if (V_VT(&v) == VT_BSTR) {
        *ret = com_wide_copy(V_BSTR(&v));
        return *ret ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
    }
    return WBEM_S_NO_ERROR;
}

static bool get_bool(IWbemClassObject *object, const wchar_t *name, bool otherwise)
{
    CLEANUP(com_cleanup_variant) VARIANT v = {0};
    HRESULT hr = IWbemClassObject_Get(object, name, 0, &v, NULL, NULL);
    return SUCCEEDED(hr) && V_VT(&v) == VT_BOOL ? V_BOOL(&v) != VARIANT_FALSE : otherwise;
}

/* InteractionType 0, or nothing said. */
static bool is_pull(IWbemClassObject *object)
{
    CLEANUP(com_cleanup_variant) VARIANT v = {0};
    HRESULT hr = IWbemClassObject_Get(object, L"InteractionType", 0, &v, NULL, NULL);
    return FAILED(hr) || V_VT(&v) != VT_I4 || V_I4(&v) == 0;
}

/* An interval in milliseconds; 0 when there is none. */
static LONG get_interval(IWbemClassObject *object, const wchar_t *name)
{
    CLEANUP(com_cleanup_free) wchar_t *text = NULL;
    if (FAILED(get_text(object, name, &text)) || !text || wcslen(text) != 25) {
        return 0;
    }
    uint8_t narrow[25];
    for (size_t i = 0; i < sizeof narrow; i++) {
        narrow[i] = (uint8_t)text[i];
    }
    const struct cim_string s = {.bytes = narrow, .length = sizeof narrow};
    struct cim_datetime d;
    if (FAILED(cim_datetime_parse(&s, false, &d)) || !d.interval || d.microseconds <= 0) {
        return 0;
    }
    int64_t ms = (d.microseconds + 999) / 1000;
    return ms < INT32_MAX ? (LONG)ms : INT32_MAX;
}

static bool has_text(IWbemClassObject *object, const wchar_t *name, const wchar_t *wanted)
{
    CLEANUP(com_cleanup_variant) VARIANT v = {0};
    if (FAILED(IWbemClassObject_Get(object, name, 0, &v, NULL, NULL)) ||
        V_VT(&v) != (VT_ARRAY | VT_BSTR)) {
        return false;
    }
    LONG last = -1;
    (void)SafeArrayGetUBound(V_ARRAY(&v), 1, &last);
    for (LONG i = 0; i <= last; i++) {
        CLEANUP(com_cleanup_bstr) BSTR s = NULL;
        if (SUCCEEDED(SafeArrayGetElement(V_ARRAY(&v), &i, &s)) && s &&
            wcscasecmp(s, wanted) == 0) {
            return true;
        }
    }
    return false;
}

/* HostingModel, WmiSdk "Provider Hosting and Security". Which account the process would have had
 * is of no consequence here: it runs as the user whose program asks. A group, behind a colon, is
 * taken and not used: each provider has its own process. */
HRESULT registration_model(const wchar_t *text, enum hosting_model *ret)
{
    static const struct {
        const wchar_t *name;
        enum hosting_model model;
    } models[] = {
        {L"WmiCore", HOSTING_IN_PROCESS},
        {L"WmiCoreOrSelfHost", HOSTING_IN_PROCESS},
        {L"SelfHost", HOSTING_OWN_PROCESS},
        {L"LocalServiceHost", HOSTING_OWN_PROCESS},
        {L"LocalSystemHost", HOSTING_OWN_PROCESS},
        {L"LocalSystemHostOrSelfHost", HOSTING_OWN_PROCESS},
        {L"NetworkServiceHost", HOSTING_OWN_PROCESS},
        {L"NetworkServiceHostOrSelfHost", HOSTING_OWN_PROCESS},
        {L"Decoupled", HOSTING_DECOUPLED},
    };
    *ret = HOSTING_OWN_PROCESS;
    if (!text || !*text) {
        return WBEM_S_NO_ERROR;
    }
    size_t length = wcscspn(text, L":");
    for (size_t i = 0; i < ARRAYSIZE(models); i++) {
        if (wcslen(models[i].name) == length && wcsncasecmp(models[i].name, text, length) == 0) {
            *ret = models[i].model;
            return WBEM_S_NO_ERROR;
        }
    }
    return WBEM_E_INVALID_PROVIDER_REGISTRATION;
}

/* ---- reading them ------------------------------------------------------------------------- */

static HRESULT raise(HRESULT hr, const char *operation, const wchar_t *name, const char *what)
{
    CLEANUP(com_cleanup_free) char *text = com_utf8_from_wide(name);
    return error_raise(hr, operation, text, "provider %s: %s", text ? text : "?", what);
}

/* From the __Win32Provider instance. */
static HRESULT read_provider(struct registration *r, const char *operation)
{
    CLEANUP(com_cleanup_free) wchar_t *clsid = NULL;
    CLEANUP(com_cleanup_free) wchar_t *model = NULL;
    HRESULT hr = get_text(r->object, L"CLSID", &clsid);
    if (SUCCEEDED(hr)) {
        hr = get_text(r->object, L"HostingModel", &model);
    }
    if (FAILED(hr)) {
        return hr;
    }
    if (!get_bool(r->object, L"Enabled", true)) {
        return raise(WBEM_E_PROVIDER_DISABLED, operation, r->name, "it is registered as disabled");
    }
    hr = registration_model(model, &r->model);
    if (FAILED(hr)) {
        return raise(hr, operation, r->name, "its HostingModel is not one that there is");
    }
    r->has_clsid = clsid && SUCCEEDED(CLSIDFromString(clsid, &r->clsid));
    if (!r->has_clsid && r->model != HOSTING_DECOUPLED) {
        return raise(WBEM_E_INVALID_PROVIDER_REGISTRATION, operation, r->name,
                     "its registration gives no valid CLSID");
    }
    r->per_user = get_bool(r->object, L"PerUserInitialization", false);
    r->per_locale = get_bool(r->object, L"PerLocaleInitialization", false);
    r->initialize_timeout = get_interval(r->object, L"InitializationTimeoutInterval");
    r->operation_timeout = get_interval(r->object, L"OperationTimeoutInterval");
    r->unload_timeout = get_interval(r->object, L"UnloadTimeout");
    return WBEM_S_NO_ERROR;
}

/* Does this reference, a path, lead to the provider of that name? */
static bool refers_to(const wchar_t *reference, const wchar_t *name)
{
    struct object_path *p = NULL;
    if (!reference || FAILED(object_path_parse(reference, &p, NULL))) {
        return false;
    }
    bool result = p->key_count == 1 && wcscasecmp(p->keys[0].text, name) == 0;
    object_path_destroy(p);
    return result;
}

HRESULT registration_provider_name(IWbemClassObject *object, wchar_t **ret)
{
    CLEANUP(com_cleanup_free) wchar_t *reference = NULL;
    struct object_path *p = NULL;
    *ret = NULL;
    HRESULT hr = get_text(object, L"provider", &reference);
    if (FAILED(hr) || !reference || FAILED(object_path_parse(reference, &p, NULL))) {
        return hr;
    }
    if (p->key_count == 1) {
        *ret = com_wide_copy(p->keys[0].text);
        hr = *ret ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
    }
    object_path_destroy(p);
    return hr;
}

/* From one instance of a class derived from __ProviderRegistration. */
static unsigned read_abilities(IWbemClassObject *object)
{
    static const struct {
        const wchar_t *class_name;
        unsigned kind;
    } kinds[] = {
        {L"__InstanceProviderRegistration", PROVIDER_INSTANCES},
        {L"__MethodProviderRegistration", PROVIDER_METHODS},
        {L"__ClassProviderRegistration", PROVIDER_CLASSES},
        {L"__EventProviderRegistration", PROVIDER_EVENTS},
        {L"__EventConsumerProviderRegistration", PROVIDER_CONSUMERS},
        {L"__PropertyProviderRegistration", PROVIDER_PROPERTIES},
    };
    struct schema *s;
    unsigned can = 0;
    if (FAILED(schema_of(object, &s))) {
        return 0;
    }
    for (size_t i = 0; i < ARRAYSIZE(kinds); i++) {
        can |= schema_is_a(s, kinds[i].class_name) ? kinds[i].kind : 0;
    }
    if (can & (PROVIDER_INSTANCES | PROVIDER_PROPERTIES)) {
        can |= get_bool(object, L"SupportsGet", false) ? PROVIDER_GET : 0;
        can |= get_bool(object, L"SupportsPut", false) ? PROVIDER_PUT : 0;
        can |= get_bool(object, L"SupportsDelete", false) ? PROVIDER_DELETE : 0;
        can |= get_bool(object, L"SupportsEnumeration", false) ? PROVIDER_ENUMERATE : 0;
        can |= has_text(object, L"QuerySupportLevels", L"WQL:UnarySelect") ? PROVIDER_QUERY : 0;
    }
    /* A push provider's classes are in the repository (WmiSdk "Determining Push or Pull Status").
     */
    if ((can & PROVIDER_CLASSES) && is_pull(object)) {
        can |= get_bool(object, L"SupportsGet", false) ? PROVIDER_CLASS_GET : 0;
        can |= get_bool(object, L"SupportsEnumeration", false) ? PROVIDER_CLASS_ENUMERATE : 0;
    }
    return can;
}

HRESULT registration_visit(struct repository_namespace *n, const wchar_t *class_name,
                           HRESULT (*visit)(void *closure, IWbemClassObject *object), void *closure)
{
    CLEANUP(com_cleanup_release) IWbemServices *services = NULL;
    CLEANUP(com_cleanup_release) IEnumWbemClassObject *e = NULL;
    CLEANUP(com_cleanup_bstr) BSTR name = SysAllocString(class_name);
    HRESULT hr = name ? hosting_services(n, &services) : WBEM_E_OUT_OF_MEMORY;
    if (SUCCEEDED(hr)) {
        hr = IWbemServices_CreateInstanceEnum(
            services, name, WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY, NULL, &e);
    }
    if (FAILED(hr)) {
        return hr;
    }
    for (;;) {
        CLEANUP(com_cleanup_release) IWbemClassObject *object = NULL;
        ULONG got = 0;
        hr = IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &object, &got);
        if (FAILED(hr) || got == 0) {
            return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
        }
        hr = visit(closure, object);
        if (FAILED(hr)) {
            return hr;
        }
    }
}

static HRESULT visit_ability(void *closure, IWbemClassObject *object)
{
    struct registration *r = closure;
    CLEANUP(com_cleanup_free) wchar_t *reference = NULL;
    HRESULT hr = get_text(object, L"provider", &reference);
    if (SUCCEEDED(hr) && refers_to(reference, r->name)) {
        r->can |= read_abilities(object);
    }
    return hr;
}

static HRESULT visit_provider(void *closure, IWbemClassObject *object)
{
    struct registration *r = closure;
    CLEANUP(com_cleanup_free) wchar_t *name = NULL;
    HRESULT hr = get_text(object, L"Name", &name);
    if (SUCCEEDED(hr) && name && wcscasecmp(name, r->name) == 0 && !r->object) {
        IWbemClassObject_AddRef(object);
        r->object = object;
    }
    return hr;
}

/* ---- what is kept of them --------------------------------------------------------------------
 */

enum {
    KEPT_MAX = 16
};

static struct {
    pthread_mutex_t lock;
    struct {
        struct repository_moment at;
        struct repository_namespace *name_space;
        struct registration *registration; /* a reference; NULL: nothing */
    } entries[KEPT_MAX];                   /* under lock, as the next */
    unsigned next;                         /* to be replaced */
} kept = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* A new reference, or NULL. */
static struct registration *kept_find(const struct repository_moment *at,
                                      struct repository_namespace *n, const wchar_t *name)
{
    struct registration *found = NULL;
    pthread_mutex_lock(&kept.lock);
    for (size_t i = 0; i < KEPT_MAX && !found; i++) {
        struct registration *r = kept.entries[i].registration;
        if (r && kept.entries[i].name_space == n &&
            kept.entries[i].at.repository == at->repository &&
            kept.entries[i].at.transaction == at->transaction && wcscasecmp(r->name, name) == 0) {
            found = registration_ref(r);
        }
    }
    pthread_mutex_unlock(&kept.lock);
    return found;
}

static void kept_put(const struct repository_moment *at, struct repository_namespace *n,
                     struct registration *r)
{
    pthread_mutex_lock(&kept.lock);
    unsigned i = kept.next;
    kept.next = (kept.next + 1) % KEPT_MAX;
    struct registration *old = kept.entries[i].registration;
    kept.entries[i].at = *at;
    kept.entries[i].name_space = n;
    kept.entries[i].registration = registration_ref(r);
    pthread_mutex_unlock(&kept.lock);
    registration_unref(old);
}

static HRESULT read_all(struct repository_namespace *n, const wchar_t *name, const char *operation,
                        struct registration **ret)
{
    CLEANUP(cleanup_registration) struct registration *r = calloc(1, sizeof *r);
    if (!r) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    com_ref_init(&r->refs);
    r->name = com_wide_copy(name);
    if (!r->name) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    HRESULT hr = registration_visit(n, L"__Win32Provider", visit_provider, r);
    if (FAILED(hr)) {
        return hr;
    }
    if (!r->object) {
        return raise(WBEM_E_PROVIDER_NOT_FOUND, operation, name,
                     "no instance of __Win32Provider in this namespace has this name");
    }
    hr = read_provider(r, operation);
    if (SUCCEEDED(hr)) {
        hr = registration_visit(n, L"__ProviderRegistration", visit_ability, r);
    }
    if (FAILED(hr)) {
        return hr;
    }
    *ret = TAKE(r);
    return WBEM_S_NO_ERROR;
}

HRESULT registration_find(struct repository_namespace *n, const wchar_t *name,
                          const char *operation, struct registration **ret)
{
    struct repository_moment at = repository_now(repository_of(n));
    struct repository_snapshot *before;
    *ret = kept_find(&at, n, name);
    if (*ret) {
        return WBEM_S_NO_ERROR;
    }
    /* Whatever is read below is of this moment or later, in which case nobody asks for it again. */
    HRESULT hr = repository_snapshot_take(repository_of(n), &before);
    if (FAILED(hr)) {
        return hr;
    }
    at = repository_moment_of(before);
    repository_snapshot_unref(before);
    hr = read_all(n, name, operation, ret);
    if (SUCCEEDED(hr)) {
        kept_put(&at, n, *ret);
    }
    return hr;
}

bool registration_is_own(const struct registration *r)
{
    return r->has_clsid && IsEqualCLSID(&r->clsid, &CLSID_live_provider);
}
