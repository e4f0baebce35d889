//! How common bytes are in source text, and which follow which: what a search should hold on to.
//!
//! Bytes taken one by one would take `tion` for rare. So text is seen as a chain here, in which each
//! byte depends on the one before it: a letter's part is in the table; digits are one class and all other
//! bytes another, each byte with its share of it. Counted in 40 MB of source files of many languages, with the case
//! bit set in every byte.

/// [`SIGN`], [`DIGIT`], and each letter.
const CLASSES: usize = 28;
const SIGN: usize = 0;
const DIGIT: usize = 1;

/// How seldom the class of a column follows that of the row, in halvings: `3` is one in eight, `a` one
/// in 1,024, `.` less. Both in the order: signs, digits, `a` to `z`.
const FOLLOWS: [&[u8; CLASSES]; CLASSES] = [
    b"05676676886a977676a6557878aa",
    b"117777669b8abbbaaa.ba99b.5..",
    b"478545975b5b7343.5.333677769",
    b"254767389844a38948.5573ba.49",
    b"36496837a36b447928a56359ab7.",
    b"264685286a39b68848b65759a97.",
    b"27585465798.9464866334a7757.",
    b"164987557b3..58638.4665.b.8.",
    b"28598929653.b67568.44658a.99",
    b"283aa82abb3.a8793996757b9.8b",
    b"596645545.9b945246a533a6.7.6",
    b"26598819a968799936a949498a9a",
    b"185987287949a68658b84769589a",
    b"384885239b3.a49947.955599.5a",
    b"37359729aa4.965843b9575ba.7b",
    b"28494436495.768647.84367997.",
    b"497654857b7a654254.3544768ba",
    b"383a8738a65.849935b36448ab5.",
    b"26798888ab9bb5988876681a8abb",
    b"284866285b4.776548.554579.6.",
    b"296a6929764.8778559843599.6.",
    b"284a6737a33.a78947.4555a895a",
    b"544456466.5..44384.343ab.9.b",
    b"352a7a189b3.b88858.978a899ab",
    b"38398739b32.a79549.447aa7a..",
    b"22564646a85.a57994a873a9a679",
    b"18787868796bb65553b744987a89",
    b"354a6718a84aa65748a7698a9a75",
];

/// The share of each class among all bytes, in ten thousandths.
const CLASS_SHARE: [u16; CLASSES] = [
    4226, 301, 389, 91, 224, 207, 693, 181, 100, 115, 356, 10, 40, 271, 146, 355, 338, 183, 18, 388, 429, 511, 178, 49,
    51, 62, 71, 15,
];

/// The share of a byte among those of its class, in halvings. A line's end with its case bit set is `*`.
const fn halvings_of(b: u8) -> u8 {
    match b {
        b'a'..=b'z' => 0,
        b' ' => 1,
        b'0' => 2,
        b'1'..=b'3' => 3,
        b'*' | b'4'..=b'9' => 4,
        0x7f | b',' | b')' | b'"' | b'.' | b'(' | b':' => 5,
        b'\'' | b'=' | b'-' => 6,
        b'/' | b'{' | b'}' | b'#' | b'|' | b'>' => 7,
        b';' | b'`' => 8,
        b'<' | b'&' | b'+' | b'$' => 9,
        b'!' | b'%' => 10,
        b'?' | b'~' => 11,
        _ => 13,
    }
}

/// Bytes that stand many in a row, and the share of text that is such rows: no chain of single bytes
/// tells it.
const ROWS: [(u8, f32); 8] =
    [(b' ', 0.05), (b'-', 4e-4), (b'=', 2e-4), (b'/', 2e-4), (b'*', 4e-4), (b'#', 2e-4), (b'.', 1e-4), (b'0', 2e-4)];

/// The same as probabilities.
struct Chain {
    first: [f32; CLASSES],
    follows: [[f32; CLASSES]; CLASSES],
    /// The share of a byte in its class.
    share: [f32; 256],
}

static CHAIN: Chain = chain();

const fn chain() -> Chain {
    let mut chain = Chain { first: [0.0; CLASSES], follows: [[0.0; CLASSES]; CLASSES], share: [0.0; 256] };
    let mut row = 0;
    while row < CLASSES {
        chain.first[row] = CLASS_SHARE[row] as f32 / 10_000.0;
        let mut column = 0;
        while column < CLASSES {
            let halvings = match FOLLOWS[row][column] {
                b'.' => 12,
                digit @ b'0'..=b'9' => digit - b'0',
                letter => letter - b'a' + 10,
            };
            chain.follows[row][column] = 1.0 / (1_u32 << halvings) as f32;
            column += 1;
        }
        row += 1;
    }
    let mut b = 0;
    while b < 256 {
        chain.share[b] = 1.0 / (1_u32 << halvings_of(b as u8)) as f32;
        b += 1;
    }
    chain
}

/// The class of a byte with its case bit set.
const fn class_of(b: u8) -> usize {
    match b {
        b'a'..=b'z' => DIGIT + 1 + (b - b'a') as usize,
        b'0'..=b'9' => DIGIT,
        _ => SIGN,
    }
}

/// The byte values that may stand at one place of a fragment, as the vectorised search knows them:
/// every low half with every high half.
#[derive(Clone, Copy, Default)]
pub(super) struct Halves {
    pub(super) low: u16,
    pub(super) high: u16,
}

impl Halves {
    const ANY: Self = Self { low: u16::MAX, high: u16::MAX };

    pub(super) fn add(&mut self, b: Option<u8>) {
        let Self { low, high } = b.map_or(Self::ANY, |b| Self { low: 1 << (b & 15), high: 1 << (b >> 4) });
        self.low |= low;
        self.high |= high;
    }

    fn is_any(self) -> bool {
        self.low & self.high == u16::MAX
    }

    fn has(self, b: u8) -> bool {
        self.low >> (b & 15) & 1 == 1 && self.high >> (b >> 4) & 1 == 1
    }

    /// The classes that may stand here, each with the share of it that may.
    fn classes(self) -> Classes {
        let mut classes = Classes::default();
        for high in ones(self.high) {
            for low in ones(self.low) {
                let b = (high << 4 | low) as u8;
                classes.add(class_of(b), CHAIN.share[usize::from(b)]);
            }
        }
        classes
    }
}

/// Numbers by class, of few classes.
#[derive(Clone, Copy, Default)]
struct Classes {
    of: [f32; CLASSES],
    some: u32,
}

impl Classes {
    fn add(&mut self, class: usize, n: f32) {
        self.of[class] += n;
        self.some |= 1 << class;
    }

    fn iter(&self) -> impl Iterator<Item = (usize, f32)> {
        ones(self.some).map(|class| (class, self.of[class]))
    }
}

/// The share of places of folded source text at which these bytes stand one behind the other, roughly.
pub(super) fn share_of(places: &[Halves]) -> f32 {
    let mut places_told = places.iter().take_while(|p| !p.is_any()).map(|p| p.classes());
    let Some(first) = places_told.next() else { return 1.0 };
    // For each class, how likely it is that all places so far are right and that it stood last.
    let mut reached = first;
    first.iter().for_each(|(class, share)| reached.of[class] = share * CHAIN.first[class]);
    for place in places_told {
        let mut next = Classes::default();
        for (class, share) in place.iter() {
            next.add(class, share * reached.iter().map(|(before, r)| r * CHAIN.follows[before][class]).sum::<f32>());
        }
        reached = next;
    }
    let rows: f32 = ROWS.iter().filter(|(b, _)| places.iter().all(|p| p.has(*b))).map(|(_, share)| share).sum();
    reached.iter().map(|(_, r)| r).sum::<f32>() + rows
}

/// The share of places of source text at which a text stands, its case aside.
pub(super) fn share_of_text(text: &[u8]) -> f32 {
    let mut share = 1.0;
    let mut before = None;
    for b in text.iter().map(|b| b | 0x20) {
        let class = class_of(b);
        share *= before.map_or(CHAIN.first[class], |before: usize| CHAIN.follows[before][class]);
        share *= CHAIN.share[usize::from(b)];
        before = Some(class);
    }
    let row = ROWS.iter().find(|(b, _)| text.iter().all(|t| t == b));
    share + row.map_or(0.0, |(_, share)| *share)
}

/// Where the rarest `n` bytes of a text start; 0 if it is shorter.
pub(super) fn rarest(text: &[u8], n: usize) -> usize {
    let last = text.len().saturating_sub(n);
    let share = |at: &usize| share_of_text(&text[*at..text.len().min(at + n)]);
    (0..=last).min_by(|a, b| share(a).total_cmp(&share(b))).unwrap_or(0)
}

/// The places of the bits that are set.
fn ones(set: impl Into<u32>) -> impl Iterator<Item = usize> {
    let mut set = set.into();
    std::iter::from_fn(move || {
        let at = (set != 0).then_some(set.trailing_zeros() as usize);
        set &= set.wrapping_sub(1);
        at
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_parts_of_words_are_known_to_be_common() {
        for (common, rare) in [("tion", "pass"), ("tion", "onne"), ("ing ", "://"), ("    ", "gin "), ("----", "begi")]
        {
            let (a, b) = (share_of_text(common.as_bytes()), share_of_text(rare.as_bytes()));
            assert!(a > 2.0 * b, "{common} {a}, {rare} {b}");
        }
        assert_eq!(rarest(b"connection", 4), 2);
    }

    #[test]
    fn all_that_may_stand_somewhere_is_added_up() {
        let mut places = [Halves::default(); 2];
        for text in [b"ab", b"cd"] {
            places.iter_mut().zip(text).for_each(|(p, b)| p.add(Some(*b)));
        }
        // Halves are combined: `ab`, `ad`, `cb`, `cd`.
        let sum: f32 = ["ab", "ad", "cb", "cd"].iter().map(|t| share_of_text(t.as_bytes())).sum();
        assert!((share_of(&places) - sum).abs() < 1e-6);
        assert!((share_of(&[Halves::ANY]) - 1.0).abs() < 0.1);
    }
}
