//! Private keys in DER: what kind they are, and the public half that is in them.
//!
//! Nothing of the private half is kept. The public half's digest is what providers, certificates and
//! inventories know a key by.

use md5::Md5;
use pkcs8::der::asn1::BitStringRef;
use pkcs8::der::{AnyRef, Decode as _, Encode as _};
use pkcs8::spki::{AlgorithmIdentifierRef, ObjectIdentifier, SubjectPublicKeyInfoRef};
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef, pkcs5};
use sha2::{Digest as _, Sha256};

use super::Claims;

/// Algorithms by object identifier.
const ALGORITHMS: [(&str, &str); 8] = [
    ("1.2.840.113549.1.1.1", "rsa"),
    ("1.2.840.113549.1.1.10", "rsa-pss"),
    ("1.2.840.10045.2.1", "ec"),
    ("1.2.840.10040.4.1", "dsa"),
    ("1.3.101.110", "x25519"),
    ("1.3.101.111", "x448"),
    ("1.3.101.112", "ed25519"),
    ("1.3.101.113", "ed448"),
];
const CURVES: [(&str, &str); 5] = [
    ("1.2.840.10045.3.1.7", "P-256"),
    ("1.3.132.0.34", "P-384"),
    ("1.3.132.0.35", "P-521"),
    ("1.3.132.0.10", "secp256k1"),
    ("1.2.840.10045.3.1.1", "P-192"),
];
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

fn named(table: &[(&str, &'static str)], oid: ObjectIdentifier) -> Option<&'static str> {
    let text = oid.to_string();
    table.iter().find(|(o, _)| *o == text).map(|(_, name)| *name)
}

/// Reads a key of the PEM label `label`; adds its kind, and gives the DER of its public half where
/// the key carries that.
pub(super) fn describe(label: &str, der: &[u8], claims: &mut Claims) -> Option<Vec<u8>> {
    // The label tells the kind of a key that is cut or damaged.
    let by_label = label.strip_suffix(" PRIVATE KEY").filter(|kind| matches!(*kind, "RSA" | "EC" | "DSA"));
    claims.add("key_type", by_label.map(str::to_ascii_lowercase));
    match label {
        "RSA PRIVATE KEY" => rsa(der, claims),
        "EC PRIVATE KEY" => ec(der, None, claims),
        "DSA PRIVATE KEY" => None,
        "ENCRYPTED PRIVATE KEY" => {
            encryption(der, claims);
            None
        }
        // Some tools write the older forms under the general label.
        _ => pkcs8(der, claims).or_else(|| rsa(der, claims)).or_else(|| ec(der, None, claims)),
    }
}

/// Facts of a public half: the digest that providers and pins show.
pub(super) fn fingerprint(spki: &[u8], claims: &mut Claims) {
    let digest = Sha256::digest(spki);
    claims.add("spki_sha256", crate::secret::hex(&digest));
    claims.spki = Some(digest.into());
}

/// The digest under which Oracle Cloud lists a key: `aa:bb:...`.
pub(super) fn md5_colons(spki: &[u8]) -> String {
    Md5::digest(spki).iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().join(":")
}

fn pkcs8(der: &[u8], claims: &mut Claims) -> Option<Vec<u8>> {
    let key = PrivateKeyInfoRef::from_der(der).ok()?;
    let kind = named(&ALGORITHMS, key.algorithm.oid);
    match kind {
        Some("rsa") => return rsa(key.private_key.as_bytes(), claims),
        Some("ec") => {
            let curve = key.algorithm.parameters_oid().ok();
            return ec(key.private_key.as_bytes(), curve, claims);
        }
        Some(kind) => claims.add("key_type", kind),
        None => claims.add("key_type", key.algorithm.oid.to_string()),
    }
    public_key(key.algorithm, key.public_key?.as_bytes()?)
}

fn rsa(der: &[u8], claims: &mut Claims) -> Option<Vec<u8>> {
    let key = pkcs1::RsaPrivateKeyRef::from_der(der).ok()?;
    claims.add("key_type", "rsa");
    let bits =
        key.modulus.as_bytes().first().map_or(0, |b| key.modulus.as_bytes().len() * 8 - b.leading_zeros() as usize);
    claims.add("key_bits", bits as u64);
    let public = pkcs1::RsaPublicKeyRef { modulus: key.modulus, public_exponent: key.public_exponent };
    public_key(pkcs1::ALGORITHM_ID, &public.to_der().ok()?)
}

fn ec(der: &[u8], outer: Option<ObjectIdentifier>, claims: &mut Claims) -> Option<Vec<u8>> {
    let key = sec1::EcPrivateKey::from_der(der).ok()?;
    claims.add("key_type", "ec");
    let curve = key.parameters.and_then(sec1::EcParameters::named_curve).or(outer)?;
    claims.add("curve", named(&CURVES, curve).map_or_else(|| curve.to_string(), str::to_owned));
    public_key(AlgorithmIdentifierRef { oid: EC, parameters: Some(AnyRef::from(&curve)) }, key.public_key?)
}

fn public_key(algorithm: AlgorithmIdentifierRef<'_>, key: &[u8]) -> Option<Vec<u8>> {
    SubjectPublicKeyInfoRef { algorithm, subject_public_key: BitStringRef::from_bytes(key).ok()? }.to_der().ok()
}

/// How a protected key is protected: cipher, and rounds of the derivation.
fn encryption(der: &[u8], claims: &mut Claims) {
    let Ok(key) = EncryptedPrivateKeyInfoRef::from_der(der) else { return };
    let pkcs5::EncryptionScheme::Pbes2(parameters) = key.encryption_algorithm else {
        claims.add("cipher", "pbes1");
        return;
    };
    claims.add("cipher", named(&CIPHERS, parameters.encryption.oid()));
    match parameters.kdf {
        pkcs5::pbes2::Kdf::Pbkdf2(kdf) => {
            claims.add("kdf", "pbkdf2");
            claims.add("kdf_rounds", u64::from(kdf.iteration_count));
        }
        pkcs5::pbes2::Kdf::Scrypt(_) => claims.add("kdf", "scrypt"),
        _ => {}
    }
}

const CIPHERS: [(&str, &str); 5] = [
    ("2.16.840.1.101.3.4.1.2", "aes-128-cbc"),
    ("2.16.840.1.101.3.4.1.22", "aes-192-cbc"),
    ("2.16.840.1.101.3.4.1.42", "aes-256-cbc"),
    ("1.2.840.113549.3.7", "3des-cbc"),
    ("1.3.14.3.2.7", "des-cbc"),
];
