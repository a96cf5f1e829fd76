/* What the files of the repository share. */
#ifndef WBEM_REPOSITORY_REPOSITORY_PRIVATE_H
#define WBEM_REPOSITORY_REPOSITORY_PRIVATE_H

#include <pthread.h>

#include "repository/repository.h"

/* One class and its place in the tree. Entries live as long as their namespace. */
struct class_entry {
    wchar_t *name;
    IWbemClassObject *full;                       /* with amended qualifiers; owned */
    IWbemClassObject *plain;                      /* without; owned; made when first asked for */
    struct class_entry *parent;                   /* upwards; NULL at the top */
    struct class_entry *first_child, *last_child; /* downwards, in order of definition */
    struct class_entry *next_sibling;
    struct class_entry *next_in_bucket;
};

enum {
    CLASS_BUCKETS = 512, /* a namespace holds some hundreds of classes */
};

struct repository_namespace {
    struct repository *repository; /* upwards */
    struct repository_namespace *next;
    wchar_t *name; /* such as root\cimv2, as first given */
    struct decoration *decoration;
    struct class_entry *first_top, *last_top; /* classes without a superclass */
    struct class_entry *buckets[CLASS_BUCKETS];
};

struct repository {
    /* Guards everything below. Held while classes are looked up or put, never while a visitor
     * runs. */
    pthread_rwlock_t lock;
    struct repository_namespace *namespaces; /* in order of creation; never removed */
};

/* Under the write lock. */
HRESULT namespace_add(struct repository *r, const wchar_t *name, struct repository_namespace **ret);
HRESULT namespace_put_class(struct repository_namespace *n, IWbemClassObject *cls);
/* Under either lock. */
struct repository_namespace *namespace_find(struct repository *r, const wchar_t *name);
struct class_entry *namespace_find_class(const struct repository_namespace *n, const wchar_t *name);
void namespace_destroy(struct repository_namespace *n);

/* Names compare without regard to case; in namespace names / is \. */
int namespace_name_compare(const wchar_t *a, const wchar_t *b);
int namespace_name_compare_n(const wchar_t *a, const wchar_t *b, size_t most);

#endif
