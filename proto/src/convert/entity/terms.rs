//! Terms on which a command is carried out, the same for every kind of entity.

use crate::store::{self, Terms};

/// A stored command of any kind.
pub trait OnTerms {
    /// On which terms it is carried out; none: as it is.
    fn terms(&self) -> Option<&Terms>;

    /// The same command on other terms.
    #[must_use]
    fn on(self, terms: Option<Terms>) -> Self;
}

macro_rules! on_terms {
    ($($command:ident),+ $(,)?) => {
        $(
            impl OnTerms for store::$command {
                fn terms(&self) -> Option<&Terms> {
                    self.terms.as_ref()
                }

                fn on(self, terms: Option<Terms>) -> Self {
                    Self { terms, ..self }
                }
            }
        )+
    };
}

on_terms! {
    AccountCommand,
    CatalogCommand,
    CdrBookCommand,
    DirectoryCommand,
    EventLogCommand,
    EvseCommand,
    InvoiceRunCommand,
    MarketDocumentCommand,
    MeteringPointCommand,
    NumberSeriesCommand,
    PartnersCommand,
    RoamingObjectCommand,
    RunPartCommand,
    WebhooksCommand,
}
