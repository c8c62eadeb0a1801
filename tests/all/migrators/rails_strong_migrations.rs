//! Rails with strong_migrations, which is stood in for.

use super::rails::{Rails, STRONG};

pub static TOOL: Rails = STRONG;
