/* A method of IWbemServices that gives one object or nothing, as a thing to be done now, in the
 * background for a call result, or for a sink. */
#ifndef WBEM_REMOTE_TASK_H
#define WBEM_REMOTE_TASK_H

#include "remote/remote_private.h"

enum task_result {
    GIVES_NOTHING, /* ppCallResult only */
    GIVES_OBJECT,  /* an object, then ppCallResult */
    GIVES_ANSWER,  /* the same, but there may be no object */
    GIVES_PATH,    /* ppCallResult, whose string is the path of what was put */
};

struct remote_task {
    struct remote_host *host;
    struct dcom_object *services;
    uint16_t opnum;
    enum task_result gives;
    unsigned timeout_ms;
    const char *step;
    struct remote_security security; /* as the services are called; GIVES_PATH needs it */
    struct ndr_writer in;
};

/* One to write the arguments to, in `in`; NULL when memory runs out. */
struct remote_task *remote_task_create(struct remote_host *h, struct dcom_object *services,
                                       uint16_t opnum, enum task_result gives, unsigned timeout_ms,
                                       const char *step);

/* All of these take the operation. */
HRESULT remote_task_run(struct remote_task *t, IWbemClassObject **ret); /* ret may be NULL */
HRESULT remote_task_start(struct remote_task *t, IUnknown *owner, IWbemObjectSink *sink);
/* As the flags and the two out-pointers of a synchronous method say. */
HRESULT remote_task_finish(struct remote_task *t, LONG flags, IUnknown *owner,
                           IWbemClassObject **ret, IWbemCallResult **ret_result);

#endif
