package io.calco.store;

import io.calco.disk.DiskException;
import io.calco.disk.JobContext;
import io.calco.store.backend.Backend;
import io.calco.store.backend.StoredObject;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;

/// An index that was written anew.
///
/// @param packs packs it tells of
/// @param pieces pieces it tells of
/// @param unreadable packs whose table is damaged: what they hold needs a repair
public record RebuiltIndex(int packs, long pieces, List<StoreReport.Damage> unreadable) {

  /// Copies the list.
  public RebuiltIndex {
    unreadable = List.copyOf(unreadable);
  }

  /// Write order: the new index, then the old one away. What uploads index meanwhile stays: it was
  /// not there when the old index was listed.
  static RebuiltIndex write(Backend backend, StoreCipher cipher, JobContext job)
      throws IOException {
    List<StoredObject> old = backend.list(IndexObject.PREFIX);
    List<StoredObject> packs = backend.list(Pack.PREFIX);
    List<IndexObject.Line> lines = new ArrayList<>();
    List<StoreReport.Damage> unreadable = new ArrayList<>();
    long pieces = 0;
    for (StoredObject pack : packs) {
      job.checkCancelled();
      try {
        IndexObject.Line line = PackFormat.readLine(backend, cipher, pack);
        lines.add(line);
        pieces += line.pack.count();
      } catch (NoSuchFileException gone) {
        // Nobody deletes packs now but by hand.
      } catch (DiskException e) {
        unreadable.add(new StoreReport.Damage(pack.name(), String.valueOf(e.getMessage())));
      }
      job.progress("reading the packs' tables", lines.size(), packs.size());
    }
    IndexObject.putAll(backend, cipher, lines);
    for (StoredObject object : old) {
      backend.delete(object.name());
    }
    return new RebuiltIndex(lines.size(), pieces, unreadable);
  }
}
