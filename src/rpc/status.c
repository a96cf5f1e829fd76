/*
 * The statuses of faults: nca codes of C706 appendix E and Win32 codes on the
 * wire, HRESULTs here.
 */
#include "com/com.h"
#include "rpc/rpc.h"

/* Of those that share a Win32 code the first is what we send for it. */
static const struct {
    uint32_t status;
    DWORD win32;
} statuses[] = {
    {0x1c010002, RPC_S_PROCNUM_OUT_OF_RANGE},    /* nca_s_op_rng_error */
    {0x1c010003, RPC_S_UNKNOWN_IF},              /* nca_s_unk_if */
    {0x1c010006, RPC_S_CALL_FAILED_DNE},         /* nca_s_wrong_boot_time */
    {0x1c010009, RPC_S_CALL_FAILED_DNE},         /* nca_s_you_crashed */
    {0x1c01000b, RPC_S_PROTOCOL_ERROR},          /* nca_s_proto_error */
    {0x1c010013, RPC_S_CALL_FAILED_DNE},         /* nca_s_out_args_too_big */
    {0x1c010014, RPC_S_SERVER_TOO_BUSY},         /* nca_s_server_too_busy */
    {0x1c010017, RPC_S_UNSUPPORTED_TYPE},        /* nca_s_unsupported_type */
    {0x1c00001d, RPC_S_UNSUPPORTED_AUTHN_LEVEL}, /* nca_s_unsupported_authn_level */
    {0x1c00001b, RPC_S_OUT_OF_MEMORY},           /* nca_s_fault_remote_no_memory */
    {0x1c00000d, RPC_S_CALL_CANCELLED},          /* nca_s_fault_cancel */
    {0x1c000006, RPC_S_INVALID_TAG},             /* nca_s_fault_invalid_tag */
    {0x1c000007, RPC_S_INVALID_BOUND},           /* nca_s_fault_invalid_bound */
    {0x1c000024, RPC_S_OBJECT_NOT_FOUND},        /* nca_s_fault_object_not_found */
    {0x1c00001a, RPC_X_SS_HANDLES_MISMATCH},     /* nca_s_fault_context_mismatch */
    {0x1c000001, ERROR_ARITHMETIC_OVERFLOW},     /* nca_s_fault_int_div_by_zero */
    {0x1c000010, ERROR_ARITHMETIC_OVERFLOW},     /* nca_s_fault_int_overflow */
    {0x1c000021, RPC_S_CALL_FAILED},             /* nca_s_fault_user_defined */
    {0x1c00001f, ERROR_ACCESS_DENIED},           /* nca_s_invalid_checksum */
};

HRESULT rpc_status_to_hresult(uint32_t status)
{
    for (size_t i = 0; i < ARRAYSIZE(statuses); i++) {
        if (statuses[i].status == status) {
            return HRESULT_FROM_WIN32(statuses[i].win32);
        }
    }
    if (FAILED((HRESULT)status)) {
        return (HRESULT)status;
    }
    if (status >> 16 == 0 && status != 0) {
        return HRESULT_FROM_WIN32(status);
    }
    /* Other faults of the peer's process, and 0, which means nothing ([MS-RPCE] 2.2.2.8). */
    return HRESULT_FROM_WIN32(RPC_S_CALL_FAILED);
}

uint32_t rpc_status_from_hresult(HRESULT hr)
{
    if (hr == E_OUTOFMEMORY) {
        return 0x1c00001b;
    }
    if (hr == E_ACCESSDENIED) {
        return ERROR_ACCESS_DENIED;
    }
    if (HRESULT_FACILITY(hr) != FACILITY_WIN32 || SUCCEEDED(hr)) {
        return FAILED(hr) ? (uint32_t)hr : 0x1c000021;
    }
    for (size_t i = 0; i < ARRAYSIZE(statuses); i++) {
        if (statuses[i].win32 == (DWORD)HRESULT_CODE(hr)) {
            return statuses[i].status;
        }
    }
    return (uint32_t)HRESULT_CODE(hr);
}
