//! TLS as `sslmode` means it: who is checked, against which authorities, and with which certificate of our own.
//! The driver itself knows no more than "on" and "off".

use super::error::Error;
use super::target::{Roots, SslMode, TlsChoice};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use std::path::Path;
use std::sync::Arc;
use tokio_postgres_rustls::MakeRustlsConnect;

/// What of the server's certificate is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Check {
    Nothing,
    /// It was issued by one of our authorities.
    Chain,
    /// And for the host that we asked for.
    ChainAndName,
}

pub fn connector(choice: &TlsChoice) -> Result<MakeRustlsConnect, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let check = match (choice.mode, &choice.roots) {
        (SslMode::VerifyFull, _) => Check::ChainAndName,
        (SslMode::VerifyCa, _) => Check::Chain,
        // libpq's rule: with a root certificate at hand, `require` checks the chain.
        (SslMode::Require, Roots::File(_)) => Check::Chain,
        _ => Check::Nothing,
    };
    let verifier: Arc<dyn ServerCertVerifier> = match check {
        Check::Nothing => Arc::new(Trusting { provider: Arc::clone(&provider) }),
        _ => Arc::new(checking(check, &choice.roots, Arc::clone(&provider))?),
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| Error::Target { because: e.to_string() })?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    let mut config = match &choice.client {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let chain = certificates(certificate)?;
            check_key_mode(key)?;
            let secret = PrivateKeyDer::from_pem_file(key).map_err(|e| unreadable(key, &e.to_string()))?;
            builder.with_client_auth_cert(chain, secret).map_err(|e| unreadable(certificate, &e.to_string()))?
        }
    };
    if choice.direct {
        config.alpn_protocols = vec![b"postgresql".to_vec()];
    }
    Ok(MakeRustlsConnect::new(config))
}

fn checking(check: Check, roots: &Roots, provider: Arc<CryptoProvider>) -> Result<Checking, Error> {
    let mut store = RootCertStore::empty();
    let mut named = Vec::new();
    match roots {
        Roots::None => {
            return Err(Error::Target {
                because: "`sslmode` asks to verify the server, but there is no root certificate; set `sslrootcert` \
                          to a file, or to `system` for the authorities that the system trusts"
                    .to_owned(),
            });
        }
        Roots::System => {
            let found = rustls_native_certs::load_native_certs();
            store.add_parsable_certificates(found.certs);
            if store.is_empty() {
                return Err(Error::Target { because: "the system lists no certificate authorities".to_owned() });
            }
        }
        Roots::File(path) => {
            named = certificates(path)?;
            store.add_parsable_certificates(named.iter().cloned());
            if store.is_empty() {
                return Err(unreadable(path, "it holds no certificate"));
            }
        }
    }
    let chain = WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider)
        .build()
        .map_err(|e| Error::Target { because: e.to_string() })?;
    Ok(Checking { check, chain, named })
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|e| unreadable(path, &e.to_string()))
}

fn unreadable(path: &Path, because: &str) -> Error {
    Error::File { path: path.display().to_string(), because: because.to_owned() }
}

/// As libpq: a key that others can read is not used. Root may own it and let one group read it.
#[cfg(unix)]
fn check_key_mode(path: &Path) -> Result<(), Error> {
    use std::os::unix::fs::MetadataExt;
    let file = std::fs::metadata(path).map_err(|e| unreadable(path, &e.to_string()))?;
    let open = if file.uid() == 0 { 0o027 } else { 0o077 };
    if file.mode() & open == 0 {
        Ok(())
    } else {
        Err(unreadable(path, "other users can read this private key; run `chmod 600` on it"))
    }
}

#[cfg(not(unix))]
fn check_key_mode(_: &Path) -> Result<(), Error> {
    Ok(())
}

/// `require` without a root certificate: encrypted, but nobody is checked.
#[derive(Debug)]
struct Trusting {
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Trusting {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }
    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[derive(Debug)]
struct Checking {
    check: Check,
    chain: Arc<WebPkiServerVerifier>,
    /// Certificates of `sslrootcert`. A self-signed server certificate that stands there itself is trusted: OpenSSL
    /// takes it, and it is how many small servers are set up, though webpki refuses an authority as a server.
    named: Vec<CertificateDer<'static>>,
}

impl ServerCertVerifier for Checking {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verdict = self.chain.verify_server_cert(end_entity, intermediates, server_name, ocsp, now);
        match verdict {
            // webpki looks at the chain first, so this says that the chain holds.
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if self.check == Check::Chain => Ok(ServerCertVerified::assertion()),
            Err(rustls::Error::InvalidCertificate(CertificateError::Other(_))) if self.named.contains(end_entity) => {
                if self.check == Check::ChainAndName {
                    let parsed = ParsedCertificate::try_from(end_entity)?;
                    rustls::client::verify_server_name(&parsed, server_name)?;
                }
                Ok(ServerCertVerified::assertion())
            }
            verdict => verdict,
        }
    }
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chain.verify_tls12_signature(message, cert, dss)
    }
    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.chain.verify_tls13_signature(message, cert, dss)
    }
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}
