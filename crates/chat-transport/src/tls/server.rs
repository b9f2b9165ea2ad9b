//! The accepting end of TLS.

use std::io;
use std::sync::Arc;

use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::NoServerSessionStorage;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, ServerConfig, SignatureScheme};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::{Fingerprint, Identity, provider};

/// Plain bytes that may wait inside of a TLS connection to be sent.
const BUFFER: usize = 16 * 1024;

/// Does the server's half of handshakes.
#[derive(Clone)]
pub(crate) struct Acceptor(TlsAcceptor);

/// A certificate of a client is not judged, only looked at: whoever proves to have its key may be
/// recognised by its fingerprint. None is needed.
#[derive(Debug)]
struct AnyCertificate;

impl Acceptor {
    pub(crate) fn new(identity: Arc<Identity>) -> Acceptor {
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .expect("ring has what the usual versions need")
            .with_client_cert_verifier(Arc::new(AnyCertificate))
            .with_cert_resolver(identity);
        // What a client needs to come back faster it keeps itself, in a ticket.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 1;
        // Without tickets every handshake is a full one.
        if let Ok(ticketer) = rustls::crypto::ring::Ticketer::new() {
            config.ticketer = ticketer;
        }
        Acceptor(TlsAcceptor::from(Arc::new(config)))
    }

    /// The handshake, and the fingerprint of the certificate that the client proved to have.
    pub(crate) async fn accept(
        &self,
        stream: TcpStream,
    ) -> io::Result<(TlsStream<TcpStream>, Option<Fingerprint>)> {
        let mut stream = self.0.accept(stream).await?;
        let connection = stream.get_mut().1;
        connection.set_buffer_limit(Some(BUFFER));
        let chain = connection.peer_certificates();
        let fingerprint = chain.and_then(|chain| chain.first());
        let fingerprint = fingerprint.map(|own| Fingerprint::of(own));
        Ok((stream, fingerprint))
    }
}

impl ClientCertVerifier for AnyCertificate {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _own: &CertificateDer<'_>,
        _chain: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = provider().signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, &algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = provider().signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, &algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}
