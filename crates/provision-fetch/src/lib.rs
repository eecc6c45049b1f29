#![doc = include_str!("../README.md")]

mod answer;
mod attempt;
mod candidate;
mod credentials;
mod driver;
mod endpoint;
mod error;
mod event;
mod failover;
mod fetch;
mod limits;
mod masked;
mod origin;
mod proxy;
mod record;
mod redirect;
mod reference;
mod scrub;
mod status;
mod template;
mod transport;
mod tried;
mod validators;

pub use answer::{Answer, Rejection, ServerMessage, Verdict};
pub use attempt::{Attempt, Failure, Stage, StageTiming, TlsVersion};
pub use credentials::{Credentials, Identity, Md5Digest, Password, Secret, UrlPassword};
pub use error::{FetchError, FetchErrorKind};
pub use event::{Event, UrlWarning};
pub use failover::{OnErrorAnswer, Order, StartReason};
pub use fetch::{Fetched, Options, Plan, Refetched, Unchanged, fetch, fetch_if_changed};
pub use limits::Limits;
pub use masked::MaskedUrl;
pub use proxy::{Proxies, ProxySettings, ProxyUrl};
pub use transport::{ClientCertificate, tls_provider};
pub use validators::Validators;
