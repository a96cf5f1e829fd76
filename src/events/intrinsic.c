/* The events of instances, classes and namespaces that come, go and change. */
#include <wchar.h>

#include "events/poller.h"

const struct intrinsic_names intrinsic_families[] = {
    [OF_INSTANCES] = {L"__InstanceOperationEvent", L"__InstanceCreationEvent",
                      L"__InstanceDeletionEvent", L"__InstanceModificationEvent", L"TargetInstance",
                      L"PreviousInstance"},
    [OF_CLASSES] = {L"__ClassOperationEvent", L"__ClassCreationEvent", L"__ClassDeletionEvent",
                    L"__ClassModificationEvent", L"TargetClass", L"PreviousClass"},
    [OF_NAMESPACES] = {L"__NamespaceOperationEvent", L"__NamespaceCreationEvent",
                       L"__NamespaceDeletionEvent", L"__NamespaceModificationEvent",
                       L"TargetNamespace", L"PreviousNamespace"},
};

const wchar_t *intrinsic_class(enum intrinsic_family family, const IWbemClassObject *before,
                               const IWbemClassObject *after)
{
    const struct intrinsic_names *n = &intrinsic_families[family];
    return !before ? n->creation : !after ? n->deletion : n->modification;
}

bool intrinsic_covers(const wchar_t *wanted, enum intrinsic_family family, const wchar_t *event)
{
    return wcscasecmp(wanted, event) == 0 ||
           wcscasecmp(wanted, intrinsic_families[family].operation) == 0 ||
           wcscasecmp(wanted, L"__Event") == 0 || wcscasecmp(wanted, L"__IndicationRelated") == 0;
}

HRESULT intrinsic_event(struct repository_namespace *n, enum intrinsic_family family,
                        IWbemClassObject *before, IWbemClassObject *after, IWbemClassObject **ret)
{
    const struct intrinsic_names *names = &intrinsic_families[family];
    struct row *r = NULL;
    HRESULT hr = event_row(n, intrinsic_class(family, before, after), &r);
    if (SUCCEEDED(hr)) {
        hr = event_set_object(r, names->target, after ? after : before);
    }
    if (SUCCEEDED(hr) && before && after) {
        hr = event_set_object(r, names->previous, before);
    }
    if (SUCCEEDED(hr)) {
        hr = event_encode(r, n, ret);
    }
    row_destroy(r);
    return hr;
}
