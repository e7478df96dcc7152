package io.calco.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Files that were cut from one, read as that one: `disk.img.000`, `.001` …, or `.aa`, `.ab` … as
/// split(1) and Clonezilla name them.
public final class JoinedFile extends ReadOnlyFile {
  /// Ours; split(1) with three letters makes 17,576.
  private static final int PART_LIMIT = 17_576;

  private final List<HostFile> parts;

  /// Where each part begins, and where the last ends.
  private final long[] starts;

  private JoinedFile(String name, List<HostFile> parts) throws IOException {
    super(name);
    this.parts = List.copyOf(parts);
    this.starts = new long[parts.size() + 1];
    for (int i = 0; i < starts.length - 1; i++) {
      starts[i + 1] = Math.addExact(starts[i], this.parts.get(i).size());
    }
  }

  /// These files, one after the other; they are closed with the joined file, and when this fails.
  public static JoinedFile owning(String name, List<HostFile> parts) throws IOException {
    try {
      return new JoinedFile(name, parts);
    } catch (IOException | RuntimeException e) {
      Closing.after(e, parts);
      throw e;
    }
  }

  /// A file and the parts that follow it among its companions, or the file itself when it is named
  /// like no first part, or has none following. Numbered parts are not joined here: too many names
  /// that mean something else end in a number. Takes `first` over: it is closed with the result,
  /// and when this fails.
  public static HostFile owningFirst(HostFile first, Companions companions) throws IOException {
    List<HostFile> parts = new ArrayList<>(List.of(first));
    try {
      Set<String> neighbours = new HashSet<>(companions.neighbours());
      Optional<List<String>> names = namesOfParts(companions.imageName(), neighbours);
      if (names.isEmpty() || names.get().getLast().matches(".*\\d")) {
        return first;
      }
      for (String name : names.get().subList(1, names.get().size())) {
        parts.add(companions.open("part", name, Companions.Access.READ));
      }
    } catch (IOException | RuntimeException e) {
      Closing.after(e, parts);
      throw e;
    }
    return owning(first.name(), parts);
  }

  /// The names of all parts, in order, when `first` is named like the first of several parts
  /// (ending in `.aa`, `.aaa`, `.000`, `.001` …) and the second is among the neighbours.
  ///
  /// A gap ends the row: what follows it does not belong.
  ///
  /// @param first the first part's plain file name
  /// @param neighbours the plain file names in its directory
  public static Optional<List<String>> namesOfParts(String first, Set<String> neighbours)
      throws LimitExceededException {
    int dot = first.lastIndexOf('.');
    String suffix = first.substring(dot + 1);
    if (dot < 1 || !suffix.matches("a{2,4}|0{1,5}[01]")) {
      return Optional.empty();
    }
    List<String> names = new ArrayList<>();
    Optional<String> next = Optional.of(suffix);
    for (; next.isPresent(); next = suffixAfter(next.get())) {
      String name = first.substring(0, dot + 1) + next.get();
      if (names.isEmpty() || neighbours.contains(name)) {
        names.add(name);
      } else {
        break;
      }
      if (names.size() > PART_LIMIT) {
        throw new LimitExceededException(
            "%s: cut into more than %d parts (our limit)".formatted(first, PART_LIMIT));
      }
    }
    return names.size() > 1 ? Optional.of(List.copyOf(names)) : Optional.empty();
  }

  /// The suffix after this one, as split(1) counts; empty after the last.
  ///
  /// @param suffix letters from a to z, or digits
  public static Optional<String> suffixAfter(String suffix) {
    char[] next = suffix.toCharArray();
    for (int i = next.length - 1; i >= 0; i--) {
      boolean digit = Character.isDigit(next[i]);
      if (next[i] != (digit ? '9' : 'z')) {
        next[i]++;
        return Optional.of(new String(next));
      }
      next[i] = digit ? '0' : 'a';
    }
    return Optional.empty();
  }

  @Override
  public long size() {
    return starts[starts.length - 1];
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    long length = dst.byteSize();
    if (offset < 0 || offset > size() || length > size() - offset) {
      throw endsBefore(size(), offset + length);
    }
    int part = partAt(offset);
    for (long done = 0; done < length; part++) {
      long from = offset + done - starts[part];
      long n = Math.min(length - done, starts[part + 1] - starts[part] - from);
      parts.get(part).read(from, dst.asSlice(done, n));
      done += n;
    }
  }

  /// The part that holds the byte; the last one at the end.
  private int partAt(long offset) {
    int low = 0;
    int high = parts.size() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (starts[middle] <= offset) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  @Override
  public long nextData(long offset) throws IOException {
    for (int part = partAt(offset); part < parts.size() && offset < size(); part++) {
      long from = Math.max(offset, starts[part]) - starts[part];
      long found = parts.get(part).nextData(from);
      if (starts[part] + found < starts[part + 1]) {
        return starts[part] + found;
      }
    }
    return size();
  }

  @Override
  public long nextHole(long offset) throws IOException {
    for (int part = partAt(offset); part < parts.size() && offset < size(); part++) {
      long from = Math.max(offset, starts[part]) - starts[part];
      long found = parts.get(part).nextHole(from);
      if (starts[part] + found < starts[part + 1]) {
        return starts[part] + found;
      }
    }
    return size();
  }

  @Override
  public long allocatedSize() throws IOException {
    long sum = 0;
    for (HostFile part : parts) {
      sum += part.allocatedSize();
    }
    return sum;
  }

  @Override
  public void close() throws IOException {
    Closing.all(parts);
  }
}
