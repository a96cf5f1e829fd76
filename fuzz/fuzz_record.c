/*
 * What a repository's pages hold, when it is not what was written there: any
 * bytes as the record of an instance or of a class, then every way of reading
 * them; the first octet says which, in capitals with the check of the whole.
 * Refused with a reason, or objects that can be read; a repository that
 * can still be written.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "com/com.h"
#include "repository/repository_private.h"
#include "services/services.h"

static const char mof[] =
    "class T { [key] string Id; [indexed] uint32 N; string Text; uint8 Bytes[]; string Texts[];"
    " datetime When; boolean Yes; real64 Real; object Inside; sint64 Big = -1; };\n"
    "instance of T { Id = \"a\"; N = 1; Text = \"text\"; Texts = {\"x\", \"y\"}; };\n";

static struct repository *repository;
static struct repository_namespace *cimv2;
static IWbemServices *services;
static struct key record_key, class_record_key;
static uint8_t *class_bytes; /* the class's record as it should be */
static size_t class_size;
static uint32_t class_id;

static void set_up(void)
{
    struct class_record record;
    struct object_path *path;
    struct repository_snapshot *at = NULL;
    struct key canonical;
    IWbemClassObject *cls;
    struct schema *s;
    uint32_t id;
    MDB_val v;
    FUZZ_ASSERT(SUCCEEDED(repository_create(NULL, &repository)));
    FUZZ_ASSERT(SUCCEEDED(repository_open(repository, L"root\\cimv2", &cimv2)));
    FUZZ_ASSERT(
        SUCCEEDED(repository_load_mof(repository, "fuzz.mof", mof, strlen(mof), L"root\\cimv2")));
    FUZZ_ASSERT(SUCCEEDED(services_create(cimv2, NULL, &services)));
    FUZZ_ASSERT(SUCCEEDED(repository_get_class(cimv2, L"T", true, &cls)));
    FUZZ_ASSERT(SUCCEEDED(schema_of(cls, &s)));
    FUZZ_ASSERT(SUCCEEDED(object_path_parse(L"T=\"a\"", &path, NULL)));
    FUZZ_ASSERT(SUCCEEDED(key_of_path(&canonical, s, path)));
    FUZZ_ASSERT(SUCCEEDED(repository_snapshot_take(repository, &at)));
    FUZZ_ASSERT(SUCCEEDED(namespace_id(repository, at->txn, L"root\\cimv2", &id)));
    class_key(&class_record_key, id, L"T");
    FUZZ_ASSERT(SUCCEEDED(class_record_get(repository, at->txn, id, L"T", &record)));
    class_id = record.id;
    instance_key(&record_key, class_id, &canonical);
    FUZZ_ASSERT(
        SUCCEEDED(store_get(repository, at->txn, repository->classes, &class_record_key, &v)));
    class_size = v.mv_size;
    class_bytes = malloc(class_size);
    memcpy(class_bytes, v.mv_data, class_size);
    repository_snapshot_unref(at);
    object_path_destroy(path);
    IWbemClassObject_Release(cls);
}

/* Puts bytes where the record stands, past all checks. */
static void write_record(MDB_dbi db, struct key *k, const uint8_t *bytes, size_t size)
{
    struct repository_change *c;
    FUZZ_ASSERT(SUCCEEDED(repository_change_begin(repository, &c)));
    MDB_val v = {.mv_size = size, .mv_data = (void *)(uintptr_t)bytes};
    FUZZ_ASSERT(SUCCEEDED(store_put(repository, c->txn, db, k, v.mv_data, v.mv_size)));
    c->classes_changed = true;
    FUZZ_ASSERT(SUCCEEDED(repository_change_commit(c)));
}

static void read_object(IWbemClassObject *o)
{
    BSTR text = NULL;
    if (SUCCEEDED(IWbemClassObject_GetObjectText(o, 0, &text))) {
        SysFreeString(text);
    }
    IWbemClassObject_Release(o);
}

static void scan(const wchar_t *text)
{
    IEnumWbemClassObject *e;
    IWbemClassObject *objects[8];
    BSTR language = SysAllocString(L"WQL"), query = SysAllocString(text);
    HRESULT hr = IWbemServices_ExecQuery(
        services, language, query, WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_FORWARD_ONLY, NULL, &e);
    SysFreeString(language);
    SysFreeString(query);
    if (FAILED(hr)) {
        return;
    }
    do {
        ULONG got = 0;
        hr = IEnumWbemClassObject_Next(e, WBEM_INFINITE, 8, objects, &got);
        for (ULONG i = 0; i < got; i++) {
            read_object(objects[i]);
        }
    } while (hr == WBEM_S_NO_ERROR);
    IEnumWbemClassObject_Release(e);
}

static void read_everything(bool check)
{
    struct object_path *path;
    IWbemClassObject *o;
    FUZZ_ASSERT(SUCCEEDED(object_path_parse(L"T=\"a\"", &path, NULL)));
    if (SUCCEEDED(repository_get_instance(cimv2, path, &o))) {
        read_object(o);
    }
    object_path_destroy(path);
    scan(L"SELECT * FROM T");
    scan(L"SELECT Text FROM T WHERE Text LIKE 't%' AND Big < 5 AND Texts[1] = 'y'");
    scan(L"SELECT * FROM T WHERE N = 1");
    if (check) { /* of all there is, so it takes its time */
        (void)repository_check(repository);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (!repository) {
        set_up();
    }
    if (size < 2) {
        return 0;
    }
    bool check = bytes[0] < 'a';
    if (bytes[0] == 'c' || bytes[0] == 'C') {
        write_record(repository->classes, &class_record_key, bytes + 1, size - 1);
        read_everything(check);
        write_record(repository->classes, &class_record_key, class_bytes, class_size);
    } else {
        write_record(repository->instances, &record_key, bytes + 1, size - 1);
        read_everything(check);
    }
    SetErrorInfo(0, NULL);
    return 0;
}
