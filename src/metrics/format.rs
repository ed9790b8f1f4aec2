//! The two ways to write metrics: OpenMetrics 1.0, and the text format of Prometheus (version 0.0.4) that was before it.
//!
//! They differ in little. In OpenMetrics a family of counters is named without the `_total` of its samples, there are types
//! that Prometheus calls gauges, and the text says where it ends.

/// How metrics are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Prometheus' text format, version 0.0.4.
    Prometheus,
    /// OpenMetrics, version 1.0.0.
    OpenMetrics,
}

impl Format {
    /// In this format what is given in OpenMetrics.
    pub(super) fn of(self, open_metrics: String) -> String {
        match self {
            Self::OpenMetrics => open_metrics,
            Self::Prometheus => prometheus(&open_metrics),
        }
    }
}

fn prometheus(open_metrics: &str) -> String {
    let mut text = String::with_capacity(open_metrics.len());
    // The help comes before the type, on which the name depends.
    let mut help = "";
    for line in open_metrics.lines() {
        if let Some(named) = line.strip_prefix("# HELP ") {
            help = named.split_once(' ').map_or("", |(_, help)| help);
        } else if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|named| named.split_once(' ')) {
            let (ending, kind) = match kind {
                "counter" => ("_total", "counter"),
                "info" => ("_info", "gauge"),
                other => ("", other),
            };
            text.push_str(&format!("# HELP {name}{ending} {help}\n# TYPE {name}{ending} {kind}\n"));
        } else if !line.starts_with('#') {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_and_infos_are_named_as_their_samples() {
        let open_metrics = "\
# HELP a Counted.
# TYPE a counter
a_total{of=\"x y # TYPE\"} 1
# HELP b Built.
# TYPE b info
b_info{version=\"1\"} 1
# HELP c_seconds Level.
# TYPE c_seconds gauge
# UNIT c_seconds seconds
c_seconds 0.5
# EOF
";
        let expected = "\
# HELP a_total Counted.
# TYPE a_total counter
a_total{of=\"x y # TYPE\"} 1
# HELP b_info Built.
# TYPE b_info gauge
b_info{version=\"1\"} 1
# HELP c_seconds Level.
# TYPE c_seconds gauge
c_seconds 0.5
";
        assert_eq!(Format::Prometheus.of(open_metrics.to_owned()), expected);
        assert_eq!(Format::OpenMetrics.of(open_metrics.to_owned()), open_metrics);
    }
}
