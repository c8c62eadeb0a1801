//! `ssl-mode` in the words of the driver.

use crate::db::error::Error;
use crate::db::target::{Roots, SslMode, TlsChoice};
use mysql_async::{ClientIdentity, IoError, SslOpts};
use rustls::CertificateError;
use std::path::Path;

pub fn options(choice: &TlsChoice) -> Result<SslOpts, Error> {
    let options = SslOpts::default();
    let options = match choice.mode {
        SslMode::VerifyCa | SslMode::VerifyFull => with_roots(options, &choice.roots)?,
        // As MySQL's own clients: encrypted, but nobody is checked, even where an authority is named.
        _ => options.with_danger_accept_invalid_certs(true).with_danger_skip_domain_validation(true),
    };
    Ok(match &choice.client {
        Some((certificate, key)) => {
            readable(certificate)?;
            readable(key)?;
            options.with_client_identity(Some(ClientIdentity::new(certificate.clone().into(), key.clone().into())))
        }
        None => options,
    })
}

fn with_roots(options: SslOpts, roots: &Roots) -> Result<SslOpts, Error> {
    let options = options.with_disable_built_in_roots(true);
    match roots {
        Roots::None => Err(Error::Target {
            because: "`ssl-mode` asks to verify the server, but there is no certificate authority; set `ssl-ca` to a \
                      file, or to `system` for the authorities that the system trusts"
                .to_owned(),
        }),
        Roots::System => {
            let found = rustls_native_certs::load_native_certs().certs;
            if found.is_empty() {
                return Err(Error::Target { because: "the system lists no certificate authorities".to_owned() });
            }
            Ok(options.with_root_certs(found.into_iter().map(|c| c.to_vec().into()).collect()))
        }
        Roots::File(path) => {
            readable(path)?;
            Ok(options.with_root_certs(vec![path.clone().into()]))
        }
    }
}

/// The driver would not say which file it could not read.
fn readable(path: &Path) -> Result<(), Error> {
    std::fs::metadata(path)
        .and_then(|_| std::fs::File::open(path))
        .map(drop)
        .map_err(|e| Error::File { path: path.display().to_string(), because: e.to_string() })
}

/// The names in the certificate, if what was wrong with it was only the name.
fn presented(error: &mysql_async::Error) -> Option<&[String]> {
    let mysql_async::Error::Io(IoError::Io(e)) = error else { return None };
    match e.get_ref()?.downcast_ref::<rustls::Error>()? {
        rustls::Error::InvalidCertificate(CertificateError::NotValidForNameContext { presented, .. }) => {
            Some(presented)
        }
        _ => None,
    }
}

/// Such are those that MySQL makes for itself. Their authority may be right, but the driver checks some name in any case.
pub const NAMES_NOBODY: &str = "its certificate names no host, and sidestep cannot check the authority of such a one; give \
                                the server a certificate with a subject alternative name, or use `ssl-mode=REQUIRED`";

pub fn names_nobody(error: &mysql_async::Error) -> bool {
    presented(error).is_some_and(<[String]>::is_empty)
}

/// A name that stands in the certificate, if what was wrong with it was only the name.
pub fn name_that_it_has(error: &mysql_async::Error) -> Option<String> {
    let presented = presented(error)?;
    // Each is printed as its kind and the name: `DnsName("db1.example.com")`.
    presented.iter().find_map(|name| {
        let name = name.split('"').nth(1).unwrap_or(name);
        (!name.starts_with('*')).then(|| name.to_owned())
    })
}
