//! A softphone without a sound: it provisions itself at its start, takes fake calls, and refreshes between them.
//!
//! ```text
//! softphone PROFILE-FOLDER [Provision.xml]
//! ```
//!
//! Then type `call`, `hang up`, `refresh`, `network` (it is there again) or `quit`. With a `refresh_rate` in the
//! provisioning file it refreshes by itself, and never during a call.
#![expect(clippy::print_stdout, reason = "the terminal is all this phone has")]

use std::io::{self, BufRead};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use provision::fetch::{self, Credentials, Password, Secret};
use provision::format::{Config, Section, shown};
use provision::{
    Context, CredentialSource, Discovery, Event, Options, Outcome, Question, RunError, Signals,
    Supplier, WatchEvent, WorkingDirectory, watch,
};
use tokio::sync::oneshot;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let Some(profile) = arguments.next() else {
        println!("usage: softphone PROFILE-FOLDER [Provision.xml]");
        return ExitCode::from(2);
    };
    let discovery = match arguments.next() {
        Some(file) => Discovery::File(file.into()),
        // A phone that is started anywhere leaves the working directory out: a file planted there would
        // redirect it.
        None => Discovery::standard(WorkingDirectory::LeftOut),
    };

    let keyboard = Keyboard::default();
    let asked = keyboard.clone();
    let context = Context {
        profile: PathBuf::from(profile),
        // Called only if the provisioning file says that the user is asked, and once more if the servers
        // refuse the answer.
        credentials: CredentialSource::Ask(Box::new(move |question| {
            let keyboard = asked.clone();
            Box::pin(async move { keyboard.credentials(question).await })
        })),
    };
    let (signals, watch) = watch(context, Options { discovery, ..Options::default() });
    keyboard.listen(signals);

    let mut phone = Phone::default();
    // Events are told on this task; a phone with a window sends them there.
    watch.run(|event| phone.take(event)).await;
    println!("bye");
    ExitCode::SUCCESS
}

/// What the phone shows and runs with.
#[derive(Default)]
struct Phone {
    running_with: Option<Config>,
}

impl Phone {
    fn take(&mut self, event: WatchEvent) {
        match event {
            WatchEvent::RunStarted { cause, .. } => println!("* provisioning ({cause:?})"),
            WatchEvent::Step(step) => show_step(&step),
            WatchEvent::RunSucceeded(Outcome::Provisioned(provisioned)) => {
                if let Supplier::Server { url, .. } = &provisioned.supplier {
                    println!("* provisioned from {url}");
                }
                self.run_with(provisioned.effective);
            }
            WatchEvent::RunSucceeded(_) => {
                println!("* there is no Provision.xml: the phone runs with its own Config.xml");
            }
            WatchEvent::RunFailed(error) => self.show_failure(&error),
            WatchEvent::RunInterrupted { by, .. } => println!("* given up for now ({by:?})"),
            WatchEvent::PutOff { .. } => println!("* a refresh is due, after this call"),
            WatchEvent::NextRun { after, .. } => println!("* the next in {} s", after.as_secs()),
            WatchEvent::NoNextRun => println!("* no other by itself"),
            WatchEvent::Held { hold, .. } => println!("* none before that is mended ({hold:?})"),
            other => println!("* {other:?}"),
        }
    }

    /// Here a phone registers its accounts, and sets up its sound, as the configuration says.
    fn run_with(&mut self, config: Config) {
        let now = self.running_with.as_ref().map(Config::text);
        if now == Some(config.text()) {
            println!("* nothing new");
            return;
        }
        let sections: Vec<_> = config.sections().map(Section::name).map(shown).collect();
        println!("* running with {}", sections.join(", "));
        self.running_with = Some(config);
    }

    fn show_failure(&mut self, error: &RunError) {
        // What a server wants the user to read comes first (spec 3.11).
        let said = match error {
            RunError::Fetch(error) => error.server_message(),
            _ => None,
        };
        match said {
            Some(message) => println!("* the server says: {}", message.text),
            None => println!("* {error}"),
        }
        if let Some(help) = error.help() {
            println!("  {help}");
        }
        // The disk may be full, but the server has answered.
        if let Some(effective) = error.effective() {
            self.run_with(effective.clone());
        }
    }
}

/// The steps that a user wants to see. No event holds a secret.
fn show_step(step: &Event) {
    match step {
        Event::Fetch(fetch::Event::AttemptStarted { url, .. }) => println!("  asking {url}"),
        Event::Fetch(fetch::Event::AttemptEnded(attempt)) => match &attempt.outcome {
            Ok(()) => println!("  {} has answered", attempt.url),
            Err(failure) => println!("  {} has failed: {failure}", attempt.url),
        },
        Event::LastGoodUsed { age, .. } => {
            println!("  no server answers; using what one sent {} s ago", age.as_secs());
        }
        Event::CredentialsRefused => println!("  the servers refuse the credentials"),
        _ => {}
    }
}

/// The user, who types commands, and answers when asked.
#[derive(Clone, Default)]
struct Keyboard {
    asked: Arc<Mutex<Option<oneshot::Sender<String>>>>,
}

impl Keyboard {
    /// Reads lines on a thread of its own: signals can be given from any.
    fn listen(self, signals: Signals) {
        std::thread::spawn(move || {
            for line in io::stdin().lock().lines().map_while(Result::ok) {
                let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner).take();
                // A call may have ended the run that asked.
                match (asked.filter(|asked| !asked.is_closed()), line.trim()) {
                    (Some(asked), _) => drop(asked.send(line)),
                    (None, "call") => signals.call_started(),
                    (None, "hang up") => signals.call_ended(),
                    (None, "refresh") => signals.refresh_now(),
                    (None, "network") => signals.network_up(),
                    (None, "quit") => break,
                    (None, "") => {}
                    (None, _) => println!("type call, hang up, refresh, network or quit"),
                }
            }
            signals.stop();
        });
    }

    /// No name at all is "cancelled". A phone with a window hides what is typed.
    async fn credentials(&self, question: Question) -> Option<Credentials> {
        let typed = self.line(&format!("user name [{}]", question.preset_user)).await?;
        let user = if typed.is_empty() { question.preset_user } else { typed };
        if user.is_empty() {
            return None;
        }
        let password = self.line("password (it is shown here)").await?;
        Some(Credentials::new(user, Password::Plain(Secret::new(password))))
    }

    async fn line(&self, prompt: &str) -> Option<String> {
        println!("{prompt}:");
        let (sender, answer) = oneshot::channel();
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
        answer.await.ok()
    }
}
