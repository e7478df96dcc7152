package io.calco.fs.ext;

import io.calco.disk.CorruptImageException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.bytes.BigEndian;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Reads the log of a journal: which blocks its complete transactions wrote, and where their last
/// content stands. Writes nothing.
///
/// The rules are the kernel's: the log ends where a block has another magic or sequence than
/// expected, or a commit block's checksum is wrong; a wrong checksum inside a transaction that was
/// committed is an error; a revoked block is not replayed from transactions up to the revoking one.
final class JournalReplay {
  private static final int FAST_COMMIT_HEAD = 9;

  private record Tag(long block, long index, boolean escaped, long sequence) {}

  private final Volume volume;
  private final Journal journal;
  private final List<Tag> tags = new ArrayList<>();
  private final Map<Long, Long> revoked = new HashMap<>();
  private List<Tag> running = new ArrayList<>();
  private Map<Long, Long> runningRevoked = new HashMap<>();
  private long index;
  private long sequence;
  private long visited;
  private long lastCommitTime;
  private boolean suspect;
  private int crc = -1;

  private JournalReplay(Volume volume, Journal journal) {
    this.volume = volume;
    this.journal = journal;
    this.index = journal.start();
    this.sequence = journal.sequence();
  }

  /// What a replay comes to.
  ///
  /// @param blocks where the content of each block stands in the journal
  /// @param nextSequence the sequence of the next transaction
  record Result(Map<Long, Blocks.Replayed> blocks, long nextSequence) {}

  /// Reads the log; there must be one.
  static Result read(Volume volume, Journal journal) throws IOException {
    JournalReplay replay = new JournalReplay(volume, journal);
    replay.scan();
    replay.refuseFastCommits();
    return new Result(replay.outcome(), (replay.sequence + 1) & 0xFFFFFFFFL);
  }

  private void scan() throws IOException {
    while (true) {
      byte[] block = take();
      if (block == null
          || BigEndian.s32(block, 0) != JournalFormat.MAGIC
          || BigEndian.u32(block, 8) != sequence) {
        return;
      }
      boolean goOn =
          switch (BigEndian.s32(block, 4)) {
            case JournalFormat.DESCRIPTOR -> descriptor(block);
            case JournalFormat.REVOKE -> revoke(block);
            case JournalFormat.COMMIT -> commit(block);
            default -> false;
          };
      if (!goOn) {
        return;
      }
    }
  }

  /// The log's next block; null after one round.
  private byte @org.jspecify.annotations.Nullable [] take() throws IOException {
    if (++visited > journal.end() - journal.first()) {
      return null;
    }
    byte[] block = journal.read(index);
    index = journal.next(index);
    return block;
  }

  private boolean sumIsRight(byte[] block) {
    int at = block.length - 4;
    int found = BigEndian.s32(block, at);
    BigEndian.put32(block, at, 0);
    boolean right = journal.sum(block) == found;
    BigEndian.put32(block, at, found);
    return right;
  }

  private int tagSize() {
    if (journal.has(JournalFormat.INCOMPAT_CSUM_V3)) {
      return 16;
    }
    int size = journal.has(JournalFormat.INCOMPAT_CSUM_V2) ? 10 : 8;
    return journal.has(JournalFormat.INCOMPAT_64BIT) ? size + 4 : size;
  }

  private boolean descriptor(byte[] block) throws IOException {
    if (journal.checksums() && !sumIsRight(block)) {
      suspect = true;
    }
    if (journal.commitChecksums()) {
      crc = JournalFormat.crc32Be(crc, block);
    }
    int end = journal.checksums() ? block.length - 4 : block.length;
    int size = tagSize();
    for (int at = JournalFormat.HEADER; at + size <= end; at += size) {
      boolean v3 = journal.has(JournalFormat.INCOMPAT_CSUM_V3);
      int flags = v3 ? BigEndian.s32(block, at + 4) : BigEndian.u16(block, at + 6);
      long number = BigEndian.u32(block, at);
      if (journal.has(JournalFormat.INCOMPAT_64BIT)) {
        number |= BigEndian.u32(block, at + 8) << 32;
      }
      long contentIndex = index;
      byte[] content = take();
      if (content == null) {
        return false;
      }
      if (journal.commitChecksums()) {
        crc = JournalFormat.crc32Be(crc, content);
      }
      if (journal.checksums() && !suspect) {
        int found = v3 ? BigEndian.s32(block, at + 12) : BigEndian.u16(block, at + 4);
        int sum = journal.contentSum(sequence, content);
        suspect = found != (v3 ? sum : sum & 0xFFFF);
      }
      running.add(
          new Tag(number, contentIndex, (flags & JournalFormat.TAG_ESCAPED) != 0, sequence));
      if ((flags & JournalFormat.TAG_SAME_UUID) == 0) {
        at += 16;
      }
      if ((flags & JournalFormat.TAG_LAST) != 0) {
        break;
      }
    }
    return true;
  }

  private boolean revoke(byte[] block) throws CorruptImageException {
    if (journal.checksums() && !sumIsRight(block)) {
      suspect = true;
      return true;
    }
    int size = journal.has(JournalFormat.INCOMPAT_64BIT) ? 8 : 4;
    long end = BigEndian.u32(block, 12);
    int most = journal.checksums() ? block.length - 4 : block.length;
    if (end > most) {
      throw corrupt("a revoke block of " + end + " bytes", "at most " + most);
    }
    for (int at = 16; at + size <= end; at += size) {
      long number = BigEndian.u32(block, at);
      if (size == 8) {
        number = number << 32 | BigEndian.u32(block, at + 4);
      }
      runningRevoked.put(number, sequence);
    }
    return true;
  }

  private boolean commit(byte[] block) throws CorruptImageException {
    long time = BigEndian.u32(block, 48) << 32 | BigEndian.u32(block, 52);
    boolean stale = time < lastCommitTime;
    if (suspect) {
      if (stale) {
        return false;
      }
      throw corrupt("a wrong checksum in transaction " + sequence, "a right one");
    }
    if (!commitSumIsRight(block)) {
      return false;
    }
    lastCommitTime = time;
    tags.addAll(running);
    revoked.putAll(runningRevoked);
    running = new ArrayList<>();
    runningRevoked = new HashMap<>();
    crc = -1;
    sequence = (sequence + 1) & 0xFFFFFFFFL;
    return true;
  }

  private boolean commitSumIsRight(byte[] block) {
    int found = BigEndian.s32(block, 16);
    if (journal.checksums()) {
      BigEndian.put32(block, 16, 0);
      boolean right = journal.sum(block) == found;
      BigEndian.put32(block, 16, found);
      return right;
    }
    if (journal.commitChecksums()) {
      boolean unused = block[12] == 0 && block[13] == 0 && found == 0;
      boolean right = block[12] == JournalFormat.CHECKSUM_CRC32 && block[13] == 4 && found == crc;
      return unused || right;
    }
    return true;
  }

  private CorruptImageException corrupt(String found, String expected) {
    return CorruptImageException.at(
        "ext file system",
        "journal, offset in it",
        index << volume.geometry.blockBits(),
        found,
        expected);
  }

  /// Fast commits follow the log in an area of their own and continue its last transaction.
  private void refuseFastCommits() throws IOException {
    if (!journal.has(JournalFormat.INCOMPAT_FAST_COMMIT) || journal.end() >= journal.length()) {
      return;
    }
    byte[] block = journal.read(journal.end());
    if (LittleEndian.u16(block, 0) == FAST_COMMIT_HEAD && LittleEndian.u32(block, 8) == sequence) {
      throw new UnsupportedFeatureException(
          "ext file system: the journal holds fast commits (fast_commit), which Calco does not"
              + " replay; mount it once, or run e2fsck");
    }
  }

  private Map<Long, Blocks.Replayed> outcome() throws IOException {
    Map<Long, Blocks.Replayed> blocks = new HashMap<>();
    for (Tag tag : tags) {
      Long until = revoked.get(tag.block());
      if (until != null && (int) (tag.sequence() - until) <= 0) {
        continue;
      }
      if (tag.block() >= volume.blocks.disk().size() >> volume.geometry.blockBits()) {
        throw corrupt("a change of block " + tag.block(), "a block of the disk");
      }
      blocks.put(tag.block(), new Blocks.Replayed(journal.physical(tag.index()), tag.escaped()));
    }
    return blocks;
  }
}
