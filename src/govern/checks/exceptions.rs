//! `KW8xx`: exceptions and emergency access.

use crate::govern::check::{Check, CheckId, Level};

pub(super) const ROWS: &[Check] = &[
    Check {
        id: CheckId(801),
        slug: "exception-expired",
        title: "Exception past its end",
        why: "The exception has ended, and what it covered is still there. Its findings count again at their full \
               level.",
        remedy: "Resolve the findings. If more time is truly needed, have a new exception approved.",
        level: Level::Error,
        severity: 7.5,
        needs: "exceptions",
        taxa: &["CSF ID.RA-07", "SOC2 CC9.2", "PCI 8.2.2", "ISO A.5.36"],
    },
    Check {
        id: CheckId(802),
        slug: "exception-unbounded",
        title: "Exception without a bound",
        why: "The exception, or the permission that stands beside a value, has no end, or a later one than it may \
               have. An exception without end is a rule that nobody agreed to.",
        remedy: "Give an exception an end within the limit of its type, and have it approved again; give a permission \
                 beside a value a last day (`until=`) of at most a year.",
        level: Level::Error,
        severity: 7.5,
        needs: "exceptions",
        taxa: &["CSF ID.RA-07", "CSF PR.AA-05"],
    },
    Check {
        id: CheckId(803),
        slug: "no-compensating-control",
        title: "Exception without compensating control",
        why: "The exception accepts a risk and names nothing that lowers it in the meantime.",
        remedy: "Add controls: an address list, a proxy, closer rotation, an alarm on use.",
        level: Level::Warning,
        severity: 5.0,
        needs: "exceptions",
        taxa: &["CSF ID.RA-07", "SOC2 CC9.2", "ISO A.5.36"],
    },
    Check {
        id: CheckId(804),
        slug: "emergency-past-end",
        title: "Emergency access past its end",
        why: "Access that was given for an emergency is still in force or still in the tree after its end. \
               Emergency access skipped the usual approval, so that it must end by itself.",
        remedy: "Revoke it now. If it is needed further, have it approved as ordinary access.",
        level: Level::Error,
        severity: 7.5,
        needs: "exceptions, and an inventory",
        taxa: &["NHI1:2025", "NHI7:2025", "CSF PR.AA-05", "PCI 8.2.7", "CSF ID.RA-07"],
    },
    Check {
        id: CheckId(805),
        slug: "emergency-not-reviewed",
        title: "Emergency access that nobody reviewed",
        why: "The emergency is over for longer than the policy allows, and nobody has looked at what was done with \
               the access.",
        remedy: "Review the use of the access and record the date.",
        level: Level::Warning,
        severity: 5.0,
        needs: "exceptions",
        taxa: &["CSF ID.RA-07", "SOC2 CC6.3"],
    },
    Check {
        id: CheckId(806),
        slug: "legacy-no-retirement",
        title: "Legacy access without retirement",
        why: "A static secret or bypass account for a legacy system has no date on which it is retired, or that \
               date has passed.",
        remedy: "Agree on a date of retirement, record it in `retire_by`, and keep to it.",
        level: Level::Warning,
        severity: 5.0,
        needs: "exceptions",
        taxa: &["NHI4:2025", "NHI7:2025", "CSF ID.AM-08", "CSF ID.RA-07"],
    },
    Check {
        id: CheckId(807),
        slug: "exception-self-approved",
        title: "Exception approved by its requester or owner",
        why: "The exception was approved by whoever asked for it or owns what it excepts, or by nobody. It covers \
               nothing until somebody else approves it.",
        remedy: "Have somebody else decide on it.",
        level: Level::Error,
        severity: 7.5,
        needs: "exceptions; a roster tells people with several names apart",
        taxa: &["CSF PR.AA-05", "CCM IAM-04"],
    },
    Check {
        id: CheckId(808),
        slug: "exception-renewed-too-often",
        title: "Exception renewed too often",
        why: "The exception was renewed more often than the policy allows. It has become the normal way of working \
               without a decision that it should.",
        remedy: "Fix the cause, or change the policy openly.",
        level: Level::Warning,
        severity: 5.0,
        needs: "exceptions",
        taxa: &["CSF ID.RA-07"],
    },
    Check {
        id: CheckId(809),
        slug: "stale-waiver",
        title: "Exception that covers nothing",
        why: "The exception or permission is there and no finding needs it any more. Left in place it would cover the \
               next one in silence.",
        remedy: "Remove the exception from its file, the `[[allow]]` from keyward.toml, the comment from its line.",
        level: Level::Note,
        severity: 2.0,
        needs: "exceptions",
        taxa: &["CSF ID.RA-07"],
    },
    Check {
        id: CheckId(810),
        slug: "waiver-not-permitted",
        title: "Exception that is not permitted",
        why: "The exception names a check that cannot be excepted, a whole family of checks, or a subject that is \
               too wide. It covers nothing.",
        remedy: "Narrow it to single checks and one credential, or resolve the finding.",
        level: Level::Error,
        severity: 7.5,
        needs: "exceptions",
        taxa: &["CSF GV.PO-01", "CSF ID.RA-07"],
    },
    Check {
        id: CheckId(811),
        slug: "inline-allow-without-reason",
        title: "Inline permission without a reason",
        why: "A `keyward:allow` beside a value says what to allow and not why. Whoever reads it later cannot tell \
               whether it still holds. It covers nothing.",
        remedy: "Add reason=\"...\", or remove the comment.",
        level: Level::Warning,
        severity: 5.0,
        needs: "nothing else",
        taxa: &["CSF ID.RA-07"],
    },
];
