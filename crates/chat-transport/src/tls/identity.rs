//! A certificate and its key, kept in files.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys};

use super::{Fingerprint, provider};

/// A file larger than this holds no certificate of ours.
const FILE_LIMIT: u64 = 1 << 20;

/// Who one end of a connection is: a certificate chain and the private key of its first certificate,
/// read from PEM files and [read again](Identity::reload) when they have changed.
pub struct Identity {
    certificate: PathBuf,
    key: PathBuf,
    current: ArcSwap<CertifiedKey>,
}

/// Why certificate and key cannot be used; the file is named, and what was expected in it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CertificateError {
    /// A file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is not what it should be.
    #[error("{}: {expected}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What was expected in it.
        expected: String,
    },
    /// The key is another certificate's.
    #[error(
        "{} is not the key of the first certificate in {}: expected the two to belong together",
        key.display(),
        certificate.display()
    )]
    Mismatch {
        /// The file of the certificate.
        certificate: PathBuf,
        /// The file of the key.
        key: PathBuf,
    },
}

// === impl Identity ===

impl Identity {
    /// Reads the certificate chain (PEM, the own certificate first) and its private key (PEM,
    /// without a password), and checks that they belong together.
    ///
    /// # Errors
    /// [`CertificateError`].
    pub fn load(certificate: &Path, key: &Path) -> Result<Arc<Identity>, CertificateError> {
        let current = read(certificate, key)?;
        Ok(Arc::new(Identity {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
            current: ArcSwap::from_pointee(current),
        }))
    }

    /// Reads the files again: handshakes from now on use what is in them. What is wrong with them
    /// changes nothing.
    ///
    /// # Errors
    /// [`CertificateError`].
    pub fn reload(&self) -> Result<(), CertificateError> {
        self.current
            .store(Arc::new(read(&self.certificate, &self.key)?));
        Ok(())
    }

    /// The fingerprint of the own certificate.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let current = self.current.load();
        Fingerprint::of(current.cert.first().map_or(&[], |first| first.as_ref()))
    }

    /// Chain and key as they are now.
    pub(super) fn current(&self) -> Arc<CertifiedKey> {
        self.current.load_full()
    }
}

impl ResolvesServerCert for Identity {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current())
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("certificate", &self.certificate)
            .field("fingerprint", &self.fingerprint())
            .finish_non_exhaustive()
    }
}

// === helpers ===

fn read(certificate: &Path, key: &Path) -> Result<CertifiedKey, CertificateError> {
    let wrong = |path: &Path, expected: &str| CertificateError::Content {
        path: path.to_owned(),
        expected: expected.to_owned(),
    };
    let text = text(certificate)?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let chain = chain.unwrap_or_default();
    if chain.is_empty() {
        let expected = "expected certificates in PEM form (-----BEGIN CERTIFICATE-----), \
                        the server's own first";
        return Err(wrong(certificate, expected));
    }
    let secret = self::text(key)?;
    let Ok(secret) = PrivateKeyDer::from_pem_slice(&secret) else {
        let expected = "expected a private key in PEM form (-----BEGIN PRIVATE KEY-----), \
                        without a password";
        return Err(wrong(key, expected));
    };
    CertifiedKey::from_der(chain, secret, &provider()).map_err(|error| match error {
        Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => CertificateError::Mismatch {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
        },
        Error::InvalidCertificate(reason) => {
            let expected = format!("expected an X.509 certificate (version 3): {reason}");
            wrong(certificate, &expected)
        }
        error => {
            let expected = format!("expected an RSA, ECDSA or Ed25519 key: {error}");
            wrong(key, &expected)
        }
    })
}

fn text(path: &Path) -> Result<Vec<u8>, CertificateError> {
    let failed = |source| CertificateError::Read {
        path: path.to_owned(),
        source,
    };
    if fs::metadata(path).map_err(failed)?.len() > FILE_LIMIT {
        return Err(CertificateError::Content {
            path: path.to_owned(),
            expected: format!("expected at most {FILE_LIMIT} bytes"),
        });
    }
    fs::read(path).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Files {
        folder: tempfile::TempDir,
    }

    impl Files {
        fn new() -> Files {
            let folder = tempfile::tempdir().unwrap();
            Files { folder }
        }

        fn write(&self, name: &str, text: &str) -> PathBuf {
            let path = self.folder.path().join(name);
            fs::write(&path, text).unwrap();
            path
        }
    }

    fn pair() -> (String, String) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        (made.cert.pem(), made.signing_key.serialize_pem())
    }

    #[test]
    fn what_belongs_together_is_taken_and_can_be_renewed() {
        let files = Files::new();
        let (certificate, key) = pair();
        let (certificate, key) = (
            files.write("cert.pem", &certificate),
            files.write("key.pem", &key),
        );
        let identity = Identity::load(&certificate, &key).unwrap();
        let before = identity.fingerprint();
        let (newer, newer_key) = pair();
        files.write("cert.pem", &newer);
        let error = identity.reload().unwrap_err();
        assert!(
            matches!(error, CertificateError::Mismatch { .. }),
            "{error}"
        );
        assert_eq!(identity.fingerprint(), before, "the old one is kept");
        files.write("key.pem", &newer_key);
        identity.reload().unwrap();
        assert_ne!(identity.fingerprint(), before);
        assert!(!format!("{identity:?}").contains("PRIVATE"));
    }

    #[test]
    fn each_mistake_names_the_file_and_what_was_expected() {
        let files = Files::new();
        let (certificate_text, key_text) = pair();
        let certificate = files.write("cert.pem", &certificate_text);
        let key = files.write("key.pem", &key_text);
        let other = files.write("other.pem", &pair().1);
        let garbage = files.write("garbage.pem", "garbage");
        let torn = files.write(
            "torn.pem",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        );
        let missing = files.folder.path().join("missing.pem");
        for (certificate, key, words) in [
            (&certificate, &other, ["other.pem", "belong together"]),
            (&missing, &key, ["missing.pem", "cannot read"]),
            (&certificate, &missing, ["missing.pem", "cannot read"]),
            (&garbage, &key, ["garbage.pem", "BEGIN CERTIFICATE"]),
            (&certificate, &garbage, ["garbage.pem", "BEGIN PRIVATE KEY"]),
            (&key, &key, ["key.pem", "BEGIN CERTIFICATE"]),
            (&torn, &key, ["torn.pem", "X.509"]),
        ] {
            let error = Identity::load(certificate, key).unwrap_err().to_string();
            assert!(words.iter().all(|word| error.contains(word)), "{error}");
        }
    }
}
