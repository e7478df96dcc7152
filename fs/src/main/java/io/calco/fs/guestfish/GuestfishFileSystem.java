package io.calco.fs.guestfish;

import io.calco.disk.UnsupportedFeatureException;
import io.calco.fs.DirectoryEntry;
import io.calco.fs.FileAttributes;
import io.calco.fs.FileStatus;
import io.calco.fs.FileSystemFacts;
import io.calco.fs.FileType;
import io.calco.fs.GuestNames;
import io.calco.fs.NodeFileSystem;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A file system that the machine has mounted. Links are followed nowhere: every path is walked
/// here, and reaches the machine only when all but its last name are directories.
class GuestfishFileSystem extends NodeFileSystem<GuestfishFile> {
  private static final int READ_MAX = 2 << 20; // libguestfs's messages have 4 MiB
  private static final int TEXT_MAX = 64 << 10; // ours
  private static final int TEXT_PIECE = 900; // of a line, which names take a part of
  private static final int ATTRIBUTES_MAX = 1000; // ours
  private static final Pattern ATTRIBUTE =
      Pattern.compile(
          "^\\[[0-9]+\\] = \\{\n  attrname: (.*?)\n  attrval: [^\n]*\n\\}$",
          Pattern.DOTALL | Pattern.MULTILINE);

  private final Guestfish machine;
  private final String device;
  private final String mount;
  private final String options;
  private final KnownFiles known;
  private boolean mounted;

  /// Mounts it.
  ///
  /// @param mount where, a directory that is there
  /// @param options of the mount
  GuestfishFileSystem(Guestfish machine, String device, String mount, String options)
      throws IOException {
    super("libguestfs's");
    this.machine = machine;
    this.device = device;
    this.mount = mount;
    this.options = options;
    this.known = new KnownFiles(machine, mount);
    mount();
  }

  final Guestfish machine() {
    return machine;
  }

  final String device() {
    return device;
  }

  final String mountPoint() {
    return mount;
  }

  private void mount() throws IOException {
    machine.work(Command.of("mount-options").word(options).word(device).word(mount));
    mounted = true;
  }

  private void unmount() throws IOException {
    mounted = false;
    machine.work(Command.of("umount").word(mount));
  }

  @Override
  public FileSystemFacts facts() throws IOException {
    Map<String, Long> numbers = statistics();
    long block = numbers.getOrDefault("bsize", 0L);
    return new FileSystemFacts(
        type(),
        text("vfs-uuid"),
        text("vfs-label"),
        block * numbers.getOrDefault("blocks", 0L),
        block * numbers.getOrDefault("bfree", 0L),
        Math.toIntExact(block),
        true);
  }

  private String type() throws IOException {
    return machine.line(Command.of("vfs-type").word(device));
  }

  private Optional<String> text(String command) throws IOException {
    return Optional.of(machine.line(Command.of(command).word(device)))
        .filter(text -> !text.isEmpty());
  }

  private Map<String, Long> statistics() throws IOException {
    Map<String, Long> numbers = new LinkedHashMap<>();
    String printed =
        new String(machine.run(Command.of("statvfs").word(mount)), StandardCharsets.US_ASCII);
    for (String line : printed.split("\n")) {
      String[] parts = line.split(": ", 2);
      if (parts.length == 2 && parts[1].matches("[0-9]{1,18}")) {
        numbers.put(parts[0].strip(), Long.parseLong(parts[1]));
      }
    }
    return numbers;
  }

  @Override
  public boolean writable() {
    return true;
  }

  @Override
  protected GuestfishFile root() throws IOException {
    return known.file("/");
  }

  @Override
  protected FileStatus status(GuestfishFile file) {
    return file.status();
  }

  @Override
  protected Optional<GuestfishFile> child(GuestfishFile directory, String name) throws IOException {
    return known.child(directory.path(), name);
  }

  @Override
  protected List<DirectoryEntry> entries(GuestfishFile directory) throws IOException {
    return known.children(directory.path()).stream()
        .map(file ->
            new DirectoryEntry(
                file.path().substring(file.path().lastIndexOf('/') + 1),
                file.status().inode(),
                file.status().type()))
        .toList();
  }

  @Override
  protected int readAt(GuestfishFile file, long offset, MemorySegment dst) throws IOException {
    int done = 0;
    long most = Math.min(dst.byteSize(), Math.max(0, file.status().size() - offset));
    while (done < most) {
      byte[] piece =
          machine.run(
              Command.of("pread")
                  .word(known.inMachine(file.path()))
                  .number(Math.min(READ_MAX, most - done))
                  .number(offset + done));
      if (piece.length == 0 || piece.length > most - done) {
        throw new IOException("libguestfs reads %d bytes of a file".formatted(piece.length));
      }
      MemorySegment.copy(piece, 0, dst, ValueLayout.JAVA_BYTE, done, piece.length);
      done += piece.length;
    }
    return done;
  }

  /// The machine ends what it prints by a line's end.
  @Override
  protected String target(GuestfishFile link) throws IOException {
    byte[] printed = machine.run(Command.of("readlink").word(known.inMachine(link.path())));
    return GuestNames.decode(Arrays.copyOf(printed, Math.max(0, printed.length - 1)));
  }

  @Override
  protected SequencedMap<String, byte[]> attributesOf(GuestfishFile file) throws IOException {
    String path = known.inMachine(file.path());
    byte[] listed = machine.run(Command.of("lgetxattrs").word(path));
    SequencedMap<String, byte[]> attributes = new LinkedHashMap<>();
    Matcher names = ATTRIBUTE.matcher(GuestNames.decode(listed));
    while (names.find() && attributes.size() < ATTRIBUTES_MAX) {
      String name = names.group(1);
      attributes.put(name, machine.run(Command.of("lgetxattr").word(path).word(name)));
    }
    return attributes;
  }

  /// A path, taken apart: the directory, which is there, and the last name.
  private record Place(String directory, String name) {
    String path() {
      return GuestfishFile.join(directory, name);
    }
  }

  private Place place(String path) throws IOException {
    List<String> names = names(path);
    if (names.isEmpty()) {
      throw new FileSystemException(path, null, "is the root directory");
    }
    String parent = "/" + String.join("/", names.subList(0, names.size() - 1));
    Optional<GuestfishFile> directory = node(parent);
    if (directory.isEmpty() || directory.get().status().type() != FileType.DIRECTORY) {
      throw new NoSuchFileException(path);
    }
    return new Place(directory.get().path(), names.getLast());
  }

  private Command on(String command, Place place) {
    return Command.of(command).word(known.inMachine(place.path()));
  }

  /// Makes a change, whatever becomes of it: what is known of the place is asked for again.
  private void change(Place place, Command... commands) throws IOException {
    try {
      machine.run(commands);
    } catch (GuestfishException e) {
      known.forgetAll();
      throw refusal(place.path(), e);
    } finally {
      forget();
    }
    known.changed(place.directory(), place.name());
  }

  private static IOException refusal(String path, GuestfishException e) {
    if (e.says("Directory not empty")) {
      DirectoryNotEmptyException precise = new DirectoryNotEmptyException(path);
      precise.initCause(e);
      return precise;
    }
    FileSystemException told = new FileSystemException(path, null, e.getMessage());
    told.initCause(e);
    return told;
  }

  @Override
  public void write(String path, byte[] content, FileAttributes attributes) throws IOException {
    Place place = place(path);
    Optional<GuestfishFile> old = node(path);
    if (old.isPresent() && old.get().status().type() != FileType.REGULAR) {
      throw new FileSystemException(path, null, "not a regular file");
    }
    List<Command> commands = new ArrayList<>(storing(place, content));
    commands.addAll(
        List.of(
            owner(place, attributes), permissions(place, attributes), times(place, attributes)));
    change(place, commands.toArray(Command[]::new));
  }

  /// A text goes in a few lines, which is quick; what is long or has zeroes goes by a file, which
  /// takes the machine a tenth of a second.
  private List<Command> storing(Place place, byte[] content) throws IOException {
    boolean zeroes = false;
    for (byte value : content) {
      zeroes |= value == 0;
    }
    if (zeroes || content.length > TEXT_MAX) {
      return List.of(
          Command.of("upload").file(machine.holding(content)).word(known.inMachine(place.path())));
    }
    List<Command> commands = new ArrayList<>();
    for (int done = 0; done < content.length || done == 0; done += TEXT_PIECE) {
      byte[] piece = Arrays.copyOfRange(content, done, Math.min(content.length, done + TEXT_PIECE));
      commands.add(on(done == 0 ? "write" : "write-append", place).word(piece));
    }
    return commands;
  }

  private Command owner(Place place, FileAttributes attributes) {
    return Command.of("lchown")
        .number(attributes.uid())
        .number(attributes.gid())
        .word(known.inMachine(place.path()));
  }

  private Command permissions(Place place, FileAttributes attributes) {
    return Command.of("chmod").octal(attributes.permissions()).word(known.inMachine(place.path()));
  }

  private Command times(Place place, FileAttributes attributes) {
    Instant modified = attributes.modified();
    long seconds = modified.getEpochSecond();
    int nanos = modified.getNano();
    return on("utimens", place).number(seconds).number(nanos).number(seconds).number(nanos);
  }

  private void requireAbsent(String path) throws IOException {
    if (node(path).isPresent()) {
      throw new FileAlreadyExistsException(path);
    }
  }

  @Override
  public void createDirectory(String path, FileAttributes attributes) throws IOException {
    Place place = place(path);
    requireAbsent(path);
    change(
        place,
        on("mkdir-mode", place).octal(0700),
        owner(place, attributes),
        permissions(place, attributes),
        times(place, attributes));
  }

  /// The link's own time is the machine's.
  @Override
  public void createLink(String path, String target, FileAttributes attributes) throws IOException {
    Place place = place(path);
    requireAbsent(path);
    change(
        place,
        Command.of("ln-s").word(target).word(known.inMachine(place.path())),
        owner(place, attributes));
  }

  @Override
  public void delete(String path) throws IOException {
    Place place = place(path);
    boolean directory = require(path).status().type() == FileType.DIRECTORY;
    change(place, on(directory ? "rmdir" : "rm", place));
    known.removed(place.directory(), place.name());
  }

  @Override
  public void rename(String from, String to) throws IOException {
    Place source = place(from);
    Place target = place(to);
    FileStatus moved = require(from).status();
    Optional<GuestfishFile> old = node(to);
    if (old.isPresent() && old.get().status().inode() == moved.inode()) {
      return; // the same file already, as POSIX has it
    }
    change(target, on("rename", source).word(known.inMachine(target.path())));
    known.removed(source.directory(), source.name());
    if (moved.type() == FileType.DIRECTORY) {
      known.forgetAll();
    }
  }

  /// The time of what is neither file nor directory stays.
  @Override
  public void setAttributes(String path, FileAttributes attributes) throws IOException {
    FileType type = require(path).status().type();
    if (names(path).isEmpty()) {
      throw new UnsupportedFeatureException(
          "libguestfs's file system: the root directory's attributes stay");
    }
    Place place = place(path);
    switch (type) {
      case SYMBOLIC_LINK -> change(place, owner(place, attributes));
      case REGULAR, DIRECTORY ->
          change(
              place,
              owner(place, attributes),
              permissions(place, attributes),
              times(place, attributes));
      default -> change(place, owner(place, attributes), permissions(place, attributes));
    }
  }

  /// @throws UnsupportedFeatureException when the value has a zero byte before its end, which
  ///   guestfish cannot be told
  @Override
  public void setExtendedAttribute(String path, String name, Optional<byte[]> value)
      throws IOException {
    require(path);
    Place place = place(path);
    if (value.isEmpty()) {
      change(place, Command.of("lremovexattr").word(name).word(known.inMachine(place.path())));
      return;
    }
    byte[] bytes = value.get();
    int end = bytes.length > 0 && bytes[bytes.length - 1] == 0 ? bytes.length - 1 : bytes.length;
    for (int i = 0; i < end; i++) {
      if (bytes[i] == 0) {
        throw new UnsupportedFeatureException(
            "libguestfs's file system: %s of %s has a zero byte within, which guestfish cannot set"
                .formatted(name, path));
      }
    }
    change(
        place,
        Command.of("lsetxattr")
            .word(name)
            .word(Arrays.copyOf(bytes, end))
            .number(bytes.length)
            .word(known.inMachine(place.path())));
  }

  @Override
  public void truncate(String path, long length) throws IOException {
    if (length < 0) {
      throw new IllegalArgumentException("length " + length);
    }
    if (require(path).status().type() != FileType.REGULAR) {
      throw new FileSystemException(path, null, "not a regular file");
    }
    Place place = place(path);
    change(place, on("truncate-size", place).number(length));
  }

  /// One run, the whole: the machine does not tell which blocks are in use.
  @Override
  public void usedRuns(RunConsumer run) throws IOException {
    run.accept(0, Long.parseLong(machine.line(Command.of("blockdev-getsize64").word(device))));
  }

  @Override
  public long trim() throws IOException {
    machine.work(Command.of("sync"), Command.of("fstrim").word(mount));
    Map<String, Long> numbers = statistics();
    return numbers.getOrDefault("bsize", 0L) * numbers.getOrDefault("bfree", 0L);
  }

  @Override
  public void growToDisk() throws IOException {
    switch (type()) {
      case "btrfs" -> machine.work(Command.of("btrfs-filesystem-resize").word(mount));
      case "xfs" -> machine.work(Command.of("xfs-growfs").word(mount));
      case "ext2", "ext3", "ext4" ->
          unmounted(Command.of("e2fsck-f").word(device), Command.of("resize2fs").word(device));
      case "ntfs" -> unmounted(Command.of("ntfsresize").word(device).word("force:true"));
      default ->
          throw new UnsupportedFeatureException(
              "libguestfs's file system: %s cannot be grown".formatted(type()));
    }
  }

  @Override
  public Optional<String> uuidFrom(UUID uuid) throws IOException {
    return switch (type()) {
      case "btrfs", "xfs", "ext2", "ext3", "ext4" -> Optional.of(uuid.toString());
      default -> Optional.empty();
    };
  }

  @Override
  public void setUuid(UUID uuid) throws IOException {
    Command set = Command.of("set-uuid").word(device).word(uuid.toString());
    if (type().startsWith("ext")) {
      unmounted(Command.of("e2fsck-f").word(device), set); // tune2fs wants it checked just now
    } else {
      unmounted(set);
    }
  }

  /// Runs commands while the file system is not mounted.
  private void unmounted(Command... commands) throws IOException {
    forget();
    known.forgetAll();
    unmount();
    try {
      machine.work(commands);
    } finally {
      mount();
    }
  }

  @Override
  public void sync() throws IOException {
    machine.work(Command.of("sync"));
  }

  @Override
  public void close() throws IOException {
    super.close();
    if (mounted) {
      unmount();
    }
  }
}
