//! Clients that do nothing: what one of them takes.

use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::ground::Ground;
use crate::processes::{Meter, holding};
use crate::report::{Report, as_float};

/// How it is set.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct Settings {
    /// Clients
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) clients: u32,
    /// Members of a channel; 0: nobody joins any
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub(crate) members: u32,
    /// Seconds to look at them
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub(crate) seconds: u32,
}

/// Puts the load on. What counts is the coming; the processor time after it is told by the share of
/// a processor that the idle crowd takes.
pub(crate) async fn run(ground: &Rc<Ground>, settings: &Settings) -> anyhow::Result<Report> {
    let before = holding(ground.processes());
    let meter = Meter::start(ground.processes());
    let began = Instant::now();
    let members = settings.members as usize;
    let crowd = ground
        .crowd(settings.clients as usize, |number| {
            let room = number.checked_div(members)?;
            Some(format!("#{}i{room}", ground.prefix))
        })
        .await?;
    let usage = meter.stop();
    let came = began.elapsed();
    for client in crowd {
        let listening = client.listen(Rc::clone(ground), |_, _| {});
        tokio::task::spawn_local(listening);
    }
    let idle = ground
        .measure(
            Duration::from_millis(500),
            Duration::from_secs(settings.seconds.into()),
            || {},
        )
        .await;
    let after = holding(ground.processes());
    let kib = before.zip(after).map(|(before, after)| {
        as_float(after.pss.saturating_sub(before.pss)) / f64::from(settings.clients)
    });
    let idle_percent = idle.cpu.map_or(0.0, |cpu| 100.0 * cpu / idle.seconds);
    let mut report = Report::new("idle", "client", settings.clients.into(), usage)
        .with_settings([
            ("clients", settings.clients.into()),
            ("members", settings.members.into()),
        ])
        .with_figures([
            ("all had come after, s", came.as_secs_f64()),
            ("then busy, % of one processor", idle_percent),
        ])
        .with_holding(after);
    report.kib_per_client = kib;
    Ok(report)
}
