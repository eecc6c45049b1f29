//! `cargo xtask hostile`: a server that misbehaves in every way that `fixtures/http` describes, for any client.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the table is for people to read")]

use std::env;
use std::error::Error;
use std::fs;
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

use provision_tests::hostile::{Authentication, Case, Hostile, Setup};

fn main() -> ExitCode {
    let arguments = match Arguments::read(env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(message) => {
            eprintln!("hostile: {message}\nUsage: cargo xtask hostile [--port N] [WORD…]");
            return ExitCode::from(2);
        }
    };
    match serve(&arguments) {
        Ok(never) => match never {},
        Err(error) => {
            eprintln!("hostile: {error}");
            ExitCode::FAILURE
        }
    }
}

struct Arguments {
    port: u16,
    /// Cases without any of these are served, and not shown.
    words: Vec<String>,
}

impl Arguments {
    fn read(mut given: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut arguments = Self { port: 0, words: Vec::new() };
        while let Some(argument) = given.next() {
            if argument == "--port" {
                let port = given.next().ok_or("`--port` needs a number")?;
                arguments.port = port.parse().map_err(|_| format!("`{port}` is no port"))?;
            } else if argument.starts_with('-') {
                return Err(format!("there is no option `{argument}`"));
            } else {
                arguments.words.push(argument);
            }
        }
        Ok(arguments)
    }

    fn show(&self, case: &Case) -> bool {
        self.words.is_empty() || self.words.iter().any(|word| case.id().contains(word.as_str()))
    }
}

/// What no run of [`serve`] ends with.
enum Never {}

fn serve(arguments: &Arguments) -> Result<Never, Box<dyn Error>> {
    let patience = Duration::from_secs(600);
    let hostile = Hostile::start(&Setup { port: arguments.port, patience, ..Setup::default() })?;
    let cases: Vec<&Case> = hostile.cases().iter().filter(|case| arguments.show(case)).collect();
    let Some(first) = cases.first() else {
        return Err("no case has any of these words in its name".into());
    };

    let urls: Vec<String> = cases.iter().map(|case| hostile.url(case)).collect();
    let width = urls.iter().map(String::len).max().unwrap_or(0);
    println!("{:width$}  {:<12}  seconds  what the server does", "URL", "outcome");
    for (case, url) in cases.iter().zip(&urls) {
        let only = match case.authentication {
            Some(Authentication::Basic) => " (with basic authentication)",
            Some(Authentication::Url) => " (with credentials in the URL)",
            None => "",
        };
        println!(
            "{url:width$}  {:<12}  {:>7}  {}{only}",
            case.outcome.as_str(),
            case.within.as_secs(),
            case.about
        );
    }

    let program = env::current_exe()?;
    let folder = program.ancestors().nth(2).ok_or("this program has no folder")?.join("hostile");
    fs::create_dir_all(&folder)?;
    let ca = hostile.write_ca(&folder)?;
    println!("\nCases: {}. Give a client a case's URL and behind it a good one:", cases.len());
    println!("  {}   for cases with http", hostile.good_url_of("http"));
    println!("  {}  for cases with https", hostile.good_url_of("https"));
    println!("accept: it ends with the case's configuration, within the seconds");
    println!("failover: with that of the good server; either: with one of both, never a mixture");
    println!(
        "server-error: with no good server behind it, it shows the server's message and changes nothing"
    );
    println!("All certificates are of this authority: {}", ca.display());
    println!(
        "For the command `provision`: SSL_CERT_FILE={} or --ca-file, and {} as a base_url",
        ca.display(),
        hostile.url(first)
    );
    println!(
        "Whatever comes in at the origins that no client should contact is shown below. Ctrl-C ends it."
    );
    let mut shown = 0;
    loop {
        thread::sleep(LOOK_EVERY);
        let contacts = hostile.contacts();
        // The last one may not have said all yet.
        for contact in contacts.iter().skip(shown).filter(|contact| !contact.is_empty()) {
            println!("CONTACT {}", contact.escape_ascii());
            shown += 1;
        }
    }
}

/// How often contacts are looked for.
const LOOK_EVERY: Duration = Duration::from_millis(300);
