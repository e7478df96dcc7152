package io.calco.fs.ntfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.util.Arrays;

/// Takes free file records and gives them back; makes the MFT longer when there is none.
final class Records {
  private static final UnitStream.Id BITMAP_ID =
      new UnitStream.Id(Volume.MFT, AttributeType.BITMAP, "");
  private static final int GROWTH = 64; // records at once

  private final Volume volume;
  private final ClusterAllocator clusters;
  private long next = Volume.FIRST_USER;

  Records(Volume volume, ClusterAllocator clusters) {
    this.volume = volume;
    this.clusters = clusters;
  }

  private UnitStream bitmap() throws IOException {
    Content content =
        volume
            .file(Volume.MFT)
            .find(AttributeType.BITMAP, "")
            .filter(found -> !found.isResident())
            .orElseThrow(
                () -> new UnsupportedFeatureException("NTFS: the MFT's bitmap lies in its record"));
    return volume.bitmapStream(BITMAP_ID, content);
  }

  /// A free record's number, marked as in use. Its content is still to be written.
  long allocate() throws IOException {
    UnitStream bitmap = bitmap();
    long end = Math.min(volume.mft().units(), bitmap.length() * 8);
    long found = search(bitmap, Math.min(next, end), end);
    if (found < 0) {
      found = search(bitmap, Volume.FIRST_USER, end);
    }
    if (found < 0) {
      found = volume.mft().units();
      grow();
      bitmap = bitmap();
    }
    mark(bitmap, found, true);
    next = found + 1;
    return found;
  }

  private long search(UnitStream bitmap, long from, long end) throws IOException {
    int pageBits = 8 * UnitStream.PAGE;
    for (long at = from; at < end; at++) {
      if (volume.units.isFree(bitmap, at / pageBits, (int) (at % pageBits))) {
        return at;
      }
    }
    return -1;
  }

  private void mark(UnitStream bitmap, long number, boolean used) throws IOException {
    int pageBits = 8 * UnitStream.PAGE;
    byte[] page = volume.units.edit(bitmap, number / pageBits, Commit.USED);
    int bit = (int) (number % pageBits);
    int mask = 1 << (bit & 7);
    if (((page[bit >> 3] & mask) != 0) == used) {
      throw CorruptImageException.at(
          "NTFS", "bitmap of the MFT, record", number, used ? "in use" : "free", "the other");
    }
    page[bit >> 3] ^= (byte) mask;
  }

  /// The sequence number that a record that was free goes on with.
  int sequence(long number) throws IOException {
    try {
      int sequence = LittleEndian.u16(volume.units.read(volume.mft(), number), 0x10);
      return sequence == 0 ? 1 : sequence;
    } catch (CorruptImageException e) {
      return 1; // never written
    }
  }

  /// Empties a record and marks it as free.
  void free(long number) throws IOException {
    if (number < Volume.FIRST_USER) {
      throw new UnsupportedFeatureException("NTFS: file record " + number + " is the volume's own");
    }
    int sequence = sequence(number) + 1 & 0xFFFF;
    byte[] record = volume.units.edit(volume.mft(), number, Commit.FREED);
    byte[] blank = RecordFormat.blank(record.length, number, sequence == 0 ? 1 : sequence);
    int counter = LittleEndian.u16(record, LittleEndian.u16(record, 4));
    LittleEndian.put16(blank, LittleEndian.u16(blank, 4), counter);
    System.arraycopy(blank, 0, record, 0, record.length);
    mark(bitmap(), number, false);
  }

  private void grow() throws IOException {
    EditedFile mft = EditedFile.load(volume, Volume.MFT);
    if (!volume.file(Volume.MFT).extensions().isEmpty()) {
      throw new LimitExceededException(
          "NTFS: no file record is free, and the MFT is in too many pieces to grow here;"
              + " let Windows make files on the volume and delete them");
    }
    int bits = volume.boot.clusterBits();
    int size = volume.boot.recordSize();
    Content data = mft.find(AttributeType.DATA, "").orElseThrow().content();
    long old = volume.mft().units();
    RunList runs = data.runs();
    if (runs.end() << bits < (old + 1) * size) {
      long count = Math.max(1, (long) GROWTH * size >> bits);
      long near = runs.place(runs.count() - 1) + runs.length(runs.count() - 1);
      RunList more = clusters.allocate(count, near);
      for (int run = 0; run < more.count(); run++) {
        runs = runs.plus(more.place(run), more.length(run));
      }
    }
    long length = Math.min((runs.end() << bits) / size, old + GROWTH) * size;
    Content.Sizes sizes = new Content.Sizes(runs.end() << bits, length, length);
    mft.set(AttributeType.DATA, "", Content.nonResident(runs, sizes, 0, 0));
    growBitmap(mft, length / size);
    if (!mft.fits()) {
      throw new LimitExceededException("NTFS: the MFT is in too many pieces to grow here");
    }
    mft.store(this, clusters);
    volume.loadMft();
    for (long number = old; number < length / size; number++) {
      byte[] record = volume.units.create(volume.mft(), number);
      System.arraycopy(RecordFormat.blank(size, number, 1), 0, record, 0, size);
    }
  }

  private void growBitmap(EditedFile mft, long records) throws IOException {
    int bits = volume.boot.clusterBits();
    Content old = mft.find(AttributeType.BITMAP, "").orElseThrow().content();
    long length = Math.max(old.size(), (records + 63) / 64 * 8);
    RunList runs = old.runs();
    if (runs.end() << bits < length) {
      RunList more =
          clusters.allocate(1, runs.place(runs.count() - 1) + runs.length(runs.count() - 1));
      runs = runs.plus(more.place(0), 1);
      volume.units.writeRuns(runs, runs.end() - 1 << bits, new byte[1 << bits]);
    }
    Content.Sizes sizes = new Content.Sizes(runs.end() << bits, length, length);
    mft.set(AttributeType.BITMAP, "", Content.nonResident(runs, sizes, 0, 0));
    UnitStream stream = new UnitStream(BITMAP_ID, runs, UnitStream.PAGE, 0, length);
    long from = old.sizes().initialized();
    for (long page = from / UnitStream.PAGE; page * UnitStream.PAGE < length; page++) {
      if (page * UnitStream.PAGE >= from) {
        volume.units.create(stream, page);
      } else {
        byte[] content = volume.units.edit(stream, page, Commit.USED);
        Arrays.fill(content, (int) (from - page * UnitStream.PAGE), content.length, (byte) 0);
      }
    }
  }
}
