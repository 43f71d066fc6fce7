//! How far a command has come: a bar where a person watches, a line where not.

use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::sheet::remark;

/// One stage of a command.
#[derive(Clone)]
pub(super) struct Progress {
    bar: ProgressBar,
    title: String,
    is_watched: bool,
}

impl Progress {
    /// Begins a stage of so many steps; 0 where the count is not known yet.
    pub(super) fn begin(title: &str, steps: u64) -> Self {
        let is_watched = io::stderr().is_terminal();
        let target = if is_watched { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(steps), target);
        let style = ProgressStyle::with_template("{msg:28} {wide_bar} {pos:>5}/{len}");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        bar.set_message(title.to_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar, title: title.to_owned(), is_watched }
    }

    /// One step is done.
    pub(super) fn step(&self) {
        self.bar.inc(1);
    }

    /// So many of so many steps are done.
    pub(super) fn at(&self, step: u64, of: u64) {
        self.bar.set_length(of);
        self.bar.set_position(step);
    }

    /// Ends the stage with what came of it.
    pub(super) fn end(self, result: &str) {
        self.bar.finish_and_clear();
        let width = if self.is_watched { 28 } else { 0 };
        remark(&format!("{:width$} {result}", self.title));
    }
}
