//! What the phone's program tells a watch.

use provision_fetch::Credentials;
use tokio::sync::mpsc::UnboundedSender;

/// What the phone's program tells its [`Watch`](crate::Watch). It can be cloned and used from any thread, and no call
/// blocks. Once the watch is over, nothing that is told has any effect.
///
/// When the last clone is dropped nobody can tell anything any more, not even that a call is over. So calls count as
/// over then. The watch goes on with the refreshes, and ends by itself when none is to come.
#[derive(Clone, Debug)]
pub struct Signals(pub(super) UnboundedSender<Signal>);

/// One of them.
#[derive(Debug)]
pub(super) enum Signal {
    CallStarted,
    CallEnded,
    NetworkUp,
    Woke,
    ClockSet,
    Refresh,
    NewCredentials(Credentials),
    Stop,
}

impl Signals {
    /// A call has begun. Until it is over nothing is fetched and nothing written: a run that is under way is given up
    /// and made again after the hang-up (spec 6.2). Calls are counted; each has to be ended.
    pub fn call_started(&self) {
        self.tell(Signal::CallStarted);
    }

    /// A call is over. After the last one what fell due meanwhile happens, once. One too many does no harm.
    pub fn call_ended(&self) {
        self.tell(Signal::CallEnded);
    }

    /// The network can be used, perhaps again. If the last run failed for a reason that may have passed now, it is made
    /// again within half a minute: at random, so that a fleet does not arrive together.
    pub fn network_up(&self) {
        self.tell(Signal::NetworkUp);
    }

    /// The machine was asleep: what fell due meanwhile happens now, once. Without this it is noticed within a minute.
    /// If the wall clock is set on this occasion too, this comes first.
    pub fn woke(&self) {
        self.tell(Signal::Woke);
    }

    /// The wall clock was set, so that it does not tell how long it has been. Without this a clock that is set forth
    /// brings one refresh forward.
    pub fn clock_set(&self) {
        self.tell(Signal::ClockSet);
    }

    /// The user wants a run now, or after the call if there is one. Credentials that a server has refused are sent once more
    /// then, if the provisioning file has no others by now: an account may have been unlocked in the meantime.
    pub fn refresh_now(&self) {
        self.tell(Signal::Refresh);
    }

    /// The user has given other credentials. A run is made with them at once, or after the hang-up; one that is under way
    /// is given up for it.
    pub fn new_credentials(&self, credentials: Credentials) {
        self.tell(Signal::NewCredentials(credentials));
    }

    /// Nothing is wanted any more: a run that is under way is given up, and the watch ends.
    pub fn stop(&self) {
        self.tell(Signal::Stop);
    }

    fn tell(&self, signal: Signal) {
        // A watch that is over wants to know nothing.
        let _ = self.0.send(signal);
    }
}
