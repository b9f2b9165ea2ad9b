//! Pictures of results, as SVG: bars to compare, lines over time.

use std::fmt::Write as _;

use crate::report::{Report, Sample, as_float};
use crate::table::number;

const WIDTH: f64 = 720.0;
const LEFT: f64 = 150.0;
const RIGHT: f64 = 70.0;
const ROW: f64 = 22.0;
const COLOURS: [&str; 6] = [
    "#4063d8", "#389826", "#9558b2", "#cb3c33", "#8a7a3a", "#3a8a8a",
];

/// A group of bars.
#[derive(Clone, Debug)]
pub(crate) struct Bars {
    /// What they show.
    pub(crate) title: String,
    /// Each with its name.
    pub(crate) bars: Vec<(String, f64)>,
}

/// A picture of one result: lines over time where there are samples, else its percentiles as bars.
pub(crate) fn report(report: &Report) -> String {
    if !report.samples.is_empty() {
        return over_time(
            &format!("{} on {}", report.load, report.server),
            &report.samples,
        );
    }
    let groups: Vec<Bars> = report
        .latencies
        .iter()
        .map(|latency| Bars {
            title: format!("{} on {}: {}, µs", report.load, report.server, latency.of),
            bars: [
                ("p50", latency.p50),
                ("p90", latency.p90),
                ("p99", latency.p99),
                ("p99.9", latency.p999),
            ]
            .map(|(name, value)| (name.to_owned(), value))
            .to_vec(),
        })
        .collect();
    bars(&groups)
}

/// Groups of bars below each other, each with a scale of its own.
pub(crate) fn bars(groups: &[Bars]) -> String {
    let mut body = String::new();
    let mut y = 10.0;
    for group in groups {
        y += ROW;
        text(&mut body, 10.0, y - 6.0, "start", "bold", &group.title);
        let most = group
            .bars
            .iter()
            .map(|(_, value)| *value)
            .fold(0.0, f64::max);
        for (place, (name, value)) in group.bars.iter().enumerate() {
            let length = (WIDTH - LEFT - RIGHT) * value / most.max(f64::MIN_POSITIVE);
            text(&mut body, LEFT - 8.0, y + 15.0, "end", "normal", name);
            let _ = writeln!(
                body,
                r#"<rect x="{LEFT}" y="{:.1}" width="{length:.1}" height="16" fill="{}"/>"#,
                y + 3.0,
                COLOURS[place % COLOURS.len()],
            );
            text(
                &mut body,
                LEFT + length + 6.0,
                y + 15.0,
                "start",
                "normal",
                &number(*value),
            );
            y += ROW;
        }
        y += 8.0;
    }
    document(y + 10.0, &body)
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
            bars: vec![("one".to_owned(), 2.0), ("two".to_owned(), 1.0)],
        }]);
        assert!(picture.contains(r#"width="500.0""#), "{picture}");
        assert!(picture.contains(r#"width="250.0""#), "{picture}");
        assert!(picture.contains("a &lt; b"), "{picture}");
        assert_eq!(picture.matches("<rect").count(), 3);
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
