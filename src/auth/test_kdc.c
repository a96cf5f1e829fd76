/*
 * The KDC of the tests: made by MIT's own tools from nothing.
 */
#include "auth/test_kdc.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

char kdc_folder[64], kdc_keytab[96], kdc_client_keytab[96];

static bool write_file(const char *name, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool write_file(const char *name, const char *format, ...)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", kdc_folder, name);
    FILE *f = fopen(path, "w");
    if (!f) {
        return false;
    }
    va_list arguments;
    va_start(arguments, format);
    (void)vfprintf(f, format, arguments);
    va_end(arguments);
    return fclose(f) == 0;
}

/* Runs a command in the folder; what it says goes to a file there. */
static bool run(const char *format, ...) __attribute__((format(printf, 1, 2)));

static bool run(const char *format, ...)
{
    char command[512], line[1024];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    (void)snprintf(line, sizeof line, "cd %s && PATH=$PATH:/usr/sbin:/sbin && %s >>log 2>&1",
                   kdc_folder, command);
    return system(line) == 0; // NOLINT(cert-env33-c): the commands are ours
}

/* A port that is free on both transports just now. */
static unsigned free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    unsigned port = 0;
    if (tcp >= 0 && bind(tcp, (struct sockaddr *)&address, sizeof address) == 0 &&
        getsockname(tcp, (struct sockaddr *)&address, &size) == 0) {
        port = ntohs(address.sin_port);
    }
    if (tcp >= 0) {
        close(tcp);
    }
    return port;
}

static bool write_configuration(unsigned port)
{
    return write_file("krb5.conf",
                      "[libdefaults]\n"
                      "default_realm = EXAMPLE.TEST\n"
                      "dns_lookup_kdc = false\ndns_lookup_realm = false\nrdns = false\n"
                      "dns_canonicalize_hostname = false\n"
                      "default_ccache_name = FILE:%s/default_ccache\n"
                      "permitted_enctypes = aes256-cts aes128-cts arcfour-hmac\n"
                      "[realms]\nEXAMPLE.TEST = {\nkdc = 127.0.0.1:%u\n}\n"
                      "GONE.TEST = {\nkdc = 127.0.0.1:1\n}\n"
                      "[domain_realm]\n.example.test = EXAMPLE.TEST\n.gone.test = GONE.TEST\n"
                      "[logging]\nkdc = FILE:%s/kdc.log\ndefault = FILE:%s/kdc.log\n",
                      kdc_folder, port, kdc_folder, kdc_folder) &&
           write_file("kdc.conf",
                      "[kdcdefaults]\nkdc_listen = 127.0.0.1:%u\nkdc_tcp_listen = 127.0.0.1:%u\n"
                      "[realms]\nEXAMPLE.TEST = {\n"
                      "database_name = %s/principal\nkey_stash_file = %s/stash\n"
                      "acl_file = %s/acl\nmax_life = 10h\n"
                      "supported_enctypes = aes256-cts:normal aes128-cts:normal\n}\n",
                      port, port, kdc_folder, kdc_folder, kdc_folder);
}

static bool fill_database(void)
{
    return write_file("commands",
                      "addprinc -pw secret jane\n"
                      "addprinc -pw secret old\n"
                      "modprinc -pwexpire yesterday old\n"
                      "addprinc -pw secret -e arcfour-hmac:normal rc4\n"
                      "addprinc -randkey host/server.example.test\n"
                      "addprinc -randkey RPCSS/server.example.test\n"
                      "addprinc -randkey HTTP/server.example.test\n"
                      "addprinc -randkey -e arcfour-hmac:normal host/rc4.example.test\n"
                      "ktadd -k %s host/server.example.test RPCSS/server.example.test\n"
                      "ktadd -k %s -e arcfour-hmac:normal host/rc4.example.test\n"
                      "ktadd -k %s -norandkey jane\n",
                      kdc_keytab, kdc_keytab, kdc_client_keytab) &&
           run("kdb5_util create -s -r EXAMPLE.TEST -P master") &&
           run("kadmin.local -r EXAMPLE.TEST < commands");
}

static void environment(const char *name, const char *value)
{
    char text[128];
    (void)snprintf(text, sizeof text, "%s%s", value[0] == '/' ? kdc_folder : "", value);
    (void)setenv(name, text, 1);
}

bool kdc_start(void)
{
    (void)snprintf(kdc_folder, sizeof kdc_folder, "/tmp/wbem-kdc-XXXXXX");
    if (!mkdtemp(kdc_folder)) {
        return false;
    }
    (void)snprintf(kdc_keytab, sizeof kdc_keytab, "%s/keytab", kdc_folder);
    (void)snprintf(kdc_client_keytab, sizeof kdc_client_keytab, "%s/client_keytab", kdc_folder);
    environment("KRB5_CONFIG", "/krb5.conf");
    environment("KRB5_KDC_PROFILE", "/kdc.conf");
    environment("KRB5RCACHENAME", "none:");
    environment("KRB5CCNAME", "/default_ccache");
    environment("KRB5_TRACE", "/trace");
    unsigned port = free_port();
    /* The KDC goes to the background when it listens. */
    if (port != 0 && write_configuration(port) && fill_database() &&
        run("krb5kdc -r EXAMPLE.TEST -P %s/pid", kdc_folder)) {
        return true;
    }
    kdc_stop();
    return false;
}

void kdc_stop(void)
{
    char path[128], text[32] = "";
    (void)snprintf(path, sizeof path, "%s/pid", kdc_folder);
    FILE *f = fopen(path, "r");
    if (f) {
        if (fgets(text, sizeof text, f)) {
            pid_t pid = (pid_t)strtol(text, NULL, 10);
            if (pid > 1) {
                (void)kill(pid, SIGTERM);
            }
        }
        (void)fclose(f);
    }
    if (getenv("WBEM_TEST_KEEP")) {
        return;
    }
    (void)run("rm -rf %s", kdc_folder);
}
