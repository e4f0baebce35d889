//! Evidence: the reproducible record per credential, and everything that reports for auditors say.
//!
//! Takes an assessment, asks every check once, and keeps for each record and each credential what
//! was evaluated, what failed and what could not be told. The whole population is here: clean ones as
//! well. Holds no value, no clock and no order but its own.

mod certificate;
mod line;
mod model;
mod partners;
mod population;
mod removed;
mod run;
pub(crate) mod scorecard;
#[cfg(test)]
mod tests;
mod waivers;

pub use certificate::Certificate;
pub use model::{
    Accountable, Approved, CredentialEvidence, Days, Ended, Evidence, ExceptionEvidence, FirstUse, Identity, InputFile,
    MatchEvidence, PartnerEvidence, PlaceEvidence, Reach, ReferenceEvidence, Removed, RepositoryEvidence, Run, Seen,
    Steps, VanishedEvidence,
};
pub use scorecard::{Because, Better, Change, Comparison, Direction, Measure, Metric, Scorecard, Standing, Target};

use super::assess::{Assessment, judge};
use super::verdict::Ledger;
use super::world::World;
use population::Population;

/// Judges, and gathers the evidence. `inputs` are the files that the assessment was made from, with
/// their digests.
pub fn gather(input: &Assessment<'_>, inputs: Vec<InputFile>) -> Evidence {
    let world = World::new(input);
    let (judgement, trail) = judge(&world, Ledger::with_trail(input.policy));
    let population = Population::new(&world, &judgement, &trail);
    let mut credentials: Vec<CredentialEvidence> = population.lines.iter().map(|l| line::of(&world, l)).collect();
    credentials.sort_by(|a, b| sort_key(a).cmp(&sort_key(b)));
    Evidence {
        run: run::of(&world, &judgement, &population, inputs),
        partners: partners::of(&world, &judgement, &credentials),
        exceptions: waivers::of(&world, &judgement),
        scorecard: scorecard::of(&world, &judgement, &population, &credentials),
        credentials,
    }
}

/// By partner, what is recorded before what is not, then by id and place.
fn sort_key(line: &CredentialEvidence) -> impl Ord {
    let id = &line.credential;
    (
        id.partner.clone().unwrap_or_default(),
        id.id.is_none(),
        id.id.clone(),
        id.recorded_at.clone(),
        id.observed.iter().map(|s| s.credential.clone()).collect::<Vec<_>>(),
    )
}
