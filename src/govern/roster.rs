//! The roster: people and teams, their other names, and whether they are still there.
//!
//! Read from CSV (with a header) or TOML (`[[person]]`). Errors name file, line and field, never a
//! value.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Deserialize;

use crate::inventory::When;

/// One person, team or service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Person {
    /// Stable id, as records name it.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// `person`, `team` or `service`.
    pub kind: String,
    /// `active`, `leaving` or `left`.
    pub status: String,
    /// Last day.
    pub end_date: Option<When>,
    /// Other names: e-mail addresses, git names, logins.
    pub aliases: Vec<String>,
    /// Whom they report to.
    pub manager: String,
    /// Classes that they may approve: data classes, kinds, `default`.
    pub can_approve: Vec<String>,
    /// Teams and groups that they are in.
    pub teams: Vec<String>,
}

impl Person {
    /// Gone on the day `as_of`.
    pub fn has_left(&self, as_of: Date) -> bool {
        self.status == "left" || self.end_date.is_some_and(|end| end.is_past(as_of))
    }

    /// A single human being.
    pub fn is_human(&self) -> bool {
        self.kind.is_empty() || self.kind == "person"
    }
}

/// People and teams, found by any of their names.
#[derive(Clone, Debug, Default)]
pub struct Roster {
    people: Vec<Person>,
    by_name: BTreeMap<String, usize>,
}

/// Why a roster cannot be used. Shows no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {problem}")]
pub struct RosterError {
    /// The file as it was named.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// What is wrong and what was expected.
    pub problem: String,
}

impl Roster {
    /// From people; of two with one name the first has it.
    pub fn new(people: Vec<Person>) -> Self {
        let mut by_name = BTreeMap::new();
        for (n, person) in people.iter().enumerate() {
            for name in std::iter::once(&person.id).chain([&person.name]).chain(&person.aliases) {
                for form in forms(name) {
                    by_name.entry(form).or_insert(n);
                }
            }
        }
        Self { people, by_name }
    }

    /// The person or team that goes by `name`: an id, a name, an e-mail address, a login, or a git
    /// name with an address in angle brackets.
    pub fn find(&self, name: &str) -> Option<&Person> {
        forms(name).iter().find_map(|form| self.by_name.get(form)).map(|n| &self.people[*n])
    }

    /// Everybody.
    pub fn people(&self) -> &[Person] {
        &self.people
    }

    /// Reads a roster; the format is told from the content.
    pub fn parse(file: &str, text: &str) -> Result<Self, RosterError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let first = text.lines().map(str::trim).find(|l| !l.is_empty() && !l.starts_with('#')).unwrap_or_default();
        let people = if first.starts_with("[[") { from_toml(file, text) } else { from_csv(file, text) }?;
        if let Some(n) = people.iter().position(|p| p.id.is_empty()) {
            return Err(error(file, n + 2, "id: missing"));
        }
        Ok(Self::new(people))
    }
}

/// Every form of every name by which somebody goes: the roster's, where it knows them.
pub(crate) fn names_of(roster: Option<&Roster>, name: &str) -> Vec<String> {
    let known = roster.and_then(|r| r.find(name));
    let listed = known.into_iter().flat_map(|p| std::iter::once(&p.id).chain([&p.name]).chain(&p.aliases));
    let mut all: Vec<String> = listed.flat_map(|n| forms(n)).chain(forms(name)).collect();
    all.sort();
    all.dedup();
    all
}

/// The forms under which a name is looked up.
fn forms(name: &str) -> Vec<String> {
    let name = name.trim().to_lowercase();
    let mut all = Vec::new();
    if let Some((before, rest)) = name.split_once('<') {
        all.push(rest.trim_end_matches('>').trim().to_owned());
        all.push(before.trim().to_owned());
    } else {
        all.push(name);
    }
    all.retain(|form| !form.is_empty());
    all
}

fn error(file: &str, line: usize, problem: impl Into<String>) -> RosterError {
    RosterError { file: file.to_owned(), line, problem: problem.into() }
}

fn from_toml(file: &str, text: &str) -> Result<Vec<Person>, RosterError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Raw {
        #[serde(default, alias = "team", alias = "people")]
        person: Vec<Person>,
    }
    toml::from_str::<Raw>(text).map(|raw| raw.person).map_err(|e| {
        let line = e.span().map_or(1, |s| super::text::line_of(text, s.start));
        error(file, line, super::text::without_values(e.message()))
    })
}

fn from_csv(file: &str, text: &str) -> Result<Vec<Person>, RosterError> {
    let head = text.lines().next().unwrap_or_default();
    let delimiter = if head.matches(';').count() > head.matches(',').count() { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(false)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|_| error(file, 1, "not a CSV file with a header"))?.clone();
    let mut people = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|e| {
            let line = e.position().map_or(1, csv::Position::line);
            error(file, line as usize, "not as many fields as the header has, or a quote that is not closed")
        })?;
        let line = row.position().map_or(1, csv::Position::line) as usize;
        let mut person = Person::default();
        for (header, value) in headers.iter().zip(row.iter()) {
            let list = || value.split([';', '|']).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty()).collect();
            match header.to_ascii_lowercase().as_str() {
                "id" => value.clone_into(&mut person.id),
                "name" => value.clone_into(&mut person.name),
                "kind" => person.kind = word(file, line, "kind", value, &["person", "team", "service"])?,
                "status" => person.status = word(file, line, "status", value, &["active", "leaving", "left"])?,
                "end_date" if value.is_empty() => {}
                "end_date" => {
                    let day = || value.parse().ok().map(When::Day);
                    let read = value.parse().ok().map(When::At).or_else(day);
                    person.end_date =
                        Some(read.ok_or_else(|| error(file, line, "end_date: expected a date such as 2026-01-31"))?);
                }
                "aliases" => person.aliases = list(),
                "manager" => value.clone_into(&mut person.manager),
                "can_approve" => person.can_approve = list(),
                "teams" => person.teams = list(),
                // Rosters are exports of directories: other columns are theirs.
                _ => {}
            }
        }
        people.push(person);
    }
    Ok(people)
}

fn word(file: &str, line: usize, field: &str, value: &str, words: &[&str]) -> Result<String, RosterError> {
    let value = value.to_ascii_lowercase();
    if value.is_empty() || words.contains(&value.as_str()) {
        return Ok(value);
    }
    Err(error(file, line, format!("{field}: expected one of {}", words.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_and_toml_say_the_same() {
        let csv =
            "id;name;kind;status;end_date;aliases\npeople/lena;Lena K;person;left;2026-03-01;lena@corp.example|lk\n";
        let toml = "[[person]]\nid = \"people/lena\"\nname = \"Lena K\"\nkind = \"person\"\nstatus = \"left\"\n\
                    end_date = \"2026-03-01\"\naliases = [\"lena@corp.example\", \"lk\"]\n";
        let (a, b) = (Roster::parse("r.csv", csv).unwrap(), Roster::parse("r.toml", toml).unwrap());
        assert_eq!(a.people(), b.people());
        assert_eq!(a.find("Lena <lena@corp.example>").map(|p| p.id.as_str()), Some("people/lena"));
        assert!(a.find("LK").is_some() && a.find("omar").is_none());
    }

    #[test]
    fn the_last_day_is_still_there() {
        let person = Person { end_date: Some(When::Day("2026-03-01".parse().unwrap())), ..Person::default() };
        assert!(!person.has_left("2026-03-01".parse().unwrap()));
        assert!(person.has_left("2026-03-02".parse().unwrap()));
    }

    #[test]
    fn errors_show_no_value() {
        let shown = |text: &str| Roster::parse("r", text).unwrap_err().to_string();
        let bad = shown("id,status\np1,hunter2\n");
        assert_eq!(bad, "r:2: status: expected one of active, leaving, left");
        let bad = shown("[[person]]\nid = \"p\"\nhunter2 = 1\n");
        assert!(!bad.contains("hunter2") && bad.starts_with("r:3:"), "{bad}");
        let bad = shown("[[person]]\nid = \"p\"\naliases = \"hunter2\"\n");
        assert!(!bad.contains("hunter2"), "{bad}");
    }
}
