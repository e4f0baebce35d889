//! From which roots can be reached what, for many things at once.
//!
//! Takes for each column the commits where it begins; gives the roots that lead to it, and answers
//! whether an ancestor of a commit had it. 256 columns share one pass over the commits.

use super::graph::Graph;
use super::sweep::{Interrupted, Progress};

const WORDS: usize = 4;
/// Columns of one pass.
const WIDTH: usize = 64 * WORDS;

type Mask = [u64; WORDS];

/// A root: a commit and where its name is in the caller's list.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tip {
    /// The commit's number.
    pub(crate) commit: u32,
    /// The caller's number of the root.
    pub(crate) root: u32,
}

/// Calls `reached(column, root)` for every column and every tip that leads to one of its commits, in
/// the order of `tips`, and `again(column, commit)` for those of its commits that have an ancestor
/// among them.
pub(crate) fn propagate(
    graph: &Graph,
    columns: &[Vec<u32>],
    tips: &[Tip],
    mut reached: impl FnMut(usize, u32),
    mut again: impl FnMut(usize, u32),
    progress: Progress<'_>,
) -> Result<(), Interrupted> {
    let mut masks: Vec<Mask> = vec![[0; WORDS]; graph.len() as usize];
    for (batch, columns) in columns.chunks(WIDTH).enumerate() {
        let mut begins: Vec<(u32, usize)> =
            columns.iter().enumerate().flat_map(|(c, commits)| commits.iter().map(move |&n| (n, c))).collect();
        begins.sort_unstable();
        let mut begins = begins.into_iter().peekable();
        for commit in 0..graph.len() {
            progress.check()?;
            let mut mask = [0; WORDS];
            for &parent in graph.parents(commit) {
                for (word, from) in mask.iter_mut().zip(masks[parent as usize]) {
                    *word |= from;
                }
            }
            while let Some((_, column)) = begins.next_if(|(n, _)| *n == commit) {
                let bit = 1 << (column % 64);
                if mask[column / 64] & bit != 0 {
                    again(batch * WIDTH + column, commit);
                }
                mask[column / 64] |= bit;
            }
            masks[commit as usize] = mask;
        }
        for tip in tips {
            for (w, mut word) in masks[tip.commit as usize].into_iter().enumerate() {
                while word != 0 {
                    reached(batch * WIDTH + w * 64 + word.trailing_zeros() as usize, tip.root);
                    word &= word - 1;
                }
            }
        }
    }
    Ok(())
}
