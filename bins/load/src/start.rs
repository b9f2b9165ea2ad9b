//! How long a start takes, from the start of the program to the welcome of its first client.

use std::time::Instant;

use anyhow::Context as _;
use hdrhistogram::Histogram;
use tempfile::TempDir;

use crate::arguments::{Start, TargetArguments};
use crate::client::Client;
use crate::ground::Ground;
use crate::processes::{Usage, spent};
use crate::report::{Report, as_float, histogram};
use crate::target::{Target, folder};
use crate::{finish, plot, table, tell};

/// What was measured of all starts of one sort.
struct Starts {
    sort: &'static str,
    told: Histogram<u64>,
    welcome: Histogram<u64>,
    cpu: f64,
    seconds: f64,
}

/// Starts and ends so many times.
pub(crate) async fn run(plan: &Start) -> anyhow::Result<()> {
    let mut first = Starts::new("first start");
    let mut later = Starts::new("later start");
    for _ in 0..plan.rounds {
        let empty = tempfile::tempdir().context("no temporary folder")?;
        let left = first.one(plan, empty).await?;
        later.one(plan, left).await?;
    }
    let reports = [first, later].map(|starts| starts.report(plan));
    tell(&table::of(&reports));
    finish(
        &plan.output,
        || serde_json::to_vec_pretty(&reports),
        || plot::reports(&reports),
    )
}

impl Starts {
    fn new(sort: &'static str) -> Self {
        Self {
            sort,
            told: histogram(),
            welcome: histogram(),
            cpu: 0.0,
            seconds: 0.0,
        }
    }

    /// One start in a folder, which is given back.
    async fn one(&mut self, plan: &Start, within: TempDir) -> anyhow::Result<TempDir> {
        let programs = folder(plan.programs.as_deref())?;
        let began = Instant::now();
        let nanos = || u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let target = Target::ours_in(within, plan.spawn, &programs, plan.pin)?;
        self.told.saturating_record(nanos());
        let ground = Ground::new(&target, &TargetArguments::for_started());
        let client = Client::connect(&ground, 0, "first".to_owned()).await?;
        self.welcome.saturating_record(nanos());
        self.seconds += began.elapsed().as_secs_f64();
        self.cpu += spent(&target.processes);
        drop(client);
        target.leave().context("nothing was started")
    }

    fn report(&self, plan: &Start) -> Report {
        let usage = Usage {
            seconds: self.seconds,
            cpu: Some(self.cpu),
            ..Usage::default()
        };
        let millis = |nanos: u64| as_float(nanos) / 1e6;
        let mut report = Report::new(self.sort, "start", plan.rounds.into(), usage)
            .with_figures([
                ("first welcome, ms: fastest", millis(self.welcome.min())),
                (
                    "first welcome, ms: median",
                    millis(self.welcome.value_at_quantile(0.5)),
                ),
                ("first welcome, ms: slowest", millis(self.welcome.max())),
            ])
            .with_latencies([
                ("address told", &self.told),
                ("first welcome", &self.welcome),
            ]);
        report.server = plan.spawn.to_string();
        report
    }
}
