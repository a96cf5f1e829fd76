/*
 * What a refresher keeps up to date is in sets, each of one provider: the
 * built-in performance objects (perf_refresh.c), a provider of others behind
 * IWbemHiPerfProvider, or plain queries for everything else. The functions are
 * those of IWbemHiPerfProvider, so that one can stand behind them.
 *
 * A set is used by one thread at a time. No lock is held during these calls.
 */
#ifndef WBEM_PROVIDERS_REFRESH_H
#define WBEM_PROVIDERS_REFRESH_H

#include <wbemcli.h>
#include <wbemprov.h>

struct refresh_set {
    const struct refresh_ops *ops;
};

struct refresh_ops {
    /* The instance that `template` names by its keys, with its values as of now; each refresh gives
     * it new ones. WBEM_E_NOT_FOUND. */
    HRESULT(*add_object)
    (struct refresh_set *s, IWbemClassObject *template, IWbemContext *context,
     IWbemClassObject **ret, LONG *ret_id);
    /* Each refresh makes `to` hold the instances of just that class. */
    HRESULT(*add_enum)
    (struct refresh_set *s, IWbemClassObject *cls, IWbemContext *context, IWbemHiPerfEnum *to,
     LONG *ret_id);
    void (*remove)(struct refresh_set *s, LONG id);
    /* WBEM_S_PARTIAL_RESULTS: some instance is not there now; it keeps its values. */
    HRESULT (*refresh)(struct refresh_set *s, LONG flags);
    void (*destroy)(struct refresh_set *s);
};

struct perf_object;

/* A set for the raw and formatted class of a performance object. */
HRESULT perf_refresh_create(const struct perf_object *object, struct refresh_set **ret);

/* A set over a provider of others; `services` is handed to it. Keeps references to both. `done`
 * (may be NULL) is called once the set has let go of the provider, also when this fails. */
HRESULT hiperf_refresh_create(IWbemHiPerfProvider *provider, IWbemServices *services,
                              void (*done)(void *closure), void *closure, struct refresh_set **ret);

#endif
