/*
 * PAM's account phase: may this user be here now? There is no password to give
 * to its authentication phase: NTLM and Kerberos have proved who it is.
 */
#include "wbemd/accounts.h"

#include <stdio.h>
#include <string.h>

#include "com/com.h"

#ifdef HAVE_PAM
#include <security/pam_appl.h>

/* Modules may not ask anything: nobody is there to answer. */
static int converse(int count, const struct pam_message **messages, struct pam_response **responses,
                    void *context)
{
    return PAM_CONV_ERR;
}

/* A path is a file of its own, in the form of those in /etc/pam.d. */
static int start(const char *service, const char *account, const struct pam_conv *conversation,
                 pam_handle_t **ret)
{
    const char *slash = strrchr(service, '/');
    if (!slash) {
        return pam_start(service, account, conversation, ret);
    }
#ifdef HAVE_PAM_START_CONFDIR
    CLEANUP(com_cleanup_free) char *folder = strndup(service, (size_t)(slash - service));
    return folder ? pam_start_confdir(slash + 1, account, conversation, folder, ret) : PAM_BUF_ERR;
#else
    return PAM_ABORT;
#endif
}

bool pam_is_there(void)
{
    return true;
}

HRESULT pam_admit(const char *service, const char *account, const char *address, char *why,
                  size_t why_size)
{
    /* Modules are not all made for threads. */
    static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
    const struct pam_conv conversation = {converse, NULL};
    pam_handle_t *handle = NULL;
    pthread_mutex_lock(&one_at_a_time);
    int result = start(service, account, &conversation, &handle);
    if (result == PAM_SUCCESS && *address) {
        result = pam_set_item(handle, PAM_RHOST, address);
    }
    if (result == PAM_SUCCESS) {
        result = pam_acct_mgmt(handle, PAM_SILENT);
    }
    if (result != PAM_SUCCESS) {
        (void)snprintf(why, why_size, "PAM service %s: %s", service,
                       handle ? pam_strerror(handle, result) : "it could not be started");
    }
    if (handle) {
        (void)pam_end(handle, result);
    }
    pthread_mutex_unlock(&one_at_a_time);
    return result == PAM_SUCCESS ? S_OK : E_ACCESSDENIED;
}
#else
bool pam_is_there(void)
{
    return false;
}

HRESULT pam_admit(const char *service, const char *account, const char *address, char *why,
                  size_t why_size)
{
    (void)snprintf(why, why_size, "wbemd was built without PAM");
    return E_ACCESSDENIED;
}
#endif
