/*
 * Namespaces and the classes in them. In memory; filled from the MOF files
 * that come with the library.
 */
#ifndef WBEM_REPOSITORY_REPOSITORY_H
#define WBEM_REPOSITORY_REPOSITORY_H

#include "object/object.h"

struct repository;

/* The process's repository, opened and filled at first use; borrowed, never closed. */
HRESULT repository_default(struct repository **ret);

/* A repository of its own, with the namespaces root and root\cimv2 and the system classes. */
HRESULT repository_create(struct repository **ret);
void repository_destroy(struct repository *r);
/* Compile MOF into it; details of a failure are left as this thread's error object. */
HRESULT repository_load_mof(struct repository *r, const char *file, const char *text, size_t size,
                            const wchar_t *name_space);

struct repository_namespace;

/* WBEM_E_INVALID_NAMESPACE. Names such as root\cimv2, without regard to case, / taken as \. */
HRESULT repository_open(struct repository *r, const wchar_t *name,
                        struct repository_namespace **ret);
const wchar_t *repository_namespace_name(const struct repository_namespace *n);
/* Borrowed. */
struct decoration *repository_namespace_decoration(const struct repository_namespace *n);

/* A class; a new reference to an immutable shared object (clone before changing it).
 * amended: with Description and the other amended qualifiers. WBEM_E_NOT_FOUND. */
HRESULT repository_get_class(struct repository_namespace *n, const wchar_t *name, bool amended,
                             IWbemClassObject **ret);
/* Visit the direct subclasses of `name` (NULL or "": top-level classes) in the order of
 * definition; deep: descendants too, parents before children. A failing visit ends it. */
HRESULT repository_visit_classes(struct repository_namespace *n, const wchar_t *name, bool deep,
                                 bool amended, HRESULT (*visit)(void *closure, IWbemClassObject *c),
                                 void *closure);
/* Direct child namespaces' names. */
HRESULT repository_visit_namespaces(struct repository_namespace *n,
                                    HRESULT (*visit)(void *closure, const wchar_t *name),
                                    void *closure);

#endif
