//! Everything a user can do, declared once: key map, hint bar, help, palette and documentation derive from this list.

/// Where an action is offered beside its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// Movement and the like: in the help, too plain for the palette.
    KeysOnly,
    /// In help and palette.
    Everywhere,
    /// Too rare for a key.
    PaletteOnly,
}

macro_rules! actions {
    ($($Name:ident, $offer:ident, $key:literal, $title:literal, $help:literal;)+) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action { $($Name),+ }
        impl Action {
            pub const ALL: &[Self] = &[$(Self::$Name),+];
            /// As `assets/keys.toml` spells it.
            pub fn name(self) -> &'static str { match self { $(Self::$Name => $key),+ } }
            /// One or two words, for the hint bar.
            pub fn title(self) -> &'static str { match self { $(Self::$Name => $title),+ } }
            /// One line, for help and palette.
            pub fn help(self) -> &'static str { match self { $(Self::$Name => $help),+ } }
            pub fn offer(self) -> Offer { match self { $(Self::$Name => Offer::$offer),+ } }
        }
    };
}

actions! {
    Up, KeysOnly, "up", "up", "One line up";
    Down, KeysOnly, "down", "down", "One line down";
    Left, KeysOnly, "left", "previous tab", "The tab to the left";
    Right, KeysOnly, "right", "next tab", "The tab to the right";
    HalfUp, KeysOnly, "half-up", "half page up", "Half a page up";
    HalfDown, KeysOnly, "half-down", "half page down", "Half a page down";
    PageUp, KeysOnly, "page-up", "page up", "One page up";
    PageDown, KeysOnly, "page-down", "page down", "One page down";
    First, KeysOnly, "first", "first", "The first line";
    Last, KeysOnly, "last", "last", "The last line";
    NextPane, KeysOnly, "next-pane", "other pane", "The next pane";
    PreviousPane, KeysOnly, "previous-pane", "other pane", "The previous pane";
    NextField, KeysOnly, "next-field", "next field", "The next field; takes what is listed for this one";
    PreviousField, KeysOnly, "previous-field", "field before", "The field before";
    Open, KeysOnly, "open", "open", "Open what is selected";
    Back, KeysOnly, "back", "back", "Back one screen; cancels what is running or typed";
    Filter, Everywhere, "filter", "filter", "Filter the list as you type";
    Sort, Everywhere, "sort", "sort", "Sort by the next column";
    SortReverse, Everywhere, "sort-reverse", "reverse", "Reverse the order";
    Change, Everywhere, "change", "change it", "Write a change to the selected table";
    Form, Everywhere, "form", "form", "Choose a kind of change and fill it in";
    Edit, Everywhere, "edit", "edit", "Go to the editor and type";
    Undo, Everywhere, "undo", "undo", "Undo the last edit";
    Redo, Everywhere, "redo", "redo", "Redo what was undone";
    Complete, Everywhere, "complete", "complete", "Complete the word before the cursor; what is chosen is taken";
    Editor, Everywhere, "editor", "$EDITOR", "Edit the change in $VISUAL or $EDITOR";
    Example, Everywhere, "example", "example", "Put an example change into the editor";
    EarlierDraft, PaletteOnly, "earlier-draft", "earlier draft", "Put the draft of an earlier session into the editor";
    Sync, Everywhere, "sync", "sync", "Keep old and new in step by trigger or by the app";
    Strategy, Everywhere, "strategy", "strategy", "Choose the strategy: auto, direct or online";
    Options, Everywhere, "options", "options", "Change sync, strategy, batches, thresholds and rates; the plan follows at once";
    Ignore, Everywhere, "ignore", "ignore", "Ignore a hazard of the step, with a reason";
    JumpTable, Everywhere, "jump-table", "its table", "Go to the table that the step touches; esc comes back";
    CopyStep, Everywhere, "copy-step", "copy step", "Copy the whole step as text";
    Steps, Everywhere, "steps", "steps", "Show the plan's steps";
    Timeline, Everywhere, "timeline", "timeline", "Show the plan drawn to scale, with the windows in which others stand still";
    AsWritten, Everywhere, "as-written", "as written", "Show what the change does if it is run as it is written";
    Grid, Everywhere, "grid", "grid", "Show which release works after which step";
    Releases, Everywhere, "releases", "releases", "Show what each release of the app must do";
    Notes, Everywhere, "notes", "notes", "Show what else there is to know about the change";
    Checks, Everywhere, "checks", "checks", "Show the checks before the first step; again: run them on the server";
    Live, Everywhere, "live", "watch", "Watch the server: lag, transactions, locks, the watch queries of the step; again: no longer";
    Progress, Everywhere, "progress", "progress", "Ask the database which steps are done";
    Tick, Everywhere, "tick", "tick", "Tick the step as read, or take the tick back";
    Comment, Everywhere, "comment", "comment", "Say something about the step";
    Question, Everywhere, "question", "ask", "Ask something about the step: nobody signs before it is answered";
    Answer, Everywhere, "answer", "answer", "Answer the question about the step";
    Person, Everywhere, "person", "other person", "Speak as the author or as the reviewer";
    NamePerson, Everywhere, "name-person", "name", "Give the name of the one who speaks";
    Sign, Everywhere, "sign", "sign", "Sign the plan, or take the signature back";
    Changes, Everywhere, "changes", "differences", "Show what is otherwise than in the plan that was reviewed";
    TakeUp, Everywhere, "take-up", "take up", "Take the review up for the plan as it is now: ticks stay with steps that do the same";
    DeployNotes, Everywhere, "deploy-notes", "deploy notes", "Note pull request, owner and remarks of a release";
    Export, Everywhere, "export", "export", "Write the plan as files";
    Write, Everywhere, "write", "write", "Write the previewed files into the directory";
    Directory, Everywhere, "directory", "directory", "Change the directory that files are written into";
    Copy, Everywhere, "copy", "copy", "Copy what is shown to the clipboard";
    Target, Everywhere, "target", "type a target", "Type a connection URL, key=value string or catalog file";
    Demo, Everywhere, "demo", "demo", "Open the built-in demo catalog; no server needed";
    Retry, Everywhere, "retry", "retry", "Try again";
    Reload, Everywhere, "reload", "reload", "Read the catalog again";
    GoConnect, Everywhere, "go-connect", "connect", "Go to Connect";
    GoTables, Everywhere, "go-tables", "tables", "Go to Tables";
    GoChange, Everywhere, "go-change", "change", "Go to Change";
    GoPlan, Everywhere, "go-plan", "plan", "Go to Plan";
    GoExport, Everywhere, "go-export", "export", "Go to Export";
    GoReview, Everywhere, "go-review", "review", "Go to Review";
    Log, Everywhere, "log", "queries", "Show each query that was sent to a server";
    Help, Everywhere, "help", "help", "Show the keys of this screen";
    Palette, Everywhere, "palette", "commands", "Find an action by typing";
    Quit, Everywhere, "quit", "quit", "Leave sidestep";
    Interrupt, KeysOnly, "interrupt", "cancel", "Cancel what is running; twice: quit";
    Suspend, Everywhere, "suspend", "suspend", "Back to the shell; `fg` returns";
    Redraw, Everywhere, "redraw", "redraw", "Draw the screen anew";
    ThemeDark, PaletteOnly, "theme-dark", "dark theme", "Colours for a dark background";
    ThemeLight, PaletteOnly, "theme-light", "light theme", "Colours for a light background";
    ThemeHighContrast, PaletteOnly, "theme-high-contrast", "high contrast", "The strongest contrast that 16 colours have";
    ThemeMono, PaletteOnly, "theme-mono", "no colours", "Bold, underline and reverse instead of colours";
    ToggleAscii, PaletteOnly, "toggle-ascii", "ASCII", "Draw with ASCII characters only, or with lines again";
}

impl Action {
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|a| a.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique() {
        let names: BTreeSet<_> = Action::ALL.iter().map(|a| a.name()).collect();
        assert_eq!(names.len(), Action::ALL.len());
    }
}
