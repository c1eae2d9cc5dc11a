//! Replays whose results can be worked out by hand, and files that cannot be replayed.
//!
//! The measures are held against RouteLLM's definitions on curves small enough to draw.

use std::sync::Arc;

use oratory_brains::embed::Embed;
use oratory_brains::shipped::EMBED;

use super::curve::{Curve, Stake};
use super::*;

fn stakes(pairs: &[(f64, f64)]) -> Vec<Stake> {
    pairs
        .iter()
        .map(|(weak, strong)| Stake { weak: *weak, strong: *strong, costs: (1.0, 3.0) })
        .collect()
}

fn near(found: Option<f64>, wanted: f64) {
    assert!(found.is_some_and(|found| (found - wanted).abs() < 1e-9), "{found:?}, not {wanted}");
}

fn reader() -> Reader {
    Reader::new(Arc::new(Embed::open(EMBED).expect("what comes along is sound")))
}

fn replay(parting: Parting, seed: u64) -> Replay {
    let (weak, strong) = ("small".to_owned(), "large".to_owned());
    Replay { weak, strong, parting, repeats: Some(3), seed }
}

/// Sums that the small model gets wrong, and questions that both get right.
fn recorded(count: usize) -> Vec<Recorded> {
    let line = |at: usize| {
        let (prompt, small) = match at % 3 {
            0 => (format!("What is {} times {} plus {at}?", at * 7 % 90 + 3, at * 11 % 80), 0),
            _ => (format!("Who is the main figure of the story number {at}, in a word?"), 1),
        };
        format!(
            "{{\"id\":{at},\"group\":\"x\",\"prompt\":\"{prompt}\",\"outcomes\":{{\"small\":{{\"score\":{small},\"cost\":1}},\"large\":{{\"score\":1,\"cost\":3,\"latency_ms\":5}}}}}}\n"
        )
    };
    let text: String = (0..count).map(line).collect();
    read(text.as_bytes()).expect("the lines are sound")
}

fn run(replay: &Replay, recorded: &[Recorded]) -> Result<Report, ReplayError> {
    replay.run(recorded, &reader(), |_, _| {})
}

#[test]
fn area_and_thresholds_are_those_of_the_drawn_curve() {
    // Sent first: one gained, then nothing, then one gained, then one lost that was right.
    let stakes = stakes(&[(0.0, 1.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)]);
    let curve = Curve::of(&stakes, &[4.0, 3.0, 2.0, 1.0]);
    assert_eq!(curve.quality, [0.25, 0.5, 0.5, 0.75, 0.75]);
    assert_eq!(curve.cost, [1.0, 1.5, 2.0, 2.5, 3.0]);
    // Trapezoids of 0, ½, ½, 1, 1: a quarter each of ¼, ½, ¾, 1.
    near(curve.apgr(), 0.625);
    near(curve.cpt(0.5), 0.25);
    near(curve.cpt(0.8), 0.65);
    assert_eq!(curve.at(0.375), (0.5, 1.75));
}

#[test]
fn requests_ranked_alike_are_sent_in_every_order_at_once() {
    let stakes = stakes(&[(0.0, 1.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0)]);
    let curve = Curve::of(&stakes, &[0.0; 4]);
    near(curve.apgr(), 0.5);
    near(curve.cpt(0.5), 0.5);
    near(curve.cpt(0.8), 0.8);
}

#[test]
fn a_strong_model_that_is_no_better_leaves_no_gap_and_no_measure() {
    for pairs in [[(1.0, 0.0), (1.0, 1.0)], [(1.0, 1.0), (0.0, 0.0)]] {
        let curve = Curve::of(&stakes(&pairs), &[1.0, 0.0]);
        assert_eq!((curve.apgr(), curve.cpt(0.5), curve.gap()), (None, None, None));
    }
    let recorded = recorded(60);
    let turned = Replay {
        weak: "large".to_owned(),
        strong: "small".to_owned(),
        ..replay(Parting::Folds(5), 0)
    };
    let report = run(&turned, &recorded).expect("it is replayed all the same");
    let why = "small is not better than large on these requests, so there is no gap to recover";
    assert_eq!(report.unmeasured.as_deref(), Some(why));
    assert_eq!((report.predictor.apgr, report.predictor.apgr_interval), (None, None));
    assert!(!serde_json::to_string(&report).expect("plain data").contains("NaN"));
}

#[test]
fn what_can_be_told_apart_is_routed_nearly_as_by_one_who_knows_all() {
    let recorded = recorded(150);
    let report = run(&replay(Parting::Folds(5), 0), &recorded).expect("it is replayed");
    let (found, most) = (report.predictor.apgr, report.oracle.apgr);
    assert!(found > most.map(|most| most - 0.03), "{found:?} of {most:?}");
    near(report.random.apgr, 0.5);
    assert_eq!((report.requests, report.left_out, report.method.learnt_from), (150, 0, 120));
    near(report.weak.cost, 1.0);
    near(report.strong.cost, 3.0);
    let middle = &report.predictor.curve[10];
    assert!(
        (middle.strong_share - 0.5).abs() < 1e-9
            && middle.cost.is_some_and(|c| (c - 2.0).abs() < 1e-9)
    );
}

#[test]
fn outcomes_that_follow_from_nothing_are_foretold_no_better_than_by_chance() {
    let mut recorded = recorded(300);
    let mut chance = split::Chance(11);
    let mut found = Vec::new();
    for seed in 0..4 {
        for (at, recorded) in recorded.iter_mut().enumerate() {
            recorded.prompt =
                format!("Who is the main figure of the story number {at}, in a word?");
            let small = recorded.outcomes.get_mut("small").expect("it is there");
            small.score = f64::from(u8::from(chance.below(3) > 0));
        }
        let report = run(&replay(Parting::Folds(5), seed), &recorded).expect("it is replayed");
        found.extend(report.predictor.apgr);
    }
    // Whoever had seen the held-out outcomes would be far above this.
    let mean = found.iter().sum::<f64>() / 4.0;
    assert!((mean - 0.5).abs() < 0.05, "{found:?}");
}

#[test]
fn the_seed_decides_all_but_the_time_it_takes() {
    let recorded = recorded(60);
    let found = |parting, seed| {
        let mut report = run(&replay(parting, seed), &recorded).expect("it is replayed");
        (report.method.learning_ms, report.method.predicting_us) = (0.0, 0.0);
        report
    };
    for parting in [Parting::Folds(3), Parting::Fraction(0.7)] {
        assert_eq!(found(parting, 1), found(parting, 1));
        let (one, other) = (found(parting, 1), found(parting, 2));
        assert_ne!(
            one.length.apgr_repeats.zip(Some(one.method.seed)),
            other.length.apgr_repeats.zip(Some(other.method.seed))
        );
    }
    assert_eq!(found(Parting::Fraction(0.7), 1).method.learnt_from, 42);
}

#[test]
fn every_request_is_held_out_once_and_outcomes_are_dealt_evenly() {
    let pairs: Vec<_> = (0..103).map(|at| (f64::from(u8::from(at % 4 > 0)), 1.0)).collect();
    let stakes = stakes(&pairs);
    let parts = split::parts(&stakes, Parting::Folds(5), 7);
    let mut all: Vec<usize> = parts.concat();
    all.sort_unstable();
    assert_eq!(all, (0..103).collect::<Vec<_>>());
    for part in &parts {
        let wrong = part.iter().filter(|at| stakes[**at].weak < 0.5).count();
        assert!((5..=6).contains(&wrong), "{wrong}");
    }
}

#[test]
fn lines_that_cannot_be_used_are_named_with_what_is_wrong() {
    let good = "{\"id\":1,\"prompt\":\"a\",\"outcomes\":{\"m\":{\"score\":1}}}\n";
    for (line, what) in [
        ("{\"id\":2}", "line 3 cannot be read, at column 8: missing field `prompt`"),
        ("nonsense", "line 3 cannot be read, at column 2: expected ident"),
        (
            "{\"id\":2,\"prompt\":\"a\",\"outcomes\":{\"m\":{\"score\":87}}}",
            "line 3 has the score 87 for m, at column 34",
        ),
        (
            "{\"id\":2,\"prompt\":\"a\",\"outcomes\":{\"m\":{\"score\":1,\"cost\":-1}}}",
            "line 3 has the cost -1 for m, at column 34",
        ),
        ("{\"id\":1,\"prompt\":\"a\",\"outcomes\":{}}", "line 3 has the id 1 of line 1"),
    ] {
        let error = read(format!("{good}\n{line}\n").as_bytes()).expect_err(line);
        assert_eq!(error.to_string(), what);
        assert!(!error.hint().is_empty());
    }
    let error = read(b"{}\n\xff").expect_err("it is no text");
    assert_eq!(error.to_string(), "line 2 is not UTF-8, at column 1");
    assert!(matches!(read(b"\n\n"), Err(ReplayError::Empty)));
    let deep = format!("{good}{}", "[".repeat(100_000));
    assert!(matches!(read(deep.as_bytes()), Err(ReplayError::Line { line: 2, .. })));
}

#[test]
fn a_packed_file_reads_as_the_plain_one_and_a_cut_one_is_refused() {
    let plain = b"{\"id\":1,\"prompt\":\"a\",\"outcomes\":{\"m\":{\"score\":1}}}\n";
    let mut packed = vec![0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3];
    packed.extend(b"name.jsonl\0");
    packed.extend(miniz_oxide::deflate::compress_to_vec(plain, 6));
    packed.extend([0; 4]);
    packed.extend((plain.len() as u32).to_le_bytes());
    assert_eq!(read(&packed).expect("it is whole"), read(plain).expect("it is sound"));
    for cut in 3..packed.len() {
        assert!(matches!(read(&packed[..cut]), Err(ReplayError::Gzip(_))), "cut at {cut}");
    }
}

#[test]
fn what_cannot_be_replayed_is_said_in_words() {
    let all = recorded(40);
    let said = |replay: Replay, count: usize| {
        let error = run(&replay, &all[..count]).expect_err("it cannot be");
        format!("{error}; {}", error.hint())
    };
    let folds = |folds| replay(Parting::Folds(folds), 0);
    let share = |share| replay(Parting::Fraction(share), 0);
    let unknown = Replay { weak: "smal".to_owned(), ..folds(5) };
    let same = Replay { weak: "large".to_owned(), ..folds(5) };
    for (replay, count, what) in [
        (unknown, 40, "no line has an outcome of smal; did you mean small? There are small, large"),
        (same, 40, "the weak and the strong model are both large; name two different ones"),
        (
            folds(5),
            1,
            "only 1 of the lines have an outcome of both models; at least 10 are needed; record more outcomes, or name other models",
        ),
        (folds(1), 40, "1 parts leave nothing to learn from; part into 2 or more"),
        (share(1.0), 40, "1 is no share to learn from; take one between 0 and 1"),
        (share(f64::NAN), 40, "NaN is no share to learn from; take one between 0 and 1"),
        (
            share(0.99),
            40,
            "of 40 requests, a share of 0.99 leaves too few; take a share nearer to 0.5, or record more outcomes",
        ),
        (
            Replay { repeats: Some(0), ..folds(5) },
            40,
            "0 repeats measure nothing; repeat it once or more",
        ),
    ] {
        assert_eq!(said(replay, count), what);
    }
}

#[test]
fn repeats_go_on_until_another_seed_would_change_little() {
    // Half of the requests say by their kind what to do; the other half, nothing.
    let mut recorded = recorded(120);
    let mut chance = split::Chance(5);
    for recorded in recorded.iter_mut().step_by(2) {
        let small = recorded.outcomes.get_mut("small").expect("it is there");
        small.score = f64::from(u8::from(chance.below(2) > 0));
    }
    let settling = |seed| Replay { repeats: None, ..replay(Parting::Folds(5), seed) };
    let found = [1, 2].map(|seed| run(&settling(seed), &recorded));
    let found = found.map(|report| report.expect("it is replayed"));
    let areas = found.each_ref().map(|report| report.predictor.apgr.expect("there is a gap"));
    assert!((areas[0] - areas[1]).abs() < 0.01, "{areas:?}");
    assert!(found.iter().all(|report| report.method.repeats > 50), "few requests need many");
    assert_eq!((trust::settled(&[], 14_000), trust::settled(&[0.6, 0.6], 14_000)), (2, 2));
}

#[test]
fn what_is_learnt_for_good_says_what_it_is_worth_on_requests_held_out() {
    let mut recorded = recorded(150);
    let small = recorded[0].outcomes["small"];
    recorded[0].outcomes.insert("rare".to_owned(), small);
    recorded[1].outcomes.clear();
    let study = Study::default();
    let (predictor, learnt) = study.run(&recorded, &reader(), |_, _| {}).expect("it is learnt");
    assert_eq!(predictor.models(), ["large", "small"]);
    assert_eq!((predictor.lessons(), learnt.requests, learnt.left_out), (149, 149, 1));
    assert_eq!(learnt.strongest, "large");
    let small = &learnt.models[1];
    assert_eq!((small.model.as_str(), small.requests), ("small", 149));
    assert!(small.brier < 0.05 && small.blind > 0.2, "{small:?}");
    assert!(small.apgr.is_some_and(|apgr| apgr > 0.8), "{small:?}");
    assert_eq!(learnt.models[0].apgr, None);
    let said = |models: &[&str]| {
        let models = models.iter().map(|model| (*model).to_owned()).collect();
        let error = Study { models }.run(&recorded, &reader(), |_, _| {}).map(|_| ());
        error.expect_err("it cannot be").to_string()
    };
    assert_eq!(said(&["Large", "smal"]), "no line has an outcome of Large");
    let few = "only 1 of the lines have an outcome of rare; at least 10 are needed";
    assert_eq!(said(&["rare"]), few);
}

#[test]
fn lines_without_one_of_the_models_are_left_out_and_counted() {
    let mut recorded = recorded(60);
    for recorded in &mut recorded[..7] {
        recorded.outcomes.remove("large");
    }
    recorded[8].outcomes.get_mut("small").expect("it is there").cost = None;
    let report = run(&replay(Parting::Folds(5), 0), &recorded).expect("the others are enough");
    assert_eq!((report.requests, report.left_out), (53, 7));
    assert_eq!(report.weak.cost, None);
}
