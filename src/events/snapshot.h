/*
 * The instances (or classes) of a class at one moment, by path, and how two
 * such moments differ.
 */
#ifndef WBEM_EVENTS_SNAPSHOT_H
#define WBEM_EVENTS_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wbemcli.h>

enum {
    SNAPSHOT_MOST = 1000000 /* objects */
};

struct snapshot_entry {
    BSTR path;
    uint32_t hash;
    IWbemClassObject *object;
};

/* All zero is an empty one. */
struct snapshot {
    struct snapshot_entry *entries; /* in the order in which they came */
    size_t count, capacity;
    uint32_t *index; /* of entries, by hash; 0: free, otherwise 1 + its number */
    size_t index_size;
};

void snapshot_done(struct snapshot *s);
/* Takes the reference, also on failure. `key` names the property that tells one object from
 * another, such as __RELPATH; an object without it, or a second one of the same, is left out.
 * WBEM_E_QUOTA_VIOLATION beyond SNAPSHOT_MOST. */
HRESULT snapshot_add(struct snapshot *s, IWbemClassObject *object, const wchar_t *key);

/* Calls `changed` for what is in one only (before or after is NULL) or differs: first what has
 * gone, then what is new or different in the order of `now`. A failing call ends it. */
HRESULT snapshot_compare(struct snapshot *was, struct snapshot *now,
                         HRESULT (*changed)(void *closure, IWbemClassObject *before,
                                            IWbemClassObject *after),
                         void *closure);

#endif
