fn main() {
    let args: Vec<String> = std::env::args().collect();
    let detector = keyward::Detector::new(keyward::RuleSet::builtin(), keyward::Watchlist::new(), Vec::new());
    let plan = keyward::ObservePlan {
        sources: args[1..].iter().map(|a| keyward::Source::Tree(a.into())).collect(),
        walk: keyward::WalkOptions { no_ignore: false, max_file_bytes: 256 << 20, threads: 2, excluded: Default::default() },
    };
    let all = keyward::observe(&plan, &detector, &keyward::Progress::default(), &mut std::io::stdin()).unwrap();
    for o in &all {
        for ob in &o.observations {
            for s in &ob.sightings {
                println!("{} {:?} {}:{} {} | {}", ob.rule, ob.confidence, s.path, s.location.line, s.key_name.as_deref().unwrap_or(""), s.excerpt.text);
            }
        }
        eprintln!("{} docs {} bytes {:?}", o.coverage.documents, o.coverage.bytes, o.coverage.counts);
    }
}
