/*
 * Hands on to the transport what DCOM asks of RPC.
 */
#include "dcom/channel.h"

static const struct channel_transport *transport = &channel_rpc; /* fixed after main() begins */

void channel_set_transport(const struct channel_transport *t)
{
    transport = t;
}

HRESULT channel_open(const struct channel_options *options, struct channel **ret)
{
    return transport->open(options, ret);
}

void channel_ref(struct channel *c)
{
    transport->ref(c);
}

void channel_unref(struct channel *c)
{
    if (c) {
        transport->unref(c);
    }
}

void channel_close(struct channel *c)
{
    transport->close(c);
}

bool channel_is_open(struct channel *c)
{
    return transport->is_open(c);
}

HRESULT channel_call(struct channel *c, const struct channel_request *request,
                     struct channel_reply *ret)
{
    return transport->call(c, request, ret);
}

HRESULT channel_call_begin(struct channel *c, const struct channel_request *request,
                           channel_done *done, void *arg, struct channel_call **ret)
{
    return transport->call_begin(c, request, done, arg, ret);
}

void channel_call_cancel(struct channel_call *call)
{
    transport->call_cancel(call);
}

void channel_call_unref(struct channel_call *call)
{
    if (call) {
        transport->call_unref(call);
    }
}

void channel_credentials_ref(struct auth_credentials *credentials)
{
    if (credentials) {
        transport->credentials_ref(credentials);
    }
}

void channel_credentials_unref(struct auth_credentials *credentials)
{
    if (credentials) {
        transport->credentials_unref(credentials);
    }
}

HRESULT channel_serve(struct rpc_server *rpc, const IID *iid, uint16_t version,
                      const struct channel_service *service)
{
    return transport->serve(rpc, iid, version, service);
}

void channel_reply(struct rpc_server_call *rpc, const uint8_t *stub, size_t size)
{
    transport->reply(rpc, stub, size);
}

void channel_fault(struct rpc_server_call *rpc, HRESULT hr)
{
    transport->fault(rpc, hr);
}
