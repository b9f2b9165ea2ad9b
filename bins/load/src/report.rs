//! The result of a load, as it is written to JSON.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::processes::{Holding, Usage};

/// The result of one load on one server.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Report {
    /// Which load.
    pub(crate) load: String,
    /// Which server.
    pub(crate) server: String,
    /// How the load was set.
    pub(crate) settings: BTreeMap<String, u64>,
    /// What is counted: a delivery, a registration, a client.
    pub(crate) unit: String,
    /// How many of them there were.
    pub(crate) count: u64,
    /// And what the server used meanwhile.
    pub(crate) usage: Usage,
    /// What else came of it, with its unit.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) figures: BTreeMap<String, f64>,
    /// Times in microseconds.
    pub(crate) latencies: Vec<Latency>,
    /// What the server held at the end, if its processes are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) holding: Option<Holding>,
    /// Memory per client in KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kib_per_client: Option<f64>,
    /// What it held over time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) samples: Vec<Sample>,
    /// What went wrong.
    pub(crate) problems: Vec<String>,
}

/// A distribution of times in microseconds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Latency {
    /// Of what.
    pub(crate) of: String,
    /// How many.
    pub(crate) count: u64,
    /// Percentiles.
    pub(crate) p50: f64,
    /// Percentiles.
    pub(crate) p90: f64,
    /// Percentiles.
    pub(crate) p99: f64,
    /// Percentiles.
    pub(crate) p999: f64,
    /// The longest.
    pub(crate) max: f64,
}

/// What a server held at a time.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Sample {
    /// Seconds since the load began.
    pub(crate) at: f64,
    /// What it held.
    #[serde(flatten)]
    pub(crate) holding: Holding,
    /// What was done since the last sample, per second.
    pub(crate) rate: f64,
    /// How busy its processes were, in percent of one processor.
    pub(crate) cpu_percent: f64,
}

impl Report {
    /// So many units of a load, and what the server used meanwhile.
    pub(crate) fn new(load: &str, unit: &str, count: u64, usage: Usage) -> Self {
        Self {
            load: load.to_owned(),
            server: String::new(),
            settings: BTreeMap::new(),
            unit: unit.to_owned(),
            count,
            usage,
            figures: BTreeMap::new(),
            latencies: Vec::new(),
            holding: None,
            kib_per_client: None,
            samples: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// With how the load was set.
    pub(crate) fn with_settings<const N: usize>(mut self, settings: [(&str, u64); N]) -> Self {
        self.settings = settings
            .map(|(name, value)| (name.to_owned(), value))
            .into();
        self
    }

    /// With what else came of it.
    pub(crate) fn with_figures<const N: usize>(mut self, figures: [(&str, f64); N]) -> Self {
        self.figures = figures.map(|(name, value)| (name.to_owned(), value)).into();
        self
    }

    /// With distributions of times.
    pub(crate) fn with_latencies<const N: usize>(
        mut self,
        histograms: [(&str, &Histogram<u64>); N],
    ) -> Self {
        let latencies = histograms.map(|(of, histogram)| Latency::of(of, histogram));
        self.latencies = latencies.into_iter().flatten().collect();
        self
    }

    /// With what the server held at the end.
    pub(crate) fn with_holding(mut self, holding: Option<Holding>) -> Self {
        self.holding = holding;
        self
    }

    /// Per second.
    pub(crate) fn rate(&self) -> f64 {
        ratio(self.count, self.usage.seconds)
    }

    /// Processor time of the server per unit in microseconds.
    pub(crate) fn cpu_micros(&self) -> Option<f64> {
        let cpu = self.usage.cpu.filter(|_| self.count > 0)?;
        Some(1e6 / ratio(self.count, cpu))
    }

    /// So many units a processor can do, if it does nothing else.
    pub(crate) fn per_core(&self) -> Option<f64> {
        let cpu = self.usage.cpu.filter(|cpu| *cpu > 0.0)?;
        Some(ratio(self.count, cpu))
    }

    /// Processor time in microseconds per unit, by process and thread.
    pub(crate) fn parts(&self) -> Vec<(&str, f64)> {
        let count = as_float(self.count.max(1));
        let parts = self.usage.parts.iter();
        parts
            .map(|(name, cpu)| (name.as_str(), 1e6 * cpu / count))
            .collect()
    }

    /// How busy everything else on the machine was, in percent of one processor.
    pub(crate) fn others(&self) -> f64 {
        100.0 * self.usage.others_cpu / self.usage.seconds.max(f64::MIN_POSITIVE)
    }

    /// Context switches of the server per unit.
    pub(crate) fn switches(&self) -> Option<f64> {
        let switches = self.usage.switches.filter(|_| self.count > 0)?;
        Some(ratio(switches, as_float(self.count)))
    }

    /// How busy the server was, in percent of one processor.
    pub(crate) fn busy(&self) -> Option<f64> {
        self.usage.cpu.map(|cpu| 100.0 * cpu / self.usage.seconds)
    }

    /// A distribution.
    pub(crate) fn latency(&self, of: &str) -> Option<&Latency> {
        self.latencies.iter().find(|latency| latency.of == of)
    }
}

impl Latency {
    /// Of a histogram in nanoseconds; `None` if nothing was recorded.
    pub(crate) fn of(of: &str, histogram: &Histogram<u64>) -> Option<Self> {
        let at = |quantile| as_float(histogram.value_at_quantile(quantile)) / 1000.0;
        (!histogram.is_empty()).then(|| Self {
            of: of.to_owned(),
            count: histogram.len(),
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            max: as_float(histogram.max()) / 1000.0,
        })
    }
}

/// A histogram of nanoseconds up to ten minutes, exact to half a percent.
pub(crate) fn histogram() -> Histogram<u64> {
    let most = 600_000_000_000;
    let mut histogram =
        Histogram::new_with_bounds(100, most, 2).expect("the bounds are in their order");
    histogram.auto(true);
    histogram
}

fn ratio(count: u64, by: f64) -> f64 {
    as_float(count) / by.max(f64::MIN_POSITIVE)
}

pub(crate) fn as_float(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_what_was_recorded() {
        let mut times = histogram();
        assert!(Latency::of("nothing", &times).is_none());
        for micros in 1..=1000 {
            times.record(micros * 1000).unwrap();
        }
        let latency = Latency::of("reply", &times).unwrap();
        assert_eq!(latency.count, 1000);
        for (found, expected) in [
            (latency.p50, 500.0),
            (latency.p99, 990.0),
            (latency.max, 1000.0),
        ] {
            assert!((found - expected).abs() <= expected * 0.01, "{latency:?}");
        }
    }
}
