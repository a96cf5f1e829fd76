/*
 * The peers of a test over TCP and NTLM: any user of the domain TEST has the
 * same password.
 */
#include "dcom/test_peer.h"
#include "rpc/rpc.h"

#include <string.h>

const bool peer_in_process = false;

static const char password[] = "of all of them";

static HRESULT look_up(void *context, const char *domain, const char *user,
                       uint8_t hash[AUTH_NT_HASH_SIZE])
{
    return auth_nt_hash(password, hash);
}

static const struct auth_acceptor acceptor = {.lookup = look_up, .netbios_domain = "TEST"};

struct dcom_security peer_security(const char *user)
{
    /* Made once for each user; they stay until the program ends. */
    static struct {
        const char *user;
        struct auth_credentials *credentials;
    } known[8];
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    size_t i = 0;
    pthread_mutex_lock(&lock);
    while (known[i].user && strcmp(known[i].user, user) != 0) {
        i++;
    }
    if (!known[i].user) {
        const char *name = strchr(user, '\\') + 1;
        if (FAILED(auth_credentials_password("TEST", name, password, &known[i].credentials))) {
            abort();
        }
        known[i].user = user;
    }
    pthread_mutex_unlock(&lock);
    return (struct dcom_security){.authn_service = RPC_C_AUTHN_WINNT,
                                  .credentials = known[i].credentials};
}

void peer_start(struct peer *p, struct dcom_server_options *options)
{
    static const char *const addresses[] = {PEER_HOST};
    struct rpc_server_options rpc = {.acceptor = &acceptor};
    *p = (struct peer){.ping_period_ms = options->ping_period_ms};
    if (FAILED(rpc_server_new(&rpc, &p->rpc)) ||
        FAILED(rpc_server_listen(p->rpc, PEER_HOST, 0, &p->port))) {
        abort();
    }
    options->rpc = p->rpc;
    options->addresses = addresses;
    options->address_count = ARRAYSIZE(addresses);
    options->resolver_port = options->object_port = p->port;
}

void peer_stop(struct peer *p)
{
    rpc_server_stop(p->rpc, true);
}

void peer_done(struct peer *p)
{
    rpc_server_free(p->rpc);
}
