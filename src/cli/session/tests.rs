use super::*;
use crate::cli::args::InputArgs;

/// The consultations of a second reading.
fn read_again(session: &Session<'_>, survey: &Survey) -> Result<Vec<Consultation>> {
    let intake = session.intake(&survey.profile)?;
    std::thread::scope(|scope| {
        let (sender, batches) = mpsc::sync_channel(1);
        let reader = scope.spawn(|| {
            let sender = sender;
            session.read_batches(&intake, survey, &sender)
        });
        let batches = batches.into_iter().collect::<Result<Vec<_>>>()?;
        reader.join().unwrap().map(|()| batches.concat())
    })
}

#[test]
fn what_is_kept_is_what_a_second_reading_gives() {
    let out = Output::new(None, false, true);
    for file in ["calls.csv", "calls.xlsx", "calls.jsonl"] {
        let input = InputArgs { input: vec![Path::new("corpus-samples/hotline").join(file)], ..InputArgs::default() };
        let plan = Plan::resolve(&input, &out).unwrap();
        let resources = plan.resources().unwrap();
        let session = Session::new(&plan, &resources, &out);
        let survey = session.survey().unwrap();
        let kept = survey.consultations.clone().unwrap();
        assert_eq!(kept.len(), 165);
        // Sites are an open attribute: their codes are known only when all rows are.
        let (site, _) = survey.profile.find("site").unwrap();
        assert!(kept.iter().all(|c| c.attributes.codes(site).count() == 1));
        assert!(kept == read_again(&session, &survey).unwrap(), "{file}");

        let session = Session { kept_bytes: 1000, ..session };
        let large = session.survey().unwrap();
        assert!(large.consultations.is_none());
        assert_eq!((large.accepted, &large.content), (survey.accepted, &survey.content));
        assert!(kept == read_again(&session, &large).unwrap(), "{file}");
    }
}

#[test]
fn an_input_that_changes_between_the_readings_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("calls.jsonl");
    std::fs::write(&file, "{\"id\":\"1\",\"text\":\"病院を探しています。\"}\n").unwrap();
    let out = Output::new(None, false, true);
    let plan = Plan::resolve(&InputArgs { input: vec![file.clone()], ..InputArgs::default() }, &out).unwrap();
    let resources = plan.resources().unwrap();
    let session = Session { kept_bytes: 0, ..Session::new(&plan, &resources, &out) };
    let survey = session.survey().unwrap();
    assert_eq!(read_again(&session, &survey).unwrap().len(), 1);
    std::fs::write(&file, "{\"id\":\"1\",\"text\":\"治験を探しています。\"}\n").unwrap();
    assert_eq!(read_again(&session, &survey).unwrap_err().kind(), ErrorKind::Input);
}
