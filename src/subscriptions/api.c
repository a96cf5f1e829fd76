/* What programs call to run permanent subscriptions: wbem.h. */
#include <wbem.h>

#include "com/com.h"
#include "subscriptions/subscriptions.h"

struct wbem_subscriptions {
    struct subscriptions *subscriptions;
    void (*log)(void *closure, int is_problem, const char *line);
    void *closure;
};

static void hand_on(void *closure, enum subscriptions_level level, const char *line)
{
    const struct wbem_subscriptions *w = closure;
    w->log(w->closure, level == SUBSCRIPTIONS_PROBLEM, line);
}

WBEM_EXPORT HRESULT wbem_subscriptions_start(void (*log)(void *closure, int is_problem,
                                                         const char *line),
                                             void *closure, wbem_subscriptions **ret)
{
    struct repository *r;
    if (!ret) {
        return E_POINTER;
    }
    *ret = NULL;
    struct wbem_subscriptions *w = calloc(1, sizeof(*w));
    if (!w) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    w->log = log;
    w->closure = closure;
    const struct subscriptions_options options = {.log = log ? hand_on : NULL, .closure = w};
    HRESULT hr = repository_default(&r);
    if (SUCCEEDED(hr)) {
        hr = subscriptions_start(r, &options, &w->subscriptions);
    }
    if (FAILED(hr)) {
        free(w);
        return hr;
    }
    *ret = w;
    return WBEM_S_NO_ERROR;
}

WBEM_EXPORT void wbem_subscriptions_stop(wbem_subscriptions *s)
{
    if (s) {
        subscriptions_stop(s->subscriptions);
        free(s);
    }
}
