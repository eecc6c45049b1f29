//! Compressed forms of a body, with the least of DEFLATE (RFC 1951) that makes them.

/// A gzip file (RFC 1952) that holds `bytes` as they are, in stored blocks.
pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    in_gzip(&stored(bytes), checksum(bytes), bytes.len())
}

/// The coding that HTTP calls `deflate`: a zlib stream (RFC 1950).
pub(super) fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    out.extend(stored(bytes));
    let (mut one, mut other) = (1_u32, 0_u32);
    for byte in bytes {
        one = (one + u32::from(*byte)) % 65_521;
        other = (other + one) % 65_521;
    }
    out.extend(((other << 16) | one).to_be_bytes());
    out
}

/// One GiB of spaces in about one MiB.
pub(super) fn gzip_bomb() -> Vec<u8> {
    in_gzip(&spaces(BOMB_SIZE), BOMB_CHECKSUM, BOMB_SIZE)
}

fn in_gzip(deflated: &[u8], checksum: u32, size: usize) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    out.extend_from_slice(deflated);
    out.extend(checksum.to_le_bytes());
    // Modulo 2³², as the format has it.
    out.extend((size as u32).to_le_bytes());
    out
}

fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 16);
    let mut chunks = bytes.chunks(0xffff).peekable();
    if chunks.peek().is_none() {
        out.extend([1, 0, 0, 0xff, 0xff]);
    }
    while let Some(chunk) = chunks.next() {
        let length = chunk.len() as u16;
        out.push(u8::from(chunks.peek().is_none()));
        out.extend(length.to_le_bytes());
        out.extend((!length).to_le_bytes());
        out.extend_from_slice(chunk);
    }
    out
}

/// So many spaces, as good as DEFLATE can: a block of its own codes, in which each match of 258 takes two bits.
fn spaces(count: usize) -> Vec<u8> {
    let mut bits = Bits::default();
    // The last block, with codes of its own; 286 literals and lengths, 1 distance, 18 lengths of code lengths.
    bits.push(1, 1);
    bits.push(2, 2);
    bits.push(286 - 257, 5);
    bits.push(0, 5);
    bits.push(18 - 4, 4);
    // In the format's own order, 16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1: two bits each for 0, 1, 2
    // and 18, so in the order of what they stand for, and with the first bit lowest:
    for length in [0, 0, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 2] {
        bits.push(length, 3);
    }
    let (one, two, zeros) = (0b10, 0b01, 0b11);
    let skip = |bits: &mut Bits, count: u32| {
        bits.push(zeros, 2);
        bits.push(count - 11, 7);
    };
    // A space has two bits, the end of the block two, a match of 258 one.
    skip(&mut bits, 32);
    bits.push(two, 2);
    skip(&mut bits, 138);
    skip(&mut bits, 256 - 33 - 138);
    bits.push(two, 2);
    skip(&mut bits, 285 - 257);
    bits.push(one, 2);
    // The only distance, one, has one bit.
    bits.push(one, 2);
    let (space, end) = (0b01, 0b11);
    let matches = count.saturating_sub(1) / 258;
    for _ in 0..count - matches * 258 {
        bits.push(space, 2);
    }
    // All bits of a match are 0, so twelve go at once.
    for _ in 0..matches / 12 {
        bits.push(0, 24);
    }
    for _ in 0..matches % 12 {
        bits.push(0, 2);
    }
    bits.push(end, 2);
    bits.finish()
}

/// Bits, the lowest first.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    held: u32,
    count: u32,
}

impl Bits {
    fn push(&mut self, value: u32, width: u32) {
        self.held |= value << self.count;
        self.count += width;
        while self.count >= 8 {
            self.bytes.push((self.held & 0xff) as u8);
            self.held >>= 8;
            self.count -= 8;
        }
    }

    fn finish(mut self) -> Vec<u8> {
        self.push(0, (8 - self.count) % 8);
        self.bytes
    }
}

/// CRC-32 as gzip has it.
fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
        }
    }
    !crc
}

const BOMB_SIZE: usize = 1 << 30;

/// That of so many spaces.
const BOMB_CHECKSUM: u32 = 0x9ac4_7fa6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_common_one() {
        assert_eq!(checksum(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn the_bomb_is_small() {
        assert!(gzip_bomb().len() < 1_100_000);
    }

    /// As zlib makes the same of them.
    #[test]
    fn streams_are_what_their_formats_say() {
        assert_eq!(zlib(b"a"), [0x78, 1, 1, 1, 0, 0xfe, 0xff, b'a', 0, 0x62, 0, 0x62]);
        let begin = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1, 1, 0, 0xfe, 0xff, b'a'];
        assert_eq!(gzip(b"a")[..16], begin);
        assert_eq!(
            spaces(1 + 2 * 258),
            [237, 192, 1, 9, 0, 0, 0, 128, 160, 43, 253, 95, 217, 17, 13, 6]
        );
    }
}
