//! `schema/provision.xsd`, the schema of a provisioning file for editors.

use std::collections::BTreeSet;

use provision_format::{ElementRule, Holds, KNOWN_SECTIONS, PROVISION_ELEMENTS};

use super::elements::{MADE, content, phones, quoted, sentence};
use super::{check, repository};

fn schema() -> String {
    let inside = documentation(ABOUT) + &complex_type("xs:all", "");
    let mut parts = vec![tagged("xs:element", "name=\"provision\"", &inside)];
    let mut defined = BTreeSet::new();
    for rule in &PROVISION_ELEMENTS {
        if let Some(name) = type_name(rule.holds).filter(|name| defined.insert(name.clone())) {
            let inside = documentation(&type_meaning(rule.holds)) + &type_definition(rule.holds);
            parts.push(tagged("xs:simpleType", &format!("name=\"{name}\""), &inside));
        }
    }
    let schema = tagged("xs:schema", NAMESPACE, &parts.join("\n"));
    format!("<!-- {MADE} -->\n{schema}")
}

/// The type of the element at `path`, which holds elements.
fn complex_type(order: &str, path: &str) -> String {
    let inside = PROVISION_ELEMENTS.iter().filter(|rule| rule.parent() == path);
    tagged("xs:complexType", "", &tagged(order, "", &inside.map(element).collect::<String>()))
}

fn element(rule: &ElementRule) -> String {
    let mut attributes = format!("name=\"{}\"", rule.name());
    if let Some(name) = type_name(rule.holds) {
        attributes += &format!(" type=\"{name}\"");
    }
    attributes += " minOccurs=\"0\"";
    let parent = PROVISION_ELEMENTS.iter().find(|parent| parent.path == rule.parent());
    if parent.is_some_and(|parent| parent.holds == Holds::List) {
        attributes += " maxOccurs=\"unbounded\"";
    }
    let default = match rule.default {
        "" => String::new(),
        default => format!(" Default: {default}."),
    };
    let meaning = format!("{}{default} ({})", sentence(rule.meaning), phones(rule));
    let elements = match rule.holds {
        Holds::Elements => complex_type("xs:all", rule.path),
        Holds::List => complex_type("xs:sequence", rule.path),
        _ => String::new(),
    };
    tagged("xs:element", &attributes, &(documentation(&meaning) + &elements))
}

/// The name of the type of a value. Validators show it beside a value that is not of it.
fn type_name(holds: Holds) -> Option<String> {
    match holds {
        Holds::Elements | Holds::List => None,
        Holds::Address => Some("address".to_owned()),
        Holds::Text | Holds::Secret => Some("text".to_owned()),
        Holds::Word(words) => Some(format!("one-of-{}", words.join("-"))),
        Holds::Seconds => Some("seconds".to_owned()),
        Holds::Sections => Some("sections".to_owned()),
        Holds::Words(words) => Some(format!("some-of-{}", words.join("-"))),
        other => panic!("name the type of an element that holds {other:?}"),
    }
}

fn type_meaning(holds: Holds) -> String {
    let content = sentence(&content(holds));
    match holds {
        Holds::Text | Holds::Secret => {
            "Text as it stands, but for one line break and its indentation at either end."
                .to_owned()
        }
        Holds::Word(_) | Holds::Seconds => format!("{content} Empty counts as absent."),
        Holds::Sections => {
            let known = quoted(&KNOWN_SECTIONS);
            format!("{content} Known are {known}. Other names count too.")
        }
        _ => content,
    }
}

/// Takes every value that the reader takes.
fn type_definition(holds: Holds) -> String {
    match holds {
        Holds::Address => {
            let comment = "<!-- Not xs:anyURI, for which libxml2 refuses `[user]`. -->\n";
            comment.to_owned() + &restriction("string", "")
        }
        // xs:token is without the white space around a value, which does not count either.
        Holds::Word(words) => {
            let offered: String = words.iter().map(|word| facet("enumeration", word)).collect();
            let pattern = facet("pattern", &format!("({})?", in_any_case(words)));
            let comment = "<!-- What editors offer, and what counts as well. -->\n";
            comment.to_owned()
                + &union(&[restriction("token", &offered), restriction("token", &pattern)])
        }
        Holds::Words(words) => {
            let place = format!("( ?({}))? ?", in_any_case(words));
            restriction("token", &facet("pattern", &format!("{place}(,{place})*")))
        }
        Holds::Seconds => {
            let digits = restriction("unsignedInt", &facet("pattern", "[0-9]+"));
            union(&[digits, restriction("token", &facet("length", "0"))])
        }
        _ => restriction("string", ""),
    }
}

/// A pattern of the words; patterns have no flag for upper and lower case.
fn in_any_case(words: &[&str]) -> String {
    let letter = |letter: char| match (letter.to_ascii_uppercase(), letter.to_ascii_lowercase()) {
        (upper, lower) if upper != lower => format!("[{upper}{lower}]"),
        (digit, _) => digit.to_string(),
    };
    let word = |word: &&str| word.chars().map(letter).collect::<String>();
    words.iter().map(word).collect::<Vec<_>>().join("|")
}

fn union(members: &[String]) -> String {
    let members = members.iter().map(|member| tagged("xs:simpleType", "", member));
    tagged("xs:union", "", &members.collect::<String>())
}

fn restriction(base: &str, facets: &str) -> String {
    tagged("xs:restriction", &format!("base=\"xs:{base}\""), facets)
}

fn facet(name: &str, value: &str) -> String {
    tagged(&format!("xs:{name}"), &format!("value=\"{value}\""), "")
}

fn documentation(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    let documentation = format!("<xs:documentation>{text}</xs:documentation>\n");
    tagged("xs:annotation", "", &documentation)
}

/// An element on lines of its own, `inside` indented.
fn tagged(name: &str, attributes: &str, inside: &str) -> String {
    let start = format!("{name} {attributes}");
    let start = start.trim_end();
    if inside.is_empty() {
        return format!("<{start}/>\n");
    }
    let indented =
        |line: &str| if line.is_empty() { "\n".to_owned() } else { format!("  {line}\n") };
    format!("<{start}>\n{}</{name}>\n", inside.lines().map(indented).collect::<String>())
}

const NAMESPACE: &str = "xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"";

const ABOUT: &str = "The provisioning file of softphones, Provision.xml. Every value that is read is taken here; elements, attributes and text that are left out of account with a warning are faults here. The file itself cannot name this schema, for namespaces and processing instructions have no place in it: tell the editor in its settings.";

#[test]
fn the_schema_is_that_of_the_table() {
    check(&repository().join("schema/provision.xsd"), schema().as_bytes());
}

#[test]
fn the_schema_has_every_element_of_the_table_and_defines_its_types() {
    let text = schema();
    let tree = roxmltree::Document::parse(&text).expect("the schema is well-formed");
    let named =
        |tag: &'static str| tree.descendants().filter(move |node| node.tag_name().name() == tag);
    let mut paths = BTreeSet::new();
    let mut types = BTreeSet::new();
    for element in named("element") {
        let around = element.ancestors().filter_map(|node| node.attribute("name"));
        let names: Vec<_> = around.collect::<Vec<_>>().into_iter().rev().skip(1).collect();
        assert!(paths.insert(names.join("/")), "{names:?} stands twice");
        types.extend(element.attribute("type"));
    }
    let table = PROVISION_ELEMENTS.iter().map(|rule| rule.path.to_owned());
    assert_eq!(paths, table.chain([String::new()]).collect());
    let defined = named("simpleType").filter_map(|node| node.attribute("name"));
    assert_eq!(types, defined.collect());
}
