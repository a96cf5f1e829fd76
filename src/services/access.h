/*
 * Access to namespaces: their effective security descriptors, and the check
 * that every entry makes ([WmiSdk] "Access to WMI Namespaces").
 */
#ifndef WBEM_SERVICES_ACCESS_H
#define WBEM_SERVICES_ACCESS_H

#include "repository/repository.h"
#include "security/security.h"

/* What holds for the namespace: its own entries and those it inherits; without any above it, what a
 * repository begins with. descriptor_done() it. */
HRESULT access_descriptor(struct repository_namespace *n, struct descriptor *ret);
/* Gives the namespace a descriptor. Entries marked as inherited are left out, since they follow
 * from the namespaces above. */
HRESULT access_set_descriptor(struct repository_namespace *n, const struct descriptor *d);

/* The caller's rights to the namespace. To be asked in the thread of the call. */
HRESULT access_rights(struct repository_namespace *n, uint32_t *ret);
/* WBEM_E_ACCESS_DENIED with the reason, unless the caller has them all. */
HRESULT access_require(struct repository_namespace *n, uint32_t rights, const char *operation);
/* To connect: WBEM_ENABLE, and for remote callers WBEM_REMOTE_ACCESS. */
HRESULT access_connect(struct repository_namespace *n, const char *operation);
/* For what is then done with this process's rights, not the caller's: methods that change the
 * machine, what tells this process to load providers and run consumers. Clients of other machines
 * have to be administrators or this process's user; WBEM_E_ACCESS_DENIED says what they wanted. */
HRESULT access_act(const char *operation, const char *what);
/* The refusal itself, for who asked for the rights earlier. */
HRESULT access_refuse(struct repository_namespace *n, uint32_t rights, const char *operation);

/* The class __SystemSecurity, by which descriptors are read and set. */
struct provider_class;
extern const struct provider_class system_security_class;

/* system_security_object.c: __SecurityDescriptor from a descriptor and back. */
HRESULT descriptor_to_object(struct repository_namespace *n, const struct descriptor *d,
                             IWbemClassObject **ret);
HRESULT descriptor_from_object(IWbemClassObject *object, struct descriptor *ret);

#endif
