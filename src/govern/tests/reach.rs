use super::*;
use crate::govern::check::Level;
use crate::inventory::Status;

fn list(words: &[&str]) -> ThinVec<ArcStr> {
    words.iter().map(|w| (*w).into()).collect()
}

#[test]
fn kw701_beyond_what_was_approved() {
    let scopes = |words: &'static [&'static str]| move |r: &mut Record| r.scopes = list(words);
    fires(701, scopes(&["orders:read", "orders:write"]));
    assert!(one(scopes(&["orders:read"])).judge().passes(701));
    open_question(701, |_| {});
    let aliased = one(|r| {
        r.scopes = list(&["orders:write"]);
        r.approved_scopes = list(&["orders"]);
    })
    .with(|b| {
        b.policy.scope.aliases.insert("orders".to_owned(), ["orders:read", "orders:write"].map(str::to_owned).to_vec());
    });
    assert!(aliased.judge().passes(701));
    let token = seen("a", "x").with(|o| {
        o.claims.facts.insert("scope".to_owned(), "orders:read admin:all".into());
    });
    let judged = Bench::of(vec![token]).records(vec![record("r1", "a")]).judge();
    assert!(judged.one(701).message.ends_with("further than approved: admin:all."));
}

#[test]
fn kw702_and_kw703_and_kw704() {
    fires(702, |r| r.approved_scopes.clear());
    fires(703, |r| r.approved_scopes = list(&["*"]));
    fires(703, |r| r.access_mode = "admin".into());
    fires(703, |r| r.scopes = list(&["https://graph.example/.default"]));
    open_question(703, |r| r.approved_scopes.clear());
    let reading = |scopes: &'static [&'static str]| {
        move |r: &mut Record| {
            r.access_mode = "read".into();
            r.scopes = list(scopes);
        }
    };
    assert_eq!(one(reading(&["orders:write"])).judge().one(704).level, Level::Error);
    assert!(one(reading(&["orders:read"])).judge().passes(704));
    assert!(one(reading(&[])).judge().is_open_question(704));
    assert!(Bench::of(vec![]).judge().is_open_question(702));
}

#[test]
fn kw706_and_kw707() {
    fires(706, |r| r.data_classes.clear());
    fires(707, |r| r.data_classes = list(&["internal", "confidential"]));
    fires(707, |r| {
        r.data_classes = list(&["pii"]);
        r.approved_data_classes = list(&["pii"]);
    });
    assert!(
        one(|r| {
            r.data_classes = list(&["pii"]);
            r.approved_data_classes = list(&["pii"]);
            r.minimisation = "name, city".into();
        })
        .judge()
        .passes(707)
    );
    open_question(707, |r| r.approved_data_classes.clear());
    assert!(Bench::of(vec![]).judge().is_open_question(706));
}

#[test]
fn kw708_borders() {
    let sensitive = |regions: &'static [&'static str], basis: &'static str| {
        one(move |r| {
            r.data_classes = list(&["pii"]);
            r.regions = list(regions);
            r.transfer_basis = basis.into();
        })
        .judge()
    };
    assert!(sensitive(&["eu"], "adequacy").passes(708));
    assert!(sensitive(&["us"], "scc").one(708).message.contains("pii may not be processed in us"));
    assert_eq!(sensitive(&[], "scc").of(708).len(), 1);
    assert_eq!(sensitive(&["eu"], "none").of(708).len(), 1);
    assert!(one(|_| {}).judge().is_not_asked(708));
    assert!(Bench::of(vec![]).judge().is_open_question(708));
}

#[test]
fn kw710_whose_token_it_is() {
    let token = |iss: &str| {
        let mut bench = Bench::of(vec![seen("a", "x").with(|o| {
            o.claims.facts.insert("iss".to_owned(), iss.into());
        })])
        .records(vec![record("r1", "a")]);
        bench.inventory.as_mut().unwrap().partners.get_mut("acme").unwrap().issuers =
            list(&["https://id.acme.example/"]);
        bench
    };
    assert!(token("https://id.acme.example").judge().passes(710));
    assert_eq!(token("https://id.globex.example").judge().of(710).len(), 1);
    let mut unknown = token("https://id.acme.example");
    unknown.inventory.as_mut().unwrap().partners.get_mut("acme").unwrap().issuers.clear();
    assert!(unknown.judge().is_open_question(710));
}

#[test]
fn closed_records_are_not_asked() {
    let judged = one(|r| r.status = Some(Status::Revoked)).judge();
    for id in [701, 702, 703, 704, 706, 707, 708] {
        assert!(judged.is_not_asked(id), "KW{id}");
    }
}
