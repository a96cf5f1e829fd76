/*
 * N1 from the other language: the enumerator's methods called as C++ calls
 * them, with a sink that is a C++ class.
 */
#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>

#include <semaphore.h>
#include <wbemcli.h>

extern "C" {
#include <cmocka.h>

#include "enumerator/enumerator.h"
}

namespace
{

class sink : public IWbemObjectSink
{
  public:
    sink()
    {
        sem_init(&finished, 0, 0);
    }
    virtual ~sink()
    {
        sem_destroy(&finished);
    }
    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID, void **ppv) override
    {
        *ppv = nullptr;
        return E_NOINTERFACE;
    }
    ULONG STDMETHODCALLTYPE AddRef() override
    {
        return 2;
    }
    ULONG STDMETHODCALLTYPE Release() override
    {
        return 1;
    }
    HRESULT STDMETHODCALLTYPE Indicate(LONG, IWbemClassObject **) override
    {
        indicated = true;
        return WBEM_S_NO_ERROR;
    }
    HRESULT STDMETHODCALLTYPE SetStatus(LONG, HRESULT hr, BSTR, IWbemClassObject *) override
    {
        status = hr;
        sem_post(&finished);
        return WBEM_S_NO_ERROR;
    }
    sem_t finished;
    bool indicated = false;
    HRESULT status = E_FAIL;
};

IEnumWbemClassObject *empty_enumerator()
{
    source *nothing = nullptr;
    assert_int_equal(source_empty(&nothing), WBEM_S_NO_ERROR);
    IEnumWbemClassObject *e = nullptr;
    assert_int_equal(enumerator_create(nothing, nullptr, &e), WBEM_S_NO_ERROR);
    return e;
}

void test_n01_methods_from_cpp(void **)
{
    IEnumWbemClassObject *e = empty_enumerator();
    IWbemClassObject *object = nullptr;
    ULONG n = 1;
    assert_int_equal(e->Next(static_cast<LONG>(WBEM_INFINITE), 1, &object, &n), WBEM_S_FALSE);
    assert_int_equal(n, 0);
    assert_int_equal(e->Skip(WBEM_NO_WAIT, 1), WBEM_S_FALSE);
    assert_int_equal(e->Reset(), WBEM_S_NO_ERROR);
    sink unused;
    assert_int_equal(e->NextAsync(1, &unused), WBEM_S_FALSE);
    assert_int_equal(unused.status, E_FAIL);
    IEnumWbemClassObject *clone = nullptr;
    assert_int_equal(e->Clone(&clone), WBEM_S_NO_ERROR);
    assert_int_equal(clone->Release(), 0);
    assert_int_equal(e->Release(), 0);
}

void test_n02_sink_in_cpp(void **)
{
    source *nothing = nullptr;
    assert_int_equal(source_empty(&nothing), WBEM_S_NO_ERROR);
    sink s;
    assert_int_equal(delivery_start(nothing, 0, nullptr, &s), WBEM_S_NO_ERROR);
    while (sem_wait(&s.finished) != 0) {
    }
    delivery_drain();
    assert_false(s.indicated);
    assert_int_equal(s.status, WBEM_S_NO_ERROR);
}

} // namespace

int main()
{
    const CMUnitTest tests[] = {
        cmocka_unit_test(test_n01_methods_from_cpp),
        cmocka_unit_test(test_n02_sink_in_cpp),
    };
    return cmocka_run_group_tests_name("interface-cpp", tests, nullptr, nullptr);
}
