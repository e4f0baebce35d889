//! Names of people, told apart without being told.
//!
//! Git lets anybody write anything as a name, values included, and observation files travel. Whether
//! a committer is an approver is all that is asked, and digests answer that.

use sha2::{Digest as _, Sha256};

/// The digest of a name or an address; letter case and surrounding space do not matter.
pub(crate) fn name_digest(name: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(b"keyward/v1/name\0");
    digest.update(name.trim().to_lowercase());
    crate::secret::hex(&digest.finalize()[..16])
}
