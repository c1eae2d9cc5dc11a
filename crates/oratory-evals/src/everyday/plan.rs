//! The task `plan`: go on once a tool has answered: the next call, or the last word.
//!
//! The system part says which words end a plan that worked or failed.

use super::dice::Dice;
use super::sheet::Sheet;
use super::slots::Slots;
use super::toolbox::{self, Offered};
use super::{Call, Draft, Part, Wanted};

static SHEET: Sheet = Sheet::new(include_str!("sheets/plan.txt"));

/// How far a plan has come.
#[derive(Clone, Copy, PartialEq)]
enum Stage {
    AfterFirst,
    AfterSecond,
    Failed,
}

/// Two tools, and the slot of the second that takes the result of the first.
struct Plan {
    section: &'static str,
    first: &'static str,
    second: &'static str,
    takes: &'static str,
}

pub(super) fn draft(dice: &mut Dice) -> Draft {
    if dice.one_in(5) { told(dice) } else { planned(dice) }
}

/// One tool, whose result is the answer.
fn told(dice: &mut Dice) -> Draft {
    let kind = *dice.pick(&["weather", "price", "route", "convert"]);
    let offered = toolbox::among(dice, &[kind]);
    let template = dice.pick(toolbox::SHEET.lines(&format!("{kind}.asks"), dice.split())).clone();
    let mut slots = Slots::default();
    toolbox::bind(dice, &template, &mut slots);
    let asked = slots.fill(&template, dice);
    let made = made(&call(&offered, kind, &slots));
    let result = line(dice, &format!("{kind}+message.deedtext.results"), &mut slots);
    let system = Part::System(word(dice, "tell"));
    let parts = vec![system, Part::User(asked), made, Part::ToolResult(result.clone())];
    let tools = offered.into_iter().map(|offered| offered.tool).collect();
    Draft { tools, parts, wanted: Wanted::text(result) }
}

fn planned(dice: &mut Dice) -> Draft {
    use Stage::{AfterFirst, AfterSecond, Failed};
    let plan = plan(dice);
    // A plan that ends in a question is not done when the tool has answered.
    let last = if ["weather", "price"].contains(&plan.second) { AfterFirst } else { AfterSecond };
    let stage = *dice.pick(&[AfterFirst, AfterFirst, last, Failed]);
    let offered = toolbox::among(dice, &[plan.first, plan.second]);
    let mut slots = Slots::default();
    let asked = line(dice, plan.section, &mut slots);
    let first = call(&offered, plan.first, &slots);
    let result = line(dice, &format!("{}.results", plan.section), &mut slots);
    slots.set_first(plan.takes, &result);
    let second = call(&offered, plan.second, &slots);
    let (done, failed) = (word(dice, "done"), word(dice, "failed"));
    let mut parts = vec![system(dice, &done, &failed), Part::User(asked), made(&first)];
    let wanted = match stage {
        AfterFirst => {
            parts.push(Part::ToolResult(result));
            Wanted::call(second)
        }
        AfterSecond => {
            parts.extend([Part::ToolResult(result), made(&second)]);
            parts.push(Part::ToolResult(word(dice, "oks")));
            Wanted::text(done)
        }
        Failed => {
            parts.push(Part::ToolResult(word(dice, "errors")));
            Wanted::text(failed)
        }
    };
    let tools = offered.into_iter().map(|offered| offered.tool).collect();
    Draft { tools, parts, wanted }
}

fn plan(dice: &mut Dice) -> Plan {
    let plans: Vec<&'static str> =
        SHEET.names("").filter(|name| name.contains('+') && !name.ends_with(".results")).collect();
    let section = *dice.pick(&plans);
    let (tools, takes) = section.split_once('.').unwrap_or((section, "none"));
    let (first, second) = tools.split_once('+').unwrap_or((tools, tools));
    Plan { section, first, second, takes }
}

fn line(dice: &mut Dice, section: &str, slots: &mut Slots) -> String {
    let template = dice.pick(SHEET.lines(section, dice.split())).clone();
    toolbox::bind(dice, &template, slots);
    slots.fill(&template, dice)
}

fn word(dice: &mut Dice, section: &str) -> String {
    dice.pick(SHEET.lines(section, dice.split())).clone()
}

fn system(dice: &mut Dice, done: &str, failed: &str) -> Part {
    let template = word(dice, "systems");
    Part::System(Slots::default().with("done", done).with("failed", failed).fill(&template, dice))
}

fn call(offered: &[Offered], kind: &str, slots: &Slots) -> Call {
    let tool = offered.iter().find(|tool| tool.kind == kind);
    tool.expect("both tools of a plan are among those offered").call(slots)
}

fn made(call: &Call) -> Part {
    Part::Assistant { thinking: None, text: String::new(), calls: vec![call.clone()] }
}
