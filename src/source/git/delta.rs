//! The delta format of packs: instructions that build an object out of another one.
//!
//! Takes the inflated instructions and the base's bytes; gives the object's bytes and which of its
//! ranges were copied from where. Every offset and length is untrusted: nothing is allocated or
//! copied before it was checked against the base, the result's size and the caller's limit.

/// A range of the result that was copied out of the base, adjoining instructions joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Copied {
    /// Where it starts in the result.
    pub(crate) at: usize,
    /// Where it starts in the base.
    pub(crate) from: usize,
    /// How many bytes.
    pub(crate) len: usize,
}

/// Why a delta cannot be applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DeltaError {
    /// It ends inside an instruction or a size.
    #[error("a delta ends too early")]
    Truncated,
    /// It was made for a base of another size.
    #[error("a delta does not fit its base")]
    WrongBase,
    /// An instruction reaches outside the base or the result.
    #[error("a delta reaches outside its base or its result")]
    OutOfBounds,
    /// It uses the reserved instruction 0.
    #[error("a delta has an unknown instruction")]
    Reserved,
    /// The result would be larger than allowed.
    #[error("a delta's result is larger than the limit")]
    TooLarge,
    /// The instructions make less than the size says.
    #[error("a delta makes less than it says")]
    Short,
}

/// Applies `delta` to `base`: `out` becomes the result, `copies` the ranges copied, in order.
pub(crate) fn apply(
    delta: &[u8],
    base: &[u8],
    limit: u64,
    out: &mut Vec<u8>,
    copies: &mut Vec<Copied>,
) -> Result<(), DeltaError> {
    out.clear();
    copies.clear();
    let mut rest = delta;
    if size(&mut rest)? != base.len() as u64 {
        return Err(DeltaError::WrongBase);
    }
    let len = size(&mut rest)?;
    if len > limit {
        return Err(DeltaError::TooLarge);
    }
    let len = len as usize;
    out.reserve_exact(len);
    while let Some((&op, tail)) = rest.split_first() {
        rest = tail;
        if op & 0x80 != 0 {
            let (from, n) = copy_operands(op, &mut rest)?;
            let bytes = base.get(from..from + n).ok_or(DeltaError::OutOfBounds)?;
            if n > len - out.len() {
                return Err(DeltaError::OutOfBounds);
            }
            push_copy(copies, Copied { at: out.len(), from, len: n });
            out.extend_from_slice(bytes);
        } else if op != 0 {
            let n = usize::from(op);
            let bytes = rest.get(..n).ok_or(DeltaError::Truncated)?;
            if n > len - out.len() {
                return Err(DeltaError::OutOfBounds);
            }
            out.extend_from_slice(bytes);
            rest = &rest[n..];
        } else {
            return Err(DeltaError::Reserved);
        }
    }
    if out.len() == len { Ok(()) } else { Err(DeltaError::Short) }
}

/// Offset and length of a copy instruction; both fit in 32 bits.
fn copy_operands(op: u8, rest: &mut &[u8]) -> Result<(usize, usize), DeltaError> {
    let mut operands = [0_u32; 7];
    for (bit, operand) in operands.iter_mut().enumerate() {
        if op & (1 << bit) != 0 {
            let (&byte, tail) = rest.split_first().ok_or(DeltaError::Truncated)?;
            *operand = u32::from(byte);
            *rest = tail;
        }
    }
    let [o0, o1, o2, o3, n0, n1, n2] = operands;
    let from = o0 | o1 << 8 | o2 << 16 | o3 << 24;
    let n = n0 | n1 << 8 | n2 << 16;
    Ok((from as usize, if n == 0 { 0x1_0000 } else { n as usize }))
}

fn push_copy(copies: &mut Vec<Copied>, copy: Copied) {
    match copies.last_mut() {
        Some(last) if last.at + last.len == copy.at && last.from + last.len == copy.from => last.len += copy.len,
        _ => copies.push(copy),
    }
}

/// A size: seven bits a byte, least significant first.
fn size(rest: &mut &[u8]) -> Result<u64, DeltaError> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, tail) = rest.split_first().ok_or(DeltaError::Truncated)?;
        *rest = tail;
        let bits = u64::from(byte & 0x7f);
        if shift == 63 && bits > 1 {
            return Err(DeltaError::TooLarge);
        }
        value |= bits << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(DeltaError::TooLarge)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Writes a delta out of instructions, for tests.
    pub(crate) struct Writer(pub(crate) Vec<u8>);

    impl Writer {
        pub(crate) fn new(base: usize, result: usize) -> Self {
            let mut w = Self(Vec::new());
            for mut n in [base, result] {
                while n >= 0x80 {
                    w.0.push(n as u8 | 0x80);
                    n >>= 7;
                }
                w.0.push(n as u8);
            }
            w
        }
        pub(crate) fn copy(&mut self, mut from: usize, mut len: usize) {
            while len > 0 {
                let n = len.min(0xff_ffff);
                let mut op = vec![0x80_u8];
                for i in 0..4 {
                    let byte = (from >> (8 * i)) as u8;
                    if byte != 0 {
                        op[0] |= 1 << i;
                        op.push(byte);
                    }
                }
                for i in 0..3 {
                    let byte = (n >> (8 * i)) as u8;
                    if byte != 0 {
                        op[0] |= 0x10 << i;
                        op.push(byte);
                    }
                }
                self.0.extend(op);
                from += n;
                len -= n;
            }
        }
        pub(crate) fn insert(&mut self, bytes: &[u8]) {
            for chunk in bytes.chunks(127) {
                self.0.push(chunk.len() as u8);
                self.0.extend(chunk);
            }
        }
    }

    fn run(delta: &[u8], base: &[u8]) -> Result<(Vec<u8>, Vec<Copied>), DeltaError> {
        let (mut out, mut copies) = (Vec::new(), Vec::new());
        apply(delta, base, 1 << 20, &mut out, &mut copies).map(|()| (out, copies))
    }

    #[test]
    fn copies_and_inserts_build_the_result_and_adjoining_copies_join() {
        let base = b"hello world";
        let mut w = Writer::new(base.len(), 14);
        w.copy(0, 3);
        w.copy(3, 3);
        w.insert(b"new");
        w.copy(6, 5);
        let (out, copies) = run(&w.0, base).unwrap();
        assert_eq!(out, b"hello newworld");
        assert_eq!(copies, [Copied { at: 0, from: 0, len: 6 }, Copied { at: 9, from: 6, len: 5 }]);
    }

    #[test]
    fn a_copy_without_length_bytes_means_64_kib() {
        let base = vec![7; 0x1_0000];
        let mut w = Writer::new(base.len(), base.len());
        w.0.push(0x80);
        assert_eq!(run(&w.0, &base).unwrap().0, base);
    }

    #[test]
    fn lies_are_errors() {
        let base = b"0123456789";
        let lie = |f: &dyn Fn(&mut Writer), result| {
            let mut w = Writer::new(base.len(), result);
            f(&mut w);
            run(&w.0, base).unwrap_err()
        };
        assert_eq!(lie(&|w| w.copy(5, 6), 6), DeltaError::OutOfBounds, "beyond the base");
        assert_eq!(lie(&|w| w.copy(0, 6), 5), DeltaError::OutOfBounds, "beyond the result");
        assert_eq!(lie(&|w| w.insert(b"abc"), 2), DeltaError::OutOfBounds, "beyond the result");
        assert_eq!(lie(&|w| w.insert(b"abc"), 4), DeltaError::Short, "less than the size says");
        assert_eq!(lie(&|w| w.0.push(0), 0), DeltaError::Reserved, "instruction 0");
        assert_eq!(lie(&|w| w.0.push(9), 9), DeltaError::Truncated, "an insert without its bytes");
        assert_eq!(lie(&|w| w.0.push(0xff), 9), DeltaError::Truncated, "a copy without its operands");
        assert_eq!(lie(&|_| (), 1 << 40), DeltaError::TooLarge, "one terabyte");
        assert_eq!(run(&Writer::new(9, 0).0, base).unwrap_err(), DeltaError::WrongBase, "another base");
        assert_eq!(run(&[0xff; 20], base).unwrap_err(), DeltaError::TooLarge, "an endless size");
        assert_eq!(run(&[], base).unwrap_err(), DeltaError::Truncated, "nothing at all");
    }

    proptest::proptest! {
        #[test]
        fn noise_never_panics(delta: Vec<u8>, base: Vec<u8>) {
            let _ = run(&delta, &base);
        }
    }
}
