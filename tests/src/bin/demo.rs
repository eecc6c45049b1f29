//! `cargo xtask demo`: a phone is provisioned before your eyes, by the real command and from real
//! servers on this machine.
#![expect(clippy::print_stdout, reason = "a demonstration shows what it does")]

use std::error::Error;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use provision_format::{
    AuthenticationType, Config, ProvisionFile, ProvisionOptions, Section, SignificantSections,
    UrlTemplate,
};
use provision_tests::{Answer, Server, TestCa};

/// The phone's configuration before, a realistic one of Zoiper 3.
const LOCAL: &[u8] = include_bytes!("../../../fixtures/config/zoiper3.xml");
/// What the good servers answer.
const ANSWER: &[u8] = include_bytes!("../../../fixtures/answer/zoiper3.xml");
/// What the refusing server answers.
const REFUSAL: &str = "<error>This server is closed for maintenance until 18:00</error>";

const SECTIONS: &str =
    "general,sip_options,iax_options,rtp_options,stun_options,accounts,codecs,restrictions";
const PASSWORD: &str = "correct horse battery staple";
/// The MD5 digest of the password, as the URL carries it.
const DIGEST: &str = "9cc2ae8a1ba7a93da39b46fc1019c481";

fn main() -> ExitCode {
    match demonstrate() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("\nThe demonstration did not end as it should: {error}");
            ExitCode::FAILURE
        }
    }
}

fn demonstrate() -> Result<(), Box<dyn Error>> {
    let program = PathBuf::from(
        std::env::var_os("PROVISION_BIN")
            .ok_or("PROVISION_BIN does not name the command to show; `cargo xtask demo` sets it")?,
    );
    let stage = Stage::new(&program)?;

    let refusing = Server::closed();
    let closed = Server::http(Answer::ok(REFUSAL));
    let ca = TestCa::new();
    let secure = Server::https(Answer::ok(ANSWER), &ca.certificate());
    let plain = Server::http(Answer::ok(ANSWER));
    ca.write_pem(&stage.folder)?;
    stage.write_phone(&[
        &format!("http://{}", refusing.address()),
        &closed.origin(),
        &secure.origin(),
        &plain.origin(),
    ])?;

    println!("\n== A phone, and four servers in its Provision.xml ==\n");
    println!("  1. http://{}   refuses connections", refusing.address());
    println!("  2. {}   answers <error>", closed.origin());
    println!("  3. {}  good, over TLS, with a certificate made just now", secure.origin());
    println!("  4. {}   good", plain.origin());

    println!("\n== First start: the certificate's authority is trusted ==\n");
    let said = stage.run(&["--ca-file", "test-ca.pem", "-v"])?;
    check(said.contains("[connect-refused]"), "the first server is left at once")?;
    check(said.contains("closed for maintenance until 18:00"), "the second server is quoted")?;
    check(closed.requests().len() == 1, "the second server is asked once")?;
    let target = format!("/provision/?username=alice&password={DIGEST}");
    let asked: Vec<_> = secure.requests().iter().map(|r| r.target().to_owned()).collect();
    check(asked == [target.clone()], "the third server gets the user and the digest")?;
    check(plain.connection_count() == 0, "the fourth server is not needed")?;
    stage.check_files()?;
    stage.show_sections()?;

    println!("\n== Second start: nobody vouches for the certificate ==\n");
    let said = stage.run(&[])?;
    check(said.contains("[tls-"), "the third server is left in the TLS handshake")?;
    check(secure.requests().len() == 1, "the third server learns no credentials")?;
    check(plain.requests().len() == 1, "the fourth server steps in")?;
    check(said.contains("as it was: profile"), "an unchanged Config.xml is not written again")?;
    stage.check_files()?;

    println!("\n== Where everything lies ==\n");
    let folder = stage.folder.display();
    for (file, what) in [
        ("Provision.xml", "what the operator hands out"),
        ("profile/Config.xml", "what the phone stores: without the provisioned sections"),
        ("profile/provision-displaced.xml", "the local sections that gave way, kept for later"),
        ("effective.xml", "what the phone runs with"),
        ("before.xml", "the Config.xml from before, to compare"),
    ] {
        println!("  {folder}/{file}\n      {what}");
    }
    println!("\nEverything came out as expected.");
    Ok(())
}

/// The folder in which everything is played.
struct Stage<'a> {
    folder: PathBuf,
    program: &'a Path,
}

impl<'a> Stage<'a> {
    /// The folder `demo` beside the folder of the command, without what an earlier demonstration left.
    fn new(program: &'a Path) -> Result<Self, Box<dyn Error>> {
        let target = program.parent().and_then(Path::parent).ok_or("the command has no folder")?;
        let folder = target.join("demo");
        fs::create_dir_all(folder.join("profile"))?;
        for file in ["effective.xml", "profile/provision-displaced.xml"] {
            match fs::remove_file(folder.join(file)) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        Ok(Self { folder, program })
    }

    fn write_phone(&self, origins: &[&str]) -> Result<(), Box<dyn Error>> {
        let template = |origin: &&str| {
            UrlTemplate::new(&format!("{origin}/provision/?username=[user]&password=[pass]"))
        };
        let file = ProvisionFile {
            base_urls: origins.iter().filter_map(template).collect(),
            options: ProvisionOptions {
                use_authentication: true,
                user_input_authentication: true,
                authentication_type: AuthenticationType::Url,
                ..ProvisionOptions::default()
            },
            significant_sections: Some(SignificantSections::from_list(SECTIONS)),
            ..ProvisionFile::default()
        };
        fs::write(self.folder.join("Provision.xml"), file.to_xml()?)?;
        fs::write(self.folder.join("before.xml"), LOCAL)?;
        fs::write(self.folder.join("profile/Config.xml"), LOCAL)?;
        Ok(())
    }

    /// Runs the command as a user would, shows what it says, and gives it back.
    fn run(&self, more: &[&str]) -> Result<String, Box<dyn Error>> {
        let mut arguments = vec!["run", "--provision", "Provision.xml", "--profile", "profile"];
        arguments.extend(["--effective", "effective.xml", "--user", "alice", "--password-stdin"]);
        arguments.extend(more);
        println!("$ provision {} < password", arguments.join(" "));
        let mut child = Command::new(self.program)
            .args(&arguments)
            .current_dir(&self.folder)
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        child.stdin.take().ok_or("standard input is piped")?.write_all(PASSWORD.as_bytes())?;
        let output = child.wait_with_output()?;
        let said = String::from_utf8(output.stderr)?;
        print!("{said}");
        println!();
        check(output.status.success(), "the command succeeds")?;
        check(!said.contains(PASSWORD) && !said.contains(DIGEST), "no secret is printed")?;
        Ok(said)
    }

    fn config(&self, file: &str) -> Result<Config, Box<dyn Error>> {
        Ok(Config::read(&fs::read(self.folder.join(file))?)?.value)
    }

    /// Whether the files hold what they should, by names of sections.
    fn check_files(&self) -> Result<(), Box<dyn Error>> {
        let [before, answer] = [Config::read(LOCAL)?.value, Config::read(ANSWER)?.value];
        let [stored, effective] =
            [self.config("profile/Config.xml")?, self.config("effective.xml")?];
        let listed = SignificantSections::from_list(SECTIONS);
        for section in before.sections() {
            let name = section.name();
            let provisioned = listed.contains(name) && answer.section(name).is_some();
            let kept = stored.section(name).map(Section::text);
            let expected = (!provisioned).then_some(section.text());
            check(kept == expected, &format!("Config.xml keeps `{name}` only if it is local"))?;
            if !provisioned {
                let same = effective.section(name).map(Section::text) == Some(section.text());
                check(same, &format!("the effective `{name}` is the local one, to the byte"))?;
            }
        }
        let accounts = effective.section("accounts").map_or("", Section::text);
        check(accounts.contains("Example Office"), "the phone runs with the server's accounts")?;
        check(effective.source().to_bytes()?.starts_with(b"<?xml"), "the declaration is kept")
    }

    /// What changed, section by section.
    fn show_sections(&self) -> Result<(), Box<dyn Error>> {
        let [before, stored] = [Config::read(LOCAL)?.value, self.config("profile/Config.xml")?];
        let effective = self.config("effective.xml")?;
        println!(
            "  {:<16} {:>8} {:>10} {:>8}   (bytes of the section)",
            "section", "before", "effective", "stored"
        );
        let size = |config: &Config, name: &str| match config.section(name) {
            Some(section) => section.text().len().to_string(),
            None => "-".to_owned(),
        };
        for section in effective.sections() {
            let name = section.name();
            println!(
                "  {name:<16} {:>8} {:>10} {:>8}",
                size(&before, name),
                size(&effective, name),
                size(&stored, name)
            );
        }
        Ok(())
    }
}

fn check(holds: bool, expectation: &str) -> Result<(), Box<dyn Error>> {
    if holds { Ok(()) } else { Err(format!("expected: {expectation}").into()) }
}
