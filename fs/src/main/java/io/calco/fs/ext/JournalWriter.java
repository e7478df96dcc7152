package io.calco.fs.ext;

import io.calco.disk.bytes.BigEndian;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Writes one transaction into an empty log.
final class JournalWriter {
  private final Volume volume;
  private final Journal journal;
  private final long sequence;
  private long index;

  private JournalWriter(Volume volume, Journal journal) {
    this.volume = volume;
    this.journal = journal;
    this.sequence = journal.sequence();
    this.index = journal.first();
  }

  /// A writer for a transaction of at most `blocks` blocks; empty when the log cannot hold it.
  static Optional<JournalWriter> fitting(Volume volume, Journal journal, long blocks)
      throws IOException {
    JournalWriter writer = new JournalWriter(volume, journal);
    if (volume.geometry.blocksCount() > 1L << 32 && !journal.has(JournalFormat.INCOMPAT_64BIT)) {
      journal.useWideNumbers();
    }
    long descriptors = blocks / writer.tagsPerBlock() + 1;
    long room = journal.end() - journal.first();
    return blocks + descriptors + 1 <= room ? Optional.of(writer) : Optional.empty();
  }

  private int tagSize() {
    if (journal.has(JournalFormat.INCOMPAT_CSUM_V3)) {
      return 16;
    }
    int size = journal.has(JournalFormat.INCOMPAT_CSUM_V2) ? 10 : 8;
    return journal.has(JournalFormat.INCOMPAT_64BIT) ? size + 4 : size;
  }

  private int tagsPerBlock() {
    int tail = journal.checksums() ? 4 : 0;
    return (volume.geometry.blockSize() - JournalFormat.HEADER - 16 - tail) / tagSize();
  }

  /// Writes descriptors and blocks.
  void writeLog(List<Long> numbers) throws IOException {
    for (int from = 0; from < numbers.size(); from += tagsPerBlock()) {
      writePart(numbers.subList(from, Math.min(from + tagsPerBlock(), numbers.size())));
    }
  }

  private void writePart(List<Long> numbers) throws IOException {
    byte[] descriptor = new byte[volume.geometry.blockSize()];
    JournalFormat.putHeader(descriptor, JournalFormat.DESCRIPTOR, sequence);
    long descriptorIndex = index++;
    int at = JournalFormat.HEADER;
    for (int i = 0; i < numbers.size(); i++) {
      byte[] content = volume.blocks.read(numbers.get(i), Blocks.Check.NONE);
      int flags = i == 0 ? 0 : JournalFormat.TAG_SAME_UUID;
      if (i + 1 == numbers.size()) {
        flags |= JournalFormat.TAG_LAST;
      }
      if (BigEndian.s32(content, 0) == JournalFormat.MAGIC) {
        flags |= JournalFormat.TAG_ESCAPED;
        content = content.clone();
        BigEndian.put32(content, 0, 0);
      }
      putTag(descriptor, at, numbers.get(i), flags, content);
      at += tagSize();
      if (i == 0) {
        System.arraycopy(journal.uuid(), 0, descriptor, at, 16);
        at += 16;
      }
      journal.write(index++, content);
    }
    if (journal.checksums()) {
      BigEndian.put32(descriptor, descriptor.length - 4, journal.sum(descriptor));
    }
    journal.write(descriptorIndex, descriptor);
  }

  private void putTag(byte[] descriptor, int at, long number, int flags, byte[] content) {
    BigEndian.put32(descriptor, at, number);
    int sum = journal.checksums() ? journal.contentSum(sequence, content) : 0;
    if (journal.has(JournalFormat.INCOMPAT_CSUM_V3)) {
      BigEndian.put32(descriptor, at + 4, flags);
      BigEndian.put32(descriptor, at + 8, number >>> 32);
      BigEndian.put32(descriptor, at + 12, sum);
      return;
    }
    BigEndian.put16(descriptor, at + 4, sum);
    BigEndian.put16(descriptor, at + 6, flags);
    if (journal.has(JournalFormat.INCOMPAT_64BIT)) {
      BigEndian.put32(descriptor, at + 8, number >>> 32);
    }
  }

  /// Writes the commit block, and makes the log count.
  void writeCommit() throws IOException {
    byte[] commit = new byte[volume.geometry.blockSize()];
    JournalFormat.putHeader(commit, JournalFormat.COMMIT, sequence);
    Instant now = volume.now();
    long seconds = now.getEpochSecond();
    int nanoseconds = now.getNano();
    BigEndian.put32(commit, 48, seconds >>> 32);
    BigEndian.put32(commit, 52, seconds);
    BigEndian.put32(commit, 56, nanoseconds);
    if (journal.checksums()) {
      BigEndian.put32(commit, 16, journal.sum(commit));
    }
    journal.write(index, commit);
    journal.writeState(journal.first(), sequence);
  }

  /// Makes the log empty again.
  void close() throws IOException {
    journal.writeState(0, (sequence + 1) & 0xFFFFFFFFL);
  }
}
