/// A store of disks and blobs: every piece once, compared with its sum whenever it is read,
/// described by nothing but itself.
///
/// [Store] is the way in; [Upload] adds; a [Root] is a name and what it keeps. The layout of every
/// object is in `docs/format/store.md`; the sizes were measured,
/// `docs/decisions/0009-store-pieces.md`.
///
/// ```
/// root ─▶ record ─▶ pages ─▶ chunks        record, page and chunk: pieces, each under its hash
///                                          pieces lie in packs; an index tells where
/// ```
///
/// | | |
/// |---|---|
/// | chunk | a cell of the disk's or blob's own grid; one of zeroes is a hole, and not stored |
/// | page | the identities of 1,024 chunks; one of holes is not stored |
/// | record | length, grid, and the identities of the pages |
/// | pack | pieces and their table, put whole when it has 32 MiB or at a commit; named by the SHA-256 of its table |
/// | index | what the tables of some packs say, in short; made again from the packs at any time |
/// | root | a name, parts, attributes; the only thing that is replaced |
///
/// # Write order
///
/// Packs, then the index of them, then the root: a root is put when all that it leads to is on the
/// medium. A process killed before leaves pieces that no root leads to.
///
/// # Why a collection takes nothing from an upload
///
/// There are no locks, only objects that are put, listed and deleted, each of these seen by all
/// once it returned.
///
/// An upload (1) puts a session, (2) reads the lists of condemned packs, (3) reads the index. It
/// rests on pieces of packs only that are not condemned in what it read. Once its root is put it
/// deletes the session.
///
/// A collection marks from the roots; copies what is needed out of packs that are mostly garbage;
/// (a) puts a list of the packs it condemns; (b) lists the sessions, and notes them in the list. It
/// deletes nothing until each of these has ended. Then (c) it reads index and roots again, marks
/// again, and takes off the list what is needed now; (d) puts an index without the rest, deletes
/// the old index, the packs, and last the list.
///
/// - An upload that rests on a condemned pack did (2) before (a). So its (1) was before (b): the
///   collection waits for it, or it had ended, and then its root is seen by the marking in (c).
/// - An upload that did (2) after (a) does not rest on the packs, for as long as the list is there.
///   One that did (2) after the list was deleted reads in (3) an index that has no such packs.
/// - So after the wait no new root can come to need a condemned pack, and what (c) finds is final.
/// - What a root needs was marked, and moved if it had to be, before (a): a collection that made
///   the list itself marks in (c) only the roots that are new, unless packs were condemned that it
///   does not know of.
/// - A collection killed anywhere leaves packs more than needed, or a list that the next one goes
///   on with. A list without sessions, from between (a) and (b), gets those that live when it is
///   found, but for the finder's own, which reads all lists: they are more, not fewer.
/// - A root may be put between the reading of the index and of the roots. A piece that the index
///   does not tell of is looked for in a newer one before it counts as missing.
/// - Packs that no index tells of, left by a killed upload or not yet indexed by a running one, are
///   condemned and waited for likewise.
/// - Two collections exclude each other by their own sessions: each puts one, then looks for the
///   other's; the later always sees the earlier. Should they run side by side all the same, a piece
///   that only condemned packs hold, whoever condemned them, is needed: (c) reads all lists.
///
/// A session of a process of this machine lives as long as the process. That of another machine
/// shows life every five minutes, and is given up when a collection saw none for 24 hours: it gets
/// a tombstone, which names the roots that it had by then. Its upload looks for the tombstone
/// before and after it puts a root, and a root that the tombstone does not name does not count. So
/// what was given up by mistake fails, and is not half there.
///
/// # Damage
///
/// Each piece has a sum (CRC-32C of it as stored), which is compared whenever it is read; pages and
/// records are compared with their identities too. Verification, repair and collection compare all
/// identities.
///
/// A root that cannot be read hides no other, but nothing is collected while one is there: nobody
/// knows what it needs. Nor while an object of the index is damaged; whoever reads or adds asks the
/// packs instead. What is damaged and cannot be had from a copy is given up by name.
///
/// A piece that is damaged in one pack is read from another that has it. [Store#verify] reads all
/// and believes packs, not the index; [Store#repair] rescues what is sound, takes the rest from a
/// second store, and writes the index anew.
///
/// # Encryption
///
/// Each object is sealed with AES-256-GCM under a key of its own, derived from the master key and
/// its salt. Identities are HMACs, so that nobody without the key can ask whether some content is
/// in the store; names of roots likewise. What a stranger sees: how many packs, when, how large.
///
/// # Memory
///
/// 14 to 18 bytes of index a piece: 10 TiB of chunks of 512 KiB, 21 million, take 330 MiB. Packs
/// under way: at most three of 32 MiB, outside the heap. Chunks under way: a few for each
/// processor, whatever the number of uploads; and one being filled in each [BlobWriter]. Chunks on
/// their way out: 96 MiB outside the heap, whatever the number of readings.
///
/// Oracles: a reader in Python by the specification alone (`read_store.py`), sha256sum, zstd(1).
///
/// Thread rule: see each type. Safe for several processes at once.
@NullMarked
package io.calco.store;

import org.jspecify.annotations.NullMarked;
