//! Damaged documents: whatever happens to the bytes, reading them ends in a document or a refusal.

use proptest::prelude::*;
use services::market::parse;

use super::{TAKEN, options, sample};

#[test]
fn a_document_cut_short_is_no_document() {
    for name in TAKEN {
        let text = sample(name);
        let whole = text.trim_end();
        let step = (whole.len() / 60).max(1);
        for length in (0..whole.len()).step_by(step) {
            let cut = whole.as_bytes().get(..length).unwrap();
            assert!(parse(cut, &options()).is_err(), "{name} cut to {length} bytes");
        }
    }
}

/// What is done to the bytes at a place.
#[derive(Clone, Debug)]
enum Damage {
    Put(u8),
    Remove(u8),
    Double(u8),
}

fn damage() -> impl Strategy<Value = (usize, Damage)> {
    let telling = prop::sample::select(b"<>/&\"{}[]:,.-+eE0919TZ \0\xff".to_vec());
    let kinds = prop_oneof![
        any::<u8>().prop_map(Damage::Put),
        telling.prop_map(Damage::Put),
        any::<u8>().prop_map(Damage::Remove),
        any::<u8>().prop_map(Damage::Double),
    ];
    (any::<usize>(), kinds)
}

fn damaged(mut bytes: Vec<u8>, damages: &[(usize, Damage)]) -> Vec<u8> {
    for (place, damage) in damages {
        let Some(place) = place.checked_rem(bytes.len()) else {
            break;
        };
        let end = |length: &u8| place.saturating_add(usize::from(*length)).min(bytes.len());
        match damage {
            Damage::Put(byte) => bytes.iter_mut().skip(place).take(1).for_each(|old| *old = *byte),
            Damage::Remove(length) => drop(bytes.drain(place..end(length))),
            Damage::Double(length) => {
                let part: Vec<u8> = bytes.get(place..end(length)).unwrap().to_vec();
                bytes.splice(place..place, part);
            }
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn damaged_documents_never_panic(
        name in prop::sample::select(TAKEN.to_vec()),
        damages in prop::collection::vec(damage(), 1..6),
    ) {
        let bytes = damaged(sample(name).into_bytes(), &damages);
        // Reaching the next line is the whole assertion: a refusal and a document are both right answers.
        let _ = parse(&bytes, &options());
    }

    #[test]
    fn noise_is_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(parse(&bytes, &options()).is_err());
    }
}
