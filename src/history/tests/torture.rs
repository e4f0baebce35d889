//! The torture repository: the same kind of token once in every hiding place.
