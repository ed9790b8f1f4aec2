//! Families of metrics, written one after the other.

use std::fmt;

use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric};

/// Where they are written.
pub(super) struct Page<'p>(pub(super) DescriptorEncoder<'p>);

impl Page<'_> {
    /// A metric without labels.
    pub(super) fn one(&mut self, name: &str, help: &str, metric: &impl EncodeMetric) -> fmt::Result {
        let encoder = self.0.encode_descriptor(name, help, None, metric.metric_type())?;
        metric.encode(encoder)
    }

    /// Metrics of one name, each with its labels. Where there is none, nothing is written.
    pub(super) fn several<'m, L, M>(
        &mut self,
        name: &str,
        help: &str,
        series: impl IntoIterator<Item = (L, &'m M)>,
    ) -> fmt::Result
    where
        L: EncodeLabelSet,
        M: EncodeMetric + 'm,
    {
        let mut series = series.into_iter().peekable();
        let Some((_, first)) = series.peek() else { return Ok(()) };
        let mut encoder = self.0.encode_descriptor(name, help, None, first.metric_type())?;
        series.try_for_each(|(labels, metric)| metric.encode(encoder.encode_family(&labels)?))
    }
}
