//! The connecting end of TLS.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ResolvesClientCert, WebPkiServerVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, InvalidMessage, OtherError,
    RootCertStore, SignatureScheme,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::{Fingerprint, Identity, Pins, provider};

/// How a client judges servers, and who it says that it is itself.
#[derive(Debug, Clone, Default)]
pub struct Client {
    /// Whom it trusts.
    pub trust: Trust,
    /// The certificate that it shows to a server that asks for one.
    pub identity: Option<Arc<Identity>>,
}

/// Which certificates of servers are trusted.
#[derive(Debug, Clone, Default)]
pub enum Trust {
    /// Those that one of the well-known authorities vouches for (Mozilla's list, built in), for the
    /// host that was asked for.
    #[default]
    Authorities,
    /// Those, and where no authority is known, the certificate that the server had the first time.
    FirstUse(Pins),
    /// Those of the authorities, and those that were accepted before; none is met for the first time.
    Known(Pins),
    /// Any: whoever sits between can read and change everything.
    Anyone,
}

/// Why a certificate was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// An authority vouches for it.
    Verified,
    /// It is the one that was seen first.
    Known,
    /// Nobody vouches for it, and it is seen for the first time: from now on it must be this one.
    New,
    /// It was not looked at.
    Unchecked,
}

/// Why there is no TLS connection.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The certificate is not to be trusted.
    #[error("its certificate is not trusted: {reason} (fingerprint {fingerprint})")]
    Untrusted {
        /// What is wrong with it.
        reason: String,
        /// The certificate.
        fingerprint: Fingerprint,
    },
    /// The certificate is another one than the first time.
    #[error(
        "its certificate is not the one that it had the first time: somebody may be listening in. \
         It was {first} and is {now}{}",
        forget(file)
    )]
    Changed {
        /// The certificate of the first time.
        first: Fingerprint,
        /// The certificate of now.
        now: Fingerprint,
        /// Where the first one is kept.
        file: Option<PathBuf>,
    },
    /// What answers does not speak TLS.
    #[error("what answers there does not speak TLS")]
    NotTls,
    /// Something else of the handshake.
    #[error("the TLS handshake failed: {0}")]
    Handshake(String),
}

impl Trust {
    /// The certificates that were seen before, where they count.
    fn pins(&self) -> Option<&Pins> {
        match self {
            Trust::FirstUse(pins) | Trust::Known(pins) => Some(pins),
            Trust::Authorities | Trust::Anyone => None,
        }
    }

    /// The same, but for the trust in what is met for the first time, and in everybody.
    #[must_use]
    pub fn strict(&self) -> Trust {
        match self.pins() {
            Some(pins) => Trust::Known(pins.clone()),
            None => Trust::Authorities,
        }
    }
}

fn forget(file: &Option<PathBuf>) -> String {
    match file {
        Some(file) => format!(
            ". If it was renewed, remove the server's line from {}",
            file.display()
        ),
        None => String::new(),
    }
}

/// How the server's certificate was judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) judgement: Judgement,
    pub(crate) fingerprint: Fingerprint,
}

/// The client's half of a handshake over `stream` with `host`; `server` (`host:port`) names it among
/// the pins.
pub(crate) async fn connect<S>(
    client: &Client,
    host: &str,
    server: String,
    stream: S,
) -> Result<(TlsStream<S>, Kept), TlsError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| TlsError::Handshake(format!("`{host}` is not a host name")))?;
    let judge = Arc::new(Judge {
        trust: client.trust.clone(),
        server,
        verdict: Mutex::new(None),
    });
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("ring has what the usual versions need")
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&judge) as _);
    let config = match &client.identity {
        Some(identity) => config.with_client_cert_resolver(Arc::clone(identity) as _),
        None => config.with_no_client_auth(),
    };
    let connected = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await;
    let verdict = judge.verdict.lock().take();
    match (connected, verdict) {
        (Ok(stream), Some(Ok(kept))) => {
            judge.remember(kept);
            Ok((stream, kept))
        }
        (Err(_), Some(Err(refusal))) => Err(refusal),
        (Err(error), _) => Err(of_handshake(&error)),
        // A handshake does not succeed without a certificate that was judged well.
        (Ok(_), _) => Err(TlsError::Handshake("no certificate was shown".to_owned())),
    }
}

fn of_handshake(error: &io::Error) -> TlsError {
    let inner = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Error>());
    match inner {
        Some(Error::InvalidMessage(InvalidMessage::InvalidContentType)) => TlsError::NotTls,
        _ => TlsError::Handshake(error.to_string()),
    }
}

/// Judges one server's certificate.
#[derive(Debug)]
struct Judge {
    trust: Trust,
    server: String,
    verdict: Mutex<Option<Result<Kept, TlsError>>>,
}

impl Judge {
    fn judge(
        &self,
        own: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<Judgement, TlsError> {
        if let Trust::Anyone = self.trust {
            return Ok(Judgement::Unchecked);
        }
        let fingerprint = Fingerprint::of(own);
        let pins = self.trust.pins();
        if pins.and_then(|pins| pins.get(&self.server)) == Some(fingerprint) {
            return Ok(Judgement::Known);
        }
        let reason = match authorities().verify_server_cert(own, chain, name, &[], now) {
            // Also where it had one of its own before: an authority vouches for it now.
            Ok(_) => return Ok(Judgement::Verified),
            Err(reason) => reason,
        };
        let Some(pins) = pins else {
            return Err(untrusted(&reason, fingerprint));
        };
        let first_use = matches!(self.trust, Trust::FirstUse(_));
        match pins.get(&self.server) {
            Some(first) => Err(TlsError::Changed {
                first,
                now: fingerprint,
                file: pins.file().map(Into::into),
            }),
            None if first_use && nobody_vouches(&reason) => Ok(Judgement::New),
            None => Err(untrusted(&reason, fingerprint)),
        }
    }

    /// Keeps a certificate that was seen for the first time.
    fn remember(&self, kept: Kept) {
        if let Trust::FirstUse(pins) = &self.trust
            && kept.judgement == Judgement::New
            && let Err(error) = pins.add(&self.server, kept.fingerprint)
        {
            tracing::warn!(%error, "a certificate is not remembered beyond this run");
        }
    }
}

/// Nothing is wrong with a certificate but that no known authority has issued it.
fn nobody_vouches(reason: &Error) -> bool {
    match reason {
        Error::InvalidCertificate(CertificateError::UnknownIssuer) => true,
        // One that signed itself is an authority's, to who looks for a server's.
        Error::InvalidCertificate(CertificateError::Other(OtherError(other))) => {
            other.to_string().contains("CaUsedAsEndEntity")
        }
        _ => false,
    }
}

fn untrusted(reason: &Error, fingerprint: Fingerprint) -> TlsError {
    let reason = match reason {
        _ if nobody_vouches(reason) => "no known authority vouches for it".to_owned(),
        Error::InvalidCertificate(reason) => reason.to_string(),
        reason => reason.to_string(),
    };
    TlsError::Untrusted {
        reason,
        fingerprint,
    }
}

fn authorities() -> &'static WebPkiServerVerifier {
    static AUTHORITIES: OnceLock<Arc<WebPkiServerVerifier>> = OnceLock::new();
    AUTHORITIES.get_or_init(|| {
        let roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider())
            .build()
            .expect("the list of authorities is not empty")
    })
}

impl ServerCertVerifier for Judge {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _stapled: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verdict = self.judge(own, chain, name, now);
        let refused = verdict.is_err();
        let fingerprint = Fingerprint::of(own);
        let kept = |judgement| Kept {
            judgement,
            fingerprint,
        };
        *self.verdict.lock() = Some(verdict.map(kept));
        if refused {
            let refusal = CertificateError::ApplicationVerificationFailure;
            return Err(Error::InvalidCertificate(refusal));
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        authorities().verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        authorities().verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        authorities().supported_verify_schemes()
    }
}

impl ResolvesClientCert for Identity {
    fn resolve(&self, _hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(self.current())
    }

    fn has_certs(&self) -> bool {
        true
    }
}
