//! Detection alone, by kind of text: one document at a time through the first half of the flow.
//!
//! `cargo bench --bench detect`. The texts are made up on the spot, the same each time: `code`, `identifiers`,
//! `hashes`, `token=` and `minified` keep the prefilter busy, `windows` the expressions of rules, `keys` and `context`
//! the judgement and its readers of names and nesting, `decoders` claims and encodings.

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use keyward::{
    Detector, GitEnvironment, ObservePlan, Progress, RuleSet, Source, WalkOptions, Watchlist, observe, template,
};

const SIZE: usize = 1 << 20;

fn plan() -> ObservePlan {
    ObservePlan {
        sources: vec![Source::Stdin("bench.txt".to_owned())],
        history: false,
        submodules: false,
        cache: None,
        default_branch: None,
        governing: Vec::new(),
        git: GitEnvironment::default(),
        walk: WalkOptions {
            no_ignore: false,
            max_file_bytes: u64::MAX,
            threads: 1,
            excluded: keyward::Excluded::empty(),
        },
    }
}

/// Fills a megabyte with lines.
fn text(line: impl Fn(u64) -> String) -> Vec<u8> {
    let mut out = String::with_capacity(SIZE + 256);
    let mut n = 0;
    while out.len() < SIZE {
        out.push_str(&line(n));
        n += 1;
    }
    out.into_bytes()
}

fn expand(form: &str, seed: u64) -> String {
    template::expand(form, seed, None).expect("the template is right")
}

fn corpora() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        // Words and punctuation: nothing to find, the usual case.
        (
            "code",
            text(|n| {
                format!(
                    "    let {} = self.lookup_table[{n}].update(&{});\n",
                    expand("{lower:9}", n),
                    expand("{lower:14}", n + 7)
                )
            }),
        ),
        // Long identifiers: runs everywhere, none of them random.
        (
            "identifiers",
            text(|n| {
                format!(
                    "extern void {}_{}_{}(void);\n",
                    expand("{lower:8}", n),
                    expand("{lower:9}", n + 1),
                    expand("{lower:7}", n + 2)
                )
            }),
        ),
        // Every line has a hash: runs that look random, with no name that makes them a credential.
        ("hashes", text(|n| format!("{}  src/file-{n}.c\n", expand("{hex:40}", n)))),
        // One endless line.
        ("token=", text(|_| "token=".to_owned())),
        // Minified script.
        ("minified", {
            let mut out = String::new();
            for n in 0.. {
                let _ = write!(out, "{}({n},{}),", expand("{letters:3}", n), expand("{letters:2}", n + 3));
                if out.len() > SIZE {
                    break;
                }
            }
            out.into_bytes()
        }),
        // Literals of rules without what should follow: every line wakes an expression, which matches nothing.
        (
            "windows",
            text(|n| {
                let literal = ["sk_live_", "ghp_", "AKIA", "xoxb-", "glpat-", "npm_"][n as usize % 6];
                format!("first = {literal}{}; second = {}\n", expand("{lower:9}", n), expand("{base62:18}", n))
            }),
        ),
        // Assignments of opaque keys: every line wakes rules and is judged.
        ("keys", text(|n| format!("service_{n}_api_key = \"{}\"\n", expand("{base62:32}", n)))),
        // The same in structured text: names, nesting and hosts are read around every one.
        (
            "context",
            text(|n| {
                let key = expand("{base62:32}", n);
                format!("partner_{n}:\n  url: https://api-{n}.acme.example/v1\n  auth:\n    api_key: {key}\n\n")
            }),
        ),
        // Values that tell about themselves, and values behind encodings.
        (
            "decoders",
            text(|n| {
                let token = expand("{jwt:iss=acme,exp=1893456000}", n);
                let inner = expand("{b64:https://svc:{base62:20}@api.acme.example/}", n);
                let escaped = expand("sk%5Flive%5F51{base62:97}", n);
                format!("session: {token}\ndata_{n}: {inner}\nlink: https://acme.example/?k={escaped}\n")
            }),
        ),
    ]
}

fn detect(c: &mut Criterion) {
    let detector = Detector::new(RuleSet::builtin(), Watchlist::new(), Vec::new());
    let mut group = c.benchmark_group("detect");
    group.sample_size(10);
    for (name, bytes) in corpora() {
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function(name, |b| {
            b.iter(|| {
                observe(&plan(), &detector, &Progress::default(), &mut black_box(&bytes[..])).expect("it can be read")
            });
        });
    }
    group.finish();
    c.bench_function("start", |b| {
        b.iter(|| Detector::new(RuleSet::builtin(), Watchlist::new(), Vec::new()));
    });
}

criterion_group!(benches, detect);
criterion_main!(benches);
