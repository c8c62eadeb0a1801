//! What goes wrong in the middle of a plan.
