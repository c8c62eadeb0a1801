//! Plan → files. Pure: a [`FileSet`] is a value, writing it is one function of the command line.

use std::collections::BTreeMap;

/// Relative path → content. Paths use `/`, hold no `..`, and are safe file names.
pub type FileSet = BTreeMap<String, String>;
