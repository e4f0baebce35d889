//! The offboarding certificate of one partner.

use std::fmt::{self, Write as _};
use std::io::{self, Write};

use serde::Serialize;

use super::page::{Head, figures, line, page};
use super::register::name;
use super::removals::{missing, removed};
use super::sheet::{Cell, Tone, day, markdown_foot, none_of, number_of};
use crate::govern::evidence::{Certificate, CredentialEvidence, Evidence, ExceptionEvidence, PartnerEvidence, Run};
use crate::report::html::Esc;
use crate::report::markdown::escape;

/// Name and version of the JSON certificate.
const SCHEMA: &str = "keyward.certificate/1";

#[derive(Serialize)]
struct Json<'e> {
    schema: &'static str,
    run: &'e Run,
    result: &'static str,
    partner: &'e PartnerEvidence,
    missing: &'e [String],
    not_looked_at: &'e [String],
    credentials: &'e [&'e CredentialEvidence],
    exceptions: Vec<&'e ExceptionEvidence>,
}

/// `complete`, or `not complete`.
fn result(certificate: &Certificate<'_>) -> &'static str {
    if certificate.is_complete() { "complete" } else { "not complete" }
}

/// One JSON value.
pub fn certificate_json(evidence: &Evidence, certificate: &Certificate<'_>, out: &mut dyn Write) -> io::Result<()> {
    let json = Json {
        schema: SCHEMA,
        run: &evidence.run,
        result: result(certificate),
        partner: certificate.partner,
        missing: &certificate.missing,
        not_looked_at: &certificate.unseen,
        credentials: &certificate.credentials,
        exceptions: waivers(evidence, certificate),
    };
    serde_json::to_writer_pretty(&mut *out, &json)?;
    out.write_all(b"\n")
}

/// Exceptions that are about a credential of the partner.
fn waivers<'e>(evidence: &'e Evidence, certificate: &Certificate<'_>) -> Vec<&'e ExceptionEvidence> {
    let named = |e: &&ExceptionEvidence| {
        certificate
            .credentials
            .iter()
            .any(|c| c.exceptions.contains(&e.id) || (e.credential.is_some() && e.credential == c.credential.id))
    };
    evidence.exceptions.iter().filter(named).collect()
}

fn partner_name(certificate: &Certificate<'_>) -> String {
    let partner = certificate.partner;
    match partner.name.as_deref() {
        Some(name) if name != partner.id && !name.starts_with('(') => format!("{name} ({})", partner.id),
        _ => partner.id.clone(),
    }
}

fn title(certificate: &Certificate<'_>) -> String {
    let lacking = certificate.credentials.iter().filter(|c| !is_gone(c)).count();
    let all = certificate.credentials.len();
    if certificate.is_complete() {
        "Complete: every step has a date, and no live reference remains".to_owned()
    } else if lacking > 0 {
        let lack = if lacking == 1 { "lacks" } else { "lack" };
        format!("Not complete: {lacking} of {all} credentials {lack} something")
    } else {
        "Not complete".to_owned()
    }
}

fn is_gone(line: &CredentialEvidence) -> bool {
    line.removed.missing.is_empty() && line.removed.unseen.is_empty()
}

fn lead(certificate: &Certificate<'_>, run: &Run) -> String {
    format!(
        "Every credential of {} that was ever recorded or seen, judged on {}.",
        partner_name(certificate),
        run.as_of
    )
}

fn about(certificate: &Certificate<'_>) -> Vec<(&'static str, String)> {
    let partner = certificate.partner;
    let mut all = vec![("Partner", partner_name(certificate))];
    let mut put = |name, value: Option<&str>| all.extend(value.map(|v| (name, v.to_owned())));
    put("Kind", partner.kind.as_deref());
    put("Status", partner.status.as_deref());
    put("Contract", partner.contract_id.as_deref());
    put("Contract ends", partner.contract_end.as_deref().map(day));
    put("Offboarded, by the inventory", partner.offboarded_at.as_deref().map(day));
    put("Business owner", partner.business_owner.as_deref());
    if !partner.registered {
        put("In the inventory", Some("not in its table of partners"));
    }
    let vanished = if partner.vanished_known {
        format!("{} in the inventory's own history", partner.vanished.len())
    } else {
        "not known: the inventory's own history was not read".to_owned()
    };
    all.push(("Vanished records", vanished));
    all
}

/// For a ticket or a wiki.
pub fn certificate_markdown(evidence: &Evidence, certificate: &Certificate<'_>, out: &mut dyn Write) -> io::Result<()> {
    let run = &evidence.run;
    let mut text = format!("# Offboarding certificate: {}\n\n", escape(&partner_name(certificate)));
    let _ = writeln!(text, "**{}**\n\n{}\n", escape(&title(certificate)), escape(&lead(certificate, run)));
    for (name, value) in about(certificate) {
        let _ = writeln!(text, "- {name}: {}", escape(&value));
    }
    for what in &certificate.missing {
        let _ = writeln!(text, "- \u{26a0} {}", escape(what));
    }
    for what in &certificate.unseen {
        let _ = writeln!(text, "- not looked at: {}", escape(what));
    }
    for credential in &certificate.credentials {
        let state = if is_gone(credential) { "gone" } else { "not gone" };
        let _ = writeln!(text, "\n## {}: {state}\n", escape(&name(credential)));
        if credential.credential.id.is_some() {
            text.push_str("| Step | Date |\n| --- | --- |\n");
            for (step, at) in credential.removed.steps.all() {
                let _ = writeln!(text, "| {step} | {} |", at.map_or("\u{26a0} none".to_owned(), |at| escape(day(at))));
            }
            text.push('\n');
        }
        let lacking = if is_gone(credential) { Cell::default() } else { missing(credential) };
        for bit in removed(credential).0.iter().chain(&lacking.0) {
            let label = if bit.label.is_empty() { String::new() } else { format!("{} ", bit.label) };
            let mark = if bit.tone == Tone::Bad { "\u{26a0} " } else { "" };
            // A place or a commit belongs to what was said before it.
            if bit.tone == Tone::Code {
                text.pop();
                let _ = writeln!(text, ", {label}{}", escape(&bit.text));
            } else {
                let _ = writeln!(text, "- {mark}{label}{}", escape(&bit.text));
            }
        }
        if let Some(shown_in) = &credential.removed.evidence {
            let _ = writeln!(text, "- verification is written in {}", escape(shown_in));
        }
    }
    let waivers = waivers(evidence, certificate);
    if !waivers.is_empty() {
        text.push_str("\n## Exceptions\n\n");
        for e in waivers {
            let until = e.expires_at.as_deref().map(|at| format!(", to {}", day(at))).unwrap_or_default();
            let _ = writeln!(text, "- {} ({}){}", escape(&e.id), escape(&e.state), escape(&until));
        }
    }
    text.push_str(&markdown_foot(run));
    out.write_all(text.as_bytes())
}

/// A page to print and sign.
pub fn certificate_html(evidence: &Evidence, certificate: &Certificate<'_>, out: &mut dyn Write) -> io::Result<()> {
    let run = &evidence.run;
    let head = Head {
        name: &format!("Offboarding of {}", partner_name(certificate)),
        kind: &format!("keyward offboarding certificate: {}", partner_name(certificate)),
        title: &title(certificate),
        tone: if certificate.is_complete() { "good" } else { "error" },
        lead: &lead(certificate, run),
        landscape: false,
    };
    page(&head, run, |out| body(evidence, certificate, out), out)
}

fn body(evidence: &Evidence, certificate: &Certificate<'_>, out: &mut String) -> fmt::Result {
    let all = &certificate.credentials;
    let count = |wanted: fn(&CredentialEvidence) -> bool| all.iter().filter(|c| wanted(c)).count();
    figures(
        &[
            number_of(all.len(), "credential", "credentials"),
            number_of(count(is_gone), "gone", "gone"),
            none_of(count(|c| c.credential.id.is_some() && c.removed.in_force), "still in force"),
            none_of(count(|c| c.removed.in_tree == Some(true)), "still in the tree"),
            none_of(
                count(|c| c.credential.id.is_some() && c.removed.steps.all().iter().any(|(_, at)| at.is_none())),
                "with a step that has no date",
            ),
        ],
        out,
    )?;
    out.push_str("<section><h2>Partner</h2><table class=\"foot\"><tbody>");
    for (name, value) in about(certificate) {
        writeln!(out, "<tr><th scope=\"row\">{name}</th><td>{}</td></tr>", Esc(&value))?;
    }
    out.push_str("</tbody></table>");
    if !certificate.missing.is_empty() || !certificate.unseen.is_empty() {
        out.push_str("<ul class=\"limits\">");
        for what in &certificate.missing {
            write!(out, "<li class=\"bad\">{}</li>", Esc(what))?;
        }
        for what in &certificate.unseen {
            write!(out, "<li>not looked at: {}</li>", Esc(what))?;
        }
        out.push_str("</ul>");
    }
    out.push_str("</section>\n<section><h2>Credentials</h2>\n");
    for credential in all {
        card(credential, out)?;
    }
    if all.is_empty() {
        out.push_str("<p class=\"quiet\">None is recorded, and none was seen.</p>");
    }
    out.push_str("</section>\n");
    let waivers = waivers(evidence, certificate);
    if !waivers.is_empty() {
        out.push_str("<section><h2>Exceptions</h2><ul class=\"limits\">");
        for e in waivers {
            let until = e.expires_at.as_deref().map(|at| format!(", to {}", day(at))).unwrap_or_default();
            write!(out, "<li>{} ({}){}</li>", Esc(&e.id), Esc(&e.state), Esc(&until))?;
        }
        out.push_str("</ul></section>\n");
    }
    out.push_str("<div class=\"sign\"><div>Name</div><div>Date</div><div>Signature</div></div>\n");
    Ok(())
}

fn card(credential: &CredentialEvidence, out: &mut String) -> fmt::Result {
    let gone = is_gone(credential);
    let (class, word) = if gone { ("tone-good", "gone") } else { ("tone-bad", "not gone") };
    write!(out, "<article class=\"card\"><h3>{}<span class=\"{class}\">{word}</span></h3>", Esc(&name(credential)))?;
    let id = &credential.credential;
    let about: Vec<String> = id
        .kind
        .iter()
        .map(|k| k.replace('_', " "))
        .chain((!id.environments.is_empty()).then(|| id.environments.join(", ")))
        .chain(id.purpose.clone())
        .collect();
    write!(out, "<p class=\"quiet\">{}</p>", Esc(&about.join(" \u{b7} ")))?;
    if id.id.is_some() {
        out.push_str("<ol class=\"steps\">");
        for (step, at) in credential.removed.steps.all() {
            let class = if at.is_some() { "done" } else { "open" };
            write!(out, "<li class=\"{class}\"><b>{}</b>{step}</li>", Esc(at.map_or("no date", day)))?;
        }
        out.push_str("</ol>");
    }
    out.push_str("<dl>");
    let revoked = Cell::default()
        .maybe("", credential.removed.revoked_at.as_deref().map(day), Tone::Plain)
        .maybe("by", credential.removed.revoked_by.as_deref(), Tone::Quiet)
        .maybe("verification is written in", credential.removed.evidence.as_deref(), Tone::Quiet);
    for (name, cell) in
        [("Revoked", revoked), ("In the code", removed(credential)), ("Still missing", missing(credential))]
    {
        if cell.0.is_empty() {
            continue;
        }
        write!(out, "<dt>{name}</dt><dd>")?;
        for bit in &cell.0 {
            out.push_str("<div>");
            line(bit, out)?;
            out.push_str("</div>");
        }
        out.push_str("</dd>");
    }
    out.push_str("</dl></article>\n");
    Ok(())
}
