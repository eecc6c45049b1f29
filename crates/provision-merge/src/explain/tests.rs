use provision_format::{SectionName, SignificantSections};

use super::*;
use crate::{Beforehand, Merge, Mode, Overlay};

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

/// What would be there without provisioning, if `remote` has all sections that are provisioned.
fn without(path: &str, local: &str, remote: &str) -> Option<Value> {
    let (local, remote) = (config(local), config(remote));
    let sections = &SignificantSections::from_list("general,accounts");
    let merge = Merge { local: &local, remote: &remote, sections, displaced: None };
    let merged = merge.run().expect("it can be merged");
    explain(&path.parse().expect(path), &local, &remote, None, &merged).without
}

#[test]
fn a_section_is_found_by_its_name_alone() {
    let [local, remote] = ["2", "1"].map(|name| format!("<general><name>{name}</name></general>"));
    assert_eq!(without("general/name", &local, &remote), text("2"));
}

#[test]
fn an_item_is_found_by_what_identifies_it_in_both_lists() {
    let account = |inside: &str| format!("<accounts><account>{inside}</account></accounts>");
    // A number that is a name here is none of an identity there.
    let local = "<accounts><account><ident>2</ident><host>a</host></account>\
        <account><ident>1</ident><host>b</host></account></accounts>";
    let remote = account("<name>1</name><host>c</host>");
    assert_eq!(without("accounts/account[\"1\"]/host", local, &remote), text("a"));
    // It is another account, even where a key is asked for that it has not.
    let local = account("<ident>1</ident><host>a</host><port>1</port>");
    let remote = account("<ident>2</ident><host>b</host>");
    for path in ["accounts/account/host", "accounts/account/port"] {
        assert_eq!(without(path, &local, &remote), None, "{path}");
    }
}

/// Where a key comes from if `remote` is laid over `local` and what was displaced.
fn source(path: &str, local: &str, remote: &str, displaced: Option<&str>) -> Source {
    let (local, remote, displaced) = (config(local), config(remote), displaced.map(config));
    let mode = Mode::Overlay(Beforehand::default());
    let merged = mode.merge(&local, &remote, displaced.as_ref()).expect("it can be laid over");
    explain(&path.parse().expect(path), &local, &remote, displaced.as_ref(), &merged).source
}

#[test]
fn in_an_overlay_no_key_is_said_to_come_from_where_it_does_not() {
    for (path, local, remote, expected) in [
        // The server says the same of `a`, and nothing of `b`.
        ("s/a", "<s><a>1</a><b>2</b></s>", "<s><a>1</a></s>", Source::Both),
        ("s/b", "<s><a>1</a><b>2</b></s>", "<s><a>1</a></s>", Source::Local),
        ("s/a", "<s><a>1</a><b>2</b></s>", "<s><a>1</a><b>3</b></s>", Source::Both),
        // What is empty says nothing about the keys inside.
        ("s/a", "<s><a><b>1</b></a><c/></s>", "<s><a/><c>2</c></s>", Source::Local),
        // A key that is not there.
        ("s/c", "<s><a>1</a></s>", "<s><a>2</a></s>", Source::Both),
        // Items that the server identifies and the phone does not.
        (
            "s/i[2]/a",
            "<s><i/><i><ident>1</ident><a>2</a></i></s>",
            "<s><i><ident>1</ident><a>3</a></i></s>",
            Source::Server,
        ),
        (
            "s/i[2]/a",
            "<s><i><ident>1</ident><a>2</a></i><i><ident>1</ident><a>3</a></i></s>",
            "<s><i><ident>1</ident><a>3</a></i></s>",
            Source::Local,
        ),
        // Of sections, the first counts.
        ("s[2]", "<s>1</s><s>2</s>", "<s>3</s><s>2</s>", Source::Local),
    ] {
        assert_eq!(source(path, local, remote, None), expected, "{path}: {local} {remote}");
    }
    let displaced = Some("<s><a>1</a><b>2</b></s>");
    let remote = "<s><a>3</a></s>";
    for (path, expected) in
        [("s/a", Source::Server), ("s/b", Source::Displaced), ("s", Source::Both)]
    {
        assert_eq!(source(path, "<c/>", remote, displaced), expected, "{path}");
    }
}
