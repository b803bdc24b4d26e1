//! Promise: same input, configuration and version give byte-identical Parquet for any number of threads.

use crate::support::{assert_same_tables, kikitori, publish, root, tables};

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let input = root().join("corpus-samples");
    let runs: Vec<_> = ["1", "2", "8"].iter().map(|n| publish(&input, &folder.path().join(n), &["--threads", n])).collect();
    assert_same_tables(&runs[0], &runs[1]);
    assert_same_tables(&runs[0], &runs[2]);
    assert_eq!(runs[0].file_name(), runs[1].file_name(), "the run id depends on the number of threads");
}

#[test]
fn generated_calls_give_the_same_bytes_on_many_batches() {
    let folder = tempfile::tempdir().unwrap();
    let calls = folder.path().join("calls.jsonl");
    let output = kikitori(&["--quiet", "sample", "--calls", "2500", "--seed", "7", "--out", calls.to_str().unwrap()]);
    assert!(output.status.success());
    let one = publish(&calls, &folder.path().join("one"), &["--threads", "1"]);
    let three = publish(&calls, &folder.path().join("three"), &["--threads", "3"]);
    assert_same_tables(&one, &three);
}

#[test]
fn the_same_night_twice_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let input = root().join("corpus-samples");
    let first = publish(&input, folder.path(), &[]);
    let before = tables(&first);
    let second = publish(&input, folder.path(), &[]);
    assert_eq!(first, second);
    assert_eq!(before, tables(&second));
    assert_eq!(std::fs::read_dir(folder.path().join("runs")).unwrap().count(), 1);
}

#[test]
fn a_key_links_nights_and_its_absence_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    std::fs::write(&key, "0123456789abcdef0123456789abcdef").unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let source = std::fs::read_to_string(root().join("corpus-samples/hotline/calls.jsonl")).unwrap();
    let all = folder.path().join("all.jsonl");
    std::fs::write(&all, &source).unwrap();
    let fewer = folder.path().join("fewer.jsonl");
    std::fs::write(&fewer, source.lines().skip(1).map(|l| format!("{l}\n")).collect::<String>()).unwrap();
    let ids = |run: &std::path::Path| {
        let rows = crate::support::rows(&run.join("analyst/consultations.parquet"));
        rows.iter().map(|r| crate::support::text(r, "consultation_id")).collect::<std::collections::BTreeSet<String>>()
    };
    let with_key = ["--key-file", key.to_str().unwrap()];
    let a = ids(&publish(&all, &folder.path().join("a"), &with_key));
    let b = ids(&publish(&fewer, &folder.path().join("b"), &with_key));
    assert_eq!(a.intersection(&b).count(), b.len());
    let c = ids(&publish(&all, &folder.path().join("c"), &[]));
    let d = ids(&publish(&fewer, &folder.path().join("d"), &[]));
    assert_eq!(c.intersection(&d).count(), 0);
}
