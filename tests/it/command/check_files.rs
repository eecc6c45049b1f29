//! `provision check`: which files are read, and which are written (spec 8).

use std::fs;
use std::path::Path;

use super::json::object;
use crate::golden::{check, fixture, fixtures};
use crate::phone::Phone;

/// A provisioning file with two bare ampersands, in an encoding.
fn mendable(encode: impl Fn(&str) -> Vec<u8>) -> (Vec<u8>, Vec<u8>) {
    let text = "<provision>\r\n<base_urls><base_url>https://example.com/?a&amp;b&c&d</base_url></base_urls>\r\n</provision>\r\n";
    (encode(text), encode(&text.replace("&c&d", "&amp;c&amp;d")))
}

fn utf16(text: &str) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

fn latin1(text: &str) -> Vec<u8> {
    let declaration = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><!-- ".bytes();
    declaration.chain(*b"\xe9 -->").chain(text.bytes()).collect()
}

#[test]
fn fixes_are_written_in_the_files_own_encoding() {
    let encodings: [fn(&str) -> Vec<u8>; 3] = [|text| text.as_bytes().to_vec(), utf16, latin1];
    for encode in encodings {
        let phone = Phone::new();
        let (before, after) = mendable(encode);
        let path = phone.write("P.xml", before);
        let ran = phone.provision(&["check", "--fix", "P.xml"], "").expect(0);
        ran.says("P.xml: provisioning file of the Zoiper 5 dialect").says(": 2 fixes made");
        assert!(!ran.stderr.contains("bare-ampersand"), "{}", ran.stderr);
        assert_eq!(fs::read(&path).expect("it exists"), after);

        // There is nothing left to do, so the file is not touched.
        let modified =
            || fs::metadata(&path).and_then(|metadata| metadata.modified()).expect("it exists");
        let before = modified();
        let ran = phone.provision(&["check", "--fix", "P.xml"], "").expect(0);
        assert!(!ran.stderr.contains("made"), "{}", ran.stderr);
        assert_eq!(modified(), before);
    }
}

#[test]
fn what_cannot_be_fixed_is_reported_as_it_is_then() {
    let phone = Phone::new();
    let path = phone.write("C.xml", "<options><a>R&D</b></options>");
    let ran = phone.provision(&["check", "--fix", "C.xml"], "").expect(1);
    ran.says("error[mismatched-tag]").says("C.xml:1:").says("C.xml: configuration: 1 fix made, ");
    assert_eq!(fs::read(&path).expect("it exists"), b"<options><a>R&amp;D</b></options>");

    fs::write(&path, "<options><a>R&D</b></options>").expect("it is ours");
    let ran = phone.provision(&["check", "--fix", "--format", "json", "C.xml"], "").expect(1);
    let object = object(&ran);
    assert_eq!(object["files"][0]["fixed"], 1);
    assert_eq!(object["summary"]["fixed"], 1);
}

#[test]
fn a_difference_shows_what_would_be_fixed_and_changes_nothing() {
    let phone = Phone::new();
    let example = fixture("provision/document-example.xml");
    let path = phone.write("Provision.xml", &example);
    let secret =
        "<options>\n<a>\n<password>c4nary-p4ss & more</password>\n<b>R&D</b>\n</a>\n</options>\n";
    phone.write("secret.xml", secret);
    let ran = phone.provision(&["check", "--diff", "Provision.xml", "secret.xml"], "").expect(1);
    check(&fixtures().join("check/diff.diff"), &ran.stdout);
    ran.says("warning[bare-ampersand]").says("secret.xml: configuration: 2 errors");
    assert!(!ran.stderr.contains("--fix mends"), "{}", ran.stderr);
    assert_eq!(fs::read(&path).expect("it exists"), example);

    let ran = phone.provision(&["check", "--diff", "-"], "<error>a & b</error>").expect(0);
    let difference = String::from_utf8(ran.stdout).expect("UTF-8");
    assert!(difference.starts_with("--- standard input\n+++ standard input\n"), "{difference}");
    assert!(difference.contains("+<error>a &amp; b</error>\n"), "{difference}");
}

#[test]
fn what_makes_no_sense_together_is_wrong_usage() {
    let phone = Phone::new();
    phone.write("P.xml", "<provision/>");
    phone.provision(&["check", "--fix", "-"], "<provision/>").expect(2).says("--diff");
    phone.provision(&["check", "--fix", "P.xml", "-"], "<provision/>").expect(2);
    phone.provision(&["check", "--diff", "--format", "json", "P.xml"], "").expect(2);
}

#[test]
fn a_folder_is_checked_file_by_file_in_a_stable_order() {
    let phone = Phone::new();
    let folder = phone.folder().join("phones");
    for name in ["b/2.xml", "b/10.XML", "a.xml", "c.Xml", ".hidden/no.xml", "b/.no.xml", "no.txt"] {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("it has one")).expect("the folder is writable");
        fs::write(path, "<options/>").expect("the folder is writable");
    }
    fs::create_dir(folder.join("empty.xml")).expect("the folder is writable");
    for number in 0..200 {
        // The first one takes longest.
        let comment = "x".repeat(1_000_000 / (number + 1));
        fs::create_dir_all(folder.join("d")).expect("the folder is writable");
        fs::write(
            folder.join(format!("d/{number:03}.xml")),
            format!("<options><!--{comment}--></options>"),
        )
        .expect("the folder is writable");
    }
    let ran = phone.provision(&["check", "phones/c.Xml", "phones", "phones/a.xml"], "").expect(0);
    let names: Vec<_> = ran
        .stderr
        .lines()
        .filter_map(|line| line.split_once(": conf"))
        .map(|(name, _)| name)
        .collect();
    let mut expected: Vec<_> = ["c.Xml", "a.xml", "b/10.XML", "b/2.xml"]
        .iter()
        .map(|name| format!("phones/{name}"))
        .collect();
    expected.extend((0..200).map(|number| format!("phones/d/{number:03}.xml")));
    assert_eq!(names, expected);
    assert_eq!(ran.last_line(), "checked 204 files: 204 good");

    let ran = phone.provision(&["check", "phones/empty.xml"], "").expect(5);
    ran.says("phones/empty.xml cannot be read: it holds no file named *.xml");
}

#[cfg(unix)]
#[test]
fn links_and_pipes_do_not_hang() {
    use std::os::unix::fs::symlink;

    let phone = Phone::new();
    let folder = phone.folder().join("phones");
    fs::create_dir(&folder).expect("the folder is new");
    fs::write(folder.join("a.xml"), "<options/>").expect("the folder is writable");
    symlink(".", folder.join("loop")).expect("the folder is writable");
    symlink("..", folder.join("up.xml")).expect("the folder is writable");
    symlink("a.xml", folder.join("b.xml")).expect("the folder is writable");
    let ran = phone.provision(&["check", "phones"], "").expect(0);
    assert_eq!(ran.last_line(), "checked 2 files: 2 good");
    // A link that was named itself is followed.
    phone.provision(&["check", "phones/loop"], "").expect(0).says("phones/loop/a.xml: ");

    symlink("gone", folder.join("c.xml")).expect("the folder is writable");
    symlink("d.xml", folder.join("d.xml")).expect("the folder is writable");
    let pipe = folder.join("e.xml");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("it can be started");
    assert!(made.success());
    let ran = phone.provision(&["check", "phones", "/dev/zero"], "").expect(5);
    for name in ["phones/c.xml", "phones/d.xml", "phones/e.xml", "/dev/zero"] {
        ran.says(&format!("error: {name} cannot be read: "));
    }
    ran.says("phones/a.xml: configuration").says("4 inaccessible, 2 good");
}

#[cfg(unix)]
#[test]
fn a_fixed_file_keeps_its_permissions_and_its_links() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let phone = Phone::new();
    let (before, after) = mendable(|text| text.as_bytes().to_vec());
    let path = phone.write("P.xml", before);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("it is ours");
    symlink("P.xml", phone.folder().join("link.xml")).expect("the folder is writable");
    phone.provision(&["check", "--fix", "link.xml"], "").expect(0);
    assert_eq!(fs::read(&path).expect("it exists"), after);
    let metadata = fs::metadata(&path).expect("it exists");
    assert_eq!(metadata.permissions().mode() & 0o777, 0o640);
    let link = fs::symlink_metadata(phone.folder().join("link.xml")).expect("it exists");
    assert!(link.is_symlink());
}

/// A path that is no text is told twice: so that people can read it, and so that nothing is lost.
#[cfg(target_os = "linux")]
#[test]
fn a_path_need_not_be_text() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let phone = Phone::new();
    let name = OsStr::from_bytes(b"\xe9.xml");
    fs::write(phone.folder().join(name), "<options/>").expect("the folder is writable");
    let arguments = [OsStr::new("check"), OsStr::new("--format=json"), name];
    let object = object(&phone.provision(&arguments, "").expect(0));
    assert_eq!(object["files"][0]["path"], "\u{fffd}.xml");
    assert_eq!(object["files"][0]["path_bytes"], "e92e786d6c");
    phone.provision(&[Path::new("check"), Path::new(name)], "").expect(0).says("\u{fffd}.xml: ");
}

#[test]
fn a_document_over_the_limit_is_refused_without_being_held() {
    let phone = Phone::new();
    let path = phone.folder().join("large.xml");
    let file = fs::File::create(&path).expect("the folder is writable");
    file.set_len(64 << 30).expect("it takes no room");
    phone
        .provision(&["check", "large.xml"], "")
        .expect(1)
        .says("error[too-large]")
        .says("--> large.xml\n");
}
