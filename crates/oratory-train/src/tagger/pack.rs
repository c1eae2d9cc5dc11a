//! Turns learned weights into the artefact: whole numbers of the sizes the tagger reads.

use oratory_brains::artefact::{Artefact, write};
use oratory_brains::tagger::network::{
    About, HIDDEN, ONE, ONE_FIRST, ONE_HINT, ONE_ROW, ONE_SECOND, SECOND,
};
use oratory_brains::tagger::{KIND, VERSION};

use super::learn::Learner;

/// Returns the artefact's bytes. `reserve` is how much the label of nothing is held back, which
/// trades false alarms for what would be missed; `shut` is what the gate must say of a token that is
/// looked at further.
pub(crate) fn pack(
    learner: &Learner,
    lists: &[u8],
    reserve: f32,
    shut: f32,
    seed: u64,
) -> anyhow::Result<Vec<u8>> {
    let first: Vec<f32> = learner.first.values.iter().map(|weight| weight * ONE_FIRST).collect();
    // The tagger keeps a unit's taps together: by unit, then tap, then input.
    let second = &learner.second.values;
    let by_unit = (0..SECOND)
        .flat_map(|unit| (0..3 * HIDDEN).map(move |input| second[input * SECOND + unit]));
    let second = shorts(&by_unit.collect::<Vec<_>>(), ONE_SECOND);
    let last = floats(&learner.last.values);
    // What the gate's sum is without its bias, in the tagger's whole numbers.
    let shut = (shut - learner.gate.values[HIDDEN]) * ONE * ONE;
    let about = About { seed, reserve, shut: shut as i32 };
    let sections: [(&str, &[u8]); 10] = [
        ("rows", &bytes(&learner.rows.values, ONE_ROW)),
        ("hints", &bytes(&learner.hints.values, ONE_HINT)),
        ("first", &floats(&first)),
        ("bias", &shorts(&learner.bias.values, ONE)),
        ("gate", &shorts(&learner.gate.values[..HIDDEN], ONE)),
        ("second", &second),
        ("second_bias", &floats(&learner.second_bias.values)),
        ("last", &last),
        ("last_bias", &floats(&learner.last_bias.values)),
        ("lists", lists),
    ];
    Ok(write(KIND, VERSION, &about, &sections)?)
}

/// Returns the artefact with the label of nothing held back by this much.
pub(crate) fn held(artefact: &[u8], reserve: f32) -> anyhow::Result<Vec<u8>> {
    let artefact = Artefact::open(artefact, KIND, VERSION)?;
    let mut about: About = artefact.about()?;
    about.reserve = reserve;
    let mut sections = Vec::new();
    for name in SECTIONS {
        sections.push((name, artefact.section(name)?));
    }
    Ok(write(KIND, VERSION, &about, &sections)?)
}

const SECTIONS: [&str; 10] = [
    "rows",
    "hints",
    "first",
    "bias",
    "gate",
    "second",
    "second_bias",
    "last",
    "last_bias",
    "lists",
];

fn bytes(values: &[f32], one: f32) -> Vec<u8> {
    values
        .iter()
        .map(|value| (value * one).round_ties_even().clamp(-127.0, 127.0) as i8 as u8)
        .collect()
}

fn shorts(values: &[f32], one: f32) -> Vec<u8> {
    let whole = values.iter().map(|value| (value * one).round_ties_even() as i16);
    whole.flat_map(i16::to_le_bytes).collect()
}

fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}
