//! Holds what the trainer writes to what this engine makes of it: words, tokens and numbers.

use oratory_contract::{Call, Effort, Message, Role, Tool, Tools};
use oratory_evals::everyday::{self, Case, Part, Split, Task};
use oratory_train::mini::{self as train, Shape, Stored, Thinking, Tokens};

use crate::llama::{
    Attention, Backend, Batch, Cells, Context, Layout, Loading, Lock, Model, Rate, Repack, States,
    Watch,
};
use crate::prompt::Prompter;
use crate::template::{Conversation, Template};

/// A network of random numbers, large enough that every part of it matters.
fn shaken(tokens: &Tokens) -> (Shape, Vec<f32>) {
    let mut shape = Shape::named("mini-m").unwrap();
    (shape.vocabulary, shape.layers) = (tokens.size(), 2);
    let mut seed = 1_u64;
    let mut draw = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
    };
    let mut numbers = train::untrained(shape.clone(), 1);
    numbers.iter_mut().for_each(|number| *number += 0.15 * draw());
    (shape, numbers)
}

fn words() -> Tokens {
    train::vocabulary_of(800, 20)
}

fn load(bytes: &[u8]) -> (tempfile::TempDir, Model) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("made.gguf");
    std::fs::write(&path, bytes).unwrap();
    let loading = Loading { repack: Repack::No, lock: Lock::No, gpu_layers: 0, ahead: false };
    let model = Model::load(Backend::start(), &path, loading, |_| {}).unwrap();
    (dir, model)
}

fn made(stored: Stored) -> (Tokens, Shape, Vec<f32>, tempfile::TempDir, Model) {
    let tokens = words();
    let (shape, numbers) = shaken(&tokens);
    let (dir, model) = load(&train::gguf(&shape, &numbers, &tokens, stored));
    (tokens, shape, numbers, dir, model)
}

fn cases(split: Split, each: u64) -> impl Iterator<Item = Case> {
    let tasks = Task::ALL.iter();
    tasks.flat_map(move |task| (0..each).map(move |seed| everyday::case(*task, split, seed)))
}

/// Returns a case as a client would send it.
fn asked(case: &Case) -> (Vec<Message>, Tools) {
    let mut called = Vec::new();
    let message = |part: &Part| match part {
        Part::System(text) => Message::new(Role::System, text.as_str()),
        Part::User(text) => Message::new(Role::User, text.as_str()),
        Part::Assistant { text, calls, .. } => {
            let call = |call: &everyday::Call| {
                called.push(format!("call_{}", called.len()));
                let id = called.last().unwrap().clone();
                Call { id, name: call.name.clone(), arguments: call.arguments.to_string() }
            };
            let calls = calls.iter().map(call).collect();
            Message { calls, ..Message::new(Role::Assistant, text.as_str()) }
        }
        Part::ToolResult(text) => {
            let answers = Some(called.first().cloned().unwrap_or_default());
            Message { answers, ..Message::new(Role::Tool, text.as_str()) }
        }
    };
    let messages = case.parts.iter().map(message).collect();
    let tool = |tool: &everyday::Tool| Tool {
        name: tool.name.clone(),
        description: Some(tool.description.clone()),
        parameters: tool.parameters.to_string(),
        strict: false,
    };
    (messages, Tools { offered: case.tools.iter().map(tool).collect(), ..Tools::default() })
}

#[test]
fn the_template_in_the_file_writes_what_the_trainer_wrote() {
    let (eos, bos) = ("<|im_end|>".to_owned(), "<|endoftext|>".to_owned());
    let template = Template::new(Some(train::TEMPLATE.to_owned()), bos, eos);
    assert!(template.thinks());
    for case in cases(Split::Train, 60).chain(cases(Split::Held, 60)) {
        let (messages, tools) = asked(&case);
        for (effort, thinking) in [(None, Thinking::Free), (Some(Effort::Off), Thinking::Off)] {
            let conversation = Conversation { messages: &messages, tools: &tools, effort, now: 0 };
            let rendered = template.render(&conversation).unwrap();
            assert_eq!(rendered.prompt, train::asked(&case, thinking));
        }
    }
}

#[test]
fn the_engine_cuts_text_into_the_tokens_the_trainer_learnt_from() {
    let (tokens, _, _, _dir, model) = made(Stored::Eight);
    let prompter = Prompter::new(&model);
    for case in cases(Split::Train, 40).chain(cases(Split::Held, 40)) {
        let (messages, tools) = asked(&case);
        let conversation =
            Conversation { messages: &messages, tools: &tools, effort: None, now: 0 };
        let ours: Vec<u32> = tokens.cut(&train::asked(&case, Thinking::Free));
        let theirs = prompter.tokens(&model, &conversation, 1 << 20, &mut |_| Ok(Vec::new()));
        let theirs = theirs.unwrap().tokens;
        let theirs: Vec<u32> = theirs.into_iter().map(|token| token as u32).collect();
        assert_eq!(theirs, ours, "{:?}", case.parts);
        let answer = train::answer(&case.wanted, Thinking::Free);
        let theirs = model.tokenise(&answer, true);
        let theirs: Vec<u32> = theirs.into_iter().map(|token| token as u32).collect();
        assert_eq!(theirs, tokens.cut(&answer), "{answer}");
    }
    for text in
        ["It's  a test\n\n of 12.5 €, naïve café\t—ok?!\r\n", "  {\"a\": [1, 2]}\n ", "日本 😀x"]
    {
        let theirs = model.tokenise(text, true);
        let theirs: Vec<u32> = theirs.into_iter().map(|token| token as u32).collect();
        assert_eq!(theirs, tokens.cut(text), "{text:?}");
    }
}

#[test]
fn the_engine_computes_the_trainers_own_numbers() {
    let (tokens, shape, numbers, _dir, model) = made(Stored::Exact);
    let case = everyday::case(Task::Passage, Split::Held, 1);
    let text = tokens.cut(&train::asked(&case, Thinking::Free));
    let mut ours = train::Model::of(shape, &numbers, tokens.clone(), Stored::Exact);
    let wanted = ours.scores(&text);
    let layout = Layout {
        size: 512,
        sequences: 1,
        batch: 512,
        spin: 0,
        states: States::Rated,
        threads: 1,
        rated: 512,
        attention: Attention::Plain,
        cells: Cells::F32,
    };
    let watch = Watch::default();
    let mut context = Context::new(&model, &layout, &watch).unwrap();
    let mut batch = Batch::default();
    for (place, token) in text.iter().enumerate() {
        batch.add(0, place, *token as i32, Rate::Yes);
    }
    context.decode(&mut batch).unwrap();
    let mut most = 0.0_f32;
    for (row, wanted) in wanted.chunks_exact(tokens.size()).enumerate() {
        let found = context.logits(row).unwrap();
        let off = found.iter().zip(wanted).map(|(found, wanted)| (found - wanted).abs());
        most = off.fold(most, f32::max);
    }
    let size = wanted.iter().fold(0.0_f32, |most, number| most.max(number.abs()));
    assert!(size > 2.0, "numbers up to {size} prove nothing");
    assert!(most < 1e-3, "off by {most} where numbers go up to {size}");
}
