/* What /? tells: of the language, of the aliases, of one alias or class and what it has. */
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "console.h"

static const char language[] =
    "[global switches] <command>\n\n"
    "The following global switches are available:\n"
    "/NAMESPACE:<namespace>     where the classes are; root\\cimv2 unless told\n"
    "/NODE:<host,host|@file>    the computers that are asked; this one unless told\n"
    "/USER:<user>               who asks there\n"
    "/PASSWORD:<password>       and with what; else WBEM_PASSWORD, or it is asked for\n"
    "/AUTHORITY:<text>          ntlmdomain:DOMAIN or kerberos:PRINCIPAL\n"
    "/AUTHLEVEL:<level>         Pktprivacy or Pktintegrity\n"
    "/OUTPUT:<file|STDOUT>      where the answer goes; /APPEND keeps what is there\n"
    "/FAILFAST:<ON|OFF|ms>      when a computer counts as one that does not answer\n"
    "/INTERACTIVE:<ON|OFF>      ask before a deletion\n"
    "/AGGREGATE:<ON|OFF>        show all computers' answers as one\n"
    "/TRACE:<ON|OFF>            show what goes over the network\n\n"
    "commands:\n"
    "<alias> [<value>|WHERE <condition>] [<verb>]\n"
    "PATH <class|path of an instance> [WHERE <condition>] [<verb>]\n"
    "CLASS <class> [<verb>]     the class itself\n"
    "CONTEXT                    the values of the global switches\n"
    "QUIT|EXIT                  leave; without a command lines are read\n\n"
    "verbs:\n"
    "GET [<properties>] [/VALUE] [/ALL] [/FORMAT:<format>] [/EVERY:<seconds>] [/REPEAT:<count>]\n"
    "LIST [BRIEF|FULL|INSTANCE|STATUS|SYSTEM] [the same switches]\n"
    "CALL <method> [<values or NAME=VALUE, by commas>]\n"
    "SET <NAME=VALUE,...>       CREATE <NAME=VALUE,...>\n"
    "DELETE [/INTERACTIVE|/NOINTERACTIVE]\n"
    "ASSOC [/RESULTCLASS:<class>] [/RESULTROLE:<role>] [/ASSOCCLASS:<class>] [/FORMAT:<format>]\n\n"
    "formats: TABLE, LIST or VALUE, CSV, XML, MOF, JSON\n";

static void put_aliases(FILE *to)
{
    fputs("\naliases:\n", to);
    for (size_t i = 0; i < console_alias_count; i++) {
        fprintf(to, "%-16s - %s\n", console_aliases[i].name, console_aliases[i].summary);
    }
}

static bool is_key(IWbemQualifierSet *set)
{
    return set && SUCCEEDED(IWbemQualifierSet_Get(set, L"key", 0, NULL, NULL));
}

static void put_properties(FILE *to, IWbemClassObject *cls)
{
    BSTR name = NULL;
    fputs("The following properties are available:\n", to);
    if (FAILED(IWbemClassObject_BeginEnumeration(cls, WBEM_FLAG_NONSYSTEM_ONLY))) {
        return;
    }
    CIMTYPE type;
    while (IWbemClassObject_Next(cls, 0, &name, NULL, &type, NULL) == WBEM_S_NO_ERROR) {
        IWbemQualifierSet *set = NULL;
        (void)IWbemClassObject_GetPropertyQualifierSet(cls, name, &set);
        char *text = utf8_from_wide(name, SysStringLen(name)),
             *type_text = qualifier_text(set, L"CIMTYPE");
        fprintf(to, "%-36s %s%s%s\n", text ? text : "?", type_text ? type_text : "?",
                type & CIM_FLAG_ARRAY ? "[]" : "", is_key(set) ? ", key" : "");
        free(text);
        free(type_text);
        SysFreeString(name);
        if (set) {
            IWbemQualifierSet_Release(set);
        }
    }
    IWbemClassObject_EndEnumeration(cls);
}

static int show_class(const struct session *s, IWbemServices *services, const struct request *r)
{
    IWbemClassObject *cls = NULL;
    HRESULT hr = object_of_path(services, r->class_name, &cls);
    if (FAILED(hr)) {
        return fail("get the class", hr);
    }
    if (r->verb == VERB_CALL) {
        methods_list(cls);
    } else {
        put_properties(s->to, cls);
    }
    IWbemClassObject_Release(cls);
    return EXIT_OK;
}

static void put_alias(FILE *to, const struct request *r)
{
    if (!r->alias) {
        fprintf(to, "%s\n", r->class_name);
    } else {
        fprintf(to, "%s - %s\nclass: %s%s%s\nBRIEF: %s\n", r->alias->name, r->alias->summary,
                r->alias->class_name, *r->alias->where ? "\nwhere: " : "", r->alias->where,
                r->alias->brief);
    }
    if (r->verb == VERB_NONE) {
        fputs("verbs: ASSOC, CALL, CREATE, DELETE, GET, LIST, SET; properties: GET /?, methods: "
              "CALL /?\n",
              to);
    }
}

int help_show(const struct session *s, IWbemServices *services, const struct request *r)
{
    int code = EXIT_OK;
    if (!r->class_name) {
        fputs(language, s->to);
        put_aliases(s->to);
    } else {
        if (r->verb != VERB_CALL) {
            put_alias(s->to, r);
        }
        if (r->verb != VERB_NONE && r->verb != VERB_DELETE && r->verb != VERB_ASSOC) {
            code = show_class(s, services, r);
        }
    }
    return code == EXIT_OK && fflush(s->to) != 0 ? fail_output() : code;
}

void context_show(const struct session *s)
{
    const struct options *o = &s->options;
    fprintf(s->to, "NAMESPACE    : %s\nROLE         : root\\cli\nNODE(S)      : ", o->name_space);
    if (s->nodes.count == 0) {
        fputs(o->host ? o->host : ".", s->to);
    }
    for (size_t i = 0; i < s->nodes.count; i++) {
        fprintf(s->to, "%s%s", i ? "," : "", s->nodes.items[i]);
    }
    bool integrity = o->auth_level && strcmp(o->auth_level, "integrity") == 0;
    fprintf(s->to, "\nIMPLEVEL     : IMPERSONATE\n[AUTHORITY   : %s]\nAUTHLEVEL    : %s\n",
            o->authority ? o->authority : "N/A", integrity ? "PKTINTEGRITY" : "PKTPRIVACY");
    fprintf(s->to,
            "LOCALE       : %s\nPRIVILEGES   : ENABLE\nTRACE        : %s\n"
            "RECORD       : N/A\nINTERACTIVE  : %s\n",
            o->locale ? o->locale : "ms_409", o->trace ? "ON" : "OFF",
            s->interactive ? "ON" : "OFF");
    if (o->timeout > 0) {
        fprintf(s->to, "FAILFAST     : %.0f\n", o->timeout * 1000);
    } else {
        fputs("FAILFAST     : OFF\n", s->to);
    }
    const char *output = s->output ? s->output : "STDOUT";
    fprintf(s->to, "OUTPUT       : %s\nAPPEND       : %s\nUSER         : %s\nAGGREGATE    : %s\n",
            s->append ? "STDOUT" : output, s->append ? output : "STDOUT", o->user ? o->user : "N/A",
            s->aggregate ? "ON" : "OFF");
}
