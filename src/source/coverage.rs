//! What was scanned, what was not, and why: the table behind "never a false all-clear".

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What leaving something out means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Left out by choice; counted, changes no exit code.
    Exclusion,
    /// Asked for and not got; turns the exit code to 3.
    Gap,
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident = ($id:literal, $effect:ident, $text:literal)),+ $(,)?) => {
        /// Why something was not scanned, or not wholly.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Reason { $($(#[$doc])* $variant),+ }
        impl Reason {
            /// Every reason, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// The stable name.
            pub fn id(self) -> &'static str { match self { $(Self::$variant => $id),+ } }
            /// What it means for the verdict.
            pub fn effect(self) -> Effect { match self { $(Self::$variant => Effect::$effect),+ } }
            /// One sentence for people.
            pub fn text(self) -> &'static str { match self { $(Self::$variant => $text),+ } }
        }
    };
}

reasons! {
    /// `.gitignore` hides it and the index does not hold it.
    Ignored = ("ignored", Exclusion, "hidden by .gitignore and not tracked; --no-ignore reads it"),
    /// The configuration leaves it out.
    ExcludedByConfig = ("excluded-by-config", Exclusion, "left out by keyward.toml"),
    /// The configuration switches a rule off.
    RuleDisabled = ("rule-disabled", Exclusion, "a rule that keyward.toml switches off"),
    /// A symbolic link is not followed; what it points to is scanned where it stands.
    Symlink = ("symlink", Exclusion, "a symbolic link, not followed"),
    /// A socket, a device, a pipe.
    Special = ("special-file", Exclusion, "neither a file nor a folder"),
    /// An inline comment allows it.
    Allowed = ("allowed", Exclusion, "allowed by an inline comment"),
    /// An `[[allow]]` of the configuration covers it.
    AllowedByConfig = ("allowed-by-config", Exclusion, "allowed by keyward.toml"),
    /// Another scanner's marker stands beside it, and the configuration has such markers count.
    AllowedByMarker = ("allowed-by-marker", Exclusion, "allowed by another scanner's inline marker"),
    /// A value of a documented form whose check value proves that it was never issued.
    CheckValue = ("check-value", Exclusion, "of a known form whose check value does not fit: never issued"),
    /// A scan whose scope is empty by nature: nothing staged, an empty range.
    EmptyScope = ("empty-scope", Exclusion, "nothing in the scope that was asked for"),
    /// A change sets a submodule to another commit, which is judged in the submodule's own repository.
    SubmoduleChange = ("submodule-change", Exclusion, "a submodule's commit changes; its own repository judges what that brings"),
    /// It could not be opened or read.
    Unreadable = ("unreadable", Gap, "could not be read"),
    /// It was there when the folder was listed and gone when it was read.
    Vanished = ("vanished", Gap, "vanished while scanning"),
    /// Longer than the bound: only its first part was scanned.
    Cut = ("cut", Gap, "larger than the bound; only its first part was scanned"),
    /// A scan that was to look at documents found none.
    NoDocuments = ("no-documents", Gap, "no document was found where some were asked for"),
    /// A git-lfs pointer stands for content that is not here.
    LfsPointer = ("lfs-pointer", Gap, "a git-lfs pointer; its content is not here"),
    /// A submodule that is not checked out or was not entered.
    Submodule = ("submodule", Gap, "a submodule that was not entered"),
    /// The index of the repository could not be read.
    IndexUnreadable = ("index-unreadable", Gap, "the git index could not be read; tracked but ignored files may be missing"),
    /// A document's scan stopped with an internal error.
    Panicked = ("internal-error", Gap, "an internal error ended the scan of this document"),
    /// History is cut short.
    Shallow = ("shallow", Gap, "a shallow clone: earlier history is not here"),
    /// Objects were left out when cloning.
    PartialClone = ("partial-clone", Gap, "a partial clone: objects are missing"),
    /// An object is named and not there.
    MissingObject = ("missing-object", Gap, "an object is missing"),
    /// An object or a pack is damaged.
    CorruptObject = ("corrupt-object", Gap, "an object or a pack is damaged"),
    /// Refs that could not be read.
    RefsUnreadable = ("refs-unreadable", Gap, "refs could not be read"),
    /// An archive that cannot be opened, or not wholly.
    Archive = ("archive", Exclusion, "an archive that was not opened, or not wholly"),
    /// A bound on the number of things was met.
    Bounded = ("bounded", Gap, "a bound was met; the rest was left out"),
    /// Interrupted or out of time.
    Interrupted = ("interrupted", Gap, "the scan was ended before it was complete"),
    /// Nothing in an inventory can be compared with what was found.
    NotComparable = ("inventory-not-comparable", Gap, "nothing in the inventory can be compared with what was found"),
    /// Some digests of an inventory cannot be compared with what was found.
    ForeignDigests = ("foreign-digests", Exclusion, "a pepper or a salt that digests of the inventory need and that was not supplied"),
    /// Observed without the watchlist of the inventory that it is judged with.
    NoWatchlist = ("no-watchlist", Exclusion, "a repository observed without a watchlist: what only the inventory could recognise was not looked for"),
    /// Inventory rows were set aside.
    InventoryRows = ("inventory-rows", Exclusion, "inventory rows set aside as invalid (KW110)"),
}

/// One thing not scanned, or a class of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Entry {
    /// Why.
    pub reason: Reason,
    /// Which file, object or ref; empty for a whole class.
    pub subject: String,
    /// More about it, value-free; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

/// What a scan looked at and what it left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Documents scanned.
    pub documents: u64,
    /// Their bytes, decoded.
    pub bytes: u64,
    /// What was left out, counted by reason.
    pub counts: BTreeMap<Reason, u64>,
    /// The first of them by name, sorted; at most [`Coverage::LISTED`] of each reason.
    pub entries: Vec<Entry>,
}

impl Coverage {
    /// How many entries of one reason are listed by name.
    pub const LISTED: usize = 50;

    /// Counts and lists one thing.
    pub fn add(&mut self, reason: Reason, subject: impl Into<String>, detail: impl Into<String>) {
        self.count(reason, 1);
        self.entries.push(Entry { reason, subject: subject.into(), detail: detail.into() });
        // Sorting now and then keeps memory bounded and the choice independent of the order.
        if self.entries.len() > 64 * Self::LISTED {
            self.settle();
        }
    }

    /// Counts things without naming them.
    pub fn count(&mut self, reason: Reason, n: u64) {
        if n > 0 {
            *self.counts.entry(reason).or_default() += n;
        }
    }

    /// Takes up what another worker or stage saw.
    pub fn merge(&mut self, other: Self) {
        self.documents += other.documents;
        self.bytes += other.bytes;
        for (reason, n) in other.counts {
            self.count(reason, n);
        }
        self.entries.extend(other.entries);
    }

    /// Sorts the entries and cuts each reason to its first [`Self::LISTED`].
    pub fn settle(&mut self) {
        self.entries.sort_unstable();
        self.entries.dedup();
        let mut seen: BTreeMap<Reason, usize> = BTreeMap::new();
        self.entries.retain(|e| {
            let n = seen.entry(e.reason).or_default();
            *n += 1;
            *n <= Self::LISTED
        });
    }

    /// Whether something was asked for and not got.
    pub fn has_gap(&self) -> bool {
        self.counts.keys().any(|r| r.effect() == Effect::Gap)
    }
}
