//! Plans beside what worker processes really take, as the operating system counts it.
//!
//! Runs where that is told.
#![cfg(target_os = "linux")]

use oratory_contract::{Asked, Embed, Input, Task, TooLong, Wanted};
use oratory_local::fit::{Setup, plan};
use oratory_local::hardware::peak_memory;
use oratory_local::{gguf, shapes};

use crate::house::{House, question};

/// Tokens that the model holds, all of which are used.
const CONTEXT: u32 = 512;
const LANES: u32 = 3;

#[tokio::test]
async fn a_worker_takes_what_was_planned() {
    let house = House::with(&[], |config| {
        config.context = CONTEXT;
        config.threads = None;
        config.lanes = Some(LANES);
    });
    // Large enough that it counts, small enough to be made in a second: 300 MB of true layers.
    let path = house.path("made.gguf");
    shapes::write(&shapes::find("qwen3-4b@3").unwrap(), &path).unwrap();
    house.engine.rescan();
    let mut asked = question(&"bababa bebaba ".repeat(225));
    asked.limits.max_tokens = Some(4);
    let (_, done) = house.hear("made", asked).await.unwrap();
    assert!((400..CONTEXT).contains(&done.usage.input), "{done:?}");
    let took = peak_memory(house.worker("made").pid.unwrap()).unwrap();
    let facts = gguf::check(&path).unwrap();
    let plan = plan(&facts, &Setup::of_engine(CONTEXT, LANES));
    let off = (plan.total() as f64 / took as f64 - 1.0) * 100.0;
    assert!(off.abs() < 5.0, "{off:.1} % off: {took} taken, {} of {plan:?}", plan.total());
}

#[tokio::test]
async fn a_worker_that_only_reads_takes_what_was_planned() {
    let house = House::with(&[], |config| config.threads = None);
    let path = house.path("made.gguf");
    shapes::write(&shapes::find("nomic-embed").unwrap(), &path).unwrap();
    house.engine.rescan();
    let facts = gguf::check(&path).unwrap();
    let context = facts.context.unwrap();
    let text = "bababa ".repeat(context as usize - 10);
    let mut chunks = house.ask("made", embed(&text)).await.unwrap().chunks;
    while let Some(chunk) = futures_util::StreamExt::next(&mut chunks).await {
        chunk.unwrap();
    }
    let took = peak_memory(house.worker("made").pid.unwrap()).unwrap();
    let plan = plan(&facts, &Setup::of_model(&facts, context, 1));
    let off = (plan.total() as f64 / took as f64 - 1.0) * 100.0;
    assert!(off.abs() < 5.0, "{off:.1} % off: {took} taken, {} of {plan:?}", plan.total());
}

fn embed(text: &str) -> Asked {
    let inputs = vec![Input::Text(text.to_owned())];
    let task = Embed { inputs, dimensions: None, too_long: TooLong::Refused };
    Asked::of(Task::Embed(task), "tests".into(), Wanted::Any)
}
