/*
 * IWbemLocator and IWbemServices over the local machine: routes each operation
 * to the repository (classes) or to a provider (instances), and puts an
 * enumerator or a delivery in front of what they yield.
 */
#ifndef WBEM_SERVICES_SERVICES_H
#define WBEM_SERVICES_SERVICES_H

#include "repository/repository.h"

/* IWbemServices for one namespace, which must outlive it. `locales`: whose texts
 * WBEM_FLAG_USE_AMENDED_QUALIFIERS gives, such as MS_40C,MS_409; NULL: those of the definitions. */
HRESULT services_create(struct repository_namespace *n, const wchar_t *locales,
                        IWbemServices **ret);

/* Creators for CoCreateInstance. */
HRESULT locator_create(IUnknown *outer, REFIID riid, void **ret);
HRESULT backup_restore_create(IUnknown *outer, REFIID riid, void **ret);
HRESULT context_create(IUnknown *outer, REFIID riid, void **ret);
HRESULT mof_compiler_create(IUnknown *outer, REFIID riid, void **ret);
HRESULT refresher_create(IUnknown *outer, REFIID riid, void **ret);
HRESULT status_code_text_create(IUnknown *outer, REFIID riid, void **ret);
HRESULT unsecured_apartment_create(IUnknown *outer, REFIID riid, void **ret);

#endif
