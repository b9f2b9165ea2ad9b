//! Tables for people.

use crate::report::{Latency, Report};

/// Columns under their headings, the first to the left, the others to the right.
pub(crate) fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate();
        let cells: Vec<String> = cells
            .map(|(place, (cell, width))| {
                if place == 0 {
                    format!("{cell:<width$}")
                } else {
                    format!("{cell:>width$}")
                }
            })
            .collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The results of single loads.
pub(crate) fn of(reports: &[Report]) -> String {
    let mut out = String::new();
    for report in reports {
        let settings: Vec<String> = report
            .settings
            .iter()
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        out += &format!(
            "{} on {} ({})\n",
            report.load,
            report.server,
            settings.join(", ")
        );
        out += &aligned(&figures(report));
        if !report.latencies.is_empty() {
            out += "\n\n";
            out += &aligned(&latencies(&report.latencies));
        }
        out += "\n";
    }
    out
}

fn figures(report: &Report) -> Vec<Vec<String>> {
    let unit = &report.unit;
    let mut rows = vec![
        row(&format!("{unit}: how many"), report.count),
        row("seconds", number(report.usage.seconds)),
        row(&format!("{unit}: per second"), number(report.rate())),
    ];
    let mut add = |name: String, value: Option<String>| {
        if let Some(value) = value {
            rows.push(vec![name, value]);
        }
    };
    add(
        format!("CPU per {unit}, µs"),
        report.cpu_micros().map(number),
    );
    let parts = report.parts();
    if parts.len() > 1 {
        for (name, micros) in parts {
            add(format!("  of it {name}"), Some(number(micros)));
        }
    }
    add(
        format!("{unit}: per second of a whole processor"),
        report.per_core().map(number),
    );
    add(
        "server busy, % of one processor".to_owned(),
        report.busy().map(number),
    );
    add(
        format!("context switches per {unit}"),
        report.switches().map(number),
    );
    add(
        "memory per client, KiB".to_owned(),
        report.kib_per_client.map(number),
    );
    if let Some(holding) = &report.holding {
        add("processes".to_owned(), Some(holding.processes.to_string()));
        add(
            "memory (PSS), KiB".to_owned(),
            Some(holding.pss.to_string()),
        );
        add(
            "open files".to_owned(),
            Some(holding.descriptors.to_string()),
        );
    }
    for (name, figure) in &report.figures {
        add(name.clone(), Some(number(*figure)));
    }
    // Where nothing of the machine was measured, nothing is told.
    if report.usage.own_cpu + report.usage.others_cpu > 0.0 {
        let own = 100.0 * report.usage.own_cpu / report.usage.seconds;
        add("chat-load itself busy, %".to_owned(), Some(number(own)));
        add(
            "everything else busy, %".to_owned(),
            Some(number(report.others())),
        );
    }
    rows
}

fn latencies(latencies: &[Latency]) -> Vec<Vec<String>> {
    let heading = ["µs", "p50", "p90", "p99", "p99.9", "max"];
    let mut rows = vec![heading.map(str::to_owned).to_vec()];
    rows.extend(latencies.iter().map(|latency| {
        let times = [
            latency.p50,
            latency.p90,
            latency.p99,
            latency.p999,
            latency.max,
        ];
        let mut row = vec![latency.of.clone()];
        row.extend(times.map(number));
        row
    }));
    rows
}

fn row(name: &str, value: impl ToString) -> Vec<String> {
    vec![name.to_owned(), value.to_string()]
}

/// With as many digits as mean something.
pub(crate) fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 0.1 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other() {
        let rows = [
            vec!["µs".into(), "p50".into()],
            vec!["delivery".into(), "1".into()],
        ];
        assert_eq!(aligned(&rows), "µs        p50\ndelivery    1");
        assert_eq!(aligned(&[]), "");
    }

    #[test]
    fn numbers_have_the_digits_that_mean_something() {
        let shown = [1234.5, 12.34, 1.234, 0.01234].map(number);
        assert_eq!(shown, ["1234", "12.3", "1.23", "0.012"]);
    }
}
