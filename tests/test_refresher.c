/*
 * Refreshers on the live machine, through the public headers alone; with OF_ANOTHER_HOST of a
 * wbemd.
 */
#include "local.h"
#ifdef OF_ANOTHER_HOST
#include "remote/remote.h"
#endif

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wbem.h>
#include <wchar.h>

static IWbemServices *services;

#ifdef OF_ANOTHER_HOST
static struct remote_server server;
static atomic_uint calls; /* to it, so far, but for those that keep house meanwhile */

static void count_call(void *closure, const char *line)
{
    if (strstr(line, "call  ") && !strstr(line, "IRemUnknown") &&
        !strstr(line, "IObjectExporter")) {
        atomic_fetch_add(&calls, 1);
    }
}

static int connect_once(void **state)
{
    remote_start_live(&server);
    const struct remote_login login = {
        .port = server.port, .user = server.owner, .password = REMOTE_PASSWORD};
    assert_true(SUCCEEDED(CoInitializeEx(NULL, COINIT_MULTITHREADED)));
    wbem_set_trace(count_call, NULL);
    HRESULT hr = remote_log_in(&login, &services);
    if (FAILED(hr)) {
        fail_msg("0x%08x %s", (unsigned)hr, local_error());
    }
    return 0;
}
#else
static int connect_once(void **state)
{
    services = local_services();
    return 0;
}
#endif

static int disconnect(void **state)
{
    IWbemServices_Release(services);
    CoUninitialize();
#ifdef OF_ANOTHER_HOST
    wbem_set_trace(NULL, NULL);
    remote_stop(&server);
#endif
    return 0;
}

static void make_refresher(IWbemRefresher **ret, IWbemConfigureRefresher **ret_configure)
{
    assert_int_equal(S_OK, CoCreateInstance(&CLSID_WbemRefresher, NULL, CLSCTX_INPROC_SERVER,
                                            &IID_IWbemRefresher, (void **)ret));
    assert_int_equal(S_OK, IWbemRefresher_QueryInterface(*ret, &IID_IWbemConfigureRefresher,
                                                         (void **)ret_configure));
}

/* A child that sleeps until it is killed, under a name that no other process has: those of one name
 * are counted, and another would take its number when it is gone. */
static pid_t start_child(void)
{
    int ready[2];
    char one = 0;
    assert_int_equal(0, pipe(ready));
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        char name[16];
        (void)snprintf(name, sizeof name, "child-%d", (int)getpid());
        (void)prctl(PR_SET_NAME, name);
        (void)!write(ready[1], &one, 1);
        for (;;) {
            pause();
        }
    }
    assert_int_equal(1, read(ready[0], &one, 1));
    close(ready[0]);
    close(ready[1]);
    return pid;
}

static void end_child(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

/* The Name of the process in PerfProc_Process. */
static BSTR name_of_process(pid_t pid)
{
    wchar_t query[128];
    swprintf(query, 128,
             L"SELECT Name FROM Win32_PerfRawData_PerfProc_Process WHERE IDProcess = %d", (int)pid);
    IEnumWbemClassObject *e =
        local_query(services, query, WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY);
    IWbemClassObject *object = NULL;
    ULONG got = 0;
    assert_int_equal(WBEM_S_NO_ERROR,
                     IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &object, &got));
    BSTR name = local_string(object, L"Name");
    IWbemClassObject_Release(object);
    IEnumWbemClassObject_Release(e);
    return name;
}

static void process_path(const wchar_t *class_name, pid_t pid, wchar_t path[256])
{
    BSTR name = name_of_process(pid);
    swprintf(path, 256, L"%ls.Name=\"%ls\"", class_name, name);
    SysFreeString(name);
}

static IWbemObjectAccess *access_of(IWbemClassObject *object)
{
    IWbemObjectAccess *access = NULL;
    assert_int_equal(
        S_OK, IWbemClassObject_QueryInterface(object, &IID_IWbemObjectAccess, (void **)&access));
    return access;
}

static UINT64 read_qword(IWbemObjectAccess *access, const wchar_t *name)
{
    LONG handle;
    CIMTYPE type;
    UINT64 v = 0;
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemObjectAccess_GetPropertyHandle(access, name, &type, &handle));
    assert_int_equal(CIM_UINT64, type);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemObjectAccess_ReadQWORD(access, handle, &v));
    return v;
}

static DWORD read_dword(IWbemObjectAccess *access, const wchar_t *name)
{
    LONG handle;
    DWORD v = 0;
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemObjectAccess_GetPropertyHandle(access, name, NULL, &handle));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemObjectAccess_ReadDWORD(access, handle, &v));
    return v;
}

/* ---- objects ------------------------------------------------------------------------------ */

static void refreshes_an_object_by_path(void **state)
{
    IWbemRefresher *r;
    IWbemConfigureRefresher *c;
    IWbemClassObject *object = NULL;
    LONG id = 0;
    wchar_t path[256];
    make_refresher(&r, &c);
    pid_t child = start_child();
    process_path(L"Win32_PerfRawData_PerfProc_Process", child, path);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemConfigureRefresher_AddObjectByPath(c, services, path, 0,
                                                                              NULL, &object, &id));
    IWbemObjectAccess *access = access_of(object);
    assert_int_equal(child, read_dword(access, L"IDProcess")); /* it has values at once */
    UINT64 first = read_qword(access, L"Timestamp_PerfTime");
    assert_int_equal(WBEM_S_NO_ERROR, IWbemRefresher_Refresh(r, 0));
    assert_int_equal(child, read_dword(access, L"IDProcess"));
    assert_true(read_qword(access, L"Timestamp_PerfTime") > first);
    assert_int_equal(getpid(), read_dword(access, L"CreatingProcessID"));

    /* Gone: it keeps its values, and the refresh says that not everything was refreshed. */
    end_child(child);
    assert_int_equal(WBEM_S_PARTIAL_RESULTS, IWbemRefresher_Refresh(r, 0));
    assert_int_equal(child, read_dword(access, L"IDProcess"));

    /* Removed: the object stays its client's. */
    assert_int_equal(WBEM_S_NO_ERROR, IWbemConfigureRefresher_Remove(c, id, 0));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemRefresher_Refresh(r, 0));
    assert_int_equal(WBEM_E_NOT_FOUND, IWbemConfigureRefresher_Remove(c, id, 0));
    assert_int_equal(child, read_dword(access, L"IDProcess"));
    IWbemObjectAccess_Release(access);
    IWbemClassObject_Release(object);
    IWbemConfigureRefresher_Release(c);
    IWbemRefresher_Release(r);
}

static void refreshes_by_template_and_of_every_class(void **state)
{
    static const wchar_t *const queries[] = {
        L"SELECT * FROM Win32_PerfRawData_PerfOS_Processor WHERE Name = '_Total'",
        L"SELECT * FROM Win32_PerfRawData_PerfOS_Memory",
        L"SELECT * FROM Win32_PerfRawData_PerfOS_System",
        L"SELECT * FROM Win32_PerfFormattedData_PerfOS_Memory",
        L"SELECT * FROM Win32_PerfRawData_PerfProc_Process WHERE Name = '_Total'",
    };
    IWbemRefresher *r;
    IWbemConfigureRefresher *c;
    IWbemClassObject *objects[5];
    make_refresher(&r, &c);
    for (size_t i = 0; i < 5; i++) {
        IEnumWbemClassObject *e = local_query(
            services, queries[i], WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY);
        IWbemClassObject *template = NULL;
        ULONG got;
        assert_int_equal(WBEM_S_NO_ERROR,
                         IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &template, &got));
        assert_int_equal(WBEM_S_NO_ERROR, IWbemConfigureRefresher_AddObjectByTemplate(
                                              c, services, template, 0, NULL, &objects[i], NULL));
        assert_ptr_not_equal(template, objects[i]);
        IWbemClassObject_Release(template);
        IEnumWbemClassObject_Release(e);
    }
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemRefresher_Refresh(r, WBEM_FLAG_REFRESH_NO_AUTO_RECONNECT));
    IWbemObjectAccess *memory = access_of(objects[1]), *formatted = access_of(objects[3]);
    assert_true(read_qword(memory, L"AvailableBytes") > 0);
    assert_true(read_qword(formatted, L"AvailableBytes") > 0);
    IWbemObjectAccess_Release(memory);
    IWbemObjectAccess_Release(formatted);
    for (size_t i = 0; i < 5; i++) {
        IWbemClassObject_Release(objects[i]);
    }
    IWbemConfigureRefresher_Release(c);
    IWbemRefresher_Release(r);
}

/* From the sample of this refresher's own last refresh, and 0 without one. */
static void computes_from_its_own_samples(void **state)
{
    IWbemRefresher *r;
    IWbemConfigureRefresher *c;
    IWbemClassObject *object = NULL;
    make_refresher(&r, &c);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemConfigureRefresher_AddObjectByPath(
                                          c, services, L"Win32_PerfFormattedData_PerfOS_System=@",
                                          0, NULL, &object, NULL));
    IWbemObjectAccess *access = access_of(object);
    assert_int_equal(0, read_dword(access, L"ContextSwitchesPerSec"));
    assert_true(read_qword(access, L"SystemUpTime") > 0);
    /* A pipe between two processes: each turn is two switches at least. */
    int there[2], back[2];
    char one = 0;
    assert_int_equal(0, pipe(there));
    assert_int_equal(0, pipe(back));
    pid_t child = fork();
    if (child == 0) {
        close(there[1]);
        while (read(there[0], &one, 1) == 1 && write(back[1], &one, 1) == 1) {
        }
        _exit(0);
    }
    for (int i = 0; i < 200; i++) {
        assert_int_equal(1, write(there[1], &one, 1));
        assert_int_equal(1, read(back[0], &one, 1));
    }
    assert_int_equal(WBEM_S_NO_ERROR, IWbemRefresher_Refresh(r, 0));
    assert_true(read_dword(access, L"ContextSwitchesPerSec") > 0);
    close(there[1]);
    waitpid(child, NULL, 0);
    close(there[0]);
    close(back[0]);
    close(back[1]);
    IWbemObjectAccess_Release(access);
    IWbemClassObject_Release(object);
    IWbemConfigureRefresher_Release(c);
    IWbemRefresher_Release(r);
}

/* A class that no high-performance provider stands behind is queried again. */
static void refreshes_other_classes_by_query(void **state)
{
    IWbemRefresher *r;
    IWbemConfigureRefresher *c;
    IWbemClassObject *process = NULL;
    wchar_t path[64];
    make_refresher(&r, &c);
    pid_t child = start_child();
    swprintf(path, 64, L"Win32_Process.Handle=\"%d\"", (int)child);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemConfigureRefresher_AddObjectByPath(
                                          c, services, path, 0, NULL, &process, NULL));
    assert_int_equal(child, local_long(process, L"ProcessId"));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemRefresher_Refresh(r, 0));
    assert_int_equal(child, local_long(process, L"ProcessId"));
    end_child(child);
    assert_int_equal(WBEM_S_PARTIAL_RESULTS, IWbemRefresher_Refresh(r, 0));
    assert_int_equal(child, local_long(process, L"ProcessId"));
    IWbemClassObject_Release(process);
    IWbemConfigureRefresher_Release(c);
    IWbemRefresher_Release(r);
}

/* ---- enumerators -------------------------------------------------------------------------- */

struct listed {
    IWbemObjectAccess *objects[4096];
    ULONG count;
};

static void list(IWbemHiPerfEnum *e, struct listed *ret)
{
    ULONG count = 0;
    HRESULT hr = IWbemHiPerfEnum_GetObjects(e, 0, 0, NULL, &count);
    assert_int_equal(count > 0 ? WBEM_E_BUFFER_TOO_SMALL : WBEM_S_NO_ERROR, hr);
    assert_true(count <= 4096);
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemHiPerfEnum_GetObjects(e, 0, 4096, ret->objects, &ret->count));
    assert_int_equal(count, ret->count);
}

static void list_done(struct listed *l)
{
    for (ULONG i = 0; i < l->count; i++) {
        IWbemObjectAccess_Release(l->objects[i]);
    }
}

/* The process's object; NULL when it is not listed. */
static IWbemObjectAccess *find_process(const struct listed *l, const wchar_t *property, pid_t pid)
{
    for (ULONG i = 0; i < l->count; i++) {
        LONG handle;
        DWORD id = 0;
        assert_int_equal(WBEM_S_NO_ERROR, IWbemObjectAccess_GetPropertyHandle(
                                              l->objects[i], property, NULL, &handle));
        if (IWbemObjectAccess_ReadDWORD(l->objects[i], handle, &id) == WBEM_S_NO_ERROR &&
            id == (DWORD)pid) {
            return l->objects[i];
        }
    }
    return NULL;
}

static void enumerates(const wchar_t *class_name, const wchar_t *property)
{
    static struct listed first, second;
    IWbemRefresher *r;
    IWbemConfigureRefresher *c;
    IWbemHiPerfEnum *e = NULL;
    LONG id;
    make_refresher(&r, &c);
    pid_t stays = start_child(), goes = start_child();
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemConfigureRefresher_AddEnum(c, services, class_name, 0, NULL, &e, &id));
    list(e, &first);
    assert_int_equal(0, first.count); /* nothing before the first refresh */
    assert_int_equal(WBEM_S_NO_ERROR, IWbemRefresher_Refresh(r, 0));
    list(e, &first);
    IWbemObjectAccess *stayed = find_process(&first, property, stays);
    assert_non_null(stayed);
    assert_non_null(find_process(&first, property, goes));

    end_child(goes);
    pid_t comes = start_child();
    assert_int_equal(WBEM_S_NO_ERROR, IWbemRefresher_Refresh(r, 0));
    list(e, &second);
    assert_ptr_equal(stayed, find_process(&second, property, stays)); /* the same object */
    assert_null(find_process(&second, property, goes));
    assert_non_null(find_process(&second, property, comes));
    list_done(&second);
    list_done(&first);
    end_child(stays);
    end_child(comes);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemConfigureRefresher_Remove(c, id, 0));
    IWbemHiPerfEnum_Release(e);
    IWbemConfigureRefresher_Release(c);
    IWbemRefresher_Release(r);
}

static void enumerates_raw(void **state)
{
    enumerates(L"Win32_PerfRawData_PerfProc_Process", L"IDProcess");
}

static void enumerates_formatted(void **state)
{
    enumerates(L"Win32_PerfFormattedData_PerfProc_Process", L"IDProcess");
}

static void enumerates_by_query(void **state)
{
    enumerates(L"Win32_Process", L"ProcessId");
}

/* AddObjects and the rest, as a provider calls them. */
static void keeps_what_a_provider_adds(void **state)
{
    static struct listed l;
    IWbemRefresher *r;
    IWbemConfigureRefresher *c;
    IWbemHiPerfEnum *e = NULL;
    IWbemClassObject *object = NULL;
    make_refresher(&r, &c);
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemConfigureRefresher_AddEnum(
                         c, services, L"Win32_PerfRawData_PerfOS_Memory", 0, NULL, &e, NULL));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemConfigureRefresher_AddObjectByPath(
                                          c, services, L"Win32_PerfRawData_PerfOS_Memory=@", 0,
                                          NULL, &object, NULL));
    IWbemObjectAccess *access = access_of(object);
    IWbemObjectAccess *many[] = {access, access, access};
    LONG ids[] = {7, 3, 9}, again[] = {4, 3}, unknown = 5;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemHiPerfEnum_AddObjects(e, 0, 3, ids, many));
    assert_int_equal(WBEM_E_FAILED, IWbemHiPerfEnum_AddObjects(e, 0, 2, again, many));
    list(e, &l);
    assert_int_equal(3, l.count); /* none of the two */
    list_done(&l);
    assert_int_equal(WBEM_E_NOT_FOUND, IWbemHiPerfEnum_RemoveObjects(e, 0, 1, &unknown));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemHiPerfEnum_RemoveObjects(e, 0, 1, &ids[1]));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemHiPerfEnum_RemoveObjects(e, 1, 1, ids));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemHiPerfEnum_AddObjects(e, 0, 1, NULL, many));
    list(e, &l);
    assert_int_equal(2, l.count);
    ULONG count = 0;
    IWbemObjectAccess *one = NULL;
    assert_int_equal(WBEM_E_BUFFER_TOO_SMALL, IWbemHiPerfEnum_GetObjects(e, 0, 1, &one, &count));
    assert_int_equal(2, count);
    assert_null(one);
    list_done(&l);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemHiPerfEnum_RemoveAll(e, 0));
    list(e, &l);
    assert_int_equal(0, l.count);
    IWbemObjectAccess_Release(access);
    IWbemClassObject_Release(object);
    IWbemHiPerfEnum_Release(e);
    IWbemConfigureRefresher_Release(c);
    IWbemRefresher_Release(r);
}

/* ---- nesting ------------------------------------------------------------------------------- */

struct counting {
    IWbemRefresher iface;
    atomic_int refs, refreshes;
    HRESULT answer;
    IWbemRefresher *outer;
};

static HRESULT STDMETHODCALLTYPE counting_query(IWbemRefresher *iface, REFIID riid, void **ret)
{
    *ret = NULL;
    return E_NOINTERFACE;
}

static ULONG STDMETHODCALLTYPE counting_add_ref(IWbemRefresher *iface)
{
    return (ULONG)++((struct counting *)iface)->refs;
}

static ULONG STDMETHODCALLTYPE counting_release(IWbemRefresher *iface)
{
    return (ULONG)--((struct counting *)iface)->refs;
}

static HRESULT STDMETHODCALLTYPE counting_refresh(IWbemRefresher *iface, LONG flags)
{
    struct counting *c = (struct counting *)iface;
    c->refreshes++;
    return c->outer ? IWbemRefresher_Refresh(c->outer, flags) : c->answer;
}

static const IWbemRefresherVtbl counting_vtbl = {counting_query, counting_add_ref, counting_release,
                                                 counting_refresh};

static void refreshes_nested_refreshers(void **state)
{
    IWbemRefresher *r;
    IWbemConfigureRefresher *c;
    IWbemHiPerfEnum *e = NULL;
    LONG id;
    struct counting child = {.iface.lpVtbl = (IWbemRefresherVtbl *)(uintptr_t)&counting_vtbl};
    make_refresher(&r, &c);
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemConfigureRefresher_AddRefresher(c, &child.iface, 0, &id));
    assert_int_equal(1, child.refs);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemRefresher_Refresh(r, 0));
    assert_int_equal(1, child.refreshes);
    child.answer = WBEM_E_PROVIDER_FAILURE; /* all there is has failed */
    assert_int_equal(WBEM_E_PROVIDER_FAILURE, IWbemRefresher_Refresh(r, 0));
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemConfigureRefresher_AddEnum(
                         c, services, L"Win32_PerfRawData_PerfOS_Memory", 0, NULL, &e, NULL));
    assert_int_equal(WBEM_S_PARTIAL_RESULTS, IWbemRefresher_Refresh(r, 0));
    child.outer = r; /* a circle: the inner call finds the refresher busy */
    assert_int_equal(WBEM_S_PARTIAL_RESULTS, IWbemRefresher_Refresh(r, 0));
    child.outer = NULL;
    assert_int_equal(4, child.refreshes);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemConfigureRefresher_Remove(c, id, 0));
    assert_int_equal(0, child.refs);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemRefresher_Refresh(r, 0));
    IWbemHiPerfEnum_Release(e);
    IWbemConfigureRefresher_Release(c);
    IWbemRefresher_Release(r);
}

/* ---- threads --------------------------------------------------------------------------- */

struct shared {
    IWbemRefresher *refresher;
    IWbemHiPerfEnum *list;
    atomic_int refreshed;
};

/* One at a time refreshes; the others are told that it is busy. */
static void *refresh_often(void *closure)
{
    struct shared *s = closure;
    for (int i = 0; i < 100; i++) {
        HRESULT hr = IWbemRefresher_Refresh(s->refresher, 0);
        if (hr != WBEM_S_NO_ERROR && hr != WBEM_E_REFRESHER_BUSY) {
            return s;
        }
        s->refreshed += hr == WBEM_S_NO_ERROR;
    }
    return NULL;
}

static void *list_often(void *closure)
{
    struct shared *s = closure;
    for (int i = 0; i < 200; i++) {
        IWbemObjectAccess *objects[256];
        ULONG count = 0;
        HRESULT hr = IWbemHiPerfEnum_GetObjects(s->list, 0, 256, objects, &count);
        if (FAILED(hr)) {
            return s;
        }
        for (ULONG j = 0; j < count; j++) {
            IWbemObjectAccess_Release(objects[j]);
        }
    }
    return NULL;
}

/* Queries leave samples for one another, whichever thread they are of. */
static void *query_often(void *closure)
{
    for (int i = 0; i < 20; i++) {
        if (FAILED(local_query_status(services,
                                      L"SELECT * FROM Win32_PerfFormattedData_PerfOS_Processor",
                                      WBEM_FLAG_FORWARD_ONLY))) {
            return closure;
        }
    }
    return NULL;
}

static void is_used_from_many_threads(void **state)
{
    static void *(*const work[])(void *) = {refresh_often, refresh_often, list_often,
                                            list_often,    query_often,   query_often};
    struct shared s = {0};
    IWbemConfigureRefresher *c;
    pthread_t threads[6];
    make_refresher(&s.refresher, &c);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemConfigureRefresher_AddEnum(
                                          c, services, L"Win32_PerfRawData_PerfOS_Processor", 0,
                                          NULL, &s.list, NULL));
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(0, pthread_create(&threads[i], NULL, work[i], &s));
    }
    for (size_t i = 0; i < 6; i++) {
        void *failed = NULL;
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    assert_true(s.refreshed > 0);
    IWbemHiPerfEnum_Release(s.list);
    IWbemConfigureRefresher_Release(c);
    IWbemRefresher_Release(s.refresher);
}

/* ---- mistakes ------------------------------------------------------------------------------- */

static void says_what_is_wrong(void **state)
{
    static const struct {
        const wchar_t *path;
        HRESULT status;
        const char *said;
    } paths[] = {
        {L"Win32_PerfRawData_PerfProc_Process.Name=\"no such\"", WBEM_E_NOT_FOUND, "no such"},
        {L"Win32_PerfRawData_Nothing=@", WBEM_E_INVALID_CLASS, "class"},
        {L"Win32_PerfRawData_PerfProc_Process", WBEM_E_INVALID_OBJECT_PATH, "path"},
        {L"Win32_PerfRawData_PerfProc_Process.Wrong=\"x\"", WBEM_E_INVALID_OBJECT_PATH, "path"},
        {L"..", WBEM_E_INVALID_OBJECT_PATH, "path"},
        {L"Win32_Process.Handle=\"none\"", WBEM_E_NOT_FOUND, "instance"},
        {L"root\\nowhere:Win32_PerfRawData_PerfOS_Memory=@", WBEM_E_INVALID_NAMESPACE, ""},
    };
    IWbemRefresher *r;
    IWbemConfigureRefresher *c;
    IWbemClassObject *object;
    IWbemHiPerfEnum *e;
    make_refresher(&r, &c);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        object = (IWbemClassObject *)1;
        assert_int_equal(paths[i].status, IWbemConfigureRefresher_AddObjectByPath(
                                              c, services, paths[i].path, 0, NULL, &object, NULL));
        assert_null(object);
        assert_non_null(strstr(local_error(), paths[i].said));
    }
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemConfigureRefresher_AddObjectByPath(
                                                   c, NULL, L"x", 0, NULL, &object, NULL));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemConfigureRefresher_AddObjectByPath(
                                                   c, services, NULL, 0, NULL, &object, NULL));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemConfigureRefresher_AddObjectByPath(
                                                   c, services, L"x", 0x4000, NULL, &object, NULL));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemConfigureRefresher_AddObjectByTemplate(
                                                   c, services, NULL, 0, NULL, &object, NULL));
    assert_int_equal(WBEM_E_INVALID_CLASS,
                     IWbemConfigureRefresher_AddEnum(c, services, L"Nothing", 0, NULL, &e, NULL));
    assert_null(e);
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemConfigureRefresher_AddRefresher(c, r, 0, NULL));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemRefresher_Refresh(r, 2));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemRefresher_Refresh(r, 0)); /* of nothing */
    IWbemConfigureRefresher_Release(c);
    IWbemRefresher_Release(r);
}

#ifdef OF_ANOTHER_HOST

/* However much is in it, one call asks for all. */
static void refreshes_by_one_call(void **state)
{
    static const wchar_t *const paths[] = {L"Win32_PerfRawData_PerfOS_System=@",
                                           L"Win32_PerfRawData_PerfOS_Memory=@",
                                           L"Win32_PerfFormattedData_PerfOS_System=@"};
    IWbemRefresher *r;
    IWbemConfigureRefresher *c;
    IWbemHiPerfEnum *all = NULL;
    LONG id;
    make_refresher(&r, &c);
    for (size_t i = 0; i < 3; i++) {
        IWbemClassObject *object = NULL;
        assert_int_equal(WBEM_S_NO_ERROR, IWbemConfigureRefresher_AddObjectByPath(
                                              c, services, paths[i], 0, NULL, &object, &id));
        IWbemClassObject_Release(object);
    }
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemConfigureRefresher_AddEnum(
                         c, services, L"Win32_PerfRawData_PerfOS_Processor", 0, NULL, &all, &id));
    unsigned before = atomic_load(&calls);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemRefresher_Refresh(r, 0));
    assert_int_equal(before + 1, atomic_load(&calls));
    IWbemHiPerfEnum_Release(all);
    IWbemConfigureRefresher_Release(c);
    IWbemRefresher_Release(r);
}

static bool is_lost(HRESULT hr)
{
    return hr == HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE) ||
           hr == HRESULT_FROM_WIN32(RPC_S_CALL_FAILED);
}

/* The last test: the services that all share are gone afterwards. */
static void reconnects_to_a_host_that_was_gone(void **state)
{
    static struct listed listed;
    IWbemRefresher *r;
    IWbemConfigureRefresher *c;
    IWbemClassObject *object = NULL, *process = NULL;
    IWbemHiPerfEnum *all = NULL;
    LONG id;
    wchar_t path[256];
    make_refresher(&r, &c);
    pid_t child = start_child();
    process_path(L"Win32_PerfRawData_PerfProc_Process", child, path);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemConfigureRefresher_AddObjectByPath(c, services, path, 0,
                                                                              NULL, &process, &id));
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemConfigureRefresher_AddObjectByPath(
                         c, services, L"Win32_PerfRawData_PerfOS_System=@", 0, NULL, &object, &id));
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemConfigureRefresher_AddEnum(
                         c, services, L"Win32_PerfRawData_PerfOS_Processor", 0, NULL, &all, &id));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemRefresher_Refresh(r, 0));
    IWbemObjectAccess *access = access_of(object);
    UINT64 before = read_qword(access, L"Timestamp_PerfTime");

    remote_end(&server, SIGKILL);
    assert_true(is_lost(IWbemRefresher_Refresh(r, WBEM_FLAG_REFRESH_NO_AUTO_RECONNECT)));
    assert_true(is_lost(IWbemRefresher_Refresh(r, 0))); /* it was tried */
    assert_int_equal(before, read_qword(access, L"Timestamp_PerfTime"));

    end_child(child);
    remote_restart(&server);
    assert_true(is_lost(IWbemRefresher_Refresh(r, WBEM_FLAG_REFRESH_NO_AUTO_RECONNECT)));
    HRESULT hr = IWbemRefresher_Refresh(r, 0);
    if (hr != WBEM_S_PARTIAL_RESULTS) { /* all but the process, which is no more */
        fail_msg("0x%08x %s", (unsigned)hr, local_error());
    }
    assert_true(read_qword(access, L"Timestamp_PerfTime") > before);
    list(all, &listed);
    assert_true(listed.count > 1);
    list_done(&listed);
    unsigned sent = atomic_load(&calls);
    assert_int_equal(WBEM_S_PARTIAL_RESULTS, IWbemRefresher_Refresh(r, 0));
    assert_int_equal(sent + 1, atomic_load(&calls)); /* by one call again */
    IWbemObjectAccess_Release(access);
    IWbemHiPerfEnum_Release(all);
    IWbemClassObject_Release(process);
    IWbemClassObject_Release(object);
    IWbemConfigureRefresher_Release(c);
    IWbemRefresher_Release(r);
}
#endif

int main(int argc, char **argv)
{
#ifdef OF_ANOTHER_HOST
    remote_program = argc > 1 ? argv[1] : "wbemd";
#endif
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refreshes_an_object_by_path),
        cmocka_unit_test(refreshes_by_template_and_of_every_class),
        cmocka_unit_test(computes_from_its_own_samples),
        cmocka_unit_test(refreshes_other_classes_by_query),
        cmocka_unit_test(enumerates_raw),
        cmocka_unit_test(enumerates_formatted),
        cmocka_unit_test(enumerates_by_query),
        cmocka_unit_test(keeps_what_a_provider_adds),
        cmocka_unit_test(refreshes_nested_refreshers),
        cmocka_unit_test(is_used_from_many_threads),
        cmocka_unit_test(says_what_is_wrong),
#ifdef OF_ANOTHER_HOST
        cmocka_unit_test(refreshes_by_one_call),
        cmocka_unit_test(reconnects_to_a_host_that_was_gone),
#endif
    };
    return cmocka_run_group_tests_name("refresher", tests, connect_once, disconnect);
}
