//! The side doors of invariant 1: values where none belongs. In names of files and folders, of
//! branches and tags, in messages, in addresses of remotes; and in files that cannot be read, from
//! the configuration to the observations.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use keyward::Sample;
use tempfile::TempDir;

use crate::canary::{Canary, every_format, listing};
use crate::run::{git, keyward, with_input};

/// A value of a documented form, one of no form, and one that people chose.
const VALUES: &str = r#"
FORMED = "stripe-secret-key: sk_live_51{base62:97}"
TOKEN = "github-pat-classic: ghp_{base62:30}{checksum}"
OPAQUE = "{base62:40}"
CHOSEN = "{lower:6}{digits:2}{letters:5}{digits:2}"
"#;

struct Ground {
    folder: TempDir,
    sample: Sample,
    canary: Canary,
    found: Vec<String>,
}

impl Ground {
    fn new() -> Self {
        let sample = Sample::parse(VALUES).unwrap();
        let secret = |name: &'static str, from: usize| (name, &sample.value(name).unwrap()[from..]);
        let canary = Canary::new([secret("FORMED", 8), secret("TOKEN", 4), secret("OPAQUE", 0), secret("CHOSEN", 0)]);
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("tree/src")).unwrap();
        fs::create_dir(folder.path().join("out")).unwrap();
        let ground = Self { folder, sample, canary, found: Vec::new() };
        ground.write("tree/src/app.py", "print('nothing')\n");
        ground
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn fill(&self, text: &str) -> String {
        self.sample.fill(text, &[])
    }

    /// Writes a file; name and text are filled.
    fn write(&self, name: &str, text: &str) {
        let path = self.path().join(self.fill(name));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, self.fill(text)).unwrap();
    }

    fn git(&self, args: &[&str]) {
        let filled: Vec<String> = args.iter().map(|a| self.fill(a)).collect();
        git(&self.path().join("tree"), 1, &filled.iter().map(String::as_str).collect::<Vec<_>>());
    }

    /// Runs keyward and listens. What was there before is no output.
    fn run(&mut self, what: &str, args: &[&str]) -> i32 {
        fs::remove_dir_all(self.path().join("out")).unwrap();
        fs::create_dir(self.path().join("out")).unwrap();
        let before: BTreeSet<_> = listing(self.path());
        let ran = keyward(self.path(), args);
        self.found.extend(self.canary.find_in(what, &ran));
        self.found.extend(self.canary.find_below(what, self.path(), &before));
        assert!(matches!(ran.code, 0..=3), "{what}: exit code {}: {}", ran.code, ran.stderr.len());
        ran.code
    }

    /// A scan that writes every format.
    fn scan(&mut self, what: &str, args: &[&str]) -> i32 {
        let formats = every_format();
        let mut all = vec!["scan", "tree", "--as-of", "2026-11-22", "--disclose", "full"];
        all.extend(args);
        all.extend(formats.iter().map(String::as_str));
        self.run(what, &all)
    }

    fn done(self) {
        let mut found = self.found;
        found.sort();
        found.dedup();
        assert!(found.is_empty(), "{} places:\n{}", found.len(), found.join("\n"));
    }
}

#[test]
fn names_of_files_and_folders() {
    let mut ground = Ground::new();
    let leak = "STRIPE_SECRET_KEY=@FORMED@\nGH_TOKEN=@TOKEN@\n";
    // A name of no documented form cannot be told from that of a folder of hashes.
    for name in ["@FORMED@.env", "@FORMED@/app.env", "backup-@TOKEN@/x/y.env", "a/@TOKEN@.txt", "q=@TOKEN@&r.env"] {
        ground.write(&format!("tree/{name}"), leak);
    }
    // Left out, cut, linked, a pointer: names in the coverage.
    ground.write("tree/keyward.toml", "exclude = [\"vendor/**\"]\n");
    ground.write("tree/vendor/@FORMED@/a.env", leak);
    ground.write("tree/@TOKEN@.bin", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n");
    #[cfg(unix)]
    std::os::unix::fs::symlink("nowhere", ground.path().join("tree").join(ground.fill("@TOKEN@.link"))).unwrap();
    ground.scan("names of files", &[]);
    ground.scan("names of files that are cut", &["--max-file-bytes", "40"]);
    ground.run("names of files, observed", &["observe", "tree", "--output", "jsonl=out/observed"]);
    let named = ground.fill("tree/@FORMED@.env");
    ground.run("a file that is named", &["scan", &named, "--format", "json"]);
    let ran = with_input(
        ground.path(),
        &["scan", "--stdin", "--stdin-name", &ground.fill("@TOKEN@.env")],
        ground.fill(leak).as_bytes(),
    );
    ground.found.extend(ground.canary.find_in("the name of standard input", &ran));
    ground.done();
}

#[test]
fn names_of_keys_and_what_stands_beside() {
    let mut ground = Ground::new();
    ground.write("tree/a.env", "@OPAQUE@_KEY=@FORMED@\n@TOKEN@=@FORMED@\nx=@CHOSEN@ y=@OPAQUE@ z=@FORMED@ w=@TOKEN@\n");
    ground.write("tree/b.yaml", "@TOKEN@:\n  secret: @FORMED@\n? @OPAQUE@\n: token: @TOKEN@\n");
    ground.write("tree/c.json", "{\"@OPAQUE@\": {\"api_key\": \"@FORMED@\", \"password\": \"@CHOSEN@\"}}\n");
    ground.write("tree/d.txt", "https://app:@OPAQUE@@api.acme.example/?k=@FORMED@&t=@TOKEN@\nhttps://@OPAQUE@:x-oauth-basic@git.acme.example/a\nmongodb://app:@CHOSEN@@db.acme.example/x\n");
    ground.write(
        "tree/e.log",
        "Authorization: Bearer @OPAQUE@ (was: @FORMED@)\nAuthorization: Basic @b64:OPAQUE@ @FORMED@\n",
    );
    ground.write("tree/f.txt", "@FORMED@@TOKEN@@OPAQUE@\n@FORMED@,@FORMED@;@TOKEN@\n");
    ground.scan("names of keys", &[]);
    ground.run("names of keys, observed", &["observe", "tree", "--output", "jsonl=out/observed"]);
    ground.done();
}

#[test]
fn names_and_messages_in_a_repository() {
    let mut ground = Ground::new();
    ground.write("tree/app.env", "STRIPE_SECRET_KEY=@FORMED@\n");
    ground.write("tree/@TOKEN@/b.env", "GH_TOKEN=@TOKEN@\n");
    ground.git(&["init", "-q"]);
    ground.git(&["add", "-A"]);
    ground.git(&["commit", "-q", "-m", "use @TOKEN@ and @OPAQUE@\n\nkey: @FORMED@"]);
    ground.git(&["branch", "try-@TOKEN@"]);
    ground.git(&["branch", "old/@FORMED@"]);
    ground.git(&["tag", "-a", "v-@TOKEN@", "-m", "with @FORMED@"]);
    ground.git(&["notes", "add", "-m", "note @TOKEN@"]);
    ground.git(&["rm", "-rq", "--", "app.env", "@TOKEN@"]);
    ground.git(&[
        "-c",
        "user.name=@OPAQUE@",
        "commit",
        "-q",
        "-m",
        "gone",
        "--author",
        "@TOKEN@ <@OPAQUE@@acme.example>",
    ]);
    ground.git(&["remote", "add", "origin", "https://deploy:@TOKEN@@git.acme.example/orders.git"]);
    ground.git(&["remote", "add", "other", "https://@OPAQUE@@git.acme.example/@FORMED@.git"]);
    ground.git(&["remote", "add", "third", "ssh://git:@CHOSEN@@git.acme.example/x?token=@TOKEN@"]);
    ground.git(&["checkout", "-q", "-b", "on-@TOKEN@"]);
    ground.scan("a repository", &["--history"]);
    ground.run("a repository, observed", &["observe", "tree", "--history", "--output", "jsonl=out/observed"]);
    ground.git(&["remote", "set-url", "origin", "https://git.acme.example/@TOKEN@/orders.git?key=@OPAQUE@"]);
    ground.scan("the address of a repository", &[]);
    ground.git(&["remote", "remove", "origin"]);
    let renamed = ground.path().join(ground.fill("@TOKEN@"));
    fs::rename(ground.path().join("tree"), &renamed).unwrap();
    ground.run("the folder of a repository", &["scan", renamed.to_str().unwrap(), "--history", "--format", "json"]);
    let range = ground.fill("try-@TOKEN@..@FORMED@");
    ground.run("a range", &["scan", renamed.to_str().unwrap(), "--range", &range]);
    ground.done();
}

/// Files that a run reads, by the option that names them, each with the value in wrong places.
const UNREADABLE: &[(&str, &str, &str)] = &[
    ("--config", "c.toml", "exclude = \"@FORMED@\"\n"),
    ("--config", "c.toml", "exclude = [\"@FORMED@\", 3, \"[@TOKEN@\"]\n"),
    ("--config", "c.toml", "exclude = [\"[@TOKEN@\"]\n"),
    ("--config", "c.toml", "@FORMED@ = 1\n"),
    ("--config", "c.toml", "\"@OPAQUE@\" = \"@CHOSEN@\"\n"),
    ("--config", "c.toml", "[policy.@TOKEN@]\nx = 1\n"),
    ("--config", "c.toml", "[policy]\nprofile = \"@FORMED@\"\n"),
    ("--config", "c.toml", "[policy]\ngrace_days = \"@FORMED@\"\n"),
    ("--config", "c.toml", "[policy]\ngrace_days = @FORMED@\n"),
    ("--config", "c.toml", "[policy]\nprofile = \"@FORMED@\nx = 1\n"),
    ("--config", "c.toml", "[policy.severity]\n\"@OPAQUE@\" = { default = \"@TOKEN@\" }\n"),
    ("--config", "c.toml", "[policy.severity]\nKW101 = { default = \"@TOKEN@\" }\n"),
    ("--config", "c.toml", "[policy.expiry]\nnotice_days = { \"@OPAQUE@\" = 1 }\n"),
    ("--config", "c.toml", "[policy.exceptions.max_days]\n\"@OPAQUE@\" = \"@TOKEN@\"\n"),
    ("--config", "c.toml", "stage = \"@FORMED@\"\n"),
    ("--config", "c.toml", "roster = \"@FORMED@\"\n"),
    ("--config", "c.toml", "[rules]\nfiles = [\"@TOKEN@.toml\"]\n"),
    ("--config", "c.toml", "[[inventory]]\npath = \"@TOKEN@.csv\"\n"),
    ("--config", "c.toml", "[[inventory]]\npath = \"i.csv\"\nformat = \"@TOKEN@\"\n"),
    ("--config", "c.toml", "[[inventory]]\npath = \"i.csv\"\ngenerated_at = \"@OPAQUE@\"\n"),
    ("--config", "c.toml", "[mappings.\"@OPAQUE@\".fields]\nid = \"@TOKEN@\"\n\"@FORMED@\" = \"x\"\n"),
    ("--roster", "r.csv", "@FORMED@,name\n@TOKEN@,@OPAQUE@\n"),
    ("--roster", "r.csv", "id,name,kind,status,end_date,aliases\np/a,@FORMED@,@TOKEN@,@OPAQUE@,@CHOSEN@,\n"),
    ("--roster", "r.csv", "id,name,kind,status,end_date,aliases\np/a,x,person,active,@TOKEN@,\n"),
    ("--roster", "r.csv", "id,name,kind,status,end_date,aliases\n\"@FORMED@\n"),
    ("--roster", "r.json", "{\"@OPAQUE@\": \"@TOKEN@\"}\n"),
    ("--roster", "r.json", "[{\"id\": \"@FORMED@\", \"status\": \"@TOKEN@\"}]\n"),
    ("--roster", "r.yaml", "people:\n  - id: @FORMED@\n    status: @TOKEN@\n"),
    ("--exceptions", "e.toml", "[[exception]]\nid = 3\ntype = \"@TOKEN@\"\n"),
    ("--exceptions", "e.toml", "[[exception]]\nid = \"E1\"\n\"@OPAQUE@\" = \"@TOKEN@\"\n"),
    ("--exceptions", "e.toml", "[[exception]]\nid = \"E1\"\nexpires_at = \"@FORMED@\"\n"),
    ("--exceptions", "e.toml", "[[exception]]\nid = \"E1\"\nchecks = \"@FORMED@\"\nsubject = \"@TOKEN@\"\n"),
    ("--exceptions", "e.json", "{\"exceptions\": [{\"id\": \"E1\", \"renewals\": \"@TOKEN@\"}]}\n"),
    ("--exceptions", "e.json", "{\"exceptions\": [{\"id\": \"E1\", \"@OPAQUE@\": 1}]}\n"),
    ("--exceptions", "e.yaml", "exceptions:\n  - id: E1\n    expires_at: @FORMED@\n"),
    ("--baseline", "b", "KW001 @FORMED@ x y\n"),
    ("--baseline", "b", "@TOKEN@ @FORMED@ x y\n"),
    ("--baseline", "b", "@FORMED@\n"),
    ("--pepper-file", "p", "@CHOSEN@"),
    ("--inventory", "i.json", "{\"keyward_inventory\": 1, \"credentials\": \"@FORMED@\"}"),
    ("--inventory", "i.json", "{\"keyward_inventory\": \"@FORMED@\", \"credentials\": []}"),
    ("--inventory", "i.json", "{\"keyward_inventory\": 1, \"generated_at\": \"@TOKEN@\", \"credentials\": []}"),
    (
        "--inventory",
        "i.json",
        "{\"keyward_inventory\": 1, \"credentials\": [\"@FORMED@\", {\"@OPAQUE@\": \"@TOKEN@\"}]}",
    ),
    ("--inventory", "i.json", "{\"keyward_inventory\": 1, \"credentials\": [{\"id\": \"@FORMED@"),
    ("--inventory", "i.json", "{\"keyward_inventory\": 1, \"@TOKEN@\": @FORMED@}"),
    ("--inventory", "i.json", "\"@FORMED@\""),
    ("--inventory", "i.json", "@FORMED@"),
    ("--inventory", "i.yaml", "keyward_inventory: 1\ncredentials: @FORMED@\n"),
    ("--inventory", "i.yaml", "keyward_inventory: @FORMED@\ncredentials: []\n"),
    ("--inventory", "i.yaml", "keyward_inventory: 1\ncredentials:\n  - &@OPAQUE@ {id: *@TOKEN@}\n"),
    (
        "--inventory",
        "i.yaml",
        "keyward_inventory: 1\ncredentials:\n  - id: x\n    id: @FORMED@\n    @TOKEN@: 1\n    @TOKEN@: 2\n",
    ),
    ("--inventory", "i.yaml", "keyward_inventory: 1\n@FORMED@\n  : [@TOKEN@\n"),
    ("--inventory", "i.yaml", "keyward_inventory: 1\ncredentials: [!!@OPAQUE@ @TOKEN@, \"@FORMED@\n"),
    ("--inventory", "i.csv", "@FORMED@,@TOKEN@\n@OPAQUE@,@CHOSEN@\n"),
    ("--inventory", "i.csv", "id,partner_id,@TOKEN@\n@FORMED@,a,b,c,d\n"),
    ("--inventory", "i.csv", "id,partner_id\n\"@FORMED@,a\n"),
    ("--inventory", "i.csv:@TOKEN@", "id,partner_id\nx,y\n"),
];

#[test]
fn files_that_cannot_be_read() {
    let mut ground = Ground::new();
    for (number, (option, name, text)) in UNREADABLE.iter().enumerate() {
        ground.write(name.split(':').next().unwrap(), text);
        let typed = ground.fill(name);
        let what = format!("{option} {number}: {text:?}");
        ground.scan(&what, &[option, &typed]);
        if *option == "--inventory" {
            ground.scan(&format!("{what}, strict"), &["--inventory-strict", option, &typed]);
            ground.run(&format!("{what}, lint"), &["inventory", "lint", &typed]);
            ground.run(&format!("{what}, import"), &["inventory", "import", &typed, "--format", "json"]);
            ground.run(&format!("{what}, watchlist"), &["inventory", "watchlist", &typed]);
        }
    }
    ground.done();
}

#[test]
fn rules_watchlists_and_observations_that_cannot_be_read() {
    let mut ground = Ground::new();
    let rules = [
        "provider = \"@FORMED@\"\n[[rule]]\nid = \"@TOKEN@\"\n",
        "@FORMED@ = 1\n",
        "provider = \"acme\"\nname = \"Acme\"\nclass = \"@TOKEN@\"\n[[rule]]\nid = \"acme-key\"\npattern = '(?P<secret>[@OPAQUE@)'\n",
        "provider = \"acme\"\nname = \"Acme\"\n[[rule]]\nid = \"acme-key\"\ntitle = \"x\"\nkind = \"@TOKEN@\"\n",
        "provider = \"acme\"\n[[rule]]\n\"@OPAQUE@\" = \"@TOKEN@\"\n",
        "[[rule]]\nid = \"@FORMED@\n",
    ];
    for text in rules {
        ground.write("rules.toml", text);
        ground.write("c.toml", "[rules]\nfiles = [\"rules.toml\"]\n");
        ground.scan(&format!("rules: {text:?}"), &["--config", "c.toml"]);
        ground.run(&format!("rules check: {text:?}"), &["rules", "check", "rules.toml"]);
    }
    let explained = ground.fill("@FORMED@");
    ground.run("rules explain", &["rules", "explain", &explained]);
    ground.run("explain", &["explain", &explained]);
    for text in [
        "@FORMED@\n",
        "{\"@OPAQUE@\": \"@TOKEN@\"}\n",
        "{\"hosts\": \"@FORMED@\"}\n",
        "{\"hosts\": [\"@FORMED@",
        "[\"@TOKEN@\"]\n",
    ] {
        ground.write("watch.json", text);
        ground.run(&format!("watchlist: {text:?}"), &["observe", "tree", "--watchlist", "watch.json"]);
    }
    let observed = keyward(ground.path(), &["observe", "tree"]).stdout;
    let broken = [
        "@FORMED@\n".to_owned(),
        "{\"@OPAQUE@\": \"@TOKEN@\"}\n".to_owned(),
        observed.replacen('"', "\"@FORMED@", 1),
        observed.replace("\"tree\"", "\"@FORMED@\""),
        observed.replace(":1", ":\"@TOKEN@\""),
        format!("{observed}{{\"observation\": \"@FORMED@\"}}\n"),
        format!("{observed}\"@FORMED@\n"),
    ];
    for text in broken {
        ground.write("observed.jsonl", &text);
        ground.run(&format!("observations: {text:?}"), &["assess", "observed.jsonl", "--format", "json"]);
    }
    ground.done();
}

#[test]
fn every_field_of_an_inventory() {
    let mut ground = Ground::new();
    let template = keyward(ground.path(), &["inventory", "template", "--full", "--format", "csv"]).stdout;
    let fields: Vec<&str> = template.lines().next().unwrap().split(',').collect();
    assert!(fields.len() > 60, "{template}");
    for value in ["@FORMED@", "@TOKEN@"] {
        let row = |n: usize| -> Vec<(String, String)> {
            let basic = [
                ("id", format!("record-{n}")),
                ("partner_id", "acme".into()),
                ("kind", "api_key".into()),
                ("status", "active".into()),
            ];
            let mut row: Vec<_> =
                basic.into_iter().filter(|(f, _)| *f != fields[n]).map(|(f, v)| (f.to_owned(), v)).collect();
            row.push((fields[n].to_owned(), value.to_owned()));
            row
        };
        let mut csv = fields.join(",") + "\n";
        let (mut json, mut yaml) = (Vec::new(), String::from("keyward_inventory: 1\ncredentials:\n"));
        for n in 0..fields.len() {
            let row = row(n);
            let cell = |f: &&str| row.iter().find(|(name, _)| name == f).map_or("", |(_, v)| v).to_owned();
            csv += &(fields.iter().map(cell).collect::<Vec<_>>().join(",") + "\n");
            let pairs: Vec<String> = row.iter().map(|(f, v)| format!("\"{f}\": \"{v}\"")).collect();
            json.push(format!("{{{}}}", pairs.join(", ")));
            let lines: Vec<String> = row.iter().map(|(f, v)| format!("{f}: {v}")).collect();
            yaml += &format!("  - {}\n", lines.join("\n    "));
        }
        ground.write("i.csv", &csv);
        ground.write("i.yaml", &yaml);
        ground.write("i.json", &format!("{{\"keyward_inventory\": 1, \"credentials\": [{}]}}", json.join(", ")));
        for file in ["i.csv", "i.json", "i.yaml"] {
            ground.scan(&format!("{file}, {value}"), &["--inventory", file]);
            ground.run(&format!("lint {file}, {value}"), &["inventory", "lint", file]);
            ground.run(&format!("watchlist {file}, {value}"), &["inventory", "watchlist", file]);
            for format in ["csv", "json", "yaml"] {
                let import = ["inventory", "import", file, "--format", format];
                ground.run(&format!("import {file} as {format}, {value}"), &import);
            }
        }
    }
    ground.done();
}
