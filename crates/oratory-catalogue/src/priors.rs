//! What a model of a size is expected to be worth for a kind of task, before anything was measured.

use std::sync::LazyLock;

use serde::Serialize;

use crate::fact::rows;

/// What kind of task a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Talking, explaining, writing.
    Chat,
    /// Writing and mending programs.
    Code,
    /// Working something out.
    Reasoning,
    /// Finding things in a text and giving them a form.
    Extraction,
    /// Saying it in another language.
    Translation,
    /// Looking at pictures.
    Vision,
}

impl Kind {
    const ALL: [Self; 6] = [
        Self::Chat,
        Self::Code,
        Self::Reasoning,
        Self::Extraction,
        Self::Translation,
        Self::Vision,
    ];

    /// Returns the kind's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Code => "code",
            Self::Reasoning => "reasoning",
            Self::Extraction => "extraction",
            Self::Translation => "translation",
            Self::Vision => "vision",
        }
    }
}

/// What is guessed for one kind: qualities by size, and what thinking adds.
#[derive(Debug)]
struct Curve {
    points: Vec<(f64, f32)>,
    thinking: f32,
}

static CURVES: LazyLock<Vec<Curve>> = LazyLock::new(|| {
    read(include_str!("../data/priors.txt")).expect("the table is checked by a test")
});

fn read(table: &'static str) -> Option<Vec<Curve>> {
    let cells = |row: &'static str| row.split('|').map(str::trim).collect::<Vec<_>>();
    let mut rows = rows(table).map(cells);
    let head = rows.next()?;
    let sizes: Vec<f64> = head[1..head.len() - 1].iter().flat_map(|cell| cell.parse()).collect();
    let curve = |(row, kind): (Vec<&str>, Kind)| {
        let numbers: Vec<f32> = row[1..].iter().flat_map(|cell| cell.parse()).collect();
        let (thinking, qualities) = numbers.split_last()?;
        let fits = row[0] == kind.as_str() && qualities.len() == sizes.len();
        let points = sizes.iter().map(|size| size.ln()).zip(qualities.iter().copied());
        fits.then(|| Curve { points: points.collect(), thinking: *thinking })
    };
    rows.zip(Kind::ALL).map(curve).collect()
}

/// Returns the share of requests of a kind that a model is expected to answer well, from its weights in
/// billions and whether it thinks first. A guess, to be beaten by whatever was measured.
pub fn prior(kind: Kind, billions: f64, thinks: bool) -> f32 {
    let curve = &CURVES[kind as usize];
    let at = billions.max(1e-6).ln();
    let points = &curve.points;
    let above = points.partition_point(|(size, _)| *size < at);
    let quality = match above {
        0 => points[0].1,
        above if above == points.len() => points[above - 1].1,
        above => {
            let ((low, less), (high, more)) = (points[above - 1], points[above]);
            less + (more - less) * ((at - low) / (high - low)) as f32
        }
    };
    let thinking = if thinks { curve.thinking } else { 0.0 };
    (quality + thinking).min(0.97)
}

/// Returns the size, in billions of weights, that a model of which only some are used counts as.
pub fn counts_as(all: u64, used: Option<u64>) -> f64 {
    let used = used.unwrap_or(all).min(all);
    (all as f64 * used as f64).sqrt() / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_a_row_for_each_kind_and_more_is_never_worse() {
        assert_eq!(CURVES.len(), Kind::ALL.len());
        for kind in Kind::ALL {
            let sizes = [0.001, 0.03, 0.1, 0.5, 1.0, 4.0, 8.0, 12.0, 70.0, 200.0, 900.0, 5000.0];
            let qualities = sizes.map(|size| prior(kind, size, false));
            assert!(qualities.is_sorted(), "{kind:?}: {qualities:?}");
            assert!(qualities.iter().all(|quality| (0.0..=1.0).contains(quality)));
            assert!(prior(kind, 4.0, true) >= prior(kind, 4.0, false));
        }
    }

    #[test]
    fn between_two_sizes_it_lies_between_their_qualities() {
        assert_eq!(prior(Kind::Chat, 4.0, false), 0.6);
        let between = prior(Kind::Chat, 6.0, false);
        assert!((0.64..0.66).contains(&between), "{between}");
    }

    #[test]
    fn experts_count_as_something_between_all_and_one() {
        assert_eq!(counts_as(8_000_000_000, None), 8.0);
        let mixture = counts_as(30_000_000_000, Some(3_000_000_000));
        assert!((9.0..10.0).contains(&mixture), "{mixture}");
    }
}
