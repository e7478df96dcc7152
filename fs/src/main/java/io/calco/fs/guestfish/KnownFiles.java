package io.calco.fs.guestfish;

import io.calco.disk.LimitExceededException;
import io.calco.fs.FileStatus;
import io.calco.fs.FileType;
import io.calco.fs.GuestNames;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;

/// What was seen of a file system's files, so that each question is asked once: the names in a
/// directory and what files say of themselves, kept true through our own changes. Bounded.
/// Confined.
final class KnownFiles {
  private static final int NAMES_MAX = 1 << 20; // ours: in one directory
  private static final int KNOWN_MAX = 1 << 19; // ours: names and files remembered
  private static final int BATCH = 6000; // bytes of names that are asked for in one line

  private final Guestfish machine;
  private final String mount;
  private final Map<String, SequencedSet<String>> names = new HashMap<>();
  private final Map<String, FileStatus> files = new HashMap<>();
  private int known;

  KnownFiles(Guestfish machine, String mount) {
    this.machine = machine;
    this.mount = mount;
  }

  /// Where a file lies in the machine.
  String inMachine(String path) {
    return path.equals("/") ? mount : mount + path;
  }

  /// The file, which is there.
  GuestfishFile file(String path) throws IOException {
    FileStatus status = files.get(path);
    if (status == null) {
      byte[] printed = machine.run(Command.of("lstatns").word(inMachine(path)));
      status =
          GuestfishFile.statuses(printed).stream()
              .findFirst()
              .flatMap(found -> found)
              .orElseThrow(() -> new IOException("libguestfs tells nothing of a file"));
      remember(path, status);
    }
    return new GuestfishFile(path, status);
  }

  private void remember(String path, FileStatus status) {
    makeRoom(1);
    files.put(path, status);
  }

  private void makeRoom(int more) {
    known += more;
    if (known > KNOWN_MAX) {
      forgetAll();
      known = more;
    }
  }

  Optional<GuestfishFile> child(String directory, String name) throws IOException {
    return names(directory).contains(name)
        ? Optional.of(file(GuestfishFile.join(directory, name)))
        : Optional.empty();
  }

  private SequencedSet<String> names(String directory) throws IOException {
    SequencedSet<String> found = names.get(directory);
    if (found == null) {
      found = new LinkedHashSet<>();
      byte[] listed = machine.written(Command.of("ls0").word(inMachine(directory)));
      for (int from = 0, at = 0; at < listed.length; at++) {
        if (listed[at] == 0) {
          if (found.size() == NAMES_MAX) {
            throw new LimitExceededException(
                "libguestfs: a directory with more than %d entries".formatted(NAMES_MAX));
          }
          found.add(GuestNames.decode(Arrays.copyOfRange(listed, from, at)));
          from = at + 1;
        }
      }
      makeRoom(found.size());
      names.put(directory, found);
    }
    return found;
  }

  /// All files of a directory, what is not known of them asked for in batches.
  List<GuestfishFile> children(String directory) throws IOException {
    List<String> all = new ArrayList<>(names(directory));
    Map<String, FileStatus> found = new HashMap<>();
    List<String> batch = new ArrayList<>();
    int length = 0;
    for (String name : all) {
      FileStatus status = files.get(GuestfishFile.join(directory, name));
      if (status != null) {
        found.put(name, status);
      } else if (name.indexOf('\'') >= 0) {
        found.put(name, file(GuestfishFile.join(directory, name)).status());
      } else {
        batch.add(name);
        length += 4 * GuestNames.encode(name).length + 3;
        if (length > BATCH) {
          ask(directory, batch, found);
          batch.clear();
          length = 0;
        }
      }
    }
    ask(directory, batch, found);
    List<GuestfishFile> children = new ArrayList<>();
    for (String name : all) {
      FileStatus status = found.get(name);
      if (status != null) {
        children.add(new GuestfishFile(GuestfishFile.join(directory, name), status));
      }
    }
    return children;
  }

  private void ask(String directory, List<String> batch, Map<String, FileStatus> found)
      throws IOException {
    if (batch.isEmpty()) {
      return;
    }
    byte[] printed = machine.run(Command.of("lstatnslist").word(inMachine(directory)).list(batch));
    List<Optional<FileStatus>> statuses = GuestfishFile.statuses(printed);
    if (statuses.size() != batch.size()) {
      throw new IOException(
          "libguestfs tells of %d files, asked for %d".formatted(statuses.size(), batch.size()));
    }
    for (int i = 0; i < batch.size(); i++) {
      String name = batch.get(i);
      statuses
          .get(i)
          .ifPresent(status -> {
            found.put(name, status);
            remember(GuestfishFile.join(directory, name), status);
          });
    }
  }

  /// A file was changed, or is there now.
  void changed(String directory, String name) {
    SequencedSet<String> listed = names.get(directory);
    if (listed != null) {
      listed.add(name);
    }
    dropStatus(directory, name);
  }

  /// A file is gone.
  void removed(String directory, String name) {
    SequencedSet<String> listed = names.get(directory);
    if (listed != null) {
      listed.remove(name);
    }
    names.remove(GuestfishFile.join(directory, name));
    dropStatus(directory, name);
  }

  /// Also the directory's: its time has changed. Other names of the same file may be known.
  private void dropStatus(String directory, String name) {
    FileStatus old = files.remove(GuestfishFile.join(directory, name));
    if (old != null && old.type() != FileType.DIRECTORY && old.links() > 1) {
      files.clear();
    }
    files.remove(directory);
  }

  void forgetAll() {
    names.clear();
    files.clear();
    known = 0;
  }
}
