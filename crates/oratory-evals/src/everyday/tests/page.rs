//! The page about the suite shows real cases, each as the code makes it today.
//!
//! It also notices when a seed no longer stands for the case it stood for, which makes scores old.

use super::*;

const PAGE: &str = include_str!("../../../../../docs/everyday.md");

fn shown(case: &Case) -> String {
    let mut lines = vec![format!("### `{}`\n\n```text", case.task.name())];
    for tool in &case.tools {
        lines.push(format!("tool:      {} {}", tool.name, tool.parameters["properties"]));
    }
    lines.extend(case.parts.iter().map(|part| match part {
        Part::System(text) => said("system", text),
        Part::User(text) => said("user", text),
        Part::Assistant { calls, .. } => called("call", &calls[0]),
        Part::ToolResult(text) => said("result", text),
    }));
    lines.extend(case.wanted.thinking.as_ref().map(|thinking| said("thinking", thinking)));
    lines.push(
        case.wanted
            .calls
            .first()
            .map_or_else(|| said("answer", &case.wanted.text), |call| called("answer", call)),
    );
    lines.join("\n") + "\n```\n"
}

fn said(who: &str, text: &str) -> String {
    let mut who = format!("{who}:");
    let lines = text.lines().map(|line| {
        let label = std::mem::take(&mut who);
        format!("{label:<10} {line}").trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn called(who: &str, call: &Call) -> String {
    said(who, &format!("{} {}", call.name, call.arguments))
}

#[test]
fn the_page_shows_a_real_case_of_every_task() {
    let examples: Vec<String> =
        Task::ALL.into_iter().map(|task| shown(&case(task, Split::Train, 10))).collect();
    let old = examples.iter().any(|example| !PAGE.contains(example.as_str()));
    assert!(!old, "docs/everyday.md should show:\n<<\n{}>>", examples.join("\n"));
}
