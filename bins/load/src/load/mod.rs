//! The loads.

pub(crate) mod churn;
pub(crate) mod edge;
pub(crate) mod fanout;
pub(crate) mod idle;
pub(crate) mod mark;
pub(crate) mod rooms;
pub(crate) mod soak;

use std::rc::Rc;

use crate::arguments::TargetArguments;
use crate::ground::Ground;
use crate::report::Report;
use crate::target::Target;

/// A load and how it is set.
#[derive(Clone, Debug)]
pub(crate) enum Load {
    Fanout(fanout::Settings),
    Rooms(rooms::Settings),
    Churn(churn::Settings),
    Edge(edge::Settings),
    Idle(idle::Settings),
    Soak(soak::Settings),
}

impl Load {
    /// Whether the settings make sense together.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        match self {
            Self::Fanout(settings) => settings.check(),
            _ => Ok(()),
        }
    }
}

/// Puts a load on a server.
pub(crate) async fn run(
    load: &Load,
    target: &Target,
    arguments: &TargetArguments,
) -> anyhow::Result<Report> {
    let ground = Ground::new(target, arguments);
    let result = match load {
        Load::Fanout(settings) => fanout::run(&ground, settings).await,
        Load::Rooms(settings) => rooms::run(&ground, settings).await,
        Load::Churn(settings) => churn::run(&ground, settings).await,
        Load::Edge(settings) => edge::run(&ground, settings).await,
        Load::Idle(settings) => idle::run(&ground, settings).await,
        Load::Soak(settings) => soak::run(&ground, settings).await,
    };
    ground.finish();
    let mut report = result?;
    report.server.clone_from(&target.name);
    report.problems = Rc::clone(&ground).problems();
    Ok(report)
}
