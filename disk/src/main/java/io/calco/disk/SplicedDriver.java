package io.calco.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;

/// A disk with others in their places on it, for reading. Closes them all with it.
final class SplicedDriver extends ReadOnlyDriver {
  private final Disk frame;

  /// By the first byte.
  private final NavigableMap<Long, Disk> parts;

  /// @param parts by their first byte on the disk; they share no byte and end in the frame
  SplicedDriver(Disk frame, SortedMap<Long, Disk> parts) {
    this.frame = frame;
    this.parts = new TreeMap<>(parts);
  }

  /// A run of the frame or of a part.
  private record Place(Disk disk, long offset, long length) {}

  private Place placeAt(long offset, long maxLength) {
    Map.Entry<Long, Disk> before = parts.floorEntry(offset);
    if (before != null && offset - before.getKey() < before.getValue().size()) {
      long within = offset - before.getKey();
      return new Place(
          before.getValue(), within, Math.min(maxLength, before.getValue().size() - within));
    }
    Long next = parts.higherKey(offset);
    return new Place(frame, offset, next == null ? maxLength : Math.min(maxLength, next - offset));
  }

  @Override
  public long size() {
    return frame.size();
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    for (long done = 0; done < dst.byteSize(); ) {
      Place place = placeAt(offset + done, dst.byteSize() - done);
      place.disk().read(place.offset(), dst.asSlice(done, place.length()));
      done += place.length();
    }
  }

  @Override
  public Extent extentAt(long offset, long maxLength) throws IOException {
    Place place = placeAt(offset, maxLength);
    Extent found = place.disk().extentAt(place.offset(), place.length());
    return new Extent(offset, found.length(), found.allocated(), found.readsZero());
  }

  @Override
  public void close() throws IOException {
    for (Disk part : parts.values()) {
      part.close();
    }
    frame.close();
  }
}
