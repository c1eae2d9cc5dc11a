//! The same seed gives the same model, stopped in between or not.

use super::*;
use crate::mini::lessons::vocabulary_of;

fn tiny(tokens: u64) -> Plan {
    let name = "tiny".to_owned();
    let shape = Shape {
        name,
        vocabulary: 400,
        width: 32,
        layers: 1,
        heads: 2,
        key_heads: 1,
        head: 16,
        inner: 32,
    };
    let course =
        Course { seed: 9, step_tokens: 600, question_weight: 0.1, echoes: 0.2, tasks: Vec::new() };
    let rates = Rates { matrices: 0.02, others: 0.004, decay: 0.01 };
    Plan { shape, seed: 4, course, rates, tokens, landing: 0.5 }
}

#[test]
fn equal_seeds_give_equal_models_even_when_stopped_in_between() {
    let tokens = vocabulary_of(400, 3);
    let (folder, run) = {
        let folder = tempfile::tempdir().unwrap();
        let run = Run { folder: folder.path().to_owned(), time: None, report: 1000 };
        (folder, run)
    };
    let plan = tiny(4000);
    let mut whole = Training::begin(plan.clone());
    while !whole.finished() {
        whole.step(&tokens);
    }
    let mut part = Training::resume(plan.clone(), folder.path()).unwrap();
    for _ in 0..3 {
        part.step(&tokens);
    }
    part.keep(folder.path()).unwrap();
    let mut part = Training::resume(plan.clone(), folder.path()).unwrap();
    assert!(part.done() > 0 && !part.finished());
    part.run(&tokens, &run, &mut |_, _| Ok(())).unwrap();
    assert_eq!(part.numbers(), whole.numbers());
    assert_eq!(Training::resume(plan, folder.path()).unwrap().numbers(), whole.numbers());
}

#[test]
fn a_state_of_another_plan_or_a_damaged_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    Training::begin(tiny(4000)).keep(folder.path()).unwrap();
    assert!(Training::resume(tiny(8000), folder.path()).is_ok(), "a longer plan goes on");
    let other = Plan { seed: 5, ..tiny(4000) };
    let refused = Training::resume(other, folder.path()).err().unwrap().to_string();
    assert!(refused.contains("another plan"), "{refused}");
    std::fs::write(state_path(folder.path()), b"{}\nnot a state").unwrap();
    let refused = Training::resume(tiny(4000), folder.path()).err().unwrap().to_string();
    assert!(refused.contains("damaged"), "{refused}");
}

#[test]
fn what_is_taught_is_learnt() {
    let tokens = vocabulary_of(400, 3);
    let mut training = Training::begin(tiny(40_000));
    let first = training.step(&tokens);
    let mut last = first;
    while !training.finished() {
        last = training.step(&tokens);
    }
    let loss = |told: Told| told.loss / told.weight;
    assert!(loss(last) < 0.7 * loss(first), "{} is not far below {}", loss(last), loss(first));
}
