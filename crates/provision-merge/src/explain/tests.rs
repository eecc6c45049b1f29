use provision_format::{SectionName, SignificantSections};

use super::*;
use crate::{Beforehand, Merge, Overlay};

fn config(text: &str) -> Config {
    let text = format!("<options>{text}</options>");
    Config::read(text.as_bytes()).unwrap_or_else(|report| panic!("{text:?}: {report}")).value
}

fn text(value: &str) -> Option<Value> {
    Some(Value::Text(value.to_owned()))
}

#[test]
fn a_section_is_from_one_place() {
    let local = config("<general><a>1</a></general><audio>2</audio><fax>5</fax>");
    let remote = config("<general><a>3</a></general><audio>4</audio>");
    let displaced = config("<general><a>0</a></general>");
    let names = ["general", "chat"];
    let sections: SignificantSections =
        names.iter().filter_map(|name| SectionName::new(name)).collect();
    let displaced = Some(&displaced);
    let merge = Merge { local: &local, remote: &remote, sections: &sections, displaced };
    let merged = merge.run().expect("it can be merged");
    for (path, value, source, section, without) in [
        ("general/a", text("3"), Source::Server, Some(SectionOutcome::Replaced), text("0")),
        ("general/b", None, Source::Server, Some(SectionOutcome::Replaced), None),
        ("audio", text("2"), Source::Local, Some(SectionOutcome::Ignored), text("2")),
        ("fax", text("5"), Source::Local, Some(SectionOutcome::Kept), text("5")),
        ("chat", None, Source::Nowhere, Some(SectionOutcome::Missing), None),
        ("other", None, Source::Nowhere, None, None),
    ] {
        let path: KeyPath = path.parse().expect(path);
        let expected = Explanation { value, source, section, without };
        assert_eq!(explain(&path, &local, &remote, displaced, &merged), expected, "{path}");
    }
}

#[test]
fn in_an_overlay_every_key_has_its_source() {
    let local = config(
        "<accounts><account><ident>1</ident><host>a</host><port>1</port></account></accounts>",
    );
    let remote = config(
        "<accounts><account><ident>2</ident></account><account><ident>1</ident><host>b</host></account></accounts>",
    );
    let beforehand = Beforehand { delete_accounts: false, delete_contact_services: false };
    let overlay = Overlay { local: &local, remote: &remote, beforehand };
    let merged = overlay.run().expect("it can be laid over");
    let section = Some(SectionOutcome::Overlaid);
    for (path, value, source, without) in [
        ("accounts/account[1]/host", text("b"), Source::Server, text("a")),
        ("accounts/account[\"1\"]/host", text("b"), Source::Server, text("a")),
        ("accounts/account[1]/port", text("1"), Source::Local, text("1")),
        ("accounts/account[2]/ident", text("2"), Source::Server, None),
        ("accounts/account[1]", Some(Value::Elements(3)), Source::Both, Some(Value::Elements(3))),
    ] {
        let path: KeyPath = path.parse().expect(path);
        let expected = Explanation { value, source, section, without };
        assert_eq!(explain(&path, &local, &remote, None, &merged), expected, "{path}");
    }
}
