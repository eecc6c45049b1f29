//! What stands in the elements of a provisioning file. For the other readers these are sections like all others.

use super::{SIZE, Shape};

pub(super) const VALUES: &[Shape] = &[
    Shape {
        name: "`base_url` of 1 MiB",
        document: |root| {
            root.holding("<base_urls><base_url>https://", "x", "</base_url></base_urls>")
        },
    },
    Shape {
        name: "many short `base_url`",
        document: |root| root.holding("<base_urls>", "<base_url>x</base_url>", "</base_urls>"),
    },
    Shape {
        name: "many `base_url` without a text",
        document: |root| root.holding("<base_urls>", "<base_url/>", "</base_urls>"),
    },
    Shape {
        name: "many `base_url` with an attribute",
        document: |root| root.holding("<base_urls>", "<base_url a=''>x</base_url>", "</base_urls>"),
    },
    Shape {
        name: "`base_url` full of elements",
        document: |root| root.holding("<base_urls><base_url>", "<a/>", "</base_url></base_urls>"),
    },
    Shape {
        name: "`base_urls` full of other elements",
        document: |root| root.holding("<base_urls>", "<baseurl/>", "</base_urls>"),
    },
    Shape {
        name: "`base_urls` full of text and elements",
        document: |root| root.holding("<base_urls>", "a<b/>", "</base_urls>"),
    },
    Shape {
        name: "`options` again and again",
        // Long enough for no more than the root may have.
        document: |root| root.holding("", &format!("<options>{}</options>", " ".repeat(90)), ""),
    },
    Shape {
        name: "`user` again and again",
        document: |root| root.holding("<options>", "<user/>", "</options>"),
    },
    Shape {
        name: "`user` of 1 MiB of white space",
        document: |root| root.holding("<options><user>", " ", "</user></options>"),
    },
    Shape {
        name: "`password` of 1 MiB",
        document: |root| root.holding("<options><password>", "x", "</password></options>"),
    },
    Shape {
        name: "`password` full of line ends",
        document: |root| root.holding("<options><password>", "\r\n", "</password></options>"),
    },
    Shape {
        name: "`password` full of CR",
        document: |root| root.holding("<options><password>", "\r", "</password></options>"),
    },
    Shape {
        name: "`password` full of elements",
        document: |root| root.holding("<options><password>", "<a/>", "</password></options>"),
    },
    Shape {
        name: "`password` of text and CDATA sections",
        document: |root| {
            root.holding("<options><password>", "a<![CDATA[b]]>", "</password></options>")
        },
    },
    Shape {
        name: "`use_authentication` of 1 MiB",
        document: |root| {
            let after = "</use_authentication></options>";
            root.holding("<options><use_authentication>", "1", after)
        },
    },
    Shape {
        name: "`refresh_rate` of 1 MiB",
        document: |root| root.holding("<options><refresh_rate>", "1", "</refresh_rate></options>"),
    },
    Shape {
        name: "`refresh_rate` of zeros",
        document: |root| root.holding("<options><refresh_rate>", "0", "</refresh_rate></options>"),
    },
    Shape {
        name: "different unknown sections",
        document: |root| {
            root.holding_numbered(SECTIONS, |number| format!("{number},"), SECTIONS_END)
        },
    },
    Shape {
        name: "different sections, nearly known",
        document: |root| {
            root.holding_numbered(SECTIONS, |number| format!("account{number:x},"), SECTIONS_END)
        },
    },
    Shape {
        name: "different sections of 60 letters",
        document: |root| {
            root.holding_numbered(SECTIONS, |number| format!("{number:059},"), SECTIONS_END)
        },
    },
    Shape {
        name: "the same unknown section",
        document: |root| root.holding(SECTIONS, "x,", SECTIONS_END),
    },
    Shape {
        name: "the same known section",
        document: |root| root.holding(SECTIONS, "accounts,", SECTIONS_END),
    },
    Shape {
        name: "commas for sections",
        document: |root| root.holding(SECTIONS, ",", SECTIONS_END),
    },
    Shape {
        name: "one section of 1 MiB",
        document: |root| root.holding(SECTIONS, "x", SECTIONS_END),
    },
    Shape {
        name: "good restrictions",
        document: |root| root.holding(RESTRICTIONS, "add,", RESTRICTIONS_END),
    },
    Shape {
        name: "unknown restrictions",
        document: |root| root.holding(RESTRICTIONS, "x,", RESTRICTIONS_END),
    },
    Shape {
        name: "restrictions, nearly known",
        document: |root| root.holding(RESTRICTIONS, "update1,", RESTRICTIONS_END),
    },
    Shape {
        name: "unknown restrictions of 60 letters",
        document: |root| {
            root.holding_numbered(RESTRICTIONS, |number| format!("{number:059},"), RESTRICTIONS_END)
        },
    },
    Shape {
        name: "restrictions behind a long attribute",
        document: |root| {
            let before = format!("<restrictions a=\"{}\">", "x".repeat(SIZE / 2));
            root.holding(&before, "x,", RESTRICTIONS_END)
        },
    },
    Shape {
        name: "restrictions behind a thousand `&`",
        document: |root| root.holding(&(ampersands() + RESTRICTIONS), "x,", RESTRICTIONS_END),
    },
    Shape {
        name: "elements behind a thousand `&`",
        document: |root| {
            root.holding(&(ampersands() + "<base_urls>"), "<base_url/>", "</base_urls>")
        },
    },
    Shape {
        name: "`use_addressbook` again and again",
        document: |root| root.holding("<addressbook>", "<use_addressbook/>", "</addressbook>"),
    },
];

const SECTIONS: &str = "<significant_sections>";
const SECTIONS_END: &str = "</significant_sections>";
const RESTRICTIONS: &str = "<restrictions>";
const RESTRICTIONS_END: &str = "</restrictions>";

/// As many bare `&` as are forgiven.
fn ampersands() -> String {
    format!("<user>{}</user>", "& ".repeat(1000))
}
