//! KW8xx: exceptions and emergency access.

use crate::govern::check::Check;

pub(super) const ROWS: &[Check] = &[];
