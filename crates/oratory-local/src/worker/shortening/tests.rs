//! What may go out of a conversation, and what stays in it.
//!
//! Whether it fits is for a model to say; here no model is asked.

use oratory_contract::{Call, Given, Length, Message, OldResults, Role};

use super::{GONE, droppable, without, without_results, without_thoughts};

/// Returns a conversation: `s`ystem, `u`ser, `a`ssistant, `c`all, `r`esult.
fn conversation(turns: &str) -> Vec<Message> {
    let mut calls = 0;
    let one = |(at, turn): (usize, char)| {
        let role = match turn {
            's' => Role::System,
            'u' => Role::User,
            'r' => Role::Tool,
            _ => Role::Assistant,
        };
        let mut message = Message::new(role, at.to_string());
        if turn == 'c' {
            calls += 1;
            let (id, name) = (format!("call_{calls}"), format!("tool_{calls}"));
            message.calls.push(Call { id, name, arguments: "{\"a\":1}".to_owned() });
        }
        message.answers = (turn == 'r').then(|| format!("call_{calls}"));
        message
    };
    turns.chars().enumerate().map(one).collect()
}

fn letters(messages: &[Message], turns: &str) -> String {
    let letter = |message: &Message| turns.chars().nth(message.content.parse().unwrap()).unwrap();
    messages.iter().map(letter).collect()
}

#[test]
fn the_oldest_turns_go_first_and_calls_go_with_their_results() {
    for (turns, left) in [
        ("suauau", vec!["suau", "su"]),
        // Instructions stay wherever they stand.
        ("suasuau", vec!["ssuau", "ssu"]),
        ("ucrauau", vec!["uau", "u"]),
        // After the last turn of the user's, only what came of calls before the last may go.
        ("sucrcrcr", vec!["sucrcr", "sucr"]),
        ("uaucrcr", vec!["ucrcr", "ucr"]),
        ("uuauu", vec!["uu"]),
        ("au", vec!["u"]),
        ("su", vec![]),
        ("u", vec![]),
        ("s", vec![]),
        ("", vec![]),
    ] {
        let messages = conversation(turns);
        let parts = droppable(&messages);
        let some = |count| letters(&without(&messages, &parts[..count]), turns);
        let told: Vec<String> = (1..=parts.len()).map(some).collect();
        assert_eq!(told, left, "{turns}");
    }
}

#[test]
fn old_results_are_left_out_but_for_the_last_and_the_excepted() {
    let messages = conversation("ucrcrcrcr");
    let wish = OldResults {
        beyond: Length::Calls(0),
        keep: 1,
        at_least: 0,
        except: vec!["tool_2".to_owned()],
        given: Given::LeftOutOf(vec!["tool_3".to_owned()]),
    };
    let (left, count) = without_results(&messages, &wish);
    let results = left.iter().filter(|message| message.role == Role::Tool);
    let told: Vec<bool> = results.map(|message| message.content == GONE).collect();
    assert_eq!((told, count), (vec![true, false, true, false], 2));
    let given = left.iter().flat_map(|message| &message.calls).map(|call| call.arguments.as_str());
    assert_eq!(given.collect::<Vec<_>>(), ["{\"a\":1}", "{\"a\":1}", "{}", "{\"a\":1}"]);
    // What is left out already saves nothing more.
    assert_eq!(without_results(&left, &wish).1, 0);
}

#[test]
fn thoughts_stay_in_the_last_turns_that_have_some() {
    let mut messages = conversation("uauaua");
    for at in [1, 3] {
        messages[at].thinking = Some("Hm.".to_owned());
    }
    let (left, count) = without_thoughts(&messages, 1);
    let told: Vec<bool> = left.iter().map(|message| message.thinking.is_some()).collect();
    assert_eq!((told, count), (vec![false, false, false, true, false, false], 1));
    assert_eq!(without_thoughts(&messages, 5).1, 0);
}
