#!/usr/bin/env python3
"""Writes a schema of the shape in which the DMTF publishes the CIM Schema: one
file of qualifier declarations, one file a class in a folder for each model, and
cim_schema.mof that includes them all.

usage: make_schema.py FOLDER CLASSES
"""
import os
import sys

QUALIFIERS = """\
#pragma locale ("en_US")
Qualifier Abstract : boolean = false, 
    Scope(class, association, indication), 
    Flavor(Restricted);
Qualifier Aggregate : boolean = false, 
    Scope(reference), 
    Flavor(DisableOverride, ToSubclass);
Qualifier Aggregation : boolean = false, 
    Scope(association), 
    Flavor(DisableOverride, ToSubclass);
Qualifier ArrayType : string = "Bag", 
    Scope(property, parameter), 
    Flavor(DisableOverride, ToSubclass);
Qualifier Association : boolean = false, 
    Scope(association), 
    Flavor(DisableOverride, ToSubclass);
Qualifier BitMap : string[], 
    Scope(property, parameter, method), 
    Flavor(EnableOverride, ToSubclass);
Qualifier Counter : boolean = false, 
    Scope(property, parameter, method), 
    Flavor(EnableOverride, ToSubclass);
Qualifier Deprecated : string[], 
    Scope(class, association, indication, property, reference, parameter, method), 
    Flavor(Restricted);
Qualifier Description : string = null, 
    Scope(any), 
    Flavor(EnableOverride, ToSubclass, Translatable);
Qualifier EmbeddedInstance : string = null, 
    Scope(property, parameter, method), 
    Flavor(EnableOverride, ToSubclass);
Qualifier EmbeddedObject : boolean = false, 
    Scope(property, parameter, method), 
    Flavor(DisableOverride, ToSubclass);
Qualifier Experimental : boolean = false, 
    Scope(class, association, indication, property, reference, parameter, method), 
    Flavor(Restricted);
Qualifier Gauge : boolean = false, 
    Scope(property, parameter, method), 
    Flavor(EnableOverride, ToSubclass);
Qualifier In : boolean = true, 
    Scope(parameter), 
    Flavor(DisableOverride, ToSubclass);
Qualifier Indication : boolean = false, 
    Scope(class, indication), 
    Flavor(DisableOverride, ToSubclass);
Qualifier Key : boolean = false, 
    Scope(property, reference), 
    Flavor(DisableOverride, ToSubclass);
Qualifier MappingStrings : string[], 
    Scope(any), 
    Flavor(EnableOverride, ToSubclass);
Qualifier Max : uint32 = null, 
    Scope(reference), 
    Flavor(EnableOverride, ToSubclass);
Qualifier MaxLen : uint32 = null, 
    Scope(property, parameter, method), 
    Flavor(EnableOverride, ToSubclass);
Qualifier MaxValue : sint64 = null, 
    Scope(property, parameter, method), 
    Flavor(EnableOverride, ToSubclass);
Qualifier Min : uint32 = 0, 
    Scope(reference), 
    Flavor(EnableOverride, ToSubclass);
Qualifier ModelCorrespondence : string[], 
    Scope(any), 
    Flavor(EnableOverride, ToSubclass);
Qualifier Out : boolean = false, 
    Scope(parameter), 
    Flavor(DisableOverride, ToSubclass);
Qualifier Override : string = null, 
    Scope(property, method, reference), 
    Flavor(Restricted);
Qualifier Propagated : string = null, 
    Scope(property), 
    Flavor(DisableOverride, ToSubclass);
Qualifier PUnit : string = null, 
    Scope(property, parameter, method), 
    Flavor(EnableOverride, ToSubclass);
Qualifier Read : boolean = true, 
    Scope(property), 
    Flavor(EnableOverride, ToSubclass);
Qualifier Required : boolean = false, 
    Scope(property, reference, parameter, method), 
    Flavor(DisableOverride, ToSubclass);
Qualifier Static : boolean = false, 
    Scope(property, method), 
    Flavor(DisableOverride, ToSubclass);
Qualifier UMLPackagePath : string = null, 
    Scope(class, association, indication), 
    Flavor(EnableOverride, ToSubclass);
Qualifier Units : string = null, 
    Scope(property, parameter, method), 
    Flavor(EnableOverride, ToSubclass, Translatable);
Qualifier ValueMap : string[], 
    Scope(property, parameter, method), 
    Flavor(EnableOverride, ToSubclass);
Qualifier Values : string[], 
    Scope(property, parameter, method), 
    Flavor(EnableOverride, ToSubclass, Translatable);
Qualifier Version : string = null, 
    Scope(class, association, indication), 
    Flavor(EnableOverride, Restricted, Translatable);
Qualifier Weak : boolean = false, 
    Scope(reference), 
    Flavor(DisableOverride, ToSubclass);
Qualifier Write : boolean = false, 
    Scope(property), 
    Flavor(EnableOverride, ToSubclass);
"""

HEAD = """\
// Copyright (c) DMTF-shaped test data.  No rights reserved.
// <change cr=\"CR{number:05d}\" type=\"add\">Made for a test \\u00e9</change>
// ==================================================================
//  {name}
// ==================================================================
"""

ROOT = """\
   [Abstract, Version ( "2.19.0" ), 
    UMLPackagePath ( "CIM::Core::CoreElements" ), 
    Description ( 
       "ManagedElement is an abstract class that provides a common "
       "superclass (or top of the inheritance tree) for the "
       "non-association classes in the CIM Schema." )]
class CIM_ManagedElement {

      [Description ( 
          "Within the scope of the instantiating Namespace, InstanceID "
          "opaquely and uniquely identifies an instance of this class.\\n"
          "In order to ensure uniqueness, the value should be "
          "constructed using the following \\"preferred\\" algorithm:\\n"
          "<OrgID>:<LocalID>" ), 
       Key]
   string InstanceID;

      [Description ( "The Caption property is a short textual "
          "description (one- line string) of the object." ), 
       MaxLen ( 64 )]
   string Caption;

      [Description ( 
          "A user-friendly name for the object." )]
   string ElementName;

      [Description ( "The instance's generation." ), 
       Experimental, 
       Counter]
   uint64 Generation;

};
"""

# The first class of each model derives from the root, the others from one another in a tree.
ELEMENT = """\
   [Version ( "2.{minor}.0" ){abstract}, 
    UMLPackagePath ( "CIM::{model}::{name}" ), 
    Description ( 
       "{name} is the class with number {number} of this schema. Its "
       "text goes over several lines, with a \\ttab, a backslash \\\\ and "
       "\\"quotes\\", as texts do.\\n"
       "It stands for nothing." )]
class {name} : {parent} {{

      [Override ( "InstanceID" ), Key, 
       Description ( "Another text for the inherited key." )]
   string InstanceID;

      [Description ( 
          "An integer enumeration that indicates the state of {name}. "
          "For example, \\"Stopping (4)\\" may be converted into a stop." ), 
       ValueMap {{ "0", "1", "2", "3..15", "16..32767", "32768..65535" }}, 
       Values {{ "Unknown", "Other", "Enabled", "DMTF Reserved", 
          "DMTF Reserved", "Vendor Reserved" }}, 
       ModelCorrespondence {{ "{name}.OtherState{number}", 
          "{name}.RequestState{number}()" }}]
   uint16 State{number} = 5;

      [Description ( "A string that describes the state." ), 
       Write, MaxLen ( 256 ), 
       ModelCorrespondence {{ "{name}.State{number}" }}]
   string OtherState{number};

      [Description ( "Several of them." ), 
       MappingStrings {{ "MIF.DMTF|System Resources|001.{number}", 
          "MIB.IETF|HOST-RESOURCES-MIB.hrStorageSize" }}, 
       ArrayType ( "Indexed" )]
   uint16 Statuses{number}[];

      [Description ( "Names." ), Deprecated {{ "No Value" }}]
   string Names{number}[];

      [Description ( "A size." ), 
       Units ( "MegaBytes" ), PUnit ( "byte * 10^6" ), Gauge, 
       MaxValue ( 9223372036854775807 )]
   uint64 Size{number};

      [Description ( "A temperature." ), Units ( "Degrees C" )]
   sint32 Temperature{number} = -273;

      [Description ( "A fraction." )]
   real32 Fraction{number} = 2.5e-1;

      [Description ( "A moment." )]
   datetime When{number};

      [Description ( "A yes or no." ), Required]
   boolean Ready{number} = FALSE;

      [Description ( "An object in a string." ), 
       EmbeddedInstance ( "{parent}" )]
   string Settings{number};

      [Description ( 
          "Requests that the state of the element be changed to the "
          "value specified in the RequestedState parameter." ), 
       ValueMap {{ "0", "1", "4096", "4097..32767" }}, 
       Values {{ "Completed with No Error", "Not Supported", 
          "Method Parameters Checked - Job Started", "Method Reserved" }}]
   uint32 RequestState{number}(
         [IN, Description ( "The state requested." ), 
          ValueMap {{ "2", "3" }}, Values {{ "Enabled", "Disabled" }}]
      uint16 RequestedState, 
         [IN ( false ), OUT, Description ( 
             "May contain a reference to what was started." )]
      CIM_ManagedElement REF Job, 
         [IN, OUT, Description ( "How long, and how long it took." )]
      datetime TimeoutPeriod, 
         [IN, Required, Description ( "More." ), ArrayType ( "Ordered" )]
      string Options[]);

}};
"""

ASSOCIATION = """\
   [Association, Aggregation, Version ( "2.{minor}.1" ), 
    UMLPackagePath ( "CIM::{model}::Associations" ), 
    Description ( "{name} puts one thing into another." )]
class {name} {{

      [Key, Aggregate, Min ( 0 ), Max ( 1 ), 
       Description ( "The parent element in the association." )]
   CIM_ManagedElement REF GroupComponent;

      [Key, Weak, 
       Description ( "The child element in the association." )]
   {part} REF PartComponent;

      [Description ( "The order." )]
   uint16 Sequence;

}};
"""

INDICATION = """\
   [Indication, Experimental, Version ( "2.{minor}.2" ), 
    UMLPackagePath ( "CIM::{model}::Events" ), 
    Description ( "{name} tells that something happened." )]
class {name} {{

      [Description ( "What." ), EmbeddedObject]
   string SourceInstance;

      [Description ( "When." )]
   datetime IndicationTime;

      [Description ( "Identifiers." )]
   string CorrelatedIndications[];

}};
"""

MODELS = ["Core", "Application", "Database", "Device", "Event", "Interop", "IPsecPolicy", "Metrics",
          "Network", "Physical", "Policy", "Security", "Support", "System", "User"]


def class_text(number, names):
    model = MODELS[number % len(MODELS)]
    kind = ELEMENT if number % 10 < 7 else ASSOCIATION if number % 10 < 9 else INDICATION
    name = "CIM_%s%s%d" % (model, {ELEMENT: "Element", ASSOCIATION: "Component",
                                   INDICATION: "Indication"}[kind], number)
    of_model = names.setdefault(model, [])
    parent = of_model[(len(of_model) - 1) // 2] if of_model else "CIM_ManagedElement"
    # An association's end may be a class that comes much later.
    text = kind.format(name=name, parent=parent, model=model, number=number, minor=number % 40,
                       abstract="", part="CIM_%sElement%d" % (MODELS[(number + 10) % len(MODELS)],
                                                               number + 10 - (number % 10 - 1)))
    if kind is ELEMENT:
        of_model.append(name)
    return model, name, HEAD.format(name=name, number=number) + text


def main():
    if len(sys.argv) != 3 or not sys.argv[2].isdigit():
        sys.exit(__doc__)
    folder, count = sys.argv[1], int(sys.argv[2])
    os.makedirs(folder, exist_ok=True)
    includes, names = ["Core/CIM_ManagedElement.mof"], {}
    texts = {"qualifiers.mof": QUALIFIERS,
             "Core/CIM_ManagedElement.mof": HEAD.format(name="CIM_ManagedElement", number=0) + ROOT}
    for number in range(1, count):
        model, name, text = class_text(number, names)
        includes.append("%s/%s.mof" % (model, name))
        texts[includes[-1]] = text
    texts["cim_schema.mof"] = '#pragma locale ("en_US")\n#pragma include ("qualifiers.mof")\n' + \
        "".join('#pragma include ("%s")\n' % i for i in includes)
    for name, text in texts.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", newline="\r\n") as f:
            f.write(text)


main()
