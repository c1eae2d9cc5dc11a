//! Puts a request into words: what is asked, in one of many layouts.
//!
//! An ask with `{text}` in it is a whole message; any other is put into a layout. What stands
//! before `||` is the system part.

use super::Part;
use super::dice::Dice;
use super::sheet::Sheet;
use super::slots::Slots;
use super::words::small;

/// First words of asks that are neither orders nor end as questions do.
const NO_ORDERS: [&str; 10] =
    ["Alphabetical", "From", "How", "In", "One", "Please", "The", "There", "Where", "{language}"];

static LAYOUTS: Sheet = Sheet::new(include_str!("sheets/layouts.txt"));

/// Returns a conversation in which one of the asks is made about the text.
pub(super) fn ask(dice: &mut Dice, asks: &[String], text: &str) -> Vec<Part> {
    ask_with(dice, asks, Slots::default().with("text", text))
}

/// Returns a conversation in which one of the asks is made, with all of its slots filled.
pub(super) fn ask_with(dice: &mut Dice, asks: &[String], mut slots: Slots) -> Vec<Part> {
    let ask = dice.pick(asks).clone();
    let whole = if ask.contains("{text}") { ask } else { laid_out(dice, &ask) };
    // A list of lines starts on a line of its own, or its first item seems part of the request.
    let lines = slots.get("text").is_some_and(|text| text.contains('\n'));
    let whole = if lines { whole.replace(" {text}", "\n{text}") } else { whole };
    // Texts may hold braces of their own, so the parts are told apart before they are filled.
    match whole.split_once("||") {
        Some((system, user)) => vec![
            Part::System(slots.fill(system.trim(), dice)),
            Part::User(slots.fill(user.trim(), dice)),
        ],
        None => vec![Part::User(slots.fill(&whole, dice))],
    }
}

fn laid_out(dice: &mut Dice, ask: &str) -> String {
    let mut layouts = LAYOUTS.lines("layouts", dice.split()).to_vec();
    if !is_order(ask) {
        layouts.retain(|layout| !layout.contains("{low}") && !layout.contains("{ask},"));
    } else if ask.contains(['.', ':']) {
        layouts.retain(|layout| !layout.contains("{low}?"));
    }
    let laid = dice.pick(&layouts).replace("{ask}", ask).replace("{low}", &small(ask));
    // An ask that ends a sentence by itself needs no second end.
    ["?.", "?:"].into_iter().fold(laid, |laid, ends| laid.replace(ends, "?")).replace("..", ".")
}

/// Says whether an ask tells somebody to do something, so that "Please" may stand before it.
fn is_order(ask: &str) -> bool {
    let first = ask.split([' ', ',']).next().unwrap_or_default();
    !ask.contains('?') && !NO_ORDERS.contains(&first)
}

/// Returns a plain message, now and then after a system part that changes nothing.
pub(super) fn said(dice: &mut Dice, text: String) -> Vec<Part> {
    let mut parts = Vec::new();
    if dice.one_in(4) {
        let system = dice.pick(LAYOUTS.lines("systems", dice.split())).clone();
        parts.push(Part::System(system));
    }
    parts.push(Part::User(text));
    parts
}
