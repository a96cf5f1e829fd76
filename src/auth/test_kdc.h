/*
 * A KDC of MIT's on a port of the loopback, in a folder that goes with it, for
 * the realm EXAMPLE.TEST. The environment of this process points at it.
 */
#ifndef WBEM_AUTH_TEST_KDC_H
#define WBEM_AUTH_TEST_KDC_H

#include <stdbool.h>

/* Paths of its folder, set by kdc_start(). */
extern char kdc_folder[64], kdc_keytab[96], kdc_client_keytab[96];

/* False: this machine has no KDC to start. Principals: jane and old (password "secret"), rc4 (a key
 * of type RC4 only), host/server.example.test and RPCSS/server.example.test in kdc_keytab,
 * host/rc4.example.test with an RC4 key there too, HTTP/server.example.test in no keytab;
 * jane's keys in kdc_client_keytab. */
bool kdc_start(void);
void kdc_stop(void);

#endif
