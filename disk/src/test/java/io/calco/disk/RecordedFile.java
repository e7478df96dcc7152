package io.calco.disk;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// A file in memory that remembers everything that changed it.
public final class RecordedFile extends MemoryFile {
  private final List<Change> changes = new ArrayList<>();

  /// A file of a copy of these bytes.
  public RecordedFile(byte[] content) {
    super(content);
  }

  /// One change; no bytes, size or hole for a sync.
  public record Change(long offset, MemorySegment bytes, long newSize, long hole) {
    /// True when everything before is on the medium.
    public boolean isSync() {
      return bytes.byteSize() == 0 && newSize < 0 && hole == 0;
    }

    /// Does it again.
    public void apply(MemoryFile file) {
      if (newSize >= 0) {
        file.truncate(newSize);
      } else if (hole > 0) {
        file.truncate(Math.max(file.size(), offset + hole));
        file.punchHole(offset, hole);
      } else if (bytes.byteSize() > 0) {
        file.write(offset, bytes);
      }
    }
  }

  /// All changes so far, in order.
  public List<Change> changes() {
    return changes;
  }

  @Override
  public void write(long offset, MemorySegment src) {
    super.write(offset, src);
    MemorySegment copy = MemorySegment.ofArray(src.toArray(ValueLayout.JAVA_BYTE));
    changes.add(new Change(offset, copy, -1, 0));
  }

  @Override
  public void truncate(long newSize) {
    super.truncate(newSize);
    changes.add(new Change(0, MemorySegment.NULL, newSize, 0));
  }

  @Override
  public void punchHole(long offset, long length) {
    super.punchHole(offset, length);
    changes.add(new Change(offset, MemorySegment.NULL, -1, length));
  }

  @Override
  public void sync() {
    changes.add(new Change(0, MemorySegment.NULL, -1, 0));
  }
}
