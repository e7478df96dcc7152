package io.calco.guest;

import io.calco.disk.LimitExceededException;
import io.calco.fs.DirectoryEntry;
import io.calco.fs.FileStatus;
import io.calco.fs.FileSystem;
import io.calco.fs.FileType;
import io.calco.fs.GuestNames;
import io.calco.guest.PathResolver.LastName;
import io.calco.volume.Volume;
import io.calco.volume.lvm.VolumeGroup;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;

/// A guest's files as one tree: its root file system and those that its `/etc/fstab` mounts into
/// it.
///
/// Paths may be any the guest could use; symbolic links are followed inside the guest, at most 40.
/// What does not exist, and what lies behind a loop of links, is absent, not an error. The file
/// systems stay their opener's to close. What was looked up is remembered: change the files through
/// [ChangeApplier] only.
public final class GuestTree {
  /// Most bytes that [#readText] reads: 1 MiB, ours.
  public static final int MAX_TEXT = 1 << 20;

  private static final int MAX_DEPTH = 200; // ours: directories below each other in a walk
  private static final int MAX_WALK = 20_000_000; // ours: entries seen in one walk
  private static final int MAX_FOUND = 500_000; // ours: paths that fit one pattern
  private static final int MAX_KNOWN = 1 << 14; // ours: remembered names

  private final TreeMap<String, GuestVolume> mounts = new TreeMap<>();
  private final List<UnmountedVolume> unmounted = new ArrayList<>();
  private List<VolumeGroup> volumeGroups = List.of();
  private List<Volume> encrypted = List.of();
  private final Map<String, Optional<FileStatus>> known = new HashMap<>();
  private final Map<String, List<DirectoryEntry>> listed = new HashMap<>();
  private final PathResolver.Names names =
      new PathResolver.Names() {
        @Override
        public Optional<FileType> type(String canonical) throws IOException {
          return status(canonical).map(FileStatus::type);
        }

        @Override
        public String link(String canonical) throws IOException {
          return place(canonical).fileSystem().readLink(place(canonical).path());
        }
      };

  private GuestTree(GuestVolume root) {
    mounts.put("/", root);
  }

  /// Where a path lies: `path` within `fileSystem`.
  record Place(FileSystem fileSystem, String path) {}

  /// Takes what one step of a walk finds.
  @FunctionalInterface
  public interface Visitor {
    /// A file; a directory after all that is in it.
    void visit(String path, DirectoryEntry entry) throws IOException;
  }

  /// The tree of one file system alone.
  public static GuestTree of(GuestVolume root) {
    return new GuestTree(root);
  }

  /// Finds the root among a disk's file systems and mounts the others as its `/etc/fstab` says. Of
  /// a file system with subvolumes the root may be another one than that it shows.
  ///
  /// @param volumes in the order of the disk; of several roots the first counts
  /// @return empty when none holds an operating system
  public static Optional<GuestTree> assemble(List<GuestVolume> volumes) throws IOException {
    Subvolumes subvolumes = new Subvolumes();
    for (GuestVolume volume : volumes) {
      Optional<GuestTree> tree = findRoot(volume, subvolumes);
      if (tree.isPresent()) {
        tree.get().mountOthers(volumes, subvolumes);
        return tree;
      }
    }
    return Optional.empty();
  }

  private static Optional<GuestTree> findRoot(GuestVolume volume, Subvolumes subvolumes)
      throws IOException {
    GuestTree shown = new GuestTree(volume);
    if (shown.looksLikeRoot() || shown.isWindows()) {
      return Optional.of(shown);
    }
    for (GuestVolume candidate : subvolumes.rootCandidates(volume)) {
      GuestTree tree = new GuestTree(candidate);
      if (tree.looksLikeRoot()) {
        return Optional.of(tree);
      }
    }
    return Optional.empty();
  }

  /// True when this is a Windows: its root holds the registry.
  public boolean isWindows() throws IOException {
    return WindowsPaths.find(this, WindowsPaths.SOFTWARE).isPresent();
  }

  private boolean looksLikeRoot() throws IOException {
    return isDirectory("/etc")
        && (isFile("/etc/os-release")
            || isFile("/usr/lib/os-release")
            || isFile("/etc/fstab")
            || isDirectory("/usr/bin"));
  }

  private void mountOthers(List<GuestVolume> volumes, Subvolumes subvolumes) throws IOException {
    List<FstabEntry> entries = new ArrayList<>();
    try {
      entries.addAll(FstabEntry.parse(readText("/etc/fstab").orElse("")));
      Crypttab crypttab = Crypttab.parse(readText("/etc/crypttab").orElse(""));
      entries.replaceAll(entry -> entry.with(crypttab.resolve(entry.device())));
    } catch (LimitExceededException e) {
      unmounted.add(new UnmountedVolume("/etc/fstab", "/", String.valueOf(e.getMessage())));
    }
    entries.sort(Comparator.comparingInt(e -> PathResolver.parts(e.mountPoint()).size()));
    for (FstabEntry entry : entries) {
      if (entry.onDisk() && !entry.mountPoint().equals("/")) {
        mount(entry, volumes, subvolumes).ifPresent(reason -> leaveOut(entry, reason));
      }
    }
  }

  private void leaveOut(FstabEntry entry, String reason) {
    unmounted.add(new UnmountedVolume(entry.device(), entry.mountPoint(), reason));
  }

  /// Why it could not be mounted, or nothing.
  private Optional<String> mount(FstabEntry entry, List<GuestVolume> volumes, Subvolumes subvolumes)
      throws IOException {
    Optional<GuestVolume> whole = volumes.stream().filter(entry::means).findFirst();
    if (whole.isEmpty()) {
      return Optional.of("not among the readable file systems of this disk");
    }
    Optional<GuestVolume> volume = subvolumes.mounted(whole.get(), entry);
    if (volume.isEmpty()) {
      return Optional.of("its file system has no such subvolume");
    }
    Optional<String> point = realPath(entry.mountPoint()).filter(p -> !p.equals("/"));
    if (point.isEmpty() || !isDirectory(point.get())) {
      return Optional.of("its mount point is not a directory");
    }
    if (mounts.containsValue(volume.get())) {
      return Optional.of("already mounted elsewhere");
    }
    mounts.put(point.get(), volume.get());
    forget();
    return Optional.empty();
  }

  /// What is mounted where, by mount point; `/` first.
  public SequencedMap<String, GuestVolume> mounts() {
    return java.util.Collections.unmodifiableSequencedMap(mounts);
  }

  /// Lines of `/etc/fstab` that could not be followed.
  public List<UnmountedVolume> unmounted() {
    return List.copyOf(unmounted);
  }

  /// LVM2's volume groups on the guest's disk.
  public List<VolumeGroup> volumeGroups() {
    return volumeGroups;
  }

  /// The LUKS volumes on the guest's disk that are open, outer before inner.
  public List<Volume> encrypted() {
    return encrypted;
  }

  void setEncrypted(List<Volume> volumes) {
    encrypted = List.copyOf(volumes);
  }

  void setVolumeGroups(List<VolumeGroup> groups) {
    volumeGroups = List.copyOf(groups);
  }

  /// What lies at `path`; a symbolic link at its end is not followed.
  public Optional<FileStatus> find(String path) throws IOException {
    Optional<String> canonical = resolve(path, LastName.KEEP);
    return canonical.isEmpty() ? Optional.empty() : status(canonical.get());
  }

  /// The canonical path of what `path` means, all links followed.
  public Optional<String> realPath(String path) throws IOException {
    return resolve(path, LastName.FOLLOW);
  }

  /// The canonical path of what lies at `path`; a symbolic link at its end is not followed.
  public Optional<String> canonicalPath(String path) throws IOException {
    return resolve(path, LastName.KEEP);
  }

  /// True when `path` means a regular file.
  public boolean isFile(String path) throws IOException {
    return typeOf(path).equals(Optional.of(FileType.REGULAR));
  }

  /// True when `path` means a directory.
  public boolean isDirectory(String path) throws IOException {
    return typeOf(path).equals(Optional.of(FileType.DIRECTORY));
  }

  private Optional<FileType> typeOf(String path) throws IOException {
    Optional<String> real = realPath(path);
    return real.isEmpty() ? Optional.empty() : status(real.get()).map(FileStatus::type);
  }

  /// Where the symbolic link at `path` points, as it is written; empty when it is no link.
  public Optional<String> readLink(String path) throws IOException {
    Optional<String> canonical = resolve(path, LastName.KEEP);
    if (canonical.isEmpty()
        || status(canonical.get()).filter(s -> s.type() == FileType.SYMBOLIC_LINK).isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(names.link(canonical.get()));
  }

  /// The entries of the directory that `path` means, by name; empty when it is none.
  public List<DirectoryEntry> list(String path) throws IOException {
    Optional<String> real = realPath(path);
    return real.isPresent() && isDirectory(real.get()) ? entries(real.get()) : List.of();
  }

  /// The whole of a regular file as text; bytes that are not UTF-8 are kept as [GuestNames] says.
  ///
  /// @return empty when there is no regular file
  /// @throws LimitExceededException when it is larger than [#MAX_TEXT]
  public Optional<String> readText(String path) throws IOException {
    Optional<byte[]> bytes = readBytes(path, MAX_TEXT);
    return bytes.map(GuestNames::decode);
  }

  /// The whole of a regular file.
  ///
  /// @param limit most bytes to read
  /// @return empty when there is no regular file
  /// @throws LimitExceededException when it is larger than `limit`
  public Optional<byte[]> readBytes(String path, int limit) throws IOException {
    Optional<FileStatus> status = regular(path);
    if (status.isEmpty()) {
      return Optional.empty();
    }
    if (status.get().size() > limit) {
      throw new LimitExceededException(
          "%s in the guest: %d bytes, more than the %d that are read (our limit)"
              .formatted(PrintableText.of(path), status.get().size(), limit));
    }
    return readStart(path, limit);
  }

  /// A regular file from its beginning, for what may be long; nothing needs to be closed.
  ///
  /// @return empty when there is no regular file
  public Optional<InputStream> stream(String path) throws IOException {
    return regular(path).isEmpty()
        ? Optional.empty()
        : Optional.of(new FileStream(place(realPath(path).orElseThrow())));
  }

  /// The first bytes of a regular file, at most `length`.
  ///
  /// @return empty when there is no regular file
  public Optional<byte[]> readStart(String path, int length) throws IOException {
    Optional<FileStatus> status = regular(path);
    if (status.isEmpty()) {
      return Optional.empty();
    }
    byte[] bytes = new byte[Math.toIntExact(Math.min(length, status.get().size()))];
    Place place = place(realPath(path).orElseThrow());
    int done = 0;
    while (done < bytes.length) {
      MemorySegment rest = MemorySegment.ofArray(bytes).asSlice(done);
      int read = place.fileSystem().read(place.path(), done, rest);
      if (read <= 0) {
        break;
      }
      done += read;
    }
    return Optional.of(done == bytes.length ? bytes : java.util.Arrays.copyOf(bytes, done));
  }

  private Optional<FileStatus> regular(String path) throws IOException {
    Optional<String> real = realPath(path);
    return real.isEmpty()
        ? Optional.empty()
        : status(real.get()).filter(s -> s.type() == FileType.REGULAR);
  }

  /// Canonical paths that fit, in order, each once. A wildcard takes no name that begins with a dot
  /// unless its pattern does; links to directories are followed on the way, `**` follows none.
  public List<String> glob(String pattern) throws IOException {
    Set<String> at = new LinkedHashSet<>(List.of("/"));
    List<String> parts = PathPattern.of(pattern).names();
    for (int i = 0; i < parts.size(); i++) {
      Set<String> next = new LinkedHashSet<>();
      for (String directory : at) {
        step(directory, parts.get(i), next);
      }
      at = next;
    }
    return at.stream().sorted().toList();
  }

  private void step(String directory, String part, Set<String> found) throws IOException {
    if (part.equals("**")) {
      if (isDirectory(directory)) {
        found.add(realPath(directory).orElseThrow());
        walk(directory, (path, entry) -> addIf(entry.type() == FileType.DIRECTORY, found, path));
      }
    } else if (PathPattern.isWild(part)) {
      Optional<String> real = realPath(directory);
      for (DirectoryEntry entry : real.isEmpty() ? List.<DirectoryEntry>of() : list(directory)) {
        boolean hidden = entry.name().startsWith(".") && !part.startsWith(".");
        addIf(
            !hidden && PathPattern.nameMatches(part, entry.name()),
            found,
            PathResolver.join(real.orElseThrow(), entry.name()));
      }
    } else {
      resolve(PathResolver.join(directory, part), LastName.KEEP).ifPresent(found::add);
    }
  }

  private static void addIf(boolean wanted, Set<String> paths, String path) throws IOException {
    if (wanted) {
      if (paths.size() >= MAX_FOUND) {
        throw new LimitExceededException(
            "more than " + MAX_FOUND + " paths in the guest fit one pattern (our limit)");
      }
      paths.add(path);
    }
  }

  /// Visits everything below the directory that `path` means: each directory after its entries,
  /// links not followed, mounted file systems entered.
  ///
  /// @throws LimitExceededException beyond 200 directories in each other or 20,000,000 entries
  public void walk(String path, Visitor visitor) throws IOException {
    Optional<String> real = realPath(path);
    if (real.isPresent() && isDirectory(real.get())) {
      walk(real.get(), visitor, new int[1], new HashSet<>(), 0);
    }
  }

  private void walk(String directory, Visitor visitor, int[] seen, Set<Object> inside, int depth)
      throws IOException {
    Object identity = List.of(mountOf(directory).getKey(), status(directory).orElseThrow().inode());
    if (depth > MAX_DEPTH || !inside.add(identity)) {
      throw new LimitExceededException(
          "%s in the guest: directories hold each other more than %d deep (our limit)"
              .formatted(PrintableText.of(directory), MAX_DEPTH));
    }
    for (DirectoryEntry entry : entries(directory)) {
      if (++seen[0] > MAX_WALK) {
        throw new LimitExceededException(
            "more than " + MAX_WALK + " files below one directory (our limit)");
      }
      String path = PathResolver.join(directory, entry.name());
      if (entry.type() == FileType.DIRECTORY) {
        walk(path, visitor, seen, inside, depth + 1);
      }
      visitor.visit(path, entry);
    }
    inside.remove(identity);
  }

  /// A file's extended attributes; those of a link itself, not of what it points to.
  public SequencedMap<String, byte[]> extendedAttributes(String path) throws IOException {
    Place place =
        place(resolve(path, LastName.KEEP).orElseThrow(() -> new NoSuchFileException(path)));
    return place.fileSystem().extendedAttributes(place.path());
  }

  /// The file system that a canonical path lies in.
  public GuestVolume volumeOf(String canonical) {
    return mountOf(canonical).getValue();
  }

  /// Reads from the regular file at a canonical path, as [FileSystem#read].
  public int read(String canonical, long offset, MemorySegment dst) throws IOException {
    Place place = place(canonical);
    return place.fileSystem().read(place.path(), offset, dst);
  }

  /// Where the file system that holds a canonical path is mounted.
  public String mountPoint(String canonical) {
    return mountOf(canonical).getKey();
  }

  /// True when a file system is mounted at the canonical path.
  boolean isMountPoint(String canonical) {
    return mounts.containsKey(canonical);
  }

  /// Where a canonical path lies.
  Place place(String canonical) {
    Map.Entry<String, GuestVolume> mount = mountOf(canonical);
    String point = mount.getKey();
    FileSystem fileSystem = mount.getValue().fileSystem();
    if (point.equals("/")) {
      return new Place(fileSystem, canonical);
    }
    String rest = canonical.substring(point.length());
    return new Place(fileSystem, rest.isEmpty() ? "/" : rest);
  }

  /// The mount that a canonical path lies in: the longest mount point that begins it.
  private Map.Entry<String, GuestVolume> mountOf(String canonical) {
    String at = canonical;
    while (true) {
      GuestVolume volume = mounts.get(at);
      if (volume != null) {
        return Map.entry(at, volume);
      }
      at = PathResolver.parent(at);
    }
  }

  /// What lies at a canonical path.
  Optional<FileStatus> status(String canonical) throws IOException {
    Optional<FileStatus> status = known.get(canonical);
    if (status == null) {
      if (known.size() >= MAX_KNOWN) {
        known.clear();
      }
      Place place = place(canonical);
      try {
        status = place.fileSystem().find(place.path());
      } catch (NoSuchFileException e) {
        status = Optional.empty();
      }
      known.put(canonical, status);
    }
    return status;
  }

  /// Forgets what was looked up.
  void forget() {
    known.clear();
    listed.clear();
  }

  private Optional<String> resolve(String path, LastName last) throws IOException {
    return PathResolver.resolve(names, path, last);
  }

  /// A directory's entries by name, their types known.
  private List<DirectoryEntry> entries(String canonical) throws IOException {
    List<DirectoryEntry> entries = listed.get(canonical);
    if (entries == null) {
      Place place = place(canonical);
      entries = new ArrayList<>();
      for (DirectoryEntry entry : place.fileSystem().list(place.path())) {
        if (isName(entry.name())) { // others could name any other file
          entries.add(typed(PathResolver.join(canonical, entry.name()), entry));
        }
      }
      entries.sort(Comparator.comparing(DirectoryEntry::name));
      if (listed.size() >= MAX_KNOWN / 16) {
        listed.clear();
      }
      listed.put(canonical, List.copyOf(entries));
    }
    return entries;
  }

  private static boolean isName(String name) {
    return name.indexOf('/') < 0
        && name.indexOf('\0') < 0
        && !name.isEmpty()
        && !name.equals(".")
        && !name.equals("..");
  }

  /// Not every file system keeps types in its directories.
  private DirectoryEntry typed(String path, DirectoryEntry entry) throws IOException {
    if (entry.type() != FileType.UNKNOWN) {
      return entry;
    }
    FileType type = status(path).map(FileStatus::type).orElse(FileType.UNKNOWN);
    return new DirectoryEntry(entry.name(), entry.inode(), type);
  }
}
