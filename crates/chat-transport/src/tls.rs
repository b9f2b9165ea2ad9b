//! TLS: certificates, and how either end judges the other's.
//!
//! The cryptography is that of `ring`, named explicitly everywhere: there is no process-wide default
//! that another library could change.

mod client;
mod fingerprint;
mod identity;
mod pins;
mod server;

use std::sync::{Arc, OnceLock};

use rustls::crypto::CryptoProvider;

pub use client::{Client, Judgement, TlsError, Trust};
pub use fingerprint::Fingerprint;
pub use identity::{CertificateError, Identity};
pub use pins::{Pins, read_list, write_list};

pub(crate) use client::connect;
pub(crate) use server::Acceptor;

/// The port of IRC over TLS, used when none is given.
pub const TLS_PORT: u16 = 6697;

/// The cryptography of both ends.
fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    let made = || Arc::new(rustls::crypto::ring::default_provider());
    Arc::clone(PROVIDER.get_or_init(made))
}
