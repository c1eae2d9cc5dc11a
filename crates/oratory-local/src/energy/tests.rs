//! Energy is told where counters can be read, also when they start again, and nowhere else.

use oratory_contract::{Done, Finish, Usage};

use super::*;

/// Makes a processor that shows so many microjoules and starts again at ten joules.
fn processor(powercap: &Path, name: &str, kind: &str, microjoules: u64) {
    let folder = powercap.join(name);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("name"), format!("{kind}\n")).unwrap();
    std::fs::write(folder.join("energy_uj"), format!("{microjoules}\n")).unwrap();
    std::fs::write(folder.join("max_energy_range_uj"), "10000000\n").unwrap();
}

#[test]
fn whole_processors_are_counted_across_the_end_of_their_counters() {
    let powercap = tempfile::tempdir().unwrap();
    let show = |one: u64, other: u64| {
        processor(powercap.path(), "intel-rapl:0", "package-0", one);
        processor(powercap.path(), "intel-rapl:1", "package-1", other);
    };
    show(9_000_000, 100);
    // None of these is a processor of its own.
    processor(powercap.path(), "intel-rapl:0:0", "core", 7);
    processor(powercap.path(), "intel-rapl:2", "psys", 7);
    processor(powercap.path(), "intel-rapl-mmio:0", "package-0", 7);
    let (counters, metering) = Counters::open(powercap.path());
    let mut counters = counters.unwrap();
    assert!(matches!(metering, Metering::Counts(names) if names.len() == 2));
    assert_eq!(counters.read(), Some(0));
    show(2_500_000, 200);
    assert_eq!(counters.read(), Some(3_500_100));
    // Twice around is more than once.
    show(2_000_000, 200);
    assert_eq!(counters.read(), Some(13_000_100));
    std::fs::write(powercap.path().join("intel-rapl:1/energy_uj"), "gone").unwrap();
    assert_eq!(counters.read(), None);
}

fn answer(chunks: Vec<Chunk>) -> Chunks {
    stream::iter(chunks.into_iter().map(Ok)).boxed()
}

fn done() -> Chunk {
    Chunk::Done(Done { finish: Finish::Stop, usage: Usage::default() })
}

/// Returns what an answer is said to have taken, while a counter went on by two joules.
async fn took(energy: &Energy, powercap: &Path) -> Option<u64> {
    processor(powercap, "intel-rapl:0", "package-0", 9_500_000);
    let counted = energy.begin().expect("there is a counter");
    // Its first reading comes within moments.
    tokio::time::sleep(Duration::from_millis(100)).await;
    processor(powercap, "intel-rapl:0", "package-0", 1_500_000);
    let mut chunks = counted.over(answer(vec![Chunk::Text("so".to_owned()), done()]));
    assert_eq!(chunks.next().await.unwrap().unwrap(), Chunk::Text("so".to_owned()));
    let Some(Ok(Chunk::Done(done))) = chunks.next().await else { panic!("an end") };
    assert!(chunks.next().await.is_none());
    done.usage.microjoules
}

#[tokio::test]
async fn the_end_of_an_answer_says_what_it_took() {
    let powercap = tempfile::tempdir().unwrap();
    processor(powercap.path(), "intel-rapl:0", "package-0", 0);
    let energy = Energy::at(powercap.path());
    // On a machine that is very busy a reading may come too late, and is then not told.
    for _ in 0..20 {
        if let Some(took) = took(&energy, powercap.path()).await {
            assert!((1_000_000..=2_000_000).contains(&took), "{took}");
            return;
        }
    }
    panic!("no answer said what it took");
}

#[tokio::test]
async fn where_nothing_counts_nothing_is_told() {
    let nowhere = tempfile::tempdir().unwrap();
    let energy = Energy::at(nowhere.path());
    assert!(energy.begin().is_none());
    assert_eq!(energy.metering(), Metering::Absent);
}

#[cfg(target_os = "linux")]
#[test]
fn a_counter_that_only_others_may_read_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let powercap = tempfile::tempdir().unwrap();
    processor(powercap.path(), "intel-rapl:0", "package-0", 1);
    let file = powercap.path().join("intel-rapl:0/energy_uj");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o0)).unwrap();
    // To root, nothing is closed.
    if std::fs::read_to_string(&file).is_err() {
        assert_eq!(Energy::at(powercap.path()).metering(), Metering::Denied(file));
    }
}
