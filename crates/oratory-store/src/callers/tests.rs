//! Keys open for whom they were made, and nobody spends more than they may, however many ask.

use std::path::Path;
use std::sync::Arc;

use oratory_contract::{
    Amounts, Budgets, Caller, Callers, FailureKind, Reservation, Retry, Rights, Sensitivity,
};

use tokio::task::JoinSet;

use super::{KeyBook, KnownCallers, Spending};

const NOW: u64 = 1_795_259_665_000;

fn amounts(requests: u64, tokens: u64) -> Amounts {
    Amounts { requests, tokens, money: 0 }
}

fn with(budgets: &[&str]) -> Caller {
    let budgets = budgets.iter().map(|text| text.parse().unwrap()).collect();
    Caller { name: "ada".into(), rights: Some(Rights { budgets, ..Rights::default() }.into()) }
}

fn spent(path: &Path, budgets: &[&str]) -> Vec<u64> {
    let book = KeyBook::new(path);
    if book.list(NOW / 1000).unwrap().is_empty() {
        let rights = with(budgets).rights.unwrap();
        book.add("ada", &rights, 0).unwrap();
    }
    book.list(NOW / 1000).unwrap().remove(0).spent
}

/// Has so many ask at once, and returns what was set aside for those that may.
async fn all(
    spending: &Arc<Spending>,
    asks: usize,
    who: &Caller,
    most: Amounts,
) -> Vec<Box<dyn Reservation>> {
    let mut each = JoinSet::new();
    for _ in 0..asks {
        let (spending, who) = (spending.clone(), who.clone());
        each.spawn(async move { spending.reserve(&who, most, NOW).await });
    }
    let mut held = Vec::new();
    for asked in each.join_all().await {
        match asked {
            Ok(reservation) => held.push(reservation),
            Err(failure) => assert_eq!(failure.kind, FailureKind::OverBudget, "{failure}"),
        }
    }
    held
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_at_once_exactly_ten_pass_also_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("callers.db");
    let ada = with(&["10 requests/day"]);
    let one = amounts(1, 0);
    let spending = Arc::new(Spending::new(&path));
    let mut held = all(&spending, 100, &ada, one).await;
    assert_eq!(held.len(), 10);
    // Four end, three fail and are given back; three are under way when the process dies.
    for _ in 0..4 {
        held.pop().unwrap().settle(one).await;
    }
    held.drain(..3);
    spending.drained();
    let more = all(&spending, 100, &ada, one).await;
    assert_eq!(more.len(), 3);
    held.extend(more);
    // What is dropped from here on is counted by nobody any more.
    spending.shutdown();
    drop(held);
    drop(spending);
    assert_eq!(spent(&path, &["10 requests/day"]), [4]);
    let spending = Arc::new(Spending::new(&path));
    let held = all(&spending, 100, &ada, one).await;
    assert_eq!(held.len(), 6, "what the dead had set aside is free again");
    for reservation in held {
        reservation.settle(one).await;
    }
    assert_eq!(all(&spending, 100, &ada, one).await.len(), 0);
    assert_eq!(spent(&path, &["10 requests/day"]), [10]);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_set_aside_at_their_most_and_settled_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("callers.db");
    let budgets = ["1000 tokens/hour", "7 requests/month"];
    let (ada, spending) = (with(&budgets), Arc::new(Spending::new(&path)));
    let held = all(&spending, 100, &ada, amounts(1, 300)).await;
    assert_eq!(held.len(), 3);
    for reservation in held {
        reservation.settle(amounts(1, 100)).await;
    }
    let held = all(&spending, 100, &ada, amounts(1, 100)).await;
    assert_eq!(held.len(), 4, "both budgets hold at once");
    for reservation in held {
        reservation.settle(amounts(1, 90)).await;
    }
    assert_eq!(spent(&path, &budgets), [660, 7]);
}

#[tokio::test]
async fn a_refusal_names_the_budget_what_is_spent_and_when_it_begins_again() {
    let folder = tempfile::tempdir().unwrap();
    let spending = Spending::new(&folder.path().join("callers.db"));
    let ada = with(&["100 tokens/day"]);
    let held = spending.reserve(&ada, amounts(1, 60), NOW).await.unwrap();
    let early = spending.reserve(&ada, amounts(1, 60), NOW).await.err().unwrap();
    assert!(early.message.contains("0 spent, 60 set aside"), "{early}");
    assert_eq!(early.retry, Retry::After(std::time::Duration::from_secs(1)));
    held.settle(amounts(1, 55)).await;
    let late = spending.reserve(&ada, amounts(1, 60), NOW).await.err().unwrap();
    let said = format!("{late} {}", late.hint.as_deref().unwrap_or_default());
    assert!(
        said.contains("may spend 100 tokens/day: 55 spent, and this request may take 60"),
        "{said}"
    );
    assert!(said.contains("begins again at 2026-11-22T00:00:00Z"), "{said}");
    let Retry::After(wait) = late.retry else { panic!("{said}") };
    assert_eq!(NOW / 1000 + wait.as_secs(), 1_795_305_600);
    let never = spending.reserve(&ada, amounts(1, 101), NOW).await.err().unwrap();
    assert_eq!(never.retry, Retry::Never);
    let tomorrow = spending.reserve(&ada, amounts(1, 60), NOW + 86_400_000).await;
    assert!(tomorrow.is_ok());
}

#[tokio::test]
async fn a_client_that_left_while_it_waited_keeps_nothing_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let spending = Spending::new(&folder.path().join("callers.db"));
    let ada = with(&["1 requests/day"]);
    for _ in 0..50 {
        drop(spending.reserve(&ada, amounts(1, 0), NOW));
        spending.drained();
    }
    spending.drained();
    let last = spending.reserve(&ada, amounts(1, 0), NOW).await;
    assert!(last.is_ok(), "{}", last.err().unwrap());
}

#[tokio::test]
async fn a_database_that_cannot_be_used_lets_nobody_with_a_budget_ask() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("callers.db");
    std::fs::write(&path, "no database at all, however long one looks at it".repeat(100)).unwrap();
    let failure = Spending::new(&path).reserve(&with(&["1 requests/day"]), amounts(1, 0), NOW);
    let failure = failure.await.err().unwrap();
    assert_eq!(failure.kind, FailureKind::Broken);
    assert!(failure.message.contains("callers.db: it is damaged"), "{failure}");
    let failure = KnownCallers::new(&path).by_key(b"any").unwrap_err();
    assert_eq!(failure.kind, FailureKind::Broken);
}

#[test]
fn a_key_opens_at_once_and_no_more_at_once_and_is_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("callers.db");
    let (book, known) = (KeyBook::new(&path), KnownCallers::new(&path));
    assert!(!known.any().unwrap());
    assert!(!path.exists(), "looking makes nothing");
    let rights = Rights {
        groups: vec!["staff".into()],
        clearance: Some(Sensitivity::Internal),
        models: vec!["mini*".to_owned()],
        budgets: vec!["10 usd/day".parse().unwrap()],
        expires: Some(77),
        ..Rights::default()
    };
    let key = book.add("ada", &rights, 5).unwrap();
    assert_eq!(key.reveal().len(), 60);
    assert!(!format!("{key:?}").contains(&key.reveal()[8..]));
    let found = known.by_key(key.reveal().as_bytes()).unwrap().unwrap();
    assert_eq!((found.name.as_str(), found.rights.as_deref()), ("ada", Some(&rights)));
    assert!(known.by_key(b"oratory_else").unwrap().is_none());
    assert!(known.by_name(&"ada".into()).unwrap().is_some());
    let listed = book.list(0).unwrap();
    assert_eq!((&listed[0].rights, listed[0].made, &listed[0].spent), (&rights, 5, &vec![0]));
    assert!(key.reveal().starts_with(&listed[0].begins) && listed[0].begins.len() == 12);
    assert!(book.add("ada", &rights, 5).unwrap_err().hint().contains("keys rm ada"));
    assert!(known.by_key(key.reveal().as_bytes()).unwrap().is_some());
    assert!(book.remove("ada").unwrap() && !book.remove("ada").unwrap());
    assert!(known.by_key(key.reveal().as_bytes()).unwrap().is_none());
    let everything = std::fs::read(&path).unwrap();
    let secret = &key.reveal().as_bytes()[12..];
    assert!(!everything.windows(secret.len()).any(|part| part == secret));
    for file in ["callers.db", "callers.db-wal", "callers.db-shm"] {
        let _ = std::fs::remove_file(folder.path().join(file));
    }
    assert!(!known.any().unwrap(), "a file that is gone holds no keys");
}
