//! The picture: one row per step in the order of the plan, its length on a logarithmic scale of time, and how long it blocks
//! traffic in a colour of its own; above them the script as it was written, on the same scale.

use super::tag::text;
use crate::model::quantity::seconds;
use crate::plan::{Act, Estimate, PhaseName, Plan, Step};
use std::fmt::Write;
use unicode_width::UnicodeWidthChar;

const WIDTH: f64 = 860.0;
/// Where the bars begin, and where the longest ends.
const LEFT: f64 = 292.0;
const RIGHT: f64 = 770.0;
const ROW: f64 = 26.0;
/// The left edge of the scale: what is shorter is a dot.
const SHORTEST: f64 = 0.01;
/// Marks of the scale; the scale ends at the first one that no bar passes.
const MARKS: [(f64, &str); 9] = [
    (0.01, "10 ms"),
    (0.1, ""),
    (1.0, "1 s"),
    (10.0, "10 s"),
    (60.0, "1 min"),
    (600.0, "10 min"),
    (3600.0, "1 h"),
    (36_000.0, "10 h"),
    (345_600.0, "4 d"),
];

pub(super) fn section(out: &mut String, plan: &Plan) {
    let scale = Scale::of(plan);
    out.push_str("<section id=\"timeline\" aria-labelledby=\"timeline-h\">\n<h2 id=\"timeline-h\">Timeline</h2>\n");
    out.push_str("<figure class=\"timeline\" tabindex=\"0\" role=\"group\" aria-labelledby=\"timeline-c\">\n");
    picture(out, plan, &scale);
    out.push_str(
        "<figcaption id=\"timeline-c\">One row per step, from top to bottom in the order of the plan. The scale is logarithmic: \
         each mark is about ten times the one before it, so a bar twice as long takes far more than twice the time. A bar is solid up to the \
         lower estimate and pale up to the higher one; red is time during which reads or writes stand still; a dotted red \
         line is how long they may queue while the step waits for its lock. Deploys, waits and approvals take people's time and are \
         not to scale. The same figures stand in the table below.</figcaption>\n</figure>\n",
    );
    table(out, plan);
    out.push_str("</section>\n");
}

struct Scale {
    end: f64,
}

impl Scale {
    fn of(plan: &Plan) -> Self {
        let times = plan
            .steps()
            .flat_map(|(_, s)| [s.wall.high_s(), s.blocked.high_s(), s.load.queue.as_ref().and_then(|q| q.longest_s)]);
        let written = [plan.blocked_as_written().high_s(), plan.longest_blocked().high_s()];
        let longest = times.chain(written).flatten().filter(|t| t.is_finite()).fold(60.0, f64::max);
        let last = MARKS.iter().map(|(at, _)| *at).find(|at| *at >= longest);
        Self { end: last.unwrap_or(longest) }
    }
    fn x(&self, time: f64) -> f64 {
        let time = time.clamp(SHORTEST, self.end);
        LEFT + (RIGHT - LEFT) * (time / SHORTEST).log10() / (self.end / SHORTEST).log10()
    }
}

fn picture(out: &mut String, plan: &Plan, scale: &Scale) {
    let mut body = String::new();
    let mut y = 34.0;
    let top = y;
    label(&mut body, y, "", "As written, all at once", "bold");
    let (blocked, wall) = (plan.blocked_as_written(), Estimate::sum(plan.as_written.iter().map(|w| &w.wall)));
    bars(&mut body, scale, y, &wall, &blocked, None);
    y += ROW + 12.0;
    let mut phase = None;
    for (name, step) in plan.steps() {
        if phase != Some(name) {
            phase = Some(name);
            heading(&mut body, &mut y, name);
        }
        row(&mut body, scale, y, step);
        y += ROW;
    }
    let height = y + 8.0;
    let _ = writeln!(
        out,
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-labelledby=\"picture-t picture-d\" xmlns=\"http://www.w3.org/2000/svg\">\n\
         <title id=\"picture-t\">How long each step takes and blocks</title>\n<desc id=\"picture-d\">As written, traffic stands still for {}. In the plan the longest single window is {}.</desc>",
        text(&plan.blocked_as_written().to_string()),
        text(&plan.longest_blocked().to_string()),
    );
    for (at, name) in MARKS.iter().filter(|(at, _)| *at <= scale.end) {
        let x = scale.x(*at);
        let _ = writeln!(
            out,
            "<line class=\"mark\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.1}\" y2=\"{:.1}\"/>",
            top - 8.0,
            height - 8.0
        );
        if !name.is_empty() {
            let _ = writeln!(out, "<text class=\"scale\" x=\"{x:.1}\" y=\"16\" text-anchor=\"middle\">{name}</text>");
        }
    }
    out.push_str(&body);
    out.push_str("</svg>\n");
}

fn heading(out: &mut String, y: &mut f64, phase: PhaseName) {
    let line = *y + 2.0;
    let _ = writeln!(out, "<line class=\"rule\" x1=\"0\" x2=\"{WIDTH}\" y1=\"{line:.1}\" y2=\"{line:.1}\"/>");
    let _ = writeln!(out, "<text class=\"phase\" x=\"0\" y=\"{:.1}\">{}</text>", *y + 20.0, phase.title());
    *y += ROW + 2.0;
}

fn row(out: &mut String, scale: &Scale, y: f64, step: &Step) {
    label(out, y, &step.id, &step.title, "");
    let middle = y + ROW / 2.0;
    let people = match &step.act {
        Act::Deploy { release } => format!("deploy {release}"),
        Act::Wait { .. } => "wait".to_owned(),
        Act::Approve { .. } => "approval".to_owned(),
        Act::External { .. } => "outside the database".to_owned(),
        Act::Sql { .. } | Act::Backfill { .. } | Act::Verify { .. } => {
            let queue = step.load.queue.as_ref().and_then(|q| q.longest_s);
            bars(
                out,
                scale,
                y,
                &step.wall,
                &step.blocked,
                queue.filter(|_| step.locks.iter().any(crate::model::Lock::blocks_traffic)),
            );
            return;
        }
    };
    let _ = writeln!(
        out,
        "<path class=\"people\" d=\"M{LEFT} {middle:.1}m0 -6l6 6l-6 6l-6 -6z\"/><text class=\"time\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
        LEFT + 14.0,
        middle + 4.0,
        text(&people)
    );
}

fn label(out: &mut String, y: f64, id: &str, title: &str, class: &str) {
    let base = y + ROW / 2.0 + 4.0;
    if !id.is_empty() {
        let _ = writeln!(out, "<text class=\"id\" x=\"0\" y=\"{base:.1}\">{}</text>", text(id));
    }
    let (x, room) = if id.is_empty() { (0.0, 40) } else { (34.0, 35) };
    let _ =
        writeln!(out, "<text class=\"label {class}\" x=\"{x}\" y=\"{base:.1}\">{}</text>", text(&short(title, room)));
}

/// Cut to a width, without the marks of code.
fn short(title: &str, room: usize) -> String {
    let mut out = String::new();
    let mut width = 0;
    for c in title.chars().filter(|c| *c != '`') {
        width += c.width().unwrap_or(1);
        if width > room {
            out.push('…');
            return out;
        }
        out.push(c);
    }
    out
}

fn bars(out: &mut String, scale: &Scale, y: f64, wall: &Estimate, blocked: &Estimate, queue: Option<f64>) {
    let middle = y + ROW / 2.0;
    let mut last;
    if let Estimate::Instant = blocked {
        last = bar(out, scale, middle, 12.0, wall, "takes");
        if let Some(queue) = queue {
            let x = scale.x(queue);
            let _ = writeln!(
                out,
                "<line class=\"queue\" x1=\"{LEFT}\" x2=\"{x:.1}\" y1=\"{middle:.1}\" y2=\"{middle:.1}\"/><circle class=\"blocks\" cx=\"{LEFT}\" cy=\"{middle:.1}\" r=\"4.5\"/>"
            );
            last = last.max(x);
        }
    } else {
        last = bar(out, scale, middle - 3.5, 6.0, wall, "takes");
        last = last.max(bar(out, scale, middle + 3.5, 6.0, blocked, "blocks"));
    }
    let told = match (wall, blocked) {
        (Estimate::Instant, Estimate::Instant) => match queue {
            Some(queue) => format!("instant; queue up to {}", seconds(queue)),
            None => "instant".to_owned(),
        },
        (wall, Estimate::Instant) => wall.to_string(),
        (_, blocked) => format!("blocks {blocked}"),
    };
    // Behind the bar, or where that would leave the picture, above its end.
    let width = told.chars().count() as f64 * 6.1;
    let (x, y, anchor) =
        if last + 10.0 + width > WIDTH { (WIDTH, middle - 8.5, "end") } else { (last + 10.0, middle + 4.0, "start") };
    let _ =
        writeln!(out, "<text class=\"time\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>", text(&told));
}

/// The bar of one estimate; answers where it ends.
fn bar(out: &mut String, scale: &Scale, middle: f64, height: f64, estimate: &Estimate, class: &str) -> f64 {
    let top = middle - height / 2.0;
    match estimate {
        Estimate::Instant => {
            let _ = writeln!(out, "<circle class=\"{class}\" cx=\"{LEFT}\" cy=\"{middle:.1}\" r=\"4.5\"/>");
            LEFT + 4.5
        }
        Estimate::Range { low_s, high_s, .. } => {
            let (low, high) = (scale.x(*low_s), scale.x(*high_s));
            let _ = writeln!(
                out,
                "<rect class=\"{class} pale\" x=\"{LEFT}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{height}\" rx=\"2\"/>\
                 <rect class=\"{class}\" x=\"{LEFT}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{height}\" rx=\"2\"/>",
                (high - LEFT).max(2.0),
                (low - LEFT).max(2.0)
            );
            high
        }
        Estimate::Unknown { .. } => {
            let end = RIGHT;
            let _ = writeln!(
                out,
                "<rect class=\"{class} unknown\" x=\"{LEFT}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{height}\" rx=\"2\"/>",
                end - LEFT
            );
            end
        }
    }
}

/// The steps in a table: what the picture shows, for those who cannot see it, and a place for ticks.
fn table(out: &mut String, plan: &Plan) {
    out.push_str(
        "<div class=\"wide\"><table class=\"steps\">\n<caption>The steps and their times</caption>\n<thead><tr><th scope=\"col\">Step</th>\
         <th scope=\"col\">What</th><th scope=\"col\">Blocks traffic</th><th scope=\"col\">Takes</th></tr></thead>\n",
    );
    for phase in &plan.phases {
        let _ = writeln!(
            out,
            "<tbody><tr class=\"phase\"><th scope=\"rowgroup\" colspan=\"4\">{}</th></tr>",
            phase.name.title()
        );
        for step in &phase.steps {
            let (blocked, wall) = match &step.act {
                Act::Sql { .. } | Act::Backfill { .. } | Act::Verify { .. } => {
                    (step.blocked.to_string(), step.wall.to_string())
                }
                _ => ("–".to_owned(), "people’s time".to_owned()),
            };
            let _ = writeln!(
                out,
                "<tr><th scope=\"row\"><a href=\"#{}\">{}</a></th><td>{}</td><td>{}</td><td>{}</td></tr>",
                super::anchor(step),
                text(&step.id),
                super::tag::prose(&step.title),
                text(&blocked),
                text(&wall)
            );
        }
        out.push_str("</tbody>\n");
    }
    out.push_str("</table></div>\n");
}
