/* Security identifiers, descriptors, the access check. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <cmocka.h>

#include "com/com.h"
#include "security/security.h"

#define assert_ok(call) assert_int_equal((call), WBEM_S_NO_ERROR)

static void identifiers_are_text_and_bytes(void **state)
{
    (void)state;
    static const char *const texts[] = {"S-1-5-32-544", "S-1-1-0", "S-1-22-1-1000",
                                        "S-1-0xffffffffffff-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15",
                                        "S-1-5-21-4294967295-0-1"};
    char out[SID_TEXT_MAX];
    struct sid sid, again;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        assert_true(sid_parse(texts[i], &sid));
        sid_print(&sid, out);
        assert_string_equal(texts[i], out);
        assert_true(sid_read(sid.bytes, sid.size, &again));
        assert_true(sid_equal(&sid, &again));
        assert_false(sid_read(sid.bytes, sid.size - 1, &again));
    }
    assert_true(sid_parse("S-1-5-32-544", &sid));
    assert_true(sid_equal(&sid, &sid_administrators));
    /* [MS-DTYP] 2.4.2.4 */
    assert_true(sid_parse("S-1-5-11", &sid) && sid_equal(&sid, &sid_authenticated_users));
    assert_true(sid_parse("S-1-1-0", &sid) && sid_equal(&sid, &sid_everyone));
    assert_true(sid_parse("S-1-5-2", &sid) && sid_equal(&sid, &sid_network));
    static const char *const wrong[] = {"",
                                        "S-1-",
                                        "S-2-5-1",
                                        "S-1-5-4294967296",
                                        "S-1-5--1",
                                        "S-1-5-1x",
                                        "S-1-0x1000000000000-1",
                                        "S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        assert_false(sid_parse(wrong[i], &sid));
    }
}

static struct descriptor sample(void)
{
    struct descriptor d = {.has_dacl = true};
    struct sid user;
    sid_of_user(1000, &user);
    d.owner = sid_administrators;
    d.group = user;
    assert_ok(descriptor_add(&d, ACE_DENIED, ACE_CONTAINER_INHERIT, WBEM_METHOD_EXECUTE, &user));
    assert_ok(descriptor_add(&d, ACE_ALLOWED, 0, WBEM_ENABLE | WBEM_METHOD_EXECUTE, &sid_everyone));
    return d;
}

static void descriptors_are_bytes(void **state)
{
    (void)state;
    struct descriptor d = sample(), again;
    uint8_t *bytes;
    uint32_t size;
    d.protected_dacl = true;
    assert_ok(descriptor_write(&d, &bytes, &size));
    assert_ok(descriptor_read(bytes, size, &again));
    assert_true(again.protected_dacl);
    assert_true(sid_equal(&d.owner, &again.owner));
    assert_true(sid_equal(&d.group, &again.group));
    assert_int_equal(d.count, again.count);
    for (uint32_t i = 0; i < d.count; i++) {
        assert_int_equal(d.aces[i].type, again.aces[i].type);
        assert_int_equal(d.aces[i].flags, again.aces[i].flags);
        assert_int_equal(d.aces[i].mask, again.aces[i].mask);
        assert_true(sid_equal(&d.aces[i].sid, &again.aces[i].sid));
    }
    descriptor_done(&again);

    for (uint32_t cut = 0; cut < size; cut++) {
        uint8_t *copy = malloc(cut + !cut);
        memcpy(copy, bytes, cut);
        assert_int_equal(WBEM_E_INVALID_PARAMETER, descriptor_read(copy, cut, &again));
        free(copy);
    }
    /* Any octet changed: refused, or a descriptor that can be written. */
    for (uint32_t at = 0; at < size; at++) {
        for (int bit = 0; bit < 8; bit++) {
            uint8_t *copy = malloc(size);
            memcpy(copy, bytes, size);
            copy[at] ^= (uint8_t)(1 << bit);
            if (SUCCEEDED(descriptor_read(copy, size, &again))) {
                uint8_t *out;
                uint32_t out_size;
                assert_ok(descriptor_write(&again, &out, &out_size));
                free(out);
                descriptor_done(&again);
            }
            free(copy);
        }
    }
    free(bytes);
    descriptor_done(&d);
}

/* One made elsewhere: owner and group behind the list, as other systems lay it out. */
static void foreign_layouts_are_read(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {
        1, 0, 4,  0x80, 48, 0, 0, 0, 64, 0, 0, 0, 0,  0, 0, 0, 20, 0, 0, 0, /* header */
        2, 0, 28, 0,    1,  0, 0, 0,                                        /* list */
        0, 2, 20, 0,    1,  0, 6, 0, 1,  1, 0, 0, 0,  0, 0, 1, 0,  0, 0, 0, /* Everyone */
        1, 2, 0,  0,    0,  0, 0, 5, 32, 0, 0, 0, 32, 2, 0, 0,              /* owner */
        1, 1, 0,  0,    0,  0, 0, 5, 11, 0, 0, 0};                          /* group */
    struct descriptor d;
    assert_ok(descriptor_read(bytes, sizeof(bytes), &d));
    assert_true(sid_equal(&d.owner, &sid_administrators));
    assert_true(sid_equal(&d.group, &sid_authenticated_users));
    assert_int_equal(d.count, 1);
    assert_int_equal(d.aces[0].mask, 0x60001);
    assert_true(sid_equal(&d.aces[0].sid, &sid_everyone));
    descriptor_done(&d);
}

static void the_order_of_entries_counts(void **state)
{
    (void)state;
    struct descriptor d = sample();
    struct token user = {.count = 0}, other = {.count = 0};
    struct sid sid;
    sid_of_user(1000, &sid);
    assert_ok(token_add(&user, &sid));
    assert_ok(token_add(&user, &sid_everyone));
    assert_ok(token_add(&other, &sid_everyone));
    assert_int_equal(access_granted(&d, &user, SECURITY_ALL), WBEM_ENABLE);
    assert_int_equal(access_granted(&d, &other, SECURITY_ALL), WBEM_ENABLE | WBEM_METHOD_EXECUTE);
    /* What was granted before is not taken back: [MS-DTYP] 2.5.3.2. */
    struct ace first = d.aces[0];
    d.aces[0] = d.aces[1];
    d.aces[1] = first;
    assert_int_equal(access_granted(&d, &user, SECURITY_ALL), WBEM_ENABLE | WBEM_METHOD_EXECUTE);
    /* Only for those below. */
    d.aces[0].flags = ACE_CONTAINER_INHERIT | ACE_INHERIT_ONLY;
    assert_int_equal(access_granted(&d, &other, SECURITY_ALL), 0);
    /* The owner can always mend it. */
    d.owner = sid;
    assert_int_equal(access_granted(&d, &user, SECURITY_ALL),
                     SECURITY_READ_CONTROL | SECURITY_WRITE_DAC);
    d.has_dacl = false;
    assert_int_equal(access_granted(&d, &other, SECURITY_ALL), SECURITY_ALL);
    token_done(&user);
    token_done(&other);
    descriptor_done(&d);
}

static void entries_are_inherited(void **state)
{
    (void)state;
    struct descriptor d = {.has_dacl = true}, child = {.has_dacl = true},
                      grand = {.has_dacl = true};
    assert_ok(descriptor_add(&d, ACE_ALLOWED, 0, 1, &sid_everyone));
    assert_ok(descriptor_add(&d, ACE_ALLOWED, ACE_CONTAINER_INHERIT | ACE_INHERIT_ONLY, 2,
                             &sid_everyone));
    assert_ok(descriptor_add(&d, ACE_DENIED, ACE_CONTAINER_INHERIT | ACE_NO_PROPAGATE_INHERIT, 4,
                             &sid_everyone));
    assert_ok(descriptor_inherit(&d, &child));
    assert_int_equal(child.count, 2);
    assert_int_equal(child.aces[0].mask, 2);
    assert_int_equal(child.aces[0].flags, ACE_CONTAINER_INHERIT | ACE_INHERITED);
    assert_int_equal(child.aces[1].flags, ACE_INHERITED);
    assert_ok(descriptor_inherit(&child, &grand));
    assert_int_equal(grand.count, 1);
    assert_int_equal(grand.aces[0].mask, 2);
    descriptor_done(&d);
    descriptor_done(&child);
    descriptor_done(&grand);
}

static void a_caller_is_this_process_or_the_client(void **state)
{
    (void)state;
    struct token t;
    struct sid user;
    struct com_call_context context;
    sid_of_user(geteuid(), &user);
    assert_ok(token_of_caller(&t));
    assert_true(token_has(&t, &user));
    assert_true(token_has(&t, &sid_authenticated_users));
    assert_int_equal(token_has(&t, &sid_administrators), geteuid() == 0);
    assert_false(t.remote);
    token_done(&t);

    com_call_context_local(&context);
    context.client = L"DOMAIN\\no such user";
    com_call_context_push(&context);
    assert_ok(token_of_caller(&t));
    com_call_context_pop(&context);
    assert_true(t.remote);
    assert_false(token_has(&t, &user));
    assert_true(token_has(&t, &sid_network));
    assert_true(token_has(&t, &sid_everyone));
    token_done(&t);

    context.client = L"DOMAIN\\root";
    com_call_context_push(&context);
    assert_ok(token_of_caller(&t));
    com_call_context_pop(&context);
    assert_true(t.remote);
    assert_true(token_has(&t, &sid_administrators));
    token_done(&t);

    context.client = L"root@EXAMPLE.ORG"; /* some realm's, not ours */
    com_call_context_push(&context);
    assert_ok(token_of_caller(&t));
    com_call_context_pop(&context);
    assert_false(token_has(&t, &sid_administrators));
    token_done(&t);
}

/* Databases that cannot be read make nobody an account that is denied nothing. */
static void databases_that_do_not_answer_are_no_answer(void **state)
{
    (void)state;
    struct rlimit before, none;
    struct token t;
    struct sid sid;
    uid_t uid;
    gid_t gid;
    assert_ok(token_of_account("daemon", &t));
    token_done(&t);
    assert_ok(account_find_user("daemon", &uid, &gid));
    assert_int_equal(1, uid);
    assert_ok(account_find_group("daemon", &gid));
    assert_int_equal(WBEM_E_NOT_FOUND, account_find_user("no such user", &uid, &gid));
    assert_int_equal(WBEM_E_NOT_FOUND, account_find_group("no such group", &gid));
    assert_int_equal(WBEM_E_NOT_FOUND, token_of_account("no such user", &t));

    assert_int_equal(0, getrlimit(RLIMIT_NOFILE, &before));
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = before.rlim_max};
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &none));
    HRESULT user = account_find_user("daemon", &uid, &gid);
    HRESULT group = account_find_group("daemon", &gid);
    HRESULT account = token_of_account("daemon", &t);
    struct com_call_context context;
    com_call_context_local(&context);
    context.client = L"DOMAIN\\daemon";
    token_forget_clients();
    com_call_context_push(&context);
    HRESULT failed = token_of_caller(&t);
    assert_int_equal(0, setrlimit(RLIMIT_NOFILE, &before));
    HRESULT later = token_of_caller(&t); /* it was not kept */
    com_call_context_pop(&context);
    assert_int_equal(WBEM_E_FAILED, user);
    assert_int_equal(WBEM_E_FAILED, group);
    assert_int_equal(WBEM_E_FAILED, account);
    assert_int_equal(WBEM_E_FAILED, failed);
    assert_ok(later);
    sid_of_user(1, &sid);
    assert_true(token_has(&t, &sid));
    token_done(&t);
}

static HRESULT count_asked(void *context, const char *client, struct token *ret)
{
    ++*(int *)context;
    return strstr(client, "broken") ? WBEM_E_FAILED : token_add_everybody(ret);
}

static HRESULT ask_as(const wchar_t *client)
{
    struct com_call_context context;
    struct token t;
    com_call_context_local(&context);
    context.client = client;
    com_call_context_push(&context);
    HRESULT hr = token_of_caller(&t);
    com_call_context_pop(&context);
    if (SUCCEEDED(hr)) {
        assert_true(t.remote);
        assert_true(token_has(&t, &sid_network));
        assert_true(token_has(&t, &sid_everyone));
        token_done(&t);
    }
    return hr;
}

static void clients_are_kept_for_a_while(void **state)
{
    int asked = 0;
    token_set_map(count_asked, &asked);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(WBEM_S_NO_ERROR, ask_as(L"D\\jane"));
    }
    assert_int_equal(1, asked);
    assert_int_equal(WBEM_S_NO_ERROR, ask_as(L"D\\joe"));
    assert_int_equal(2, asked);
    token_forget_clients();
    assert_int_equal(WBEM_S_NO_ERROR, ask_as(L"D\\jane"));
    assert_int_equal(3, asked);
    /* What failed is asked again. */
    assert_int_equal(WBEM_E_FAILED, ask_as(L"D\\broken"));
    assert_int_equal(WBEM_E_FAILED, ask_as(L"D\\broken"));
    assert_int_equal(5, asked);
    /* So many that the first ones have to go. */
    for (int i = 0; i < 200; i++) {
        wchar_t name[20];
        swprintf(name, 20, L"D\\user%d", i);
        assert_int_equal(WBEM_S_NO_ERROR, ask_as(name));
    }
    assert_int_equal(WBEM_S_NO_ERROR, ask_as(L"D\\jane"));
    assert_int_equal(206, asked);
    token_set_map(NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identifiers_are_text_and_bytes),
        cmocka_unit_test(descriptors_are_bytes),
        cmocka_unit_test(foreign_layouts_are_read),
        cmocka_unit_test(the_order_of_entries_counts),
        cmocka_unit_test(entries_are_inherited),
        cmocka_unit_test(a_caller_is_this_process_or_the_client),
        cmocka_unit_test(databases_that_do_not_answer_are_no_answer),
        cmocka_unit_test(clients_are_kept_for_a_while),
    };
    return cmocka_run_group_tests_name("security", tests, NULL, NULL);
}
