//! `runbook.html` in a real browser: nothing is loaded, nothing is complained of, ears and keyboards find their way, the colours
//! can be told apart, paper takes it, and no name gets out of its place.

use crate::support::chromium::Chromium;
use crate::support::sandbox::sample_plan;
use serde_json::{Value, json};
use sidestep::export::{ExportOptions, export};
use sidestep::plan::{Act, Plan, Policy, Undo};
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

struct Reader {
    browser: Chromium,
    directory: TempDir,
}

impl Reader {
    fn new() -> Self {
        Self { browser: Chromium::new(), directory: TempDir::new().unwrap() }
    }

    fn open(&mut self, plan: &Plan) -> PathBuf {
        let files = export(plan, "runbook", &ExportOptions::default()).unwrap();
        let path = self.directory.path().join("runbook.html");
        fs::write(&path, &files["runbook.html"]).unwrap();
        self.browser.open(&path);
        path
    }

    /// Requests beside the page itself, and everything a console would show.
    fn complaints(&mut self) -> Vec<String> {
        self.browser.eval("1");
        let events = std::mem::take(&mut self.browser.events);
        let told = events.iter().filter_map(|event| match event["method"].as_str()? {
            "Network.requestWillBeSent" => {
                let url = event["params"]["request"]["url"].as_str()?;
                (!url.ends_with("/runbook.html")).then(|| format!("request: {url}"))
            }
            "Runtime.consoleAPICalled"
            | "Runtime.exceptionThrown"
            | "Log.entryAdded"
            | "Page.javascriptDialogOpening" => Some(event.to_string()),
            _ => None,
        });
        told.collect()
    }

    fn list(&mut self, expression: &str) -> Vec<String> {
        let value = self.browser.eval(expression);
        value.as_array().unwrap().iter().map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned)).collect()
    }
}

fn sample() -> Plan {
    serde_json::from_str(&fs::read_to_string(sample_plan()).unwrap()).unwrap()
}

/// The hand-made plan, and plans of the demo catalog: many steps, failing statements, nothing but a direct change.
fn plans() -> Vec<Plan> {
    let demo = |sql: &str| sidestep::change::plan(sql, &sidestep::db::demo(), &Policy::default()).unwrap();
    vec![
        sample(),
        demo(
            "ALTER TABLE users RENAME COLUMN email TO mail; ALTER TABLE users ALTER COLUMN name SET NOT NULL; CREATE INDEX ON users (created_at)",
        ),
        demo("ALTER TABLE users DROP COLUMN name"),
        demo("COMMENT ON TABLE users IS 'people'"),
    ]
}

const STRUCTURE: &str = r##"(() => {
  const wrong = [];
  const all = (css) => [...document.querySelectorAll(css)];
  const levels = all("h1,h2,h3,h4,h5,h6").map((h) => Number(h.tagName[1]));
  if (levels[0] !== 1 || levels.filter((l) => l === 1).length !== 1) wrong.push("not one h1 at the top");
  levels.forEach((l, i) => { if (i && l > levels[i - 1] + 1) wrong.push(`h${levels[i - 1]} is followed by h${l}`); });
  for (const table of all("table")) {
    if (!table.caption || !table.caption.textContent.trim()) wrong.push("a table without a caption");
    if (!table.querySelector("thead th[scope=col]")) wrong.push("a table without column headers: " + table.caption?.textContent);
    for (const th of table.querySelectorAll("th")) if (!th.scope) wrong.push("a header without scope: " + th.textContent);
    for (const row of table.querySelectorAll("tbody tr")) if (!row.querySelector("th")) wrong.push("a row without a header: " + row.textContent);
  }
  const ids = all("[id]").map((e) => e.id);
  ids.forEach((id, i) => { if (ids.indexOf(id) !== i) wrong.push("twice: #" + id); });
  for (const a of all("a[href^='#']")) if (!document.getElementById(a.hash.slice(1))) wrong.push("leads nowhere: " + a.hash);
  for (const e of all("[aria-labelledby]")) for (const id of e.getAttribute("aria-labelledby").split(" ")) if (!document.getElementById(id)) wrong.push("no label #" + id);
  if (document.documentElement.lang !== "en" || !document.title.startsWith("Runbook: ")) wrong.push("no language or title");
  if (all("script").length !== 1 || all("img,iframe,object,embed,link,form").length) wrong.push("more than a page");
  return wrong;
})()"##;

/// Text whose colour is too near to what is behind it (WCAG 2, level AA).
const CONTRAST: &str = r##"(() => {
  const parse = (c) => { const n = c.match(/[\d.]+/g).map(Number); return n.length > 3 ? n : [...n, 1]; };
  const light = (c) => { const [r, g, b] = c.slice(0, 3).map((v) => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; }); return .2126 * r + .7152 * g + .0722 * b; };
  const behind = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c[3] === 1) return c; } return [255, 255, 255, 1]; };
  const weak = new Set();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || e.closest("script")) continue;
    const style = getComputedStyle(e), svg = e.closest("svg");
    const [a, b] = [light(parse(svg ? style.fill : style.color)), light(behind(svg ? svg.parentElement : e))];
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) weak.add(`${ratio.toFixed(2)} ${e.tagName}.${e.getAttribute("class")}: ${e.textContent.slice(0, 40)}`);
  }
  return [...weak];
})()"##;

/// What makes the page scroll sideways.
const TOO_WIDE: &str = r##"document.scrollingElement.scrollWidth <= innerWidth ? [] :
  [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > innerWidth && !e.closest(".wide, .timeline, .skip"))
    .map((e) => e.outerHTML.slice(0, 80))"##;

#[test]
fn it_opens_alone_and_without_a_complaint() {
    let mut reader = Reader::new();
    for plan in plans() {
        reader.open(&plan);
        assert_eq!(reader.complaints(), Vec::<String>::new(), "{}", plan.title);
        assert_eq!(reader.list(STRUCTURE), Vec::<String>::new(), "{}", plan.title);
        for scheme in ["light", "dark"] {
            reader.browser.scheme(scheme);
            assert_eq!(reader.list(CONTRAST), Vec::<String>::new(), "{scheme}: {}", plan.title);
        }
        for width in [1280, 700, 360] {
            reader.browser.width(width);
            assert_eq!(reader.list(TOO_WIDE), Vec::<String>::new(), "{width} px: {}", plan.title);
        }
        reader.browser.width(1280);
    }
}

#[test]
fn a_screen_reader_finds_its_way() {
    let mut reader = Reader::new();
    let plan = sample();
    reader.open(&plan);
    let tree = reader.browser.call("Accessibility.getFullAXTree", json!({}));
    let nodes: Vec<(&str, &str)> = tree["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|n| n["ignored"] == json!(false))
        .map(|n| (n["role"]["value"].as_str().unwrap_or(""), n["name"]["value"].as_str().unwrap_or("")))
        .collect();
    let named = |role: &str| nodes.iter().filter(|(r, _)| *r == role).map(|(_, n)| *n).collect::<Vec<_>>();
    for (role, count) in [("main", 1), ("navigation", 1), ("banner", 1), ("contentinfo", 1)] {
        assert_eq!(named(role).len(), count, "{role}");
    }
    for role in
        ["checkbox", "textbox", "link", "button", "table", "heading", "region", "navigation", "image", "article"]
    {
        let found = named(role);
        assert!(!found.is_empty(), "no {role}");
        assert!(found.iter().all(|name| !name.trim().is_empty()), "a {role} without a name: {found:?}");
    }
    // Each step is an article by its title, and its heading is found by the key that jumps to headings.
    for (_, step) in plan.steps() {
        let title = format!("{} {}", step.id, step.title.replace('`', ""));
        assert!(named("article").contains(&title.as_str()), "{title}: {:?}", named("article"));
        assert!(named("heading").contains(&title.as_str()), "{title}");
    }
    assert!(
        named("checkbox").contains(&"Done") && named("textbox").contains(&"R1: pull request"),
        "{:?}",
        named("textbox")
    );
    assert!(!nodes.iter().any(|(_, name)| name.contains('✗') || name.contains('✓')), "marks are told in words");
}

#[test]
fn the_keyboard_is_enough() {
    let mut reader = Reader::new();
    let file = reader.open(&sample());
    let browser = &mut reader.browser;
    browser.press("Tab");
    assert_eq!(browser.eval("document.activeElement.textContent"), json!("Skip to the runbook"));
    browser.press("Enter");
    assert_eq!(browser.eval("location.hash"), json!("#main"));
    // On from there the first thing to reach is inside the runbook, not in the contents.
    browser.press("Tab");
    assert_eq!(browser.eval("document.activeElement.closest('main') !== null"), json!(true));

    browser.eval("document.getElementById('step-1-1-done').focus()");
    browser.press(" ");
    browser.press("Tab");
    browser.eval("document.execCommand('insertText', false, '02:17')");
    browser.eval("document.querySelector('details summary').focus()");
    browser.press("Enter");
    assert_eq!(browser.eval("document.querySelector('details').open"), json!(false));

    // Ticks and notes outlive the page.
    browser.open(&file);
    assert_eq!(browser.eval("document.getElementById('step-1-1-done').checked"), json!(true));
    assert_eq!(browser.eval("document.getElementById('step-1-1-done-at').value"), json!("02:17"));
    assert_eq!(browser.eval("document.querySelector(\"nav a[href='#step-1-1']\").className"), json!("is-done"));

    // Every stop of the Tab key can be seen.
    let stops = browser.eval(
        "[...document.querySelectorAll('a,button,input,summary,[tabindex]')].filter((e) => e.tabIndex >= 0).length",
    );
    for _ in 0..stops.as_u64().unwrap() {
        browser.press("Tab");
        let seen = browser.eval("(() => { const e = document.activeElement; return e === document.body || getComputedStyle(e).outlineStyle !== 'none' || e.tagName })()");
        assert_eq!(seen, json!(true));
    }
}

#[test]
fn paper_takes_it() {
    let mut reader = Reader::new();
    reader.open(&sample());
    let browser = &mut reader.browser;
    for (width, height) in [(8.27, 11.69), (8.5, 11.0)] {
        let sheet =
            json!({"paperWidth": width, "paperHeight": height, "printBackground": false, "preferCSSPageSize": false});
        let pdf = browser.call("Page.printToPDF", sheet);
        assert!(pdf["data"].as_str().unwrap().starts_with("JVBERi0"), "not a PDF");
    }
    browser.call(
        "Emulation.setEmulatedMedia",
        json!({"media": "print", "features": [{"name": "prefers-color-scheme", "value": "dark"}]}),
    );
    // Dark on light whatever the screen is, and nothing that only a screen can use.
    assert_eq!(
        browser.eval("getComputedStyle(document.documentElement).getPropertyValue('--paper')"),
        json!("#fdfcf9")
    );
    let shown = "(css) => [...document.querySelectorAll(css)].filter((e) => e.getClientRects().length).length";
    assert_eq!(browser.eval(&format!("({shown})('nav, .skip, button')")), json!(0));
    assert_eq!(
        browser
            .eval("[...document.querySelectorAll('.step')].every((e) => getComputedStyle(e).breakInside === 'avoid')"),
        json!(true)
    );
    // What was folded on the screen is on the paper.
    browser.eval("document.querySelectorAll('details').forEach((d) => { d.open = false })");
    assert_eq!(browser.eval("[...document.querySelectorAll('details pre')].every((e) => e.checkVisibility() && e.getBoundingClientRect().height > 0)"), json!(true));
}

#[test]
fn no_name_gets_out_of_its_place() {
    let hostile = "<script>alert(1)</script>\"><img src=x onerror=alert(1)></style></title>` --> ]]> ${{ github.token }} \u{202e}\u{0}\n# x | y";
    let mut plan = sample();
    let all = |text: &mut String| hostile.clone_into(text);
    all(&mut plan.title);
    all(&mut plan.database);
    for wanted in &mut plan.wanted {
        all(&mut wanted.title);
        all(&mut wanted.because);
    }
    for written in &mut plan.as_written {
        all(&mut written.sql);
        written.fails = Some(hostile.to_owned());
    }
    for release in &mut plan.releases {
        all(&mut release.title);
        release.instructions = vec![hostile.to_owned()];
        release.sql_shapes = vec![hostile.to_owned()];
        release.orm_hints.insert(hostile.to_owned(), vec![hostile.to_owned()]);
    }
    for finding in &mut plan.findings {
        all(&mut finding.text);
    }
    for query in &mut plan.preflight {
        all(&mut query.title);
        all(&mut query.sql);
    }
    for row in &mut plan.grid {
        row.because.insert("R0".to_owned(), hostile.to_owned());
    }
    for step in plan.phases.iter_mut().flat_map(|p| &mut p.steps) {
        all(&mut step.title);
        all(&mut step.why);
        step.abort_if = vec![hostile.to_owned()];
        for lock in &mut step.locks {
            all(&mut lock.object);
        }
        for hazard in &mut step.hazards {
            all(&mut hazard.text);
            all(&mut hazard.id);
            hazard.ignored = Some(hostile.to_owned());
        }
        for watch in &mut step.watch {
            all(&mut watch.title);
        }
        if let Undo::PointOfNoReturn { because } | Undo::Sql { because, .. } = &mut step.undo {
            all(because);
        }
        match &mut step.act {
            Act::Sql { sql, .. } | Act::Backfill { sql, .. } | Act::Verify { sql } => *sql = vec![hostile.to_owned()],
            Act::Approve { question } => all(question),
            Act::Wait { until, .. } => all(until),
            Act::External { command, .. } => all(command),
            Act::Deploy { .. } => {}
        }
    }
    let mut reader = Reader::new();
    reader.open(&plan);
    assert_eq!(reader.complaints(), Vec::<String>::new());
    assert_eq!(reader.list(STRUCTURE), Vec::<String>::new());
    let there = reader.browser.eval("document.querySelector('h1').textContent");
    assert_eq!(there, Value::String(hostile.replace(['\u{202e}', '\u{0}', '\n'], "·")));
    assert_eq!(reader.browser.eval("document.body.innerText.includes('\\u202e')"), json!(false));
    for width in [1280, 360] {
        reader.browser.width(width);
        assert_eq!(reader.list(TOO_WIDE), Vec::<String>::new(), "{width} px");
    }
}
