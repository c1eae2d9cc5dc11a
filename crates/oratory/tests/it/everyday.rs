//! `mini`, the model that comes along, at the everyday work it is for.
//!
//! Held-out cases, sent as a client sends them; the floor is well below what its card says.

use oratory_evals::everyday::{self, Split, Task};

use crate::house::House;

const TASKS: [Task; 6] = [
    Task::Sentiment,
    Task::Sensitivity,
    Task::Difficulty,
    Task::Intent,
    Task::Translate,
    Task::Chat,
];

#[test]
fn mini_does_everyday_work_before_anything_is_downloaded() {
    let house = House::new();
    let server = house.serve();
    let (mut good, mut wrong) = (0, Vec::new());
    for task in TASKS {
        for number in 0..10 {
            let case = everyday::case(task, Split::Held, number);
            let mut asked = everyday::sent(&case);
            asked["temperature"] = 0.into();
            asked["max_tokens"] = 100.into();
            let answer = server.chat(&asked).json();
            let (said, calls) = everyday::heard(&answer["choices"][0]["message"]);
            if everyday::good(&case, &said, &calls) {
                good += 1;
            } else {
                wrong.push(format!("{:?}: {said:?}", case.parts));
            }
        }
    }
    assert!(good >= 48, "{good} of 60 are good; wrong are {wrong:#?}");
}
