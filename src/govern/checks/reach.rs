//! KW7xx: scope, endpoints, data, geography.

use crate::govern::check::Check;

pub(super) const ROWS: &[Check] = &[];
