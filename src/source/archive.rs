//! Members of archives as documents: zip (jar, whl, docx, xlsx), tar, gzip, and what is nested in them.
//!
//! Everything is read in memory, and everything is bounded: depth, members, bytes, and how much more
//! comes out than went in. Nothing is written, so that a member's name can lead nowhere; what it is
//! called in reports is cleaned all the same. What is not read is told to the caller.

use std::io::{self, Read};

use super::RepoPath;

/// Archives inside archives that are opened.
const DEPTH: usize = 4;
/// Members of one file on disk, over all depths.
const MEMBERS: usize = 20_000;
/// Bytes that may come out of one file on disk.
const TOTAL: u64 = 512 << 20;
/// Bytes of one member.
const MEMBER: u64 = 64 << 20;
/// How many times more may come out than went in, beyond a first megabyte. Text reaches 20, made-up
/// archives thousands.
const RATIO: u64 = 200;
const FREE: u64 = 1 << 20;
/// What separates an archive from its member in a path.
const SEPARATOR: u8 = b'!';

/// What is met in an archive.
pub(crate) enum Met<'b> {
    /// A member that is no archive.
    Member(RepoPath, &'b [u8]),
    /// Something that was not read, and why.
    Left(RepoPath, &'static str),
}

/// Kinds of archives, by their first bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Zip,
    Gzip,
    Tar,
    /// Known, and not read.
    Other(&'static str),
}

fn kind(bytes: &[u8]) -> Option<Kind> {
    const OTHERS: [(&[u8], &str); 5] = [
        (b"BZh", "bzip2 is not read"),
        (b"\xfd7zXZ\0", "xz is not read"),
        (b"\x28\xb5\x2f\xfd", "zstandard is not read"),
        (b"7z\xbc\xaf\x27\x1c", "7-Zip is not read"),
        (b"Rar!\x1a\x07", "RAR is not read"),
    ];
    if bytes.starts_with(b"PK\x03\x04") {
        return Some(Kind::Zip);
    }
    if bytes.starts_with(b"\x1f\x8b\x08") {
        return Some(Kind::Gzip);
    }
    if bytes.get(257..262) == Some(b"ustar") {
        return Some(Kind::Tar);
    }
    OTHERS.iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, why)| Kind::Other(why))
}

/// Whether the bytes are an archive of a known kind.
pub(crate) fn is_archive(bytes: &[u8]) -> bool {
    kind(bytes).is_some()
}

/// Walks the members of the archive at `path`, in the archive's own order, until `met` says no.
pub(crate) fn walk(path: &RepoPath, bytes: &[u8], met: &mut dyn FnMut(Met<'_>) -> bool) {
    let left = TOTAL.min(FREE + RATIO * bytes.len() as u64);
    let mut walk = Walk { met, left, members: MEMBERS, over: false, stopped: false };
    walk.open(path.as_bytes(), bytes, 0);
}

struct Walk<'m> {
    met: &'m mut dyn FnMut(Met<'_>) -> bool,
    /// Bytes that may still come out.
    left: u64,
    /// Members that may still be read.
    members: usize,
    /// A bound was met, and told.
    over: bool,
    /// The caller wants no more.
    stopped: bool,
}

impl Walk<'_> {
    fn open(&mut self, path: &[u8], bytes: &[u8], depth: usize) {
        match kind(bytes) {
            None => self.tell(Met::Member(RepoPath::new(path), bytes)),
            Some(Kind::Other(why)) => self.leave(path, why),
            Some(_) if depth >= DEPTH => self.leave(path, "archives are nested too deep"),
            Some(Kind::Zip) => self.zip(path, bytes, depth),
            Some(Kind::Gzip) => self.gzip(path, bytes, depth),
            Some(Kind::Tar) => self.tar(path, bytes, depth),
        }
    }

    fn tell(&mut self, met: Met<'_>) {
        self.stopped |= !self.stopped && !(self.met)(met);
    }

    fn leave(&mut self, path: &[u8], why: &'static str) {
        self.tell(Met::Left(RepoPath::new(path), why));
    }

    /// Whether a bound ends the walk; told once.
    fn is_over(&mut self, path: &[u8]) -> bool {
        if self.stopped {
            return true;
        }
        if self.members > 0 && self.left > 0 {
            return false;
        }
        if !self.over {
            self.over = true;
            let why =
                if self.left == 0 { "more comes out of it than the bound allows" } else { "it has too many members" };
            self.leave(path, why);
        }
        true
    }

    /// All bytes of a member, unless that is more than the bounds allow: then the first of them.
    fn read(&mut self, path: &[u8], from: impl Read) -> Option<Vec<u8>> {
        let most = self.left.min(MEMBER);
        let mut bytes = Vec::new();
        match from.take(most + 1).read_to_end(&mut bytes) {
            Ok(_) => {}
            // What came before the damage is scanned.
            Err(_) if !bytes.is_empty() => self.leave(path, "damaged"),
            Err(_) => {
                self.leave(path, "damaged");
                return None;
            }
        }
        if bytes.len() as u64 > most {
            bytes.truncate(most as usize);
            if self.left > MEMBER {
                self.leave(path, "only its first 64 MiB were read");
            }
        }
        self.left = self.left.saturating_sub(bytes.len() as u64);
        Some(bytes)
    }

    fn zip(&mut self, path: &[u8], bytes: &[u8], depth: usize) {
        let Ok(mut archive) = zip::ZipArchive::new(io::Cursor::new(bytes)) else {
            return self.leave(path, "its directory is damaged");
        };
        for index in 0..archive.len() {
            if self.is_over(path) {
                return;
            }
            self.members -= 1;
            let (name, encrypted, folder) = match archive.by_index_raw(index) {
                Ok(member) => (joined(path, member.name_raw()), member.encrypted(), member.is_dir()),
                Err(_) => {
                    self.leave(path, "a member's head is damaged");
                    continue;
                }
            };
            if folder {
                continue;
            }
            if encrypted {
                self.leave(&name, "encrypted");
                continue;
            }
            let content = match archive.by_index(index) {
                Ok(member) => self.read(&name, member),
                Err(_) => {
                    self.leave(&name, "compressed in a way that is not read");
                    None
                }
            };
            if let Some(content) = content {
                self.open(&name, &content, depth + 1);
            }
        }
    }

    /// One compressed file. If that is a tar, its members are the archive's own.
    fn gzip(&mut self, path: &[u8], bytes: &[u8], depth: usize) {
        if self.is_over(path) {
            return;
        }
        self.members -= 1;
        let file = path.rsplit(|b| matches!(*b, b'/' | SEPARATOR)).next().unwrap_or_default();
        let stem = file.strip_suffix(b".gz").or_else(|| file.strip_suffix(b".tgz")).unwrap_or(file);
        let name = joined(path, stem);
        let Some(content) = self.read(&name, flate2::read::MultiGzDecoder::new(bytes)) else { return };
        self.is_over(path);
        if kind(&content) == Some(Kind::Tar) {
            self.tar(path, &content, depth);
        } else {
            self.open(&name, &content, depth + 1);
        }
    }

    fn tar(&mut self, path: &[u8], bytes: &[u8], depth: usize) {
        let mut archive = tar::Archive::new(bytes);
        let Ok(entries) = archive.entries() else { return self.leave(path, "damaged") };
        for entry in entries {
            if self.is_over(path) {
                return;
            }
            self.members -= 1;
            let Ok(entry) = entry else { return self.leave(path, "damaged") };
            if !entry.header().entry_type().is_file() {
                continue;
            }
            let name = joined(path, &entry.path_bytes());
            if let Some(content) = self.read(&name, entry) {
                self.open(&name, &content, depth + 1);
            }
        }
    }
}

/// `archive!member`, without the parts of a name that would lead elsewhere or act on a terminal.
fn joined(archive: &[u8], member: &[u8]) -> Vec<u8> {
    let parts = member.split(|b| matches!(b, b'/' | b'\\')).filter(|p| !matches!(*p, b"" | b"." | b".."));
    let mut name = archive.to_vec();
    for (n, part) in parts.enumerate() {
        name.push(if n == 0 { SEPARATOR } else { b'/' });
        name.extend(part.iter().take(255).map(|b| if b.is_ascii_control() { b'_' } else { *b }));
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn told(bytes: &[u8]) -> (Vec<String>, Vec<String>) {
        let (mut members, mut left) = (Vec::new(), Vec::new());
        walk(&RepoPath::new("a/x.bin"), bytes, &mut |met| {
            match met {
                Met::Member(path, bytes) => {
                    members.push(format!("{path}={}", String::from_utf8_lossy(&bytes[..bytes.len().min(9)])));
                }
                Met::Left(path, why) => left.push(format!("{path}: {why}")),
            }
            true
        });
        (members, left)
    }

    fn zip_of(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        for (name, bytes) in members {
            writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn tar_of(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, bytes) in members {
            let mut header = tar::Header::new_ustar();
            header.set_size(bytes.len() as u64);
            header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
            header.set_cksum();
            builder.append(&header, *bytes).unwrap();
        }
        builder.into_inner().unwrap()
    }

    fn gzip_of(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn members_at_every_depth() {
        let inner = zip_of(&[("conf/b.env", b"KEY=1")]);
        let tar = tar_of(&[("c.txt", b"three"), ("d.zip", &inner)]);
        let bytes = zip_of(&[("a.txt", b"one"), ("t.tar.gz", &gzip_of(&tar)), ("e.log.gz", &gzip_of(b"five"))]);
        let (members, left) = told(&bytes);
        assert_eq!(
            members,
            [
                "a/x.bin!a.txt=one",
                "a/x.bin!t.tar.gz!c.txt=three",
                "a/x.bin!t.tar.gz!d.zip!conf/b.env=KEY=1",
                "a/x.bin!e.log.gz!e.log=five",
            ]
        );
        assert!(left.is_empty(), "{left:?}");
    }

    #[test]
    fn a_caller_can_end_the_walk() {
        let inner = zip_of(&[("b.txt", b"two"), ("c.txt", b"three")]);
        let bytes = zip_of(&[("a.txt", b"one"), ("n.zip", &inner), ("d.txt", b"four")]);
        for most in 1..4 {
            let mut met = 0;
            walk(&RepoPath::new("x"), &bytes, &mut |_| {
                met += 1;
                met < most
            });
            assert_eq!(met, most);
        }
    }

    #[test]
    fn bounds_and_tricks_are_told() {
        let bomb = gzip_of(&vec![b'a'; 80 << 20]);
        assert!(bomb.len() < 100 << 10);
        let (members, left) = told(&bomb);
        assert_eq!((members.len(), left), (1, vec!["a/x.bin: more comes out of it than the bound allows".to_owned()]));
        let mut deep = zip_of(&[("a.txt", b"one")]);
        for _ in 0..DEPTH {
            deep = zip_of(&[("n.zip", &deep)]);
        }
        let (members, left) = told(&deep);
        assert!(members.is_empty() && left.len() == 1 && left[0].ends_with("nested too deep"), "{left:?}");
        let (members, _) = told(&zip_of(&[("../../etc/x\u{1b}", b"one"), ("/y", b"two"), ("c:\\z", b"six")]));
        assert_eq!(members, ["a/x.bin!etc/x_=one", "a/x.bin!y=two", "a/x.bin!c:/z=six"]);
        assert_eq!(told(b"BZh91AY&SY").1, ["a/x.bin: bzip2 is not read"]);
    }

    #[test]
    fn damage_never_ends_the_run() {
        let bytes = zip_of(&[("a.txt", b"one one one one one"), ("b.txt", b"two two two two")]);
        for cut in 0..bytes.len() {
            let _ = told(&bytes[..cut]);
            let mut flipped = bytes.clone();
            flipped[cut] ^= 0x5a;
            let _ = told(&flipped);
        }
        let gz = gzip_of(&tar_of(&[("c.txt", b"three")]));
        for cut in 0..gz.len() {
            let _ = told(&gz[..cut]);
        }
    }
}
