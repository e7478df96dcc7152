package io.calco.disk.qcow2;

import io.calco.disk.Allocation;
import io.calco.disk.Findings;
import io.calco.disk.HostFile;
import io.calco.disk.JobContext;
import io.calco.disk.LimitExceededException;
import io.calco.disk.Mapping;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.ZeroMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Changes what an image was created with. Each option is changed by one write of the header, after
/// everything that it then says is on the medium; cut off between options, some are changed.
///
/// Afterwards the image must be opened anew. Confined.
final class Amendment {
  private final HostFile file;
  private final GuestFile guest;
  private final JobContext job;

  Amendment(HostFile file, GuestFile guest, JobContext job) {
    this.file = file;
    this.guest = guest;
    this.job = job;
  }

  /// Changes everything that differs from how the image is.
  ///
  /// @throws UnsupportedFeatureException when an option cannot be changed, or not to that
  void run(AmendOptions wanted) throws IOException {
    Qcow2Header header = HeaderReader.read(file);
    wanted.check(header);
    if (wanted.version().isPresent() && wanted.version().getAsInt() > header.geometry().version()) {
      upgrade(header);
    }
    header = HeaderReader.read(file);
    if (wanted.refcountOrder().isPresent()
        && wanted.refcountOrder().getAsInt() != header.geometry().refcountOrder()) {
      setRefcountOrder(header, wanted.refcountOrder().getAsInt());
    }
    header = HeaderReader.read(file);
    setFields(header, wanted);
    if (wanted.version().isPresent() && wanted.version().getAsInt() < header.geometry().version()) {
      downgrade(header);
    }
    file.sync();
  }

  private void setFields(Qcow2Header header, AmendOptions wanted) throws IOException {
    if (wanted.lazyRefcounts().isPresent()) {
      header.setLazyRefcounts(wanted.lazyRefcounts().get());
    }
    if (wanted.rawDataFile().isPresent() && !wanted.rawDataFile().get()) {
      header.setAutoclear(header.autoclear() & ~Qcow2Layout.AUTOCLEAR_RAW_DATA);
    }
    if (wanted.dataFile().isPresent()) {
      MemorySegment name =
          Qcow2Header.text(Qcow2Layout.EXTENSION_DATA_FILE, wanted.dataFile().get()).data();
      if (!header.setExtension(Qcow2Layout.EXTENSION_DATA_FILE, Optional.of(name))) {
        throw new LimitExceededException(
            file.name() + ": the data file's name does not fit into the header's cluster");
      }
    }
  }

  private Qcow2Editor editor(Qcow2Header header) throws IOException {
    MetadataAreas areas = new MetadataAreas(file, header);
    PointerTable l1 = PointerTable.read(file, header.l1Offset(), header.l1Entries());
    GuestMap map = new GuestMap(file, guest, header.geometry(), l1, header.size(), areas, true);
    return new Qcow2Editor(file, header, map, areas);
  }

  private void upgrade(Qcow2Header header) throws IOException {
    SnapshotTable table = SnapshotTable.read(file, header);
    if (!table.fitForVersion3()) {
      Qcow2Editor editor = editor(header);
      List<Snapshot> fit = new ArrayList<>();
      for (Snapshot old : table.snapshots()) {
        fit.add(SnapshotTable.entry(old.l1Offset(), (int) old.l1Entries(), old.facts()));
      }
      new SnapshotEditor(editor.image()).replaceTable(table, fit);
      editor.sync();
    }
    header.writeAs(3);
    file.sync();
  }

  /// Builds refcounts of another width after the end of the file; what held the old ones is free.
  private void setRefcountOrder(Qcow2Header header, int order) throws IOException {
    ReferenceWalk walk = new ReferenceWalk(file, header, new Findings(), job, false);
    walk.run();
    Geometry geometry = header.geometry();
    Geometry wanted =
        new Geometry(geometry.version(), geometry.clusterBits(), order, geometry.extendedL2());
    if (walk.counts().highest() > wanted.refcountMax()) {
      throw new LimitExceededException(
          "%s: has clusters with %d references, too many for %d bits"
              .formatted(file.name(), walk.counts().highest(), wanted.refcountBits()));
    }
    new RefcountRebuild(file, header, wanted, walk.counts()).run();
  }

  /// Version 2 has no zero clusters: they are unmapped where nothing lies below, and written else.
  private void downgrade(Qcow2Header header) throws IOException {
    Qcow2Editor editor = editor(header);
    editor.beginWrites();
    GuestMap map = editor.image().map();
    for (long at = 0; at < map.size(); ) {
      job.checkCancelled();
      job.progress("amending", at, map.size());
      Mapping run = map.map(at, map.size() - at);
      if (run instanceof Mapping.Zero) {
        expand(editor, header, at, at + run.length());
      }
      at += run.length();
    }
    editor.finish();
    editor.sync();
    header.writeAs(2);
    file.sync();
  }

  private void expand(Qcow2Editor editor, Qcow2Header header, long from, long to)
      throws IOException {
    if (!header.hasBacking()) {
      editor.zero(from, to - from, ZeroMode.MAY_UNMAP);
      return;
    }
    MemorySegment zeroes = MemorySegment.ofArray(new byte[header.geometry().clusterSize()]);
    for (long at = from; at < to; ) {
      Allocation part = editor.allocate(at, Math.min(to - at, zeroes.byteSize()));
      part.file().write(part.hostOffset(), zeroes.asSlice(0, part.length()));
      editor.commit(part);
      at = part.offset() + part.length();
    }
  }

  /// Changes an image's options by name.
  static void run(HostFile file, GuestFile guest, Map<String, String> options, JobContext job)
      throws IOException {
    new Amendment(file, guest, job).run(AmendOptions.of(options));
  }
}
