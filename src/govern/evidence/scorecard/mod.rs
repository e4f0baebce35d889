//! The numbers: each with its numerator, its denominator, and what could not be evaluated.
//!
//! A metric counts subjects that answer yes, no, or cannot tell. What cannot tell is left out of the
//! share and counted beside it; a target is met only if nothing was left out.

mod compare;
mod ends;
mod observed;
mod records;

use std::collections::BTreeMap;

pub use compare::{Change, Comparison, Direction};
use serde::{Deserialize, Serialize};

use super::super::assess::Judgement;
use super::super::world::World;
use super::model::CredentialEvidence;
use super::population::Population;

/// All metrics, in the order of the documentation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scorecard {
    /// The metrics.
    pub metrics: Vec<Metric>,
}

/// One number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// Its name, which never changes its meaning.
    pub id: String,
    /// For people.
    pub title: String,
    /// What is counted of what.
    pub formula: String,
    /// How `value` is to be read.
    pub measure: Measure,
    /// Per cent, a count, or the median of days; `null` if nothing could be evaluated.
    pub value: Option<f64>,
    /// Subjects that answer yes; of days, subjects that were measured.
    pub numerator: u64,
    /// Subjects that were evaluated; of days, those that were measured as well.
    pub denominator: u64,
    /// Subjects for which an input is missing.
    pub not_evaluated: u64,
    /// Which input, and for how many.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<Because>,
    /// Further numbers, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parts: BTreeMap<String, i64>,
    /// What is aimed for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// Whether it is met.
    pub standing: Standing,
    /// Which way is the better one.
    pub better: Better,
    /// What it is evidence for.
    pub controls: Vec<String>,
}

/// Which way of a change is the better one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Better {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
    /// Neither: it is for planning.
    Neither,
}

/// Why subjects were left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Because {
    /// The reason.
    pub reason: String,
    /// How many; 0 if it holds for the metric as a whole.
    pub count: u64,
}

/// How a value is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Per cent of the denominator.
    Share,
    /// How many of the denominator.
    Count,
    /// Median of days.
    Days,
}

/// What is aimed for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// Whether more is better.
    pub at_least: bool,
    /// The value.
    pub value: f64,
    /// Words for it: `100 % in production`.
    pub words: String,
}

/// Whether a target is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// By everything that it is about.
    Met,
    /// Not by what was evaluated.
    Missed,
    /// What was evaluated meets it, and something was left out; or nothing could be evaluated.
    Undecided,
    /// There is nothing that it is about.
    Nothing,
    /// There is no target: the number is for planning.
    NoTarget,
}

impl Standing {
    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Missed => "missed",
            Self::Undecided => "undecided",
            Self::Nothing => "nothing to measure",
            Self::NoTarget => "no target",
        }
    }
}

/// What one subject answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Vote {
    Yes,
    No,
    Unknown(&'static str),
    /// The metric is not about it.
    Skip,
}

impl Vote {
    fn of(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}

/// Answers of many subjects.
#[derive(Clone, Debug, Default)]
struct Tally {
    yes: u64,
    no: u64,
    unknown: BTreeMap<&'static str, u64>,
    days: Vec<i64>,
}

impl Tally {
    fn of(votes: impl IntoIterator<Item = Vote>) -> Self {
        let mut tally = Self::default();
        for vote in votes {
            match vote {
                Vote::Yes => tally.yes += 1,
                Vote::No => tally.no += 1,
                Vote::Unknown(why) => *tally.unknown.entry(why).or_default() += 1,
                Vote::Skip => {}
            }
        }
        tally
    }

    /// Days of those that have some.
    fn of_days(answers: impl IntoIterator<Item = Result<i64, &'static str>>) -> Self {
        let mut tally = Self::default();
        for answer in answers {
            match answer {
                Ok(days) => tally.days.push(days),
                Err(why) => *tally.unknown.entry(why).or_default() += 1,
            }
        }
        tally.days.sort_unstable();
        tally
    }

    fn left_out(&self) -> u64 {
        self.unknown.values().sum()
    }

    fn because(&self) -> Vec<Because> {
        self.unknown.iter().map(|(why, n)| Because { reason: (*why).to_owned(), count: *n }).collect()
    }
}

/// Puts one metric together.
struct Builder {
    metric: Metric,
    /// What the target is about, where that is not the whole.
    aimed: Option<(Option<f64>, u64)>,
    /// Something else that misses it.
    spoiled: bool,
}

fn metric(id: &str, title: &str, formula: &str, controls: &[&str]) -> Builder {
    Builder {
        metric: Metric {
            id: id.to_owned(),
            title: title.to_owned(),
            formula: formula.to_owned(),
            measure: Measure::Count,
            value: None,
            numerator: 0,
            denominator: 0,
            not_evaluated: 0,
            because: Vec::new(),
            parts: BTreeMap::new(),
            target: None,
            standing: Standing::NoTarget,
            better: Better::Neither,
            controls: controls.iter().map(|c| (*c).to_owned()).collect(),
        },
        aimed: None,
        spoiled: false,
    }
}

/// Per cent with one decimal.
fn percent(numerator: u64, denominator: u64) -> Option<f64> {
    (denominator > 0).then(|| (1000.0 * numerator as f64 / denominator as f64).round() / 10.0)
}

impl Builder {
    fn share(mut self, tally: &Tally) -> Self {
        self.metric.measure = Measure::Share;
        self.count_of(tally);
        self.metric.value = percent(self.metric.numerator, self.metric.denominator);
        self
    }

    fn count(mut self, tally: &Tally) -> Self {
        self.metric.measure = Measure::Count;
        self.count_of(tally);
        // None of something that could not be looked at is not zero.
        let empty = self.metric.denominator == 0 && self.metric.not_evaluated > 0;
        self.metric.value = (!empty).then_some(self.metric.numerator as f64);
        self
    }

    fn count_of(&mut self, tally: &Tally) {
        self.metric.numerator = tally.yes;
        self.metric.denominator = tally.yes + tally.no;
        self.metric.not_evaluated = tally.left_out();
        self.metric.because = tally.because();
    }

    fn days(mut self, tally: &Tally) -> Self {
        self.metric.measure = Measure::Days;
        let n = tally.days.len() as u64;
        (self.metric.numerator, self.metric.denominator) = (n, n);
        self.metric.not_evaluated = tally.left_out();
        self.metric.because = tally.because();
        self.metric.value = median(&tally.days);
        if n > 0 {
            let sum: i64 = tally.days.iter().sum();
            self.metric.parts.insert("mean days".to_owned(), (sum as f64 / n as f64).round() as i64);
            // The smallest number of days that nine of ten do not exceed.
            let at = (tally.days.len() * 9).div_ceil(10).saturating_sub(1);
            self.metric.parts.insert("90th percentile, days".to_owned(), tally.days[at]);
        }
        self
    }

    fn part(mut self, name: &str, value: impl TryInto<i64>) -> Self {
        self.metric.parts.insert(name.to_owned(), value.try_into().unwrap_or(i64::MAX));
        self
    }

    /// A target on some of the subjects: what they amount to, and how many of them were left out.
    fn aimed_at(mut self, value: Option<f64>, left_out: u64) -> Self {
        self.aimed = Some((value, left_out));
        self
    }

    /// Misses its target for another reason than its value.
    fn spoiled_if(mut self, spoiled: bool) -> Self {
        self.spoiled = spoiled;
        self
    }

    fn at_least(self, value: f64, words: &str) -> Metric {
        self.aim(Target { at_least: true, value, words: words.to_owned() })
    }

    fn at_most(self, value: f64, words: &str) -> Metric {
        self.aim(Target { at_least: false, value, words: words.to_owned() })
    }

    fn aim(mut self, target: Target) -> Metric {
        let (value, left_out) = self.aimed.unwrap_or((self.metric.value, self.metric.not_evaluated));
        let meets = value.map(|v| if target.at_least { v >= target.value } else { v <= target.value });
        self.metric.standing = match (meets, left_out) {
            _ if self.spoiled => Standing::Missed,
            (Some(false), _) => Standing::Missed,
            (Some(true), 0) => Standing::Met,
            (None, 0) => Standing::Nothing,
            _ => Standing::Undecided,
        };
        if self.metric.denominator == 0 && self.metric.not_evaluated == 0 && !self.spoiled {
            self.metric.standing = Standing::Nothing;
        }
        self.metric.better = if target.at_least { Better::Higher } else { Better::Lower };
        self.metric.target = Some(target);
        self.metric
    }

    fn without_target(mut self, better: Better) -> Metric {
        self.metric.better = better;
        self.metric
    }
}

/// The middle of sorted numbers.
fn median(sorted: &[i64]) -> Option<f64> {
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        n if n % 2 == 1 => Some(sorted[middle] as f64),
        _ => Some(f64::midpoint(sorted[middle - 1] as f64, sorted[middle] as f64)),
    }
}

/// What metrics are made from.
struct Ground<'g, 'w, 'a> {
    world: &'g World<'a>,
    population: &'g Population<'w, 'a>,
    evidence: &'g [CredentialEvidence],
}

/// All metrics.
pub(super) fn of(
    world: &World<'_>,
    judgement: &Judgement,
    population: &Population<'_, '_>,
    evidence: &[CredentialEvidence],
) -> Scorecard {
    let ground = Ground { world, population, evidence };
    let mut metrics = observed::metrics(&ground);
    metrics.extend(records::metrics(&ground));
    metrics.extend(ends::metrics(&ground));
    metrics.push(evaluability(judgement));
    if world.input.inventory.is_none() {
        for metric in metrics.iter_mut().filter(|m| m.denominator == 0 && m.not_evaluated == 0) {
            let reason = super::super::verdict::reason::NO_INVENTORY.to_owned();
            metric.because = vec![Because { reason, count: 0 }];
            metric.value = None;
            if metric.target.is_some() {
                metric.standing = Standing::Undecided;
            }
        }
    }
    Scorecard { metrics }
}

/// How much of what the checks ask could be answered.
fn evaluability(judgement: &Judgement) -> Metric {
    let evaluated: u64 = judgement.checks.values().map(|s| s.evaluated).sum();
    let missing: u64 = judgement.checks.values().flat_map(|s| s.not_evaluated.values()).sum();
    let some = judgement.checks.values().filter(|s| s.evaluated > 0).count();
    let tally = Tally { yes: evaluated, no: missing, ..Tally::default() };
    metric(
        "evaluability",
        "Evaluability",
        "questions that could be evaluated / questions that arise, over every check and subject",
        &["honesty"],
    )
    .share(&tally)
    .part("checks evaluated for something", some)
    .part("checks", judgement.checks.len())
    .without_target(Better::Higher)
}

#[cfg(test)]
pub(super) mod testing {
    use super::{Better, Tally, metric};

    /// Median, mean and 90th percentile.
    pub(in super::super) fn days(days: &[i64]) -> (Option<f64>, i64, i64) {
        let tally = Tally::of_days(days.iter().map(|d| Ok(*d)));
        let metric = metric("id", "title", "formula", &[]).days(&tally).without_target(Better::Neither);
        (metric.value, metric.parts["mean days"], metric.parts["90th percentile, days"])
    }
}
