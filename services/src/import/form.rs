//! The forms of files of master data and of records, told apart by their columns.

use std::fmt;

use super::error::CsvFault;

/// What a file of master data is about, in the order in which files are imported: each may refer to those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Form {
    /// The settings of the tenant: one row.
    Tenant,
    /// Rates of value added tax, a row each.
    TaxRates,
    /// Accounts, a row each.
    Accounts,
    /// Metering points, a row per period of their master data.
    MeteringPoints,
    /// Products, a row per component.
    Products,
    /// Prices of indexes, a row per interval.
    Prices,
    /// Contracts, a row per payer.
    Contracts,
    /// Tokens, a row each.
    Tokens,
    /// Charge detail records, a row each.
    Cdrs,
}

impl Form {
    /// Every form, in the order of import.
    pub const ALL: [Self; 9] = [
        Self::Tenant,
        Self::TaxRates,
        Self::Accounts,
        Self::MeteringPoints,
        Self::Products,
        Self::Prices,
        Self::Contracts,
        Self::Tokens,
        Self::Cdrs,
    ];

    /// Its name, which is that of its file in the demo without `.csv`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::TaxRates => "tax_rates",
            Self::Accounts => "accounts",
            Self::MeteringPoints => "metering_points",
            Self::Products => "products",
            Self::Prices => "prices",
            Self::Contracts => "contracts",
            Self::Tokens => "tokens",
            Self::Cdrs => "cdrs",
        }
    }

    /// The columns it must have.
    #[must_use]
    pub fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Tenant => &[
                "seller_name",
                "street",
                "postal_code",
                "city",
                "country_code",
                "vat_id",
                "iban",
                "contact",
                "currency",
                "zone",
                "payment_days",
                "invoice_number_prefix",
            ],
            Self::TaxRates => &["tax_class", "valid_from", "rate_percent"],
            Self::Accounts => &["account_id", "name", "street", "postal_code", "city", "country_code"],
            Self::MeteringPoints => &[
                "metering_point_id",
                "kind",
                "unit",
                "zone",
                "grid_area",
                "resolution",
                "supplier",
                "first_day",
                "end_day",
            ],
            Self::Products => &[
                "product_id",
                "product_name",
                "currency",
                "valid_from",
                "component_id",
                "component_name",
                "quantity",
                "unit",
                "price",
                "model",
                "tax_class",
                "group",
                "revenue_role",
            ],
            Self::Prices => &["index", "unit", "currency", "resolution", "created_utc", "start_utc", "price"],
            Self::Contracts => &[
                "contract_id",
                "metering_point_id",
                "product_id",
                "first_day",
                "end_day",
                "account_id",
                "share_percent",
            ],
            Self::Tokens => &["token_type", "value"],
            Self::Cdrs => &[
                "country_code",
                "party_id",
                "cdr_id",
                "evse_id",
                "token_type",
                "token_uid",
                "start_time",
                "end_time",
                "energy_kwh",
                "currency",
            ],
        }
    }

    /// The columns it may have besides; an absent one counts as empty.
    #[must_use]
    pub fn optional_columns(self) -> &'static [&'static str] {
        match self {
            Self::Tenant => &["check_digits"],
            Self::Accounts => &["email", "vat_id", "category"],
            Self::MeteringPoints => &[
                "day_start_hour",
                "street",
                "postal_code",
                "city",
                "country_code",
                "parent_metering_point_id",
                "settlement_method",
            ],
            Self::Products => &["bundled", "rounding"],
            Self::Contracts => &["parameters"],
            Self::Tokens => &["account_id", "metering_point_id"],
            Self::Cdrs => &[
                "location_id",
                "connector_id",
                "contract_id",
                "session_id",
                "charging_hours",
                "parking_hours",
                "tariff_id",
                "total_cost_excl_vat",
                "total_cost_incl_vat",
                "meter_start_kwh",
                "meter_end_kwh",
                "credit_of",
                "home_charging",
            ],
            Self::TaxRates | Self::Prices => &[],
        }
    }

    /// The form with these columns.
    ///
    /// # Errors
    /// [`CsvFault::UnknownForm`], or what keeps the header from being that of the form it is most like.
    pub(super) fn of(header: &[String]) -> Result<Self, CsvFault> {
        let has = |column: &&&str| header.iter().any(|name| name == **column);
        let held = |form: &Self| form.columns().iter().filter(has).count();
        let likeness = |form: &Self| {
            let (held, all) = (held(form), form.columns().len());
            // In thousandths, so that a short form does not lose to a long one with the same count.
            held.saturating_mul(1000).checked_div(all).unwrap_or_default()
        };
        let best = Self::ALL.into_iter().max_by_key(likeness).filter(|form| likeness(form) > 500);
        let form = best.ok_or(CsvFault::UnknownForm)?;
        if let Some(column) = form.columns().iter().find(|column| !has(column)) {
            return Err(CsvFault::MissingColumn { form, column });
        }
        let is_known = |name: &str| form.columns().contains(&name) || form.optional_columns().contains(&name);
        for (index, name) in header.iter().enumerate() {
            let is_twice = header.iter().take(index).any(|other| other == name);
            if is_twice || !is_known(name) {
                return Err(CsvFault::UnknownColumn { form, column: name.clone() });
            }
        }
        Ok(form)
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
