//! Pictures of results, as SVG: bars to compare, lines over time.

use std::fmt::Write as _;

use crate::report::{Latency, Report, Sample, as_float};
use crate::table::number;

const WIDTH: f64 = 720.0;
const LEFT: f64 = 150.0;
const RIGHT: f64 = 70.0;
/// The width of one of two columns.
const COLUMN: f64 = WIDTH / 2.0;
const ROW: f64 = 22.0;
const COLOURS: [&str; 6] = [
    "#4063d8", "#389826", "#9558b2", "#cb3c33", "#8a7a3a", "#3a8a8a",
];

/// A group of bars.
#[derive(Clone, Debug)]
pub(crate) struct Bars {
    /// What they show.
    pub(crate) title: String,
    /// Each with its name; one without a value is shown as what cannot be done.
    pub(crate) bars: Vec<(String, Option<f64>)>,
}

/// A picture of results: lines over time where there are samples, else percentiles as bars.
pub(crate) fn reports(reports: &[Report]) -> String {
    let sampled = reports.iter().find(|report| !report.samples.is_empty());
    if let Some(report) = sampled {
        let title = format!("{} on {}", report.load, report.server);
        return over_time(&title, &report.samples);
    }
    let latencies = |report: &Report| {
        let group = |latency: &Latency| Bars {
            title: format!("{} on {}: {}, µs", report.load, report.server, latency.of),
            bars: [
                ("p50", latency.p50),
                ("p90", latency.p90),
                ("p99", latency.p99),
                ("p99.9", latency.p999),
            ]
            .map(|(name, value)| (name.to_owned(), Some(value)))
            .to_vec(),
        };
        report.latencies.iter().map(group).collect::<Vec<_>>()
    };
    bars(&reports.iter().flat_map(latencies).collect::<Vec<_>>())
}

/// Groups of bars, each with a scale of its own: below each other, many in two columns.
pub(crate) fn bars(groups: &[Bars]) -> String {
    let columns = if groups.len() > 4 { 2 } else { 1 };
    let lines = groups.len().div_ceil(columns);
    let mut body = String::new();
    let mut bottom: f64 = 0.0;
    for (column, groups) in groups.chunks(lines.max(1)).enumerate() {
        let left = if column == 0 { 0.0 } else { COLUMN };
        let width = if columns == 1 { WIDTH } else { COLUMN };
        let mut y = 10.0;
        for one in groups {
            y = group(&mut body, one, left, y, width);
        }
        bottom = bottom.max(y);
    }
    document(bottom + 10.0, &body)
}

/// One group of bars; where the next one begins.
fn group(body: &mut String, group: &Bars, left: f64, top: f64, width: f64) -> f64 {
    // In a column there is room for short names only.
    let names = if width < WIDTH { 80.0 } else { LEFT };
    let start = left + names;
    let mut y = top + ROW;
    text(body, left + 10.0, y - 6.0, "start", "bold", &group.title);
    let values = group.bars.iter().filter_map(|(_, value)| *value);
    let most = values.fold(f64::MIN_POSITIVE, f64::max);
    for (place, (name, value)) in group.bars.iter().enumerate() {
        let length = (width - names - RIGHT) * value.unwrap_or_default() / most;
        text(body, start - 8.0, y + 15.0, "end", "normal", name);
        let _ = writeln!(
            body,
            r#"<rect x="{start}" y="{:.1}" width="{length:.1}" height="16" fill="{}"/>"#,
            y + 3.0,
            COLOURS[place % COLOURS.len()],
        );
        let told = value.map_or("cannot".to_owned(), number);
        text(
            body,
            start + length + 6.0,
            y + 15.0,
            "start",
            "normal",
            &told,
        );
        y += ROW;
    }
    y + 8.0
}

/// Lines over time, below each other.
fn over_time(title: &str, samples: &[Sample]) -> String {
    type Line = (&'static str, fn(&Sample) -> f64);
    let lines: [Line; 4] = [
        ("memory (PSS), MiB", |sample| {
            as_float(sample.holding.pss) / 1024.0
        }),
        ("open files", |sample| as_float(sample.holding.descriptors)),
        ("acts per second", |sample| sample.rate),
        ("server busy, %", |sample| sample.cpu_percent),
    ];
    let mut body = String::new();
    text(&mut body, 10.0, 24.0, "start", "bold", title);
    let mut top = 40.0;
    for (place, (name, value)) in lines.into_iter().enumerate() {
        line(&mut body, top, COLOURS[place], name, samples, value);
        top += 110.0;
    }
    document(top, &body)
}

fn line(
    body: &mut String,
    top: f64,
    colour: &str,
    name: &str,
    samples: &[Sample],
    value: fn(&Sample) -> f64,
) {
    const HEIGHT: f64 = 80.0;
    let most = samples.iter().map(value).fold(f64::MIN_POSITIVE, f64::max);
    let end = samples
        .iter()
        .map(|sample| sample.at)
        .fold(f64::MIN_POSITIVE, f64::max);
    let width = WIDTH - LEFT - RIGHT;
    let points: Vec<String> = samples
        .iter()
        .map(|sample| {
            let x = LEFT + width * sample.at / end;
            let y = top + HEIGHT * (1.0 - value(sample) / most);
            format!("{x:.1},{y:.1}")
        })
        .collect();
    let _ = writeln!(
        body,
        r##"<path d="M{LEFT} {top} v{HEIGHT} h{width}" fill="none" stroke="#888"/>
<polyline points="{}" fill="none" stroke="{colour}" stroke-width="1.5"/>"##,
        points.join(" "),
    );
    text(body, LEFT - 8.0, top + 12.0, "end", "normal", &number(most));
    text(body, LEFT - 8.0, top + 45.0, "end", "normal", name);
    text(body, LEFT - 8.0, top + HEIGHT, "end", "normal", "0");
    let end = format!("{end:.0} s");
    text(
        body,
        LEFT + width + 6.0,
        top + HEIGHT,
        "start",
        "normal",
        &end,
    );
}

fn text(body: &mut String, x: f64, y: f64, anchor: &str, weight: &str, text: &str) {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    let _ = writeln!(
        body,
        r##"<text x="{x:.1}" y="{y:.1}" text-anchor="{anchor}" font-weight="{weight}" fill="#222">{text}</text>"##,
    );
}

fn document(height: f64, body: &str) -> String {
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height:.0}" viewBox="0 0 {WIDTH} {height:.0}" font-family="sans-serif" font-size="12">
<rect width="100%" height="100%" fill="#fff"/>
{body}</svg>
"##
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_bar_fills_the_width_and_names_are_escaped() {
        let picture = bars(&[Bars {
            title: "a < b".to_owned(),
            bars: [("one", Some(2.0)), ("two", Some(1.0)), ("three", None)]
                .map(|(name, value)| (name.to_owned(), value))
                .to_vec(),
        }]);
        assert!(picture.contains(">cannot<"), "{picture}");
        assert!(picture.contains(r#"width="500.0""#), "{picture}");
        assert!(picture.contains(r#"width="250.0""#), "{picture}");
        assert!(picture.contains("a &lt; b"), "{picture}");
        assert_eq!(picture.matches("<rect").count(), 4);
    }

    #[test]
    fn lines_run_from_the_left_to_the_right() {
        let sample = |at| Sample {
            at,
            holding: crate::processes::Holding::default(),
            rate: at,
            cpu_percent: 0.0,
        };
        let picture = over_time("soak", &[sample(0.0), sample(5.0), sample(10.0)]);
        assert_eq!(picture.matches("<polyline").count(), 4);
        assert!(
            picture.contains("150.0,340.0 400.0,300.0 650.0,260.0"),
            "{picture}"
        );
    }
}
