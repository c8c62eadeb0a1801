//! Where the parts of the plan screen stand, from 40×10 on.

use super::{Pane, View};
use crate::plan::Plan;
use crate::tui::canvas::{below, part};
use crate::tui::widget::lanes::Lanes;
use ratatui::layout::Rect;

pub struct Areas {
    pub head: Rect,
    pub views: Rect,
    pub list: Rect,
    /// The lanes below the list, where there is room for both; the whole room above the card in the timeline view.
    pub lanes: Rect,
    pub detail: Rect,
    /// The whole room of a view without panes.
    pub page: Rect,
    pub stacked: bool,
}

pub fn layout(plan: &Plan, body: Rect, view: View, pane: Pane) -> Areas {
    // On the lowest terminals the title goes first: the header says which screen it is.
    let low = body.height < 12;
    let (head, top) = if low { (2, 3) } else { (3, 5) };
    let rest = below(body, top);
    let stacked = body.width < 100;
    let nothing = Rect { height: 0, ..rest };
    let lanes_height = Lanes::height(plan);
    let (mut list, mut detail, mut lanes) = (nothing, nothing, nothing);
    if view == View::Timeline {
        let inset = part(rest, 1, 0, rest.width.saturating_sub(2), rest.height);
        let height = if rest.height > lanes_height + 4 { lanes_height } else { rest.height.saturating_sub(2) };
        lanes = part(inset, 0, 0, inset.width, height);
        detail = part(rest, 0, height + 1, rest.width, rest.height);
    } else if stacked && rest.height < 12 {
        // Too low for both: the pane in focus has it all.
        if pane == Pane::List { list = rest } else { detail = rest }
    } else if stacked {
        let height = rest.height.saturating_mul(3) / 5;
        (list, detail) = (part(rest, 0, 0, rest.width, height), below(rest, height));
    } else {
        let width = (rest.width * 3 / 5).min(90);
        list = part(rest, 0, 0, width, rest.height);
        detail = part(rest, width + 1, 0, rest.width, rest.height);
        let rows = u16::try_from(plan.steps().count() + plan.phases.len()).unwrap_or(u16::MAX).saturating_add(1);
        if rest.height > rows.saturating_add(lanes_height + 2) {
            lanes = part(list, 1, rows + 2, list.width.saturating_sub(2), lanes_height);
            list = part(list, 0, 0, list.width, rows);
        }
    }
    let page = part(rest, 1, 0, rest.width.saturating_sub(2), rest.height);
    Areas {
        head: part(body, 1, 0, body.width.saturating_sub(2), head),
        views: part(body, 0, head, body.width, 1),
        list,
        lanes,
        detail,
        page,
        stacked,
    }
}

/// The text part of the detail pane, below its tabs.
pub fn detail_text(areas: &Areas) -> Rect {
    let inset = if areas.stacked { 1 } else { 2 };
    part(areas.detail, inset, 2, areas.detail.width.saturating_sub(inset + 1), areas.detail.height)
}
