//! The table as a page: `docs/checks.md`.

use std::fmt::Write as _;

use super::all;

const FAMILIES: &[(u16, &str)] = &[
    (0, "Leaks"),
    (1, "Correlation and the quality of the inventory"),
    (2, "Ownership and accountability"),
    (3, "Approval"),
    (4, "Expiry, lifetime, rotation, review, contract"),
    (5, "Revocation and offboarding"),
    (6, "Reuse and separation of environments"),
    (7, "Reach: scopes, data, geography"),
    (8, "Exceptions and emergency access"),
    (9, "Place, channel, integrity"),
];

const HEAD: &str = "\
# Checks

Made from the table of checks; `keyward explain KW101` prints the same text. An id never changes its meaning.

The level is the check's own. Circumstances move it by at most two steps, each printed with the finding: production, regulated or
personal data, admin or write access and a public repository raise it; a verified revocation lowers it. Notes stay notes. A match
below high caps at warning, and so does a common shape that neither the inventory nor a pair confirms. References that begin with
`AI RMF` hold for partners that are AI services.

A check whose input is missing is *not evaluated*, and counted as that: it has not passed.
";

/// The page.
pub fn markdown() -> String {
    let mut page = HEAD.to_owned();
    for (hundred, title) in FAMILIES {
        // Writing to a String succeeds.
        let _ = writeln!(page, "\n## KW{hundred}xx: {title}");
        for check in all().iter().filter(|c| c.id.0 / 100 == *hundred) {
            let _ = write!(
                page,
                "\n### {}\n\n**{}** (`{}`, {})\n\n",
                check.id,
                check.title,
                check.slug,
                check.level.word()
            );
            let _ = write!(page, "{}\n\n*What to do:* {}\n\n", check.why, check.remedy);
            let _ = writeln!(page, "*Needs:* {}. *References:* {}.", check.needs, check.taxa.join(", "));
        }
    }
    page
}

#[cfg(test)]
mod tests {
    /// `KEYWARD_BLESS=1 cargo test` writes the page anew.
    #[test]
    fn the_page_is_the_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/checks.md");
        let page = super::markdown();
        #[allow(clippy::disallowed_methods, reason = "how a developer asks for new snapshots")]
        let bless = std::env::var_os("KEYWARD_BLESS").is_some();
        if bless {
            std::fs::write(path, &page).unwrap();
        }
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert!(written == page, "docs/checks.md differs from the table of checks; KEYWARD_BLESS=1 writes it anew");
    }
}
