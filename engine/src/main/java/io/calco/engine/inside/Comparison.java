package io.calco.engine.inside;

import io.calco.disk.JobContext;
import io.calco.engine.inside.Difference.What;
import io.calco.engine.inside.FileEntry.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/// Compares the files of two guests, or of two states of one: what is there, what it holds, whose
/// it is and who may use it. Times are not compared.
public final class Comparison {
  private final GuestFiles first;
  private final GuestFiles second;
  private final Depth depth;
  private final JobContext job;
  private long seen;

  /// How files are told apart.
  public enum Depth {
    /// By all that they hold.
    CONTENTS,
    /// By their sizes and the times of their last changes; contents are read where only the times
    /// differ. What somebody changed and dated back is not seen.
    TIMES
  }

  /// Takes what differs, in the order of the paths.
  @FunctionalInterface
  public interface Finding {
    /// One path.
    void take(Difference difference) throws IOException;
  }

  private Comparison(GuestFiles first, GuestFiles second, Depth depth, JobContext job) {
    this.first = first;
    this.second = second;
    this.depth = depth;
    this.job = job;
  }

  /// Compares what two paths mean, with all below them; differences have the path below these.
  public static void compare(
      GuestFiles first,
      String firstPath,
      GuestFiles second,
      String secondPath,
      Finding finding,
      JobContext job)
      throws IOException {
    compare(first, firstPath, second, secondPath, Depth.CONTENTS, finding, job);
  }

  /// Likewise, by more or less.
  public static void compare(
      GuestFiles first,
      String firstPath,
      GuestFiles second,
      String secondPath,
      Depth depth,
      Finding finding,
      JobContext job)
      throws IOException {
    String one = first.tree().realPath(firstPath).orElse(firstPath);
    String two = second.tree().realPath(secondPath).orElse(secondPath);
    new Comparison(first, second, depth, job).both("/", first.get(one), second.get(two), finding);
  }

  private void both(String path, FileEntry before, FileEntry after, Finding finding)
      throws IOException {
    job.checkCancelled();
    job.progress("compare files", ++seen, 0);
    List<String> aspects = aspects(before, after);
    if (!aspects.isEmpty()) {
      finding.take(
          new Difference(path, What.CHANGED, Optional.of(before), Optional.of(after), aspects));
    }
    if (before.kind() == Kind.DIRECTORY && after.kind() == Kind.DIRECTORY) {
      inside(path, before, after, finding);
    } else if (before.kind() == Kind.DIRECTORY) {
      alone(path, first, before, What.REMOVED, finding);
    } else if (after.kind() == Kind.DIRECTORY) {
      alone(path, second, after, What.ADDED, finding);
    }
  }

  private void inside(String path, FileEntry before, FileEntry after, Finding finding)
      throws IOException {
    Map<String, FileEntry> one = byName(first.list(before.path()));
    Map<String, FileEntry> two = byName(second.list(after.path()));
    TreeSet<String> names = new TreeSet<>(one.keySet());
    names.addAll(two.keySet());
    for (String name : names) {
      String child = GuestFiles.join(path, name);
      FileEntry left = one.get(name);
      FileEntry right = two.get(name);
      if (left != null && right != null) {
        both(child, left, right, finding);
      } else if (left != null) {
        finding.take(
            new Difference(child, What.REMOVED, Optional.of(left), Optional.empty(), List.of()));
        alone(child, first, left, What.REMOVED, finding);
      } else if (right != null) {
        finding.take(
            new Difference(child, What.ADDED, Optional.empty(), Optional.of(right), List.of()));
        alone(child, second, right, What.ADDED, finding);
      }
    }
  }

  private static Map<String, FileEntry> byName(List<FileEntry> entries) {
    Map<String, FileEntry> names = new TreeMap<>();
    entries.forEach(entry -> names.putIfAbsent(entry.name(), entry));
    return names;
  }

  /// All below a directory that only one has.
  private void alone(String path, GuestFiles files, FileEntry top, What what, Finding finding)
      throws IOException {
    if (top.kind() != Kind.DIRECTORY) {
      return;
    }
    int prefix = top.path().length();
    files.walk(
        top.path(),
        file -> {
          if (file.path().length() > prefix) {
            String below = path + file.path().substring(prefix);
            boolean gone = what == What.REMOVED;
            finding.take(
                new Difference(
                    below,
                    what,
                    gone ? Optional.of(file) : Optional.empty(),
                    gone ? Optional.empty() : Optional.of(file),
                    List.of()));
          }
        });
  }

  private List<String> aspects(FileEntry before, FileEntry after) throws IOException {
    List<String> aspects = new ArrayList<>();
    if (before.kind() != after.kind()) {
      aspects.add("kind");
    } else if (before.kind() == Kind.FILE && !sameContent(before, after)) {
      aspects.add("content");
    } else if (!before.target().equals(after.target())) {
      aspects.add("target");
    }
    if (before.permissions() != after.permissions() && before.kind() != Kind.LINK) {
      aspects.add("permissions");
    }
    if (before.uid() != after.uid() || before.gid() != after.gid()) {
      aspects.add("owner");
    }
    return aspects;
  }

  private boolean sameContent(FileEntry before, FileEntry after) throws IOException {
    if (before.size() != after.size()) {
      return false;
    }
    if (depth == Depth.TIMES && before.modified().equals(after.modified())) {
      return true;
    }
    try (InputStream one = first.stream(before.path());
        InputStream two = second.stream(after.path())) {
      byte[] left = new byte[1 << 16];
      byte[] right = new byte[1 << 16];
      while (true) {
        int read = one.readNBytes(left, 0, left.length);
        int also = two.readNBytes(right, 0, right.length);
        if (read != also || !Arrays.equals(left, 0, read, right, 0, also)) {
          return false;
        }
        if (read == 0) {
          return true;
        }
      }
    }
  }
}
