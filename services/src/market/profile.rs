//! What sets one message of the market apart from another: root element, type code, namespace, list of its series.

use domain::document::DocumentKind;

/// The outer form of one kind of CIM document.
#[derive(Debug)]
pub(super) struct Profile {
    pub(super) kind: DocumentKind,
    /// The root element, without `_MarketDocument`.
    pub(super) root: &'static str,
    /// The group of the namespace: `measure` or `structure`.
    pub(super) namespace_group: &'static str,
    /// The code in `type`.
    pub(super) type_code: &'static str,
    /// The processes it may belong to; empty where any of the list.
    pub(super) processes: &'static [&'static str],
    /// The element that repeats: `Series` or `MktActivityRecord`.
    pub(super) list: &'static str,
    /// Whether the root names its schema's location.
    pub(super) has_schema_location: bool,
}

const SERIES: &str = "Series";
const RECORD: &str = "MktActivityRecord";

impl Profile {
    const ALL: [Self; 13] = [
        Self::new(DocumentKind::MeasuredData, "NotifyValidatedMeasureData", "E66", &[]).series(),
        Self::new(DocumentKind::PriceListRequest, "RequestChangeOfPriceList", "D10", &["D18", "D08"]).bare(),
        Self::new(DocumentKind::PriceListNotice, "NotifyPriceList", "D12", &["D18", "D08"]),
        Self::new(DocumentKind::BillingMasterDataRequest, "RequestChangeBillingMasterData", "D05", &["D17"])
            .bare(),
        Self::new(DocumentKind::BillingMasterDataNotice, "NotifyBillingMasterData", "D07", &["D17"]),
        Self::new(DocumentKind::StartOfSupply, "RequestChangeOfSupplier", "392", &[]),
        Self::new(DocumentKind::EndOfSupply, "RequestEndOfSupply", "432", &[]),
        Self::new(DocumentKind::Notice, "GenericNotification", "E44", &[]),
        Self::new(DocumentKind::AggregatedResults, "NotifyAggregatedMeasureData", "E31", &[]).series(),
        Self::new(DocumentKind::WholesaleResults, "NotifyWholesaleServices", "E31", &[]).series(),
        Self::new(DocumentKind::MeasuredDataRequest, "RequestValidatedMeasureData", "E73", &[]).series(),
        Self::new(DocumentKind::AggregatedRequest, "RequestAggregatedMeasureData", "E74", &[]).series(),
        Self::new(DocumentKind::WholesaleRequest, "RequestWholesaleSettlement", "D21", &[]).series(),
    ];

    const fn new(
        kind: DocumentKind,
        root: &'static str,
        type_code: &'static str,
        processes: &'static [&'static str],
    ) -> Self {
        let namespace_group = "structure";
        Self { kind, root, namespace_group, type_code, processes, list: RECORD, has_schema_location: true }
    }

    const fn series(mut self) -> Self {
        self.namespace_group = "measure";
        self.list = SERIES;
        self
    }

    const fn bare(mut self) -> Self {
        self.has_schema_location = false;
        self
    }

    /// The profile of a kind.
    pub(super) fn of(kind: DocumentKind) -> Option<&'static Self> {
        const { &Self::ALL }.iter().find(|profile| profile.kind == kind)
    }

    /// The profile of a root element.
    pub(super) fn with_root(root: &str) -> Option<&'static Self> {
        let stem = root.strip_suffix("_MarketDocument")?;
        const { &Self::ALL }.iter().find(|profile| profile.root == stem)
    }

    /// The XML namespace.
    pub(super) fn namespace(&self) -> String {
        format!("urn:ediel.org:{}:{}:0:1", self.namespace_group, self.root.to_ascii_lowercase())
    }

    /// Whether a document of this kind may belong to the process.
    pub(super) fn takes(&self, process: &str) -> bool {
        self.processes.is_empty() || self.processes.contains(&process)
    }
}
