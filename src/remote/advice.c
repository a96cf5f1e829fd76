/*
 * What a person can look at when another host can't be used. The layers below
 * say what happened; this says what it means on Windows' side.
 */
#include "remote/remote_private.h"

#include <string.h>

#define DYNAMIC_PORTS "the ports of DCOM (TCP 49152 to 65535, unless WMI was given a fixed one)"

static bool says(const char *detail, const char *words)
{
    return detail && strstr(detail, words);
}

static const char *unavailable(enum remote_phase phase, const char *detail)
{
    if (phase == REMOTE_LOGGING_IN) {
        return "The object resolver (port 135) answered, but WMI's own port did not: let the "
               "host's firewall, and any on the way, pass " DYNAMIC_PORTS;
    }
    if (phase == REMOTE_CONNECTED) {
        return "The host was there before: it or its service Winmgmt has stopped or restarts, or "
               "the network is gone; connect again";
    }
    if (says(detail, "cannot find")) {
        return "Check the host's name and DNS, or use its address";
    }
    if (says(detail, "refused")) {
        return "The host is there but nobody listens: check that it runs Windows' RPC services "
               "(RpcSs, RpcEptMapper), and the port if one was given";
    }
    if (says(detail, "unreachable") || says(detail, "no route")) {
        return "There is no way to the host: check the network, the route and the address";
    }
    return "The host is off, or a firewall drops what is sent: on the host let the rule group "
           "'Windows Management Instrumentation (WMI)' pass, that is TCP port 135 "
           "and " DYNAMIC_PORTS;
}

static const char *denied(enum remote_phase phase, bool replied, const char *detail)
{
    if (phase == REMOTE_REACHING) {
        return replied
                   ? "The user is known to the host, but may not start DCOM objects from other "
                     "machines: let the user into the group 'Distributed COM Users', or allow "
                     "Remote Launch and Remote Activation in dcomcnfg (My Computer, COM Security)"
                   : "The host does not accept the credentials: check user, domain and password, "
                     "that the account is neither locked nor expired, and that it may 'Access this "
                     "computer from the network'";
    }
    if (!replied && says(detail, "logon")) {
        return "Check user, domain and password, and that the account is neither locked nor "
               "expired";
    }
    if (phase == REMOTE_LOGGING_IN) {
        return replied
                   ? "The user may not use this namespace from other machines: allow Enable "
                     "Account and Remote Enable in wmimgmt.msc (WMI Control, Security). A local "
                     "administrator is cut down by UAC unless LocalAccountTokenFilterPolicy is 1"
                   : "The user may start DCOM objects but not call them: allow Remote Access in "
                     "dcomcnfg (My Computer, COM Security, Access Permissions), and use a level of "
                     "at least packet integrity";
    }
    return "The user's permissions in the namespace do not cover this operation, or it needs an "
           "administrator there";
}

static const char *authentication(HRESULT hr)
{
    switch ((uint32_t)hr) {
    case (uint32_t)SEC_E_UNKNOWN_CREDENTIALS:
        return "Check user, domain and password, and that the account is neither locked nor "
               "expired";
    case (uint32_t)SEC_E_TIME_SKEW:
        return "Kerberos allows clocks to differ by five minutes: compare `timedatectl` here with "
               "`w32tm /query /status` there";
    case (uint32_t)SEC_E_TARGET_UNKNOWN:
    case (uint32_t)SEC_E_WRONG_PRINCIPAL:
        return "Kerberos needs the host's full DNS name, not its address or an alias: see "
               "`setspn -L host`";
    case (uint32_t)SEC_E_NO_CREDENTIALS:
    case (uint32_t)SEC_E_CONTEXT_EXPIRED:
        return "Give a user and a password, or get a ticket with kinit (see klist)";
    case (uint32_t)SEC_E_NO_AUTHENTICATING_AUTHORITY:
        return "No domain controller was reached: check krb5.conf, DNS and its port 88";
    case (uint32_t)SEC_E_MESSAGE_ALTERED:
    case (uint32_t)SEC_E_OUT_OF_SEQUENCE:
        return "Something changed what was sent, on the way or at the other end";
    default:
        return NULL;
    }
}

const char *remote_advice(enum remote_phase phase, HRESULT hr, bool replied, const char *detail)
{
    switch ((uint32_t)hr) {
    case (uint32_t)HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE):
        return unavailable(phase, detail);
    case (uint32_t)E_ACCESSDENIED:
    case (uint32_t)WBEM_E_ACCESS_DENIED:
        return denied(phase, replied, detail);
    case (uint32_t)RPC_E_TIMEOUT:
        return "The host took what was sent but did not answer in time: check its load and its "
               "service Winmgmt, or allow more time (WBEM_CALL_TIMEOUT)";
    case (uint32_t)RPC_E_DISCONNECTED:
    case (uint32_t)HRESULT_FROM_WIN32(RPC_S_CALL_FAILED):
        return "The connection is lost: the host, its service Winmgmt or the network has stopped; "
               "connect again";
    case (uint32_t)REGDB_E_CLASSNOTREG:
        return "The host has no WMI: check that its service Winmgmt is there and not disabled";
    case (uint32_t)WBEM_E_INVALID_NAMESPACE:
        return "Check the namespace's name: the instances of __NAMESPACE in root say what there is";
    case (uint32_t)HRESULT_FROM_WIN32(RPC_S_PROTOCOL_ERROR):
    case (uint32_t)NDR_E_BAD_DATA:
    case (uint32_t)RPC_E_INVALID_OBJREF:
        return "What came is not what WMI sends: check that the address and port are right and "
               "that nothing on the way changes it";
    default:
        break;
    }
    const char *text = authentication(hr);
    return text ? text : "";
}
