//! Two runs on one profile at the same time (spec 5.5).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use provision_tests::{Answer, Server};

use crate::phone::{Phone, program};

/// One kind of run: the provisioning file of a server that owns some sections.
struct Kind {
    _server: Server,
    file: PathBuf,
}

impl Kind {
    fn new(folder: &Path, name: &str, sections: &str, answer: &str) -> Self {
        let server = Server::http(Answer::ok(answer));
        let url = server.url("/");
        let file = folder.join(name);
        let text = format!(
            "<provision><base_urls><base_url>{url}</base_url></base_urls>\
             <significant_sections>{sections}</significant_sections></provision>"
        );
        fs::write(&file, text).expect("the folder is writable");
        Self { _server: server, file }
    }

    fn start(&self, profile: &Path) -> Child {
        Command::new(program())
            .args(["run", "-q", "--no-last-good", "--provision"])
            .arg(&self.file)
            .arg("--profile")
            .arg(profile)
            .env_clear()
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command can be started")
    }
}

const LOCAL: &str =
    "<options>\n <a>1</a>\n <!-- mine -->\n <b>2</b>\n <c>3</c>\n <d>4</d>\n</options>\n";

fn new_profile(path: &Path) {
    let _ = fs::remove_dir_all(path);
    fs::create_dir(path).expect("the folder is writable");
    fs::write(path.join("Config.xml"), LOCAL).expect("the folder is new");
}

/// What is in a profile's files, by their names.
fn contents(profile: &Path) -> Vec<(String, String)> {
    let entries = fs::read_dir(profile).expect("the folder is readable");
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("readable").path())
        .map(|path| {
            let name = path.file_name().expect("it has one").to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).expect("it is readable"))
        })
        .collect();
    files.sort();
    files
}

/// `ROUNDS=1000` plays as many; each time the files are what one order of the two would have made of them.
#[test]
fn two_processes_do_not_interleave() {
    let rounds = std::env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(60);
    let phone = Phone::new();
    let first = Kind::new(
        phone.folder(),
        "one.xml",
        "a,b",
        "<options><a>server one</a><b>server one</b></options>",
    );
    let second = Kind::new(
        phone.folder(),
        "two.xml",
        "b,c",
        "<options><b>server two</b><c>server two</c></options>",
    );
    let profile = phone.folder().join("both");
    let finish = |child: Child| {
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let in_order = |kinds: [&Kind; 2]| {
        new_profile(&profile);
        for kind in kinds {
            finish(kind.start(&profile));
        }
        contents(&profile)
    };
    let expected = [in_order([&first, &second]), in_order([&second, &first])];
    assert_ne!(expected[0], expected[1], "the order can be told");
    for round in 0..rounds {
        new_profile(&profile);
        let kinds = if round % 2 == 0 { [&first, &second] } else { [&second, &first] };
        let children = kinds.map(|kind| kind.start(&profile));
        children.into_iter().for_each(finish);
        let contents = contents(&profile);
        assert!(expected.contains(&contents), "round {round}: {contents:#?}");
    }
}
