/*
 * IWbemBackupRestoreEx for clients ([MS-WMI] 3.1.4.10, 3.1.4.11): copies of the
 * repository, which come to lie on the server. That is done with the server's
 * rights, so only who may act with them gets the object.
 */
#include "server/server_private.h"

#include <wbem.h>

#include "services/access.h"
#include "services/services.h"

HRESULT backup_activate(void *arg, const char *peer, REFIID riid, void **ret)
{
    *ret = NULL;
    HRESULT hr = access_act("WbemBackupRestore", "a copy of the repository");
    return SUCCEEDED(hr) ? backup_restore_create(NULL, riid, ret) : E_ACCESSDENIED;
}

static IWbemBackupRestoreEx *backup_of(struct request *q)
{
    return (IWbemBackupRestoreEx *)(void *)q->call->object;
}

static HRESULT backup(struct request *q)
{
    CLEANUP(com_cleanup_free) wchar_t *file = ndr_read_string(q->in);
    LONG flags = (LONG)ndr_read_u32(q->in);
    return FAILED(q->in->status) ? q->in->status
                                 : IWbemBackupRestoreEx_Backup(backup_of(q), file, flags);
}

static HRESULT restore(struct request *q)
{
    CLEANUP(com_cleanup_free) wchar_t *file = ndr_read_string(q->in);
    LONG flags = (LONG)ndr_read_u32(q->in);
    return FAILED(q->in->status) ? q->in->status
                                 : IWbemBackupRestoreEx_Restore(backup_of(q), file, flags);
}

static HRESULT pause_writing(struct request *q)
{
    return IWbemBackupRestoreEx_Pause(backup_of(q));
}

static HRESULT resume_writing(struct request *q)
{
    return IWbemBackupRestoreEx_Resume(backup_of(q));
}

static void backup_dispatch(struct dcom_server_call *call)
{
    static method_fn *const methods[] = {backup, restore, pause_writing, resume_writing};
    server_dispatch(call, methods, ARRAYSIZE(methods));
}

const struct dcom_stub backup_stub = {&IID_IWbemBackupRestore, 5, backup_dispatch};
const struct dcom_stub backup_ex_stub = {&IID_IWbemBackupRestoreEx, 7, backup_dispatch};
