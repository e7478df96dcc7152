package io.calco.nbd;

import io.calco.disk.Disk;
import io.calco.disk.Extent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// What a client can ask about runs of an export: "Metadata querying" of `doc/proto.md`.
sealed interface MetaContext {
  /// The full name.
  String name();

  /// What it says of the run at `offset`.
  ///
  /// @param most longest that is of interest, at least 1
  Status at(long offset, long most) throws IOException;

  /// @param length bytes that it holds for, at least 1
  record Status(long length, int flags) {}

  /// `base:allocation`.
  record BaseAllocation(Disk disk) implements MetaContext {
    @Override
    public String name() {
      return Nbd.BASE_ALLOCATION;
    }

    @Override
    public Status at(long offset, long most) throws IOException {
      Extent extent = disk.extentAt(offset, most);
      int hole = extent.allocated() ? 0 : Nbd.STATE_HOLE;
      int zero = extent.readsZero() ? Nbd.STATE_ZERO : 0;
      return new Status(extent.length(), hole | zero);
    }
  }

  /// `qemu:dirty-bitmap:NAME`.
  record DirtyBitmap(DirtyRuns runs) implements MetaContext {
    @Override
    public String name() {
      return Nbd.DIRTY_BITMAP + runs.name();
    }

    @Override
    public Status at(long offset, long most) {
      long end = runs.nextChange(offset, offset + most);
      return new Status(end - offset, runs.isDirty(offset) ? Nbd.STATE_DIRTY : 0);
    }
  }

  /// All that an export has.
  static List<MetaContext> of(NbdExport export) {
    List<MetaContext> all = new ArrayList<>();
    all.add(new BaseAllocation(export.disk()));
    export.bitmaps().forEach(runs -> all.add(new DirtyBitmap(runs)));
    return all;
  }

  /// True when a query lists this one: its name, or the beginning of it up to a colon.
  default boolean listedBy(String query) {
    return name().equals(query) || query.endsWith(":") && name().startsWith(query);
  }
}
