/*
 * Associations: which classes can associate the source of an ASSOCIATORS OF or
 * REFERENCES OF query with something, and through which of their references.
 */
#ifndef WBEM_SERVICES_ASSOCIATION_H
#define WBEM_SERVICES_ASSOCIATION_H

#include "services/services_private.h"

/* A reference of an association class through which it can lead to the source. */
struct association_role {
    IWbemClassObject *cls;
    struct schema *schema; /* of cls, borrowed */
    uint32_t ordinal;      /* the reference */
    bool same_class;       /* as the role before it */
};

struct association_roles {
    struct association_role *items;
    uint32_t count;
};

/* The roles that the source's class can play, as far as the query asks for them. */
HRESULT association_roles_find(struct repository_namespace *n, const struct wql_query *q,
                               const struct schema *source, class_texts amended,
                               struct association_roles *ret);
void association_roles_done(struct association_roles *r);

/* The class that the reference is declared to lead to, or "" when to any; free() it. */
HRESULT association_target(IWbemClassObject *cls, uint32_t ordinal, wchar_t **ret);
/* Can the reference be an end of the query when the source is at `role`? */
bool association_is_end(const struct wql_query *q, const struct schema *s, uint32_t role,
                        uint32_t ordinal);
/* Has the class or instance a qualifier of this name? True for NULL. */
bool association_has_qualifier(IWbemClassObject *object, const wchar_t *name);

/* Class definitions, each once. */
struct class_set {
    IWbemClassObject **items;
    ULONG count;
};

void class_set_done(struct class_set *s);
/* Adds the class, unless it is there: then WBEM_S_FALSE. WBEM_E_NOT_FOUND: no such class. */
HRESULT class_set_add(struct class_set *s, struct repository_namespace *n, const wchar_t *name,
                      class_texts amended);

/* The answer of a query with SchemaOnly, from the definitions alone. */
HRESULT associated_classes(struct repository_namespace *n, const struct wql_query *q,
                           const struct association_roles *roles, class_texts amended,
                           struct source **ret);

#endif
