//! Certificates beside a private key: whose key it claims to be, and until when.
//!
//! A certificate alone is public and never reported; beside its key it tells what the key is for.

use x509_cert::Certificate;
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::time::Time;

use super::{Claims, Input, pem};

/// How far from the key its certificate may stand, and how many are looked at.
const FAR: usize = 64 << 10;
const MOST: usize = 16;
const MOST_NAMES: usize = 20;

/// Adds what the key's own certificate says. `spki` is the key's public half; where the key does not
/// show it (a protected key), the only certificate of the place counts.
pub(super) fn beside(input: &Input<'_>, spki: Option<&[u8]>, claims: &mut Claims) {
    let whole = input.matched.whole;
    let (low, high) = (whole.start.saturating_sub(FAR), input.bytes.len().min(whole.end + FAR));
    let place = &input.bytes[low..high];
    let found: Vec<Certificate> = memchr::memmem::find_iter(place, b"-----BEGIN CERTIFICATE-----")
        .chain(memchr::memmem::find_iter(place, b"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t"))
        .take(MOST)
        .filter_map(|at| Certificate::from_der(&pem::der_at(&place[at..])?).ok())
        .collect();
    let of_key = |c: &&Certificate| spki.is_some() && public_half(c).as_deref() == spki;
    let one = match (found.iter().find(of_key), spki, found.as_slice()) {
        (Some(own), ..) => own,
        (None, None, [only]) => only,
        _ => return,
    };
    if spki.is_none()
        && let Some(public) = public_half(one)
    {
        super::keys::fingerprint(&public, claims);
    }
    describe(one, claims);
}

fn public_half(certificate: &Certificate) -> Option<Vec<u8>> {
    certificate.tbs_certificate().subject_public_key_info().to_der().ok()
}

fn describe(certificate: &Certificate, claims: &mut Claims) {
    let body = certificate.tbs_certificate();
    claims.add("certificate_subject", body.subject().to_string());
    claims.add("certificate_issuer", body.issuer().to_string());
    claims.add("certificate_serial", crate::secret::hex(body.serial_number().as_bytes()));
    claims.add("nbf", seconds(&body.validity().not_before));
    claims.add("exp", seconds(&body.validity().not_after));
    if let Ok(Some((_, SubjectAltName(names)))) = body.get_extension::<SubjectAltName>() {
        let names: Vec<String> = names
            .iter()
            .filter_map(|name| match name {
                GeneralName::DnsName(n) | GeneralName::UniformResourceIdentifier(n) => Some(n.to_string()),
                _ => None,
            })
            .take(MOST_NAMES)
            .collect();
        claims.add("certificate_names", names);
    }
}

fn seconds(time: &Time) -> i64 {
    i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX)
}
