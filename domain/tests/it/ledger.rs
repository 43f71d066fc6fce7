//! Posting sets: nothing that does not sum to zero can be made.

use domain::amount::Amount;
use domain::ledger::{LedgerRole, PostingHead, PostingReason, PostingRefusal, PostingSet, PostingSource};
use domain::money::Currency;

fn set(postings: &[(&str, i128)]) -> Result<Vec<(String, i128)>, PostingRefusal> {
    let head = PostingHead {
        source: PostingSource::Invoice("1".to_owned()),
        reason: PostingReason::Issued,
        corrects: None,
        asset: Currency::Eur.into(),
    };
    let role = |name: &str| match name {
        "unbilled" => LedgerRole::Unbilled,
        "receivable" => LedgerRole::Receivable,
        name => LedgerRole::Revenue(name.to_owned()),
    };
    let postings = postings.iter().map(|(name, raw)| (role(name), Amount::from_raw(*raw)));
    let set = PostingSet::new(head, postings)?;
    Ok(set.postings().iter().map(|posting| (posting.role.to_string(), posting.amount.raw())).collect())
}

fn check(postings: &[(&str, i128)], expected: Result<&[(&str, i128)], PostingRefusal>) {
    let expected = expected.map(|rows| rows.iter().map(|(role, raw)| ((*role).to_owned(), *raw)).collect());
    assert_eq!(set(postings), expected, "{postings:?}");
}

#[test]
fn a_set_sums_to_zero_or_is_refused() {
    let unbalanced = |raw| Err(PostingRefusal::Unbalanced(Amount::from_raw(raw)));
    check(&[], Ok(&[]));
    check(&[("unbilled", 5), ("energy", -5)], Ok(&[("unbilled", 5), ("revenue:energy", -5)]));
    check(&[("unbilled", 5), ("energy", -4)], unbalanced(1));
    check(&[("unbilled", -1)], unbalanced(-1));
    // One role has one posting, and one of nothing falls away.
    check(
        &[("energy", -7), ("unbilled", 5), ("energy", 2), ("grid", 3), ("grid", -3)],
        Ok(&[("unbilled", 5), ("revenue:energy", -5)]),
    );
    check(&[("unbilled", i128::MAX), ("unbilled", 1)], Err(PostingRefusal::OutOfRange));
    check(&[("unbilled", i128::MAX), ("receivable", 1)], Err(PostingRefusal::OutOfRange));
}
