/*
 * Asking the user for a name and a password: a prompt on the terminal here, which shows nothing of
 * the password while it is typed.
 */
#ifndef WBEM_WINCRED_H
#define WBEM_WINCRED_H

#include "windef.h"
#include "winerror.h"

#define CRED_MAX_STRING_LENGTH 256
#define CRED_MAX_USERNAME_LENGTH 513
#define CRED_MAX_DOMAIN_TARGET_NAME_LENGTH 337
#define CREDUI_MAX_MESSAGE_LENGTH 1024
#define CREDUI_MAX_CAPTION_LENGTH 128
#define CREDUI_MAX_GENERIC_TARGET_LENGTH 32767
#define CREDUI_MAX_DOMAIN_TARGET_LENGTH CRED_MAX_DOMAIN_TARGET_NAME_LENGTH
#define CREDUI_MAX_USERNAME_LENGTH CRED_MAX_USERNAME_LENGTH
#define CREDUI_MAX_PASSWORD_LENGTH 256

#define CREDUI_FLAGS_INCORRECT_PASSWORD 0x00001
#define CREDUI_FLAGS_DO_NOT_PERSIST 0x00002
#define CREDUI_FLAGS_REQUEST_ADMINISTRATOR 0x00004
#define CREDUI_FLAGS_EXCLUDE_CERTIFICATES 0x00008
#define CREDUI_FLAGS_REQUIRE_CERTIFICATE 0x00010
#define CREDUI_FLAGS_SHOW_SAVE_CHECK_BOX 0x00040
#define CREDUI_FLAGS_ALWAYS_SHOW_UI 0x00080
#define CREDUI_FLAGS_REQUIRE_SMARTCARD 0x00100
#define CREDUI_FLAGS_PASSWORD_ONLY_OK 0x00200
#define CREDUI_FLAGS_VALIDATE_USERNAME 0x00400
#define CREDUI_FLAGS_COMPLETE_USERNAME 0x00800
#define CREDUI_FLAGS_PERSIST 0x01000
#define CREDUI_FLAGS_SERVER_CREDENTIAL 0x04000
#define CREDUI_FLAGS_EXPECT_CONFIRMATION 0x20000
#define CREDUI_FLAGS_GENERIC_CREDENTIALS 0x40000
#define CREDUI_FLAGS_USERNAME_TARGET_CREDENTIALS 0x80000
#define CREDUI_FLAGS_KEEP_USERNAME 0x100000

typedef struct _CREDUI_INFOW {
    DWORD cbSize;
    HWND hwndParent;
    PCWSTR pszMessageText; /* printed before the prompt */
    PCWSTR pszCaptionText; /* printed first */
    HBITMAP hbmBanner;
} CREDUI_INFOW, *PCREDUI_INFOW;

typedef struct _CREDUI_INFOA {
    DWORD cbSize;
    HWND hwndParent;
    PCSTR pszMessageText;
    PCSTR pszCaptionText;
    HBITMAP hbmBanner;
} CREDUI_INFOA, *PCREDUI_INFOA;

/* Any; the prompts take and ignore it. */
typedef PVOID PCtxtHandle;

#define CREDUIAPI EXTERN_C WBEM_EXPORT DWORD WINAPI

/* Ask on /dev/tty, or on standard input and error where there is no terminal. A name already in
 * pszUserName is offered, an empty line takes it. Nothing is stored: *save becomes FALSE. Sizes are
 * in characters with the terminator. NO_ERROR; ERROR_CANCELLED at the end of input;
 * ERROR_INSUFFICIENT_BUFFER; ERROR_INVALID_PARAMETER; ERROR_INVALID_FLAGS. */
CREDUIAPI CredUIPromptForCredentialsW(PCREDUI_INFOW pUiInfo, PCWSTR pszTargetName,
                                      PCtxtHandle pContext, DWORD dwAuthError, PWSTR pszUserName,
                                      ULONG ulUserNameBufferSize, PWSTR pszPassword,
                                      ULONG ulPasswordBufferSize, BOOL *save, DWORD dwFlags);
CREDUIAPI CredUIPromptForCredentialsA(PCREDUI_INFOA pUiInfo, PCSTR pszTargetName,
                                      PCtxtHandle pContext, DWORD dwAuthError, PSTR pszUserName,
                                      ULONG ulUserNameBufferSize, PSTR pszPassword,
                                      ULONG ulPasswordBufferSize, BOOL *save, DWORD dwFlags);
CREDUIAPI CredUICmdLinePromptForCredentialsW(PCWSTR pszTargetName, PCtxtHandle pContext,
                                             DWORD dwAuthError, PWSTR UserName,
                                             ULONG ulUserBufferSize, PWSTR pszPassword,
                                             ULONG ulPasswordBufferSize, PBOOL pfSave,
                                             DWORD dwFlags);
CREDUIAPI CredUICmdLinePromptForCredentialsA(PCSTR pszTargetName, PCtxtHandle pContext,
                                             DWORD dwAuthError, PSTR UserName,
                                             ULONG ulUserBufferSize, PSTR pszPassword,
                                             ULONG ulPasswordBufferSize, PBOOL pfSave,
                                             DWORD dwFlags);
/* DOMAIN\user or user@domain in its two parts. ERROR_BAD_USERNAME when there is no domain. */
CREDUIAPI CredUIParseUserNameW(PCWSTR userName, WCHAR *user, ULONG userBufferSize, WCHAR *domain,
                               ULONG domainBufferSize);
CREDUIAPI CredUIParseUserNameA(PCSTR userName, CHAR *user, ULONG userBufferSize, CHAR *domain,
                               ULONG domainBufferSize);

#ifdef UNICODE
#define CREDUI_INFO CREDUI_INFOW
#define PCREDUI_INFO PCREDUI_INFOW
#define CredUIPromptForCredentials CredUIPromptForCredentialsW
#define CredUICmdLinePromptForCredentials CredUICmdLinePromptForCredentialsW
#define CredUIParseUserName CredUIParseUserNameW
#else
#define CREDUI_INFO CREDUI_INFOA
#define PCREDUI_INFO PCREDUI_INFOA
#define CredUIPromptForCredentials CredUIPromptForCredentialsA
#define CredUICmdLinePromptForCredentials CredUICmdLinePromptForCredentialsA
#define CredUIParseUserName CredUIParseUserNameA
#endif

#endif
