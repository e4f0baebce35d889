//! Private keys as real tools write them: what keyward says of a key is what the tools say.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::run::keyward;

/// Runs a tool that makes keys; its standard output.
fn tool(folder: &Path, program: &str, args: &str) -> Vec<u8> {
    let output = Command::new(program).args(args.split(' ')).current_dir(folder).output();
    let output = output.unwrap_or_else(|e| panic!("the tests of keys need {program}: {e}"));
    assert!(output.status.success(), "{program} {args}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The claims about the key in `file`, and its fingerprints.
fn observed(report: &Value, file: &str) -> (Value, Vec<String>) {
    let observations = report["observations"].as_array().unwrap();
    let in_file = |o: &&Value| o["sightings"].as_array().unwrap().iter().any(|s| s["path"] == file);
    let found = observations.iter().find(in_file).unwrap_or_else(|| panic!("nothing is found in {file}"));
    let fingerprints = found["fingerprints"].as_array().unwrap().iter();
    (found["claims"].clone(), fingerprints.map(|f| f.as_str().unwrap().to_owned()).collect())
}

#[test]
fn keys_of_openssl_and_ssh() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path();
    tool(folder, "openssl", "ecparam -genkey -name prime256v1 -noout -out ec.pem");
    tool(folder, "openssl", "pkcs8 -topk8 -nocrypt -in ec.pem -out ec8.pem");
    tool(folder, "openssl", "pkcs8 -topk8 -in ec.pem -out locked.pem -passout pass:long");
    tool(folder, "openssl", "genrsa -out rsa8.pem 2048");
    tool(folder, "openssl", "req -x509 -new -key rsa8.pem -out public.pem -days 30 -subj /CN=orders.acme.example");
    let both = [std::fs::read(folder.join("public.pem")).unwrap(), std::fs::read(folder.join("rsa8.pem")).unwrap()];
    std::fs::write(folder.join("both.pem"), both.concat()).unwrap();
    tool(folder, "ssh-keygen", "-q -t ed25519 -N  -C orders -f id");

    let ran = keyward(folder, &["scan", ".", "--format", "json", "--disclose", "full"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    for (file, kind) in [("ec.pem", "ec"), ("ec8.pem", "ec"), ("rsa8.pem", "rsa"), ("both.pem", "rsa")] {
        let public = tool(folder, "openssl", &format!("pkey -in {file} -pubout -outform DER"));
        let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(&public));
        let (claims, fingerprints) = observed(&report, file);
        assert_eq!(claims["spki_sha256"], digest, "{file}");
        assert_eq!(claims["key_type"], kind, "{file}");
        assert!(fingerprints.contains(&format!("spki-sha256:{digest}")), "{file}: {fingerprints:?}");
    }
    let (claims, _) = observed(&report, "both.pem");
    assert_eq!(claims["certificate_subject"], "CN=orders.acme.example");
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["nbf"].as_i64().unwrap(), 30 * 86_400);
    let (claims, _) = observed(&report, "locked.pem");
    assert_eq!((&claims["encrypted"], &claims["kdf"]), (&true.into(), &"pbkdf2".into()));
    let listed = String::from_utf8(tool(folder, "ssh-keygen", "-l -f id.pub")).unwrap();
    let (claims, _) = observed(&report, "id");
    assert_eq!(claims["ssh_fingerprint"], listed.split(' ').nth(1).unwrap());
    // A certificate alone, and a public key, are no leaks.
    assert!(!ran.stdout.contains("\"public.pem\"") && !ran.stdout.contains("\"id.pub\""));
}
