//! Where the rows of the field lie: the keys of days, rated positions, products, charges, prices, documents, invoices.
//!
//! Rows of one entity and section are told apart by the first byte of their suffix. Numbers are big-endian and days
//! shifted to be unsigned, so that the order of keys is the order of things.

use bytes::Bytes;
use domain::cdr::CdrKey;
use domain::charge::{ChargeKey, ChargeKind};
use domain::day::{Day, Month};
use domain::day_span::DaySpan;
use domain::funds::OperationKey;
use domain::leg::LegKey;
use domain::operation::OperationId;
use domain::position::PositionKey;
use domain::price_series::SeriesId;
use domain::series::Direction;
use sha2::{Digest, Sha256};
use storage::{Key, KeyReader, KeyWriter};

use crate::shell::{RowKey, Section};

const RATED: u8 = b'p';
const TENANT: u8 = b't';
const PRODUCT: u8 = b'P';
const PRICE_SHEET: u8 = b'o';
const SHARE_AGREEMENT: u8 = b'h';
const CHARGE: u8 = b'c';
const PRICES: u8 = b's';
const ITEM: u8 = b'd';
const INVOICE: u8 = b'i';
const POSTINGS: u8 = b'l';
const ROLL: u8 = b'a';
const FUNDS: u8 = b'f';
const SHOWN: u8 = b's';
const EVENT: u8 = b'e';
const CDR: u8 = b'r';
const CDR_DOCUMENT: u8 = b'D';
const UNREADABLE: u8 = b'u';
const SOLD: u8 = b'v';
const LEG: u8 = b'g';
const LEG_NUMBER: u8 = b'k';
const BUNDLE_LEG: u8 = b'B';
const STATEMENT: u8 = b'S';
const TOTAL: u8 = b'b';

/// A half-open range of suffixes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suffixes {
    /// The first.
    pub from: Bytes,
    /// The one after the last.
    pub until: Bytes,
}

/// A version of a day of values, in section series.
pub(super) fn day(direction: Direction, day: Day, version: u32) -> RowKey {
    own(Section::Series, channel(direction).u32(number(day)).u32(version))
}

/// All versions of the days of a span.
pub fn days(direction: Direction, span: DaySpan) -> Suffixes {
    let edge = |day| suffix(channel(direction).u32(number(day)));
    Suffixes { from: edge(span.first()), until: edge(span.end()) }
}

/// A version of a rated position, in section record.
pub(super) fn rated(key: &PositionKey, digest: [u8; 16], version: u32) -> RowKey {
    own(Section::Record, month(RATED, key.month).u128(u128::from_be_bytes(digest)).u32(version))
}

/// All versions of the rated positions of a month.
pub fn rated_month(of: Month) -> Suffixes {
    Suffixes { from: suffix(month(RATED, of)), until: suffix(month(RATED, of.next())) }
}

/// The settings and tax rates from a registration time on, in section record of the catalogue.
pub(super) fn tenant(registered_ms: i64, sequence: u64) -> RowKey {
    own(Section::Record, KeyWriter::new().tag(TENANT).i64(registered_ms).u64(sequence))
}

/// All settings there were.
pub fn tenants() -> Suffixes {
    all(TENANT)
}

/// A version of a product, in section record of the catalogue.
pub(super) fn product(id: &str, version: u32) -> RowKey {
    own(Section::Record, KeyWriter::new().tag(PRODUCT).text(id).u32(version))
}

/// All versions of a product.
pub fn product_versions(id: &str) -> Suffixes {
    versions(PRODUCT, id)
}

/// A version of a price sheet, in section record of the catalogue.
pub(super) fn price_sheet(id: &str, version: u32) -> RowKey {
    own(Section::Record, KeyWriter::new().tag(PRICE_SHEET).text(id).u32(version))
}

/// All versions of a price sheet, in order of registration.
pub fn price_sheet_versions(id: &str) -> Suffixes {
    versions(PRICE_SHEET, id)
}

/// A version of an agreement on shares, in section record of the catalogue.
pub(super) fn share_agreement(id: &str, version: u32) -> RowKey {
    own(Section::Record, KeyWriter::new().tag(SHARE_AGREEMENT).text(id).u32(version))
}

/// All versions of an agreement on shares, in order of registration.
pub fn share_agreement_versions(id: &str) -> Suffixes {
    versions(SHARE_AGREEMENT, id)
}

/// What became known of a charge, in section record of the catalogue.
pub(super) fn charge(key: &ChargeKey, registered_ms: i64, sequence: u64) -> RowKey {
    own(Section::Record, charge_key(KeyWriter::new().tag(CHARGE), key).i64(registered_ms).u64(sequence))
}

/// Everything known of a charge, in order of registration.
pub fn charge_versions(key: &ChargeKey) -> Suffixes {
    let edge = |at| suffix(charge_key(KeyWriter::new().tag(CHARGE), key).i64(at));
    Suffixes { from: edge(i64::MIN), until: edge(i64::MAX) }
}

/// A version of a month of prices, in section record of the catalogue.
pub(super) fn price_month(series: &SeriesId, of: Month, version: u32) -> RowKey {
    own(Section::Record, in_month(series, of).u32(version))
}

/// All versions of the months of a series that lie in a span, or that begin before its end where prices are carried
/// forward.
pub fn price_months(series: &SeriesId, span: DaySpan, carried: bool) -> Suffixes {
    let first = if carried { suffix(prices(series)) } else { suffix(in_month(series, span.first().month())) };
    Suffixes { from: first, until: suffix(in_month(series, span.end().previous().month().next())) }
}

/// A series of a document, in section record.
pub(super) fn item(index: u32) -> RowKey {
    own(Section::Record, KeyWriter::new().tag(ITEM).u32(index))
}

/// A piece of an issued invoice, in section record of the account.
pub(super) fn invoice(number: &str, piece: u16) -> RowKey {
    own(Section::Record, KeyWriter::new().tag(INVOICE).text(number).u16(piece))
}

/// The pieces of an issued invoice.
pub fn invoice_pieces(number: &str) -> Suffixes {
    let edge = |piece| suffix(KeyWriter::new().tag(INVOICE).text(number).u16(piece));
    Suffixes { from: edge(0), until: edge(u16::MAX) }
}

/// A posting set, in section ledger of the account.
pub(super) fn postings(sequence: u64) -> RowKey {
    own(Section::Ledger, KeyWriter::new().tag(POSTINGS).u64(sequence))
}

/// The posting sets of an account from one on, in order.
pub fn postings_from(sequence: u64) -> Suffixes {
    let from = suffix(KeyWriter::new().tag(POSTINGS).u64(sequence));
    Suffixes { from, until: all(POSTINGS).until }
}

/// What is remembered of an operation on funds, in section record of the account.
pub fn funds_record(key: &OperationKey) -> RowKey {
    let writer = KeyWriter::new().tag(FUNDS);
    let writer = match key {
        OperationKey::Operation(id) => writer.tag(1).text(id.text()),
        OperationKey::Reserve(id) => writer.tag(2).text(id.text()),
        OperationKey::Resolve(id) => writer.tag(3).text(id.text()),
        OperationKey::Received(from, id) => writer.tag(4).text(from).text(id.text()),
    };
    own(Section::Record, writer)
}

/// A leg in the order of booking months, in section record of the account.
pub(super) fn booked_leg(of: Month, sequence: u64) -> RowKey {
    own(Section::Record, month(LEG, of).u64(sequence))
}

/// The legs that were booked in a month from one on, in order.
pub fn booked_legs(of: Month, sequence: u64) -> Suffixes {
    Suffixes { from: suffix(month(LEG, of).u64(sequence)), until: suffix(month(LEG, of.next())) }
}

/// That a leg was booked: its place in the order, by its record and number, in section record of the account.
pub fn leg(leg: &LegKey) -> RowKey {
    let writer = match &leg.seller {
        None => KeyWriter::new().tag(LEG_NUMBER),
        Some(seller) => KeyWriter::new().tag(BUNDLE_LEG).text(seller),
    };
    let writer = writer.text(&leg.cdr.party().to_string()).text(leg.cdr.id());
    own(Section::Record, writer.u32(leg.number))
}

/// A piece of an issued statement, in section record of the account.
pub(super) fn statement(number: &str, piece: u16) -> RowKey {
    own(Section::Record, KeyWriter::new().tag(STATEMENT).text(number).u16(piece))
}

/// The pieces of an issued statement.
pub fn statement_pieces(number: &str) -> Suffixes {
    let edge = |piece| suffix(KeyWriter::new().tag(STATEMENT).text(number).u16(piece));
    Suffixes { from: edge(0), until: edge(u16::MAX) }
}

/// What a top-up of prepaid supply showed, in section record of the account.
pub fn shown_top_up(operation: &OperationId) -> RowKey {
    own(Section::Record, KeyWriter::new().tag(SHOWN).text(operation.text()))
}

/// An entry of the log of what accounts tell, in section record of its partition.
pub(super) fn event(sequence: u64) -> RowKey {
    own(Section::Record, KeyWriter::new().tag(EVENT).u64(sequence))
}

/// The entries of a partition from one on, in order.
pub fn events_from(sequence: u64) -> Suffixes {
    let from = suffix(KeyWriter::new().tag(EVENT).u64(sequence));
    Suffixes { from, until: all(EVENT).until }
}

/// The place of an entry of the log.
#[must_use]
pub fn event_place(suffix: &[u8]) -> Option<u64> {
    let key = Key::from(suffix);
    let mut reader = KeyReader::new(&key);
    reader.tag().ok()?;
    reader.u64().ok()
}

/// What a book has under an id of a charge detail record, in section record: under one place whatever the case of its
/// letters is, so that no two records are told apart by that.
pub fn cdr(id: &str) -> RowKey {
    own(Section::Record, KeyWriter::new().tag(CDR).text(&CdrKey::compared(id)))
}

/// What a book has under ids behind one, in their order.
pub fn cdrs_behind(id: Option<&str>) -> Suffixes {
    let Suffixes { from, until } = all(CDR);
    let behind = |id: &str| {
        let mut from = suffix(KeyWriter::new().tag(CDR).text(&CdrKey::compared(id))).to_vec();
        from.push(0);
        Bytes::from(from)
    };
    Suffixes { from: id.map_or(from, behind), until }
}

/// A piece of a document that came under an id of a charge detail record, in section record of the book.
pub(super) fn cdr_document(id: &str, number: u32, piece: u16) -> RowKey {
    own(Section::Record, document_key(id, number, piece))
}

/// The pieces of a document that came under an id of a charge detail record.
pub fn cdr_document_pieces(id: &str, number: u32) -> Suffixes {
    let edge = |piece| suffix(document_key(id, number, piece));
    Suffixes { from: edge(0), until: edge(u16::MAX) }
}

fn document_key(id: &str, number: u32, piece: u16) -> KeyWriter {
    KeyWriter::new().tag(CDR_DOCUMENT).text(&CdrKey::compared(id)).u32(number).u16(piece)
}

/// A document that is no record, in section record of the book: the one a thousand before it lay there.
pub(super) fn unreadable(number: u64) -> RowKey {
    let slot = number.checked_rem(domain::entity::cdr_book::MOST_UNREADABLE).unwrap_or_default();
    own(Section::Record, KeyWriter::new().tag(UNREADABLE).u64(slot))
}

/// All documents of a book that are no records.
pub fn unreadables() -> Suffixes {
    all(UNREADABLE)
}

/// A charging session that was sold, in section record of the account.
pub fn sold(cdr: &CdrKey) -> RowKey {
    own(Section::Record, sold_key(cdr))
}

/// Sessions that were sold to an account, in order of their records' parties and ids, behind one.
pub fn sold_behind(cdr: Option<&CdrKey>) -> Suffixes {
    let Suffixes { from, until } = all(SOLD);
    let behind = |cdr: &CdrKey| {
        let mut from = suffix(sold_key(cdr)).to_vec();
        from.push(0);
        Bytes::from(from)
    };
    Suffixes { from: cdr.map_or(from, behind), until }
}

/// Sessions that were sold to an account, from that of this record on.
pub fn sold_from(cdr: &CdrKey) -> Suffixes {
    Suffixes { from: suffix(sold_key(cdr)), until: all(SOLD).until }
}

fn sold_key(cdr: &CdrKey) -> KeyWriter {
    KeyWriter::new().tag(SOLD).text(&cdr.party().to_string()).text(cdr.id())
}

/// That an account lives in a shard: what run parts walk.
pub(super) fn roll(account: &str) -> RowKey {
    RowKey::Shared { section: Section::Record, suffix: suffix(KeyWriter::new().tag(ROLL).text(account)) }
}

/// The accounts of a shard after one.
pub fn roll_after(account: &str) -> Suffixes {
    let mut from = KeyWriter::new().tag(ROLL).text(account).finish().into_bytes().to_vec();
    from.push(0);
    Suffixes { from: Bytes::from(from), until: all(ROLL).until }
}

/// The account of an entry of the roll.
pub(super) fn rolled(suffix: &[u8]) -> Option<String> {
    let key = Key::new(Bytes::copy_from_slice(suffix));
    let mut reader = KeyReader::new(&key);
    reader.tag().ok()?;
    String::from_utf8(reader.bytes().ok()?).ok()
}

/// The total of a ledger role and currency in a shard.
pub(super) fn total(role: &str, currency: &str) -> RowKey {
    let key = KeyWriter::new().tag(TOTAL).text(currency).text(role);
    RowKey::Shared { section: Section::Total, suffix: suffix(key) }
}

/// The totals of a tenant's ledger in a shard.
pub fn totals() -> Suffixes {
    all(TOTAL)
}

/// Currency and role of a total.
pub fn read_total(suffix: &[u8]) -> Option<(String, String)> {
    let key = Key::from(suffix);
    let mut reader = KeyReader::new(&key);
    reader.tag().ok()?;
    let currency = String::from_utf8(reader.bytes().ok()?).ok()?;
    let role = String::from_utf8(reader.bytes().ok()?).ok()?;
    reader.finish().ok()?;
    Some((currency, role))
}

/// A digest that names a position key within its month.
pub(super) fn position_digest(encoded: &[u8]) -> [u8; 16] {
    let digest: [u8; 32] = Sha256::digest(encoded).into();
    digest.first_chunk().copied().unwrap_or_default()
}

pub(super) fn charge_key(writer: KeyWriter, key: &ChargeKey) -> KeyWriter {
    let kind = match key.kind {
        ChargeKind::Subscription => 1,
        ChargeKind::Fee => 2,
        ChargeKind::Tariff => 3,
    };
    writer.text(&key.owner).text(&key.code).tag(kind)
}

pub(super) fn suffix(writer: KeyWriter) -> Bytes {
    writer.finish().into_bytes()
}

fn own(section: Section, writer: KeyWriter) -> RowKey {
    RowKey::Own { section, suffix: suffix(writer) }
}

fn all(tag: u8) -> Suffixes {
    let edge = |tag| suffix(KeyWriter::new().tag(tag));
    Suffixes { from: edge(tag), until: edge(tag.saturating_add(1)) }
}

fn versions(tag: u8, id: &str) -> Suffixes {
    let edge = |version| suffix(KeyWriter::new().tag(tag).text(id).u32(version));
    Suffixes { from: edge(0), until: edge(u32::MAX) }
}

fn channel(direction: Direction) -> KeyWriter {
    KeyWriter::new().tag(match direction {
        Direction::Consumption => 1,
        Direction::Production => 2,
    })
}

fn month(tag: u8, month: Month) -> KeyWriter {
    KeyWriter::new().tag(tag).u32(number(month.first_day()))
}

fn prices(series: &SeriesId) -> KeyWriter {
    let writer = KeyWriter::new().tag(PRICES);
    match series {
        SeriesId::Charge(key) => charge_key(writer.tag(1), key),
        SeriesId::Index(name) => writer.tag(2).text(name),
    }
}

fn in_month(series: &SeriesId, month: Month) -> KeyWriter {
    prices(series).u32(number(month.first_day()))
}

/// Days before 1970 sort before those after it.
fn number(day: Day) -> u32 {
    day.number().cast_unsigned() ^ 0x8000_0000
}
