//! The promise of publishing: a reader sees a whole run or the previous whole run, whatever is killed when.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use arrow::array::{Int32Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;

use super::fault::{FAULT_VARIABLE, HANGS_FILE};
use super::*;
use crate::error::Lang;
use crate::io::manifest::{Counts, open_manifest, resolve_latest};

/// The run's tables hold its number, in every row, so that a mixture of two runs shows.
const NIGHTS: [&str; 2] = ["r1", "r2"];

fn table(night: &str, rows: usize) -> RecordBatch {
    let number: i32 = night[1..].parse().unwrap();
    let schema = Arc::new(Schema::new(vec![Field::new("night", DataType::Int32, false)]));
    RecordBatch::try_new(schema, vec![Arc::new(Int32Array::from(vec![number; rows]))]).unwrap()
}

fn write_table(staging: &Staging, zone: Zone, name: &str, batch: &RecordBatch, said_rows: u64) {
    let mut file = staging.create(zone, name).unwrap();
    let mut writer = ArrowWriter::try_new(&mut file, batch.schema(), None).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
    file.finish(Some(said_rows)).unwrap();
}

/// A run of three tables, written and not yet published.
fn staged(out: &Path, night: &str) -> Staging {
    let staging = Staging::begin(out, night).unwrap();
    write_table(&staging, Zone::Dashboard, "themes.parquet", &table(night, 3), 3);
    write_table(&staging, Zone::Analyst, "consultations.parquet", &table(night, 5), 5);
    write_table(&staging, Zone::Root, "rejects.parquet", &table(night, 1), 1);
    staging
}

fn manifest() -> Manifest {
    Manifest { schema_version: 1, counts: Counts { read: 6, accepted: 5, rejected: 1 }, ..Manifest::default() }
}

fn publish(out: &Path, night: &str) -> Published {
    staged(out, night).commit(manifest(), &Retention::default()).unwrap()
}

/// What a reader finds: the night of the newest run, after checking that all of it is there and of that night.
fn seen(out: &Path) -> Option<String> {
    let run = resolve_latest(out).ok()?;
    let manifest = verify_run(&run).expect("the newest run is whole");
    assert_eq!(manifest.files.len(), 3);
    for file in &manifest.files {
        let reader = std::fs::File::open(run.join(&file.path)).unwrap();
        for batch in parquet::arrow::arrow_reader::ParquetRecordBatchReader::try_new(reader, 1024).unwrap() {
            let batch = batch.unwrap();
            assert_eq!(batch, table(&manifest.run_id, batch.num_rows()), "{}", file.path);
        }
    }
    Some(manifest.run_id)
}

/// Every path below `out` with size and, for files, content hash; links are not followed.
fn listing(out: &Path) -> Vec<(String, Option<String>)> {
    let mut entries = Vec::new();
    let mut folders = vec![out.to_owned()];
    while let Some(folder) = folders.pop() {
        for name in fs::names(&folder).unwrap() {
            let path = folder.join(name);
            let kind = std::fs::symlink_metadata(&path).unwrap().file_type();
            if kind.is_dir() {
                folders.push(path.clone());
            }
            let content = kind.is_file().then(|| fs::hash_file(&path).unwrap().1);
            entries.push((path.strip_prefix(out).unwrap().display().to_string(), content));
        }
    }
    entries.sort();
    entries
}

#[test]
fn a_published_run_has_the_documented_layout() {
    let dir = tempfile::tempdir().unwrap();
    let published = publish(dir.path(), "r1");
    assert!(published.warnings.is_empty() && !published.unchanged, "{published:?}");
    let paths: Vec<String> = listing(dir.path()).into_iter().map(|(p, _)| p).collect();
    assert_eq!(
        paths,
        [
            ".lock",
            "latest",
            "latest.json",
            "runs",
            "runs/r1",
            "runs/r1/_manifest.json",
            "runs/r1/analyst",
            "runs/r1/analyst/consultations.parquet",
            "runs/r1/dashboard",
            "runs/r1/dashboard/themes.parquet",
            "runs/r1/rejects.parquet",
            "stable",
            "stable/themes.parquet",
        ]
    );
    assert_eq!(
        std::fs::read_to_string(dir.path().join("latest.json")).unwrap(),
        "{\n  \"run\": \"runs/r1\",\n  \"run_id\": \"r1\",\n  \"schema_version\": 1\n}\n"
    );
    let manifest = open_manifest(dir.path()).unwrap();
    assert_eq!(manifest, published.manifest);
    let rows: Vec<_> = manifest.files.iter().map(|f| (f.path.as_str(), f.rows)).collect();
    assert_eq!(rows, [("analyst/consultations.parquet", Some(5)), ("dashboard/themes.parquet", Some(3)), ("rejects.parquet", Some(1))]);
}

#[cfg(unix)]
#[test]
fn row_level_files_are_the_owners_alone_and_the_dashboard_is_everybodys() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let run = publish(dir.path(), "r1").run_dir;
    let mode = |path: &str| std::fs::metadata(run.join(path)).unwrap().permissions().mode() & 0o777;
    let modes =
        ["", "dashboard", "dashboard/themes.parquet", "_manifest.json", "analyst", "analyst/consultations.parquet", "rejects.parquet"]
            .map(mode);
    assert_eq!(modes.map(|m| format!("{m:o}")), ["755", "755", "644", "644", "700", "600", "600"]);
    assert_eq!(std::fs::read_link(dir.path().join("latest")).unwrap(), Path::new("runs/r1"));
}

#[test]
fn publishing_the_same_night_twice_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let first = publish(dir.path(), "r1");
    let before = listing(dir.path());
    let stamp = |p: &str| std::fs::metadata(dir.path().join(p)).unwrap().modified().unwrap();
    let stamps = ["latest.json", "stable/themes.parquet", "runs/r1/_manifest.json"].map(stamp);
    let second = publish(dir.path(), "r1");
    assert!(second.unchanged && second.warnings.is_empty());
    assert_eq!(second.manifest, first.manifest, "the times of the first run are kept");
    assert_eq!(listing(dir.path()), before);
    assert_eq!(["latest.json", "stable/themes.parquet", "runs/r1/_manifest.json"].map(stamp), stamps);
}

#[test]
fn an_older_night_published_again_becomes_the_newest_again() {
    let dir = tempfile::tempdir().unwrap();
    publish(dir.path(), "r1");
    publish(dir.path(), "r2");
    let again = publish(dir.path(), "r1");
    assert_eq!((again.unchanged, seen(dir.path()).unwrap().as_str()), (true, "r1"));
    let stable = fs::hash_file(&dir.path().join("stable/themes.parquet")).unwrap();
    assert_eq!(stable, fs::hash_file(&again.run_dir.join("dashboard/themes.parquet")).unwrap());
}

#[test]
fn a_damaged_run_is_published_anew_beside_the_damage() {
    let dir = tempfile::tempdir().unwrap();
    let run = publish(dir.path(), "r1").run_dir;
    std::fs::write(run.join("dashboard/themes.parquet"), b"PAR1").unwrap();
    let again = publish(dir.path(), "r1");
    assert_eq!(again.run_dir, dir.path().join("runs/r1.2"));
    assert_eq!((again.unchanged, again.warnings.len()), (false, 1));
    assert_eq!(seen(dir.path()).as_deref(), Some("r1"));
    // And the third time the sound one is found.
    assert_eq!((publish(dir.path(), "r1").run_dir, listing(dir.path()).len()), (again.run_dir, listing(dir.path()).len()));
}

#[test]
fn a_table_the_newest_run_lacks_leaves_the_stable_paths() {
    let dir = tempfile::tempdir().unwrap();
    publish(dir.path(), "r1");
    let staging = Staging::begin(dir.path(), "r2").unwrap();
    write_table(&staging, Zone::Dashboard, "needs.parquet", &table("r2", 1), 1);
    staging.commit(manifest(), &Retention::default()).unwrap();
    assert_eq!(fs::names(&dir.path().join("stable")).unwrap(), ["needs.parquet"]);
}

#[test]
fn what_does_not_read_back_as_written_is_not_published() {
    let dir = tempfile::tempdir().unwrap();
    publish(dir.path(), "r1");
    type Damage = fn(&Staging);
    let cases: [(&str, Damage); 3] = [
        ("another number of rows", |s| write_table(s, Zone::Dashboard, "x.parquet", &table("r2", 3), 4)),
        ("cut on the disk", |s| {
            let path = s.dir.join("dashboard/themes.parquet");
            let bytes = std::fs::read(&path).unwrap();
            std::fs::write(&path, &bytes[..bytes.len() - 9]).unwrap();
        }),
        ("no Parquet at all", |s| {
            let mut file = s.create(Zone::Dashboard, "x.parquet").unwrap();
            file.write_all(b"PAR1 and then nothing").unwrap();
            file.finish(Some(0)).unwrap();
        }),
    ];
    for (name, damage) in cases {
        let staging = staged(dir.path(), "r2");
        damage(&staging);
        let error = staging.commit(manifest(), &Retention::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Table, "{name}: {error}");
        assert!(error.message(Lang::En).contains(".parquet"), "{name}: {error}");
        assert_eq!(seen(dir.path()).as_deref(), Some("r1"), "{name}");
        assert!(fs::names(dir.path()).unwrap().iter().all(|n| !n.starts_with(STAGING_PREFIX)), "{name}");
    }
}

#[test]
fn unfinished_tables_lost_records_and_impossible_ids_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let staging = staged(dir.path(), "r1");
    drop(staging.create(Zone::Dashboard, "half.parquet").unwrap());
    assert!(staging.commit(manifest(), &Retention::default()).unwrap_err().message(Lang::En).contains("half.parquet"));
    let lost = Manifest { counts: Counts { read: 7, accepted: 5, rejected: 1 }, ..manifest() };
    assert!(staged(dir.path(), "r1").commit(lost, &Retention::default()).unwrap_err().message(Lang::En).contains("do not add up"));
    assert!(Staging::begin(dir.path(), "../r1").is_err());
    assert!(seen(dir.path()).is_none());
}

#[test]
fn dropping_a_run_that_was_not_published_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let staging = staged(dir.path(), "r1");
    assert_eq!(Staging::begin(dir.path(), "r2").err().map(|e| e.kind()), Some(ErrorKind::Locked));
    drop(staging);
    assert_eq!(fs::names(dir.path()).unwrap(), [".lock"]);
}

#[test]
fn after_a_failure_at_any_step_a_reader_sees_one_whole_run_and_the_next_run_mends_the_rest() {
    for step in Step::ALL {
        let dir = tempfile::tempdir().unwrap();
        publish(dir.path(), "r1");
        let mut staging = staged(dir.path(), "r2");
        staging.set_fault(Fault::fail_after(step));
        staging.commit(manifest(), &Retention::default()).unwrap_err();
        let expected = if step < Step::Committed { "r1" } else { "r2" };
        assert_eq!(seen(dir.path()).as_deref(), Some(expected), "after {step:?}");
        assert_mended(dir.path(), &format!("{step:?}"));
    }
}

/// Publishing again succeeds, and `out` then is what it would be had nothing happened.
fn assert_mended(out: &Path, what: &str) {
    let published = publish(out, "r2");
    assert!(published.warnings.is_empty(), "after {what}: {:?}", published.warnings);
    assert_eq!(seen(out).as_deref(), Some("r2"), "after {what}");
    let undisturbed = tempfile::tempdir().unwrap();
    NIGHTS.iter().for_each(|night| drop(publish(undisturbed.path(), night)));
    let files = |out: &Path| -> Vec<_> {
        // Lock and manifests hold process numbers and times.
        listing(out).into_iter().filter(|(p, _)| ![".lock", HANGS_FILE].contains(&p.as_str()) && !p.ends_with(MANIFEST_FILE)).collect()
    };
    assert_eq!(files(out), files(undisturbed.path()), "after {what}");
}

/// The folder the child process publishes into.
const CHILD_OUT: &str = "KIKITORI_TEST_PUBLISH_INTO";

/// Not a test by itself: what [`a_killed_process_leaves_one_whole_run_to_see`] starts in a process of its own.
#[test]
#[ignore = "runs in a child process"]
fn child_that_publishes_the_second_night() {
    if let Some(out) = std::env::var_os(CHILD_OUT) {
        publish(Path::new(&out), "r2");
    }
}

fn child(out: &Path, fault: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "io::publish::tests::child_that_publishes_the_second_night"])
        .env(CHILD_OUT, out)
        .env(FAULT_VARIABLE, fault)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn a_killed_process_leaves_one_whole_run_to_see() {
    for step in Step::ALL {
        let dir = tempfile::tempdir().unwrap();
        publish(dir.path(), "r1");
        let mut child = child(dir.path(), &format!("{step:?}:hang"));
        while !dir.path().join(HANGS_FILE).exists() {
            assert!(child.try_wait().unwrap().is_none(), "the child ended before it reached {step:?}");
            std::thread::sleep(Duration::from_millis(1));
        }
        // It still holds the lock, and a reader sees a whole run while it is at work.
        assert_eq!(Staging::begin(dir.path(), "r3").err().map(|e| e.kind()), Some(ErrorKind::Locked));
        let expected = if step < Step::Committed { "r1" } else { "r2" };
        assert_eq!(seen(dir.path()).as_deref(), Some(expected), "at work, after {step:?}");
        child.kill().unwrap(); // SIGKILL: no destructor runs
        child.wait().unwrap();
        assert_eq!(seen(dir.path()).as_deref(), Some(expected), "killed after {step:?}");
        assert_mended(dir.path(), &format!("being killed after {step:?}"));
    }
}
