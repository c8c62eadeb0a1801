//! The app: `update` and `view` are pure, only `run.rs` and `terminal.rs` touch the world.

pub mod action;
pub mod canvas;
pub mod complete;
pub mod highlight;
pub mod keep;
pub mod keymap;
pub mod lines;
pub mod live;
pub mod measure;
pub mod msg;
pub mod plain;
pub mod review;
pub mod review_file;
pub mod run;
pub mod screen;
pub mod shelf;
pub mod state;
pub mod tasks;
pub mod terminal;
pub mod text;
pub mod theme;
pub mod update;
pub mod view;
pub mod widget;
pub mod words;

pub use run::{Ended, Options, Start, run};
