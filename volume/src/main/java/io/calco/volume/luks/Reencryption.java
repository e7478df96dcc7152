package io.calco.volume.luks;

import io.calco.disk.Disk;
import io.calco.disk.Extent;
import io.calco.disk.JobContext;
import io.calco.disk.crypt.SectorEncryption;
import io.calco.disk.luks.KeyChange;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// What giving a volume another master key did.
///
/// @param keptSlots the numbers of the slots whose passphrases were given: they open it as before
/// @param removedSlots the numbers of those that were erased
/// @param length bytes that were encrypted anew; what the disk below has never held is not
public record Reencryption(List<Integer> keptSlots, List<Integer> removedSlots, long length) {
  private static final int PIECE = 1 << 20;

  /// Copies the lists.
  public Reencryption {
    keptSlots = List.copyOf(keptSlots);
    removedSlots = List.copyOf(removedSlots);
  }

  static Reencryption run(Disk volume, Payload payload, KeyChange change, JobContext job)
      throws IOException {
    Disk data = volume.slice(payload.offset(), payload.length());
    byte[] buffer = new byte[PIECE];
    long length = 0;
    for (long at = 0; at < data.size(); ) {
      job.checkCancelled();
      job.progress("re-encrypting", at, data.size());
      Extent run = data.extentAt(at, data.size() - at);
      long zeroes = run.end() / payload.sectorSize() * payload.sectorSize();
      if (run.readsZero() && zeroes > at) {
        at = zeroes; // never written: no key makes anything of them but noise
        continue;
      }
      int part = (int) Math.min(PIECE, upTo(run.end(), payload.sectorSize()) - at);
      MemorySegment piece = MemorySegment.ofArray(buffer).asSlice(0, part);
      data.read(at, piece);
      long sector = payload.firstSector() + at / SectorEncryption.SECTOR;
      change.before().decrypt(piece, sector);
      change.after().encrypt(piece, piece, sector);
      data.write(at, piece);
      length += part;
      at += part;
    }
    data.sync();
    List<Integer> removed = change.removed();
    change.finish();
    return new Reencryption(change.kept(), removed, length);
  }

  private static long upTo(long end, int sectorSize) {
    return Math.ceilDiv(end, sectorSize) * sectorSize;
  }
}
