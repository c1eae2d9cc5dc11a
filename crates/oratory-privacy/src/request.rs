//! A whole request: which labels everything in it gives, and how its conversation began.
//!
//! What is split over turns is found here; what lies within one text, in `find`.

use oratory_contract::{Asked, Labels, Role, Whose};
use sha2::{Digest, Sha256};

use crate::across::labels_in_turns;
use crate::find::labels_of_all;
use crate::{Custom, Found};

/// Returns the labels of everything private in a request; `None` where nothing was found.
///
/// What its texts hold goes into `found`, so that masking need not read them once more.
pub fn labels_of(asked: &Asked, custom: &Custom, found: &mut Found) -> Option<Labels> {
    let within = asked.texts().filter_map(|text| labels_of_all(&found.find(text, custom)));
    let turns = asked.messages.iter().map(|turn| (turn.role.as_str(), turn.content.as_str()));
    let turns: Vec<_> = turns.collect();
    let stops: Vec<_> = asked.limits.stop.iter().map(|stop| ("", stop.as_str())).collect();
    let across = [turns, stops].into_iter().filter_map(|texts| labels_in_turns(&texts, custom));
    within.chain(across).reduce(|all, one| all.join(&one))
}

/// Returns whose surrogates a request uses.
///
/// Every turn of a conversation comes with all turns before it, so all that its requests have in
/// common is how it began: up to the first thing that somebody asked.
pub fn opening(asked: &Asked) -> Whose {
    let first = asked.messages.iter().position(|message| message.role == Role::User);
    let until = first.map_or(asked.messages.len(), |first| first + 1);
    let mut digest = Sha256::new();
    for message in &asked.messages[..until] {
        for part in [message.role.as_str(), &message.content] {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
    }
    Whose { caller: asked.caller.name.clone(), opening: digest.finalize().into() }
}

#[cfg(test)]
mod tests {
    use oratory_contract::{Message, Wanted};

    use super::*;

    fn asked(turns: &[(Role, &str)]) -> Asked {
        let messages = turns.iter().map(|(role, text)| Message::new(*role, *text)).collect();
        Asked::new("tests".into(), Wanted::Any, messages)
    }

    fn labels(turns: &[(Role, &str)]) -> Option<String> {
        labels_of(&asked(turns), Custom::none(), &mut Found::default())
            .map(|labels| labels.to_string())
    }

    #[test]
    fn what_is_split_over_messages_counts_whoever_speaks_in_between() {
        let key = ["gh", "p_Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb7d"].concat();
        let halves = [(Role::User, &key[..20]), (Role::User, &key[20..])];
        let secret = |turns: &[(Role, &str)]| {
            labels(turns).is_some_and(|labels| labels.starts_with("secret"))
        };
        assert!(secret(&halves));
        let [one, other] = halves;
        assert!(secret(&[one, (Role::Assistant, "Go on."), other]));
        assert!(!secret(&[one, (Role::User, "Never mind.")]));
        assert_eq!(labels(&[(Role::User, "It was in 2024."), (Role::User, "1000 came.")]), None);
    }

    #[test]
    fn a_key_split_over_stop_texts_counts() {
        let mut asked = asked(&[(Role::User, "hello")]);
        let key = ["gh", "p_Ab3dEf6hIj9kLm2nOp5qRs8tUv1wXy4zAb7d"].concat();
        asked.limits.stop = vec![key[..20].to_owned(), key[20..].to_owned()];
        let labels = labels_of(&asked, Custom::none(), &mut Found::default()).expect("it is found");
        assert!(labels.to_string().starts_with("secret+credentials"), "{labels}");
    }

    #[test]
    fn a_conversation_is_known_by_its_beginning_and_its_caller() {
        let first = opening(&asked(&[(Role::System, "Be kind."), (Role::User, "Hello")]));
        let later = [
            (Role::System, "Be kind."),
            (Role::User, "Hello"),
            (Role::Assistant, "Hi!"),
            (Role::User, "More"),
        ];
        assert_eq!(opening(&asked(&later)), first);
        assert_ne!(opening(&asked(&[(Role::User, "Hello")])), first);
        let other = Asked { caller: "other".into(), ..asked(&later) };
        assert_ne!(opening(&other), first);
    }
}
