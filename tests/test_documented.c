/*
 * What docs/classes.md (the only argument) says of the live classes: each is
 * named there, and of those that have a section of their own each property is.
 * Win32_Process and Win32_OperatingSystem have all documented properties, with
 * the documented types.
 */
#include "local.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static IWbemServices *services;
static char *text; /* of the document */

static int connect_once(void **state)
{
    (void)state;
    services = local_services();
    return 0;
}

static int disconnect(void **state)
{
    (void)state;
    IWbemServices_Release(services);
    CoUninitialize();
    return 0;
}

/* ---- the document ------------------------------------------------------------------ */

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Is it a word of the text before `end`? */
static bool names(const char *from, const char *end, const char *word)
{
    size_t length = strlen(word);
    for (const char *p = from; (p = strstr(p, word)) && p < end; p++) {
        if ((p == text || !is_word(p[-1])) && !is_word(p[length])) {
            return true;
        }
    }
    return false;
}

/* The section whose heading has the class's name; *ret_end: of the next heading. NULL: none. */
static const char *section_of(const char *class_name, const char **ret_end)
{
    for (const char *p = text; p; p = strchr(p, '\n'), p += p != NULL) {
        size_t length = strcspn(p, "\n");
        if (p[0] == '#' && names(p, p + length, class_name)) {
            const char *end = strstr(p + length, "\n#");
            *ret_end = end ? end : p + strlen(p);
            return p;
        }
    }
    return NULL;
}

/* Raw and formatted classes of counters share a section with the rest of their names. */
static const char *without_prefix(const char *name)
{
    static const char *const prefixes[] = {"Win32_PerfRawData_", "Win32_PerfFormattedData_"};
    for (size_t i = 0; i < 2; i++) {
        size_t length = strlen(prefixes[i]);
        if (strncmp(name, prefixes[i], length) == 0) {
            return name + length;
        }
    }
    return name;
}

static void put_narrow(const wchar_t *wide, char *out, size_t size)
{
    size_t i = 0;
    for (; wide[i] && i + 1 < size; i++) {
        out[i] = (char)wide[i]; /* names of classes and properties are ASCII */
    }
    out[i] = '\0';
}

/* ---- every class ------------------------------------------------------------------- */

static bool is_dynamic(IWbemClassObject *cls)
{
    IWbemQualifierSet *set = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_GetQualifierSet(cls, &set));
    HRESULT hr = IWbemQualifierSet_Get(set, L"dynamic", 0, NULL, NULL);
    IWbemQualifierSet_Release(set);
    return SUCCEEDED(hr);
}

static void every_live_class_is_described(void **state)
{
    (void)state;
    IEnumWbemClassObject *e = NULL;
    IWbemClassObject *cls;
    ULONG got;
    unsigned count = 0, missing = 0;
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_CreateClassEnum(
                         services, NULL, WBEM_FLAG_DEEP | WBEM_FLAG_FORWARD_ONLY, NULL, &e));
    while (IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &cls, &got) == WBEM_S_NO_ERROR) {
        if (is_dynamic(cls)) {
            char name[256];
            BSTR wide = local_string(cls, L"__CLASS");
            put_narrow(wide, name, sizeof name);
            SysFreeString(wide);
            count++;
            if (!names(text, text + strlen(text), without_prefix(name))) {
                print_error("%s is not described\n", name);
                missing++;
            }
        }
        IWbemClassObject_Release(cls);
    }
    IEnumWbemClassObject_Release(e);
    assert_true(count > 60);
    assert_int_equal(0, missing);
}

static IWbemClassObject *class_named(const wchar_t *name)
{
    IWbemClassObject *cls = NULL;
    BSTR path = SysAllocString(name);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemServices_GetObject(services, path, 0, NULL, &cls, NULL));
    SysFreeString(path);
    return cls;
}

/* Those that the document's beginning speaks of for all classes. */
static bool is_common(const char *property)
{
    static const char *const common[] = {"CreationClassName",
                                         "SystemCreationClassName",
                                         "SystemName",
                                         "CSCreationClassName",
                                         "CSName",
                                         "OSCreationClassName",
                                         "ProcessCreationClassName",
                                         "OSName"};
    for (size_t i = 0; i < sizeof common / sizeof *common; i++) {
        if (strcmp(property, common[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void every_property_of_a_section_is_described(void **state)
{
    (void)state;
    static const wchar_t *const classes[] = {
        L"Win32_Process", L"Win32_Thread",    L"Win32_OperatingSystem", L"Win32_ComputerSystem",
        L"Win32_BIOS",    L"Win32_BaseBoard", L"Win32_PhysicalMemory",  L"Win32_Processor"};
    unsigned missing = 0;
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        char class_name[128], property[128];
        BSTR name;
        const char *end = NULL;
        put_narrow(classes[i], class_name, sizeof class_name);
        const char *section = section_of(class_name, &end);
        assert_non_null(section);
        IWbemClassObject *cls = class_named(classes[i]);
        assert_int_equal(WBEM_S_NO_ERROR,
                         IWbemClassObject_BeginEnumeration(cls, WBEM_FLAG_NONSYSTEM_ONLY));
        while (IWbemClassObject_Next(cls, 0, &name, NULL, NULL, NULL) == WBEM_S_NO_ERROR) {
            put_narrow(name, property, sizeof property);
            if (!is_common(property) && !names(section, end, property)) {
                print_error("%s.%s is not described\n", class_name, property);
                missing++;
            }
            SysFreeString(name);
        }
        IWbemClassObject_Release(cls);
    }
    assert_int_equal(0, missing);
}

/* ---- documented properties -------------------------------------------------------------- */

struct property {
    const wchar_t *name;
    CIMTYPE type;
};

static void check_properties(const wchar_t *class_name, const struct property *p, size_t count)
{
    IWbemClassObject *cls = class_named(class_name);
    for (size_t i = 0; i < count; i++) {
        CIMTYPE type = 0;
        HRESULT hr = IWbemClassObject_Get(cls, p[i].name, 0, NULL, &type, NULL);
        if (FAILED(hr) || type != p[i].type) {
            fail_msg("%ls.%ls: 0x%08x, type %ld instead of %ld", class_name, p[i].name,
                     (unsigned)hr, (long)type, (long)p[i].type);
        }
    }
    IWbemClassObject_Release(cls);
}

/* [CIMWin32Prov] Win32_Process class */
static void a_process_has_all_properties(void **state)
{
    (void)state;
    static const struct property properties[] = {
        {L"CSCreationClassName", CIM_STRING},
        {L"CSName", CIM_STRING},
        {L"Caption", CIM_STRING},
        {L"CommandLine", CIM_STRING},
        {L"CreationClassName", CIM_STRING},
        {L"Description", CIM_STRING},
        {L"ExecutablePath", CIM_STRING},
        {L"Handle", CIM_STRING},
        {L"Name", CIM_STRING},
        {L"OSCreationClassName", CIM_STRING},
        {L"OSName", CIM_STRING},
        {L"Status", CIM_STRING},
        {L"WindowsVersion", CIM_STRING},
        {L"CreationDate", CIM_DATETIME},
        {L"InstallDate", CIM_DATETIME},
        {L"TerminationDate", CIM_DATETIME},
        {L"ExecutionState", CIM_UINT16},
        {L"HandleCount", CIM_UINT32},
        {L"MaximumWorkingSetSize", CIM_UINT32},
        {L"MinimumWorkingSetSize", CIM_UINT32},
        {L"PageFaults", CIM_UINT32},
        {L"PageFileUsage", CIM_UINT32},
        {L"ParentProcessId", CIM_UINT32},
        {L"PeakPageFileUsage", CIM_UINT32},
        {L"PeakWorkingSetSize", CIM_UINT32},
        {L"Priority", CIM_UINT32},
        {L"ProcessId", CIM_UINT32},
        {L"QuotaNonPagedPoolUsage", CIM_UINT32},
        {L"QuotaPagedPoolUsage", CIM_UINT32},
        {L"QuotaPeakNonPagedPoolUsage", CIM_UINT32},
        {L"QuotaPeakPagedPoolUsage", CIM_UINT32},
        {L"SessionId", CIM_UINT32},
        {L"ThreadCount", CIM_UINT32},
        {L"KernelModeTime", CIM_UINT64},
        {L"OtherOperationCount", CIM_UINT64},
        {L"OtherTransferCount", CIM_UINT64},
        {L"PeakVirtualSize", CIM_UINT64},
        {L"PrivatePageCount", CIM_UINT64},
        {L"ReadOperationCount", CIM_UINT64},
        {L"ReadTransferCount", CIM_UINT64},
        {L"UserModeTime", CIM_UINT64},
        {L"VirtualSize", CIM_UINT64},
        {L"WorkingSetSize", CIM_UINT64},
        {L"WriteOperationCount", CIM_UINT64},
        {L"WriteTransferCount", CIM_UINT64},
    };
    check_properties(L"Win32_Process", properties, sizeof properties / sizeof *properties);
}

/* [CIMWin32Prov] Win32_OperatingSystem class */
static void an_operating_system_has_all_properties(void **state)
{
    (void)state;
    static const struct property properties[] = {
        {L"BootDevice", CIM_STRING},
        {L"BuildNumber", CIM_STRING},
        {L"BuildType", CIM_STRING},
        {L"CSCreationClassName", CIM_STRING},
        {L"CSDVersion", CIM_STRING},
        {L"CSName", CIM_STRING},
        {L"Caption", CIM_STRING},
        {L"CodeSet", CIM_STRING},
        {L"CountryCode", CIM_STRING},
        {L"CreationClassName", CIM_STRING},
        {L"Description", CIM_STRING},
        {L"Locale", CIM_STRING},
        {L"Manufacturer", CIM_STRING},
        {L"Name", CIM_STRING},
        {L"OSArchitecture", CIM_STRING},
        {L"Organization", CIM_STRING},
        {L"OtherTypeDescription", CIM_STRING},
        {L"PlusProductID", CIM_STRING},
        {L"PlusVersionNumber", CIM_STRING},
        {L"RegisteredUser", CIM_STRING},
        {L"SerialNumber", CIM_STRING},
        {L"Status", CIM_STRING},
        {L"SystemDevice", CIM_STRING},
        {L"SystemDirectory", CIM_STRING},
        {L"SystemDrive", CIM_STRING},
        {L"Version", CIM_STRING},
        {L"WindowsDirectory", CIM_STRING},
        {L"CurrentTimeZone", CIM_SINT16},
        {L"DataExecutionPrevention_32BitApplications", CIM_BOOLEAN},
        {L"DataExecutionPrevention_Available", CIM_BOOLEAN},
        {L"DataExecutionPrevention_Drivers", CIM_BOOLEAN},
        {L"Debug", CIM_BOOLEAN},
        {L"Distributed", CIM_BOOLEAN},
        {L"PAEEnabled", CIM_BOOLEAN},
        {L"PortableOperatingSystem", CIM_BOOLEAN},
        {L"Primary", CIM_BOOLEAN},
        {L"DataExecutionPrevention_SupportPolicy", CIM_UINT8},
        {L"ForegroundApplicationBoost", CIM_UINT8},
        {L"QuantumLength", CIM_UINT8},
        {L"QuantumType", CIM_UINT8},
        {L"InstallDate", CIM_DATETIME},
        {L"LastBootUpTime", CIM_DATETIME},
        {L"LocalDateTime", CIM_DATETIME},
        {L"OSType", CIM_UINT16},
        {L"ServicePackMajorVersion", CIM_UINT16},
        {L"ServicePackMinorVersion", CIM_UINT16},
        {L"EncryptionLevel", CIM_UINT32},
        {L"LargeSystemCache", CIM_UINT32},
        {L"MaxNumberOfProcesses", CIM_UINT32},
        {L"NumberOfLicensedUsers", CIM_UINT32},
        {L"NumberOfProcesses", CIM_UINT32},
        {L"NumberOfUsers", CIM_UINT32},
        {L"OSLanguage", CIM_UINT32},
        {L"OSProductSuite", CIM_UINT32},
        {L"OperatingSystemSKU", CIM_UINT32},
        {L"ProductType", CIM_UINT32},
        {L"SuiteMask", CIM_UINT32},
        {L"FreePhysicalMemory", CIM_UINT64},
        {L"FreeSpaceInPagingFiles", CIM_UINT64},
        {L"FreeVirtualMemory", CIM_UINT64},
        {L"MaxProcessMemorySize", CIM_UINT64},
        {L"SizeStoredInPagingFiles", CIM_UINT64},
        {L"TotalSwapSpaceSize", CIM_UINT64},
        {L"TotalVirtualMemorySize", CIM_UINT64},
        {L"TotalVisibleMemorySize", CIM_UINT64},
        {L"MUILanguages", CIM_STRING | CIM_FLAG_ARRAY},
    };
    check_properties(L"Win32_OperatingSystem", properties, sizeof properties / sizeof *properties);
}

static char *read_document(const char *path)
{
    FILE *f = fopen(path, "r");
    size_t size = 1 << 20;
    char *all = f ? calloc(1, size) : NULL;
    size_t got = all ? fread(all, 1, size - 1, f) : 0;
    if (f) {
        fclose(f);
    }
    return got > 0 && got < size - 1 ? all : NULL;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_live_class_is_described),
        cmocka_unit_test(every_property_of_a_section_is_described),
        cmocka_unit_test(a_process_has_all_properties),
        cmocka_unit_test(an_operating_system_has_all_properties),
    };
    text = argc == 2 ? read_document(argv[1]) : NULL;
    if (!text) {
        fprintf(stderr, "usage: test-documented docs/classes.md\n");
        return 2;
    }
    int failures = cmocka_run_group_tests_name("documented", tests, connect_once, disconnect);
    free(text);
    return failures;
}
