package io.calco.fs.iso9660;

import io.calco.disk.LimitExceededException;
import io.calco.disk.bytes.BigEndian;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

/// A small ISO 9660 image with Joliet and Rock Ridge, made in memory: a few files for a machine's
/// first boot, such as cloud-init's NoCloud (label `CIDATA`) or a ConfigDrive (`config-2`).
///
/// All names are there three times: in full for Linux (Rock Ridge) and Windows (Joliet), cut to 8.3
/// for whoever knows neither. Files are root's, mode 0444, directories 0555. The same files, label
/// and time give the same bytes.
///
/// Thread rule: confined.
public final class IsoImage {
  static final int SECTOR = 2048;

  private static final int FIRST_DESCRIPTOR = 16;
  private static final int LABEL_MAX = 16; // Joliet's, in UCS-2
  private static final int NAME_MAX = 64; // Joliet's
  private static final int NAME_BYTES_MAX = 120; // so that a record needs no continuation
  private static final int DEPTH_MAX = 8; // ISO 9660's
  private static final int BYTES_MAX = 64 << 20; // ours
  private static final int FILES_MAX = 10_000; // ours

  private final String label;
  private final Instant time;
  private final IsoNode root = IsoNode.root();
  private long bytes;
  private int files;

  private IsoImage(String label, Instant time) {
    this.label = label;
    this.time = time;
  }

  /// An image without files.
  ///
  /// @param label 1 to 16 printable ASCII characters, kept in their case
  /// @param time of all files, and of the volume; to the second, 1900–2155
  public static IsoImage labelled(String label, Instant time) {
    if (label.isEmpty()
        || label.length() > LABEL_MAX
        || label.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new IllegalArgumentException("label \"" + label + "\"");
    }
    return new IsoImage(label, time);
  }

  /// Adds a file, and the directories on the way to it.
  ///
  /// @param path `/`-separated, from the root: `user-data`, `openstack/latest/user_data`
  /// @param content all of it
  /// @return this
  /// @throws FileSystemException when it cannot be there
  public IsoImage add(String path, byte[] content) throws IOException {
    String[] names = path.split("/", -1);
    if (names.length > DEPTH_MAX - 1) {
      throw new FileSystemException(path, null, "more than " + DEPTH_MAX + " levels");
    }
    if (bytes + content.length > BYTES_MAX || files >= FILES_MAX) {
      throw new LimitExceededException(
          "%s: an image of more than %d bytes or %d files (our limits)"
              .formatted(path, BYTES_MAX, FILES_MAX));
    }
    for (String name : names) {
      requireName(path, name);
    }
    IsoNode directory = root;
    for (String name : List.of(names).subList(0, names.length - 1)) {
      directory = directory.directory(path, name);
    }
    if (directory.child(names[names.length - 1]) != null) {
      throw new FileAlreadyExistsException(path);
    }
    directory.add(new IsoNode(names[names.length - 1], directory, content.clone()));
    bytes += content.length;
    files++;
    return this;
  }

  private static void requireName(String path, String name) throws FileSystemException {
    boolean isPlain =
        name.chars().allMatch(c -> c > 0x1F && "*/:;?\\".indexOf(c) < 0 && !isSurrogate(c));
    if (name.isEmpty()
        || name.equals(".")
        || name.equals("..")
        || name.length() > NAME_MAX - 2
        || name.getBytes(StandardCharsets.UTF_8).length > NAME_BYTES_MAX
        || !isPlain) {
      throw new FileSystemException(path, null, "a name that Joliet cannot hold");
    }
  }

  private static boolean isSurrogate(int c) {
    return Character.isSurrogate((char) c);
  }

  /// The image: a whole number of sectors of 2048 bytes.
  public byte[] bytes() {
    List<IsoNode> directories = directories();
    for (IsoNode directory : directories) {
      directory.nameChildren();
    }
    IsoTree plain = new IsoTree(new PlainNames(), ordered(new PlainNames()), time);
    IsoTree joliet = new IsoTree(new JolietNames(), ordered(new JolietNames()), time);
    int next = FIRST_DESCRIPTOR + 3;
    next = plain.place(next);
    next = joliet.place(next);
    for (IsoNode directory : directories) {
      for (IsoNode child : directory.children()) {
        if (!child.isDirectory()) {
          child.placeContent(child.content().length == 0 ? 0 : next);
          next += sectors(child.content().length);
        }
      }
    }
    byte[] image = new byte[next * SECTOR];
    VolumeDescriptor.put(image, FIRST_DESCRIPTOR * SECTOR, label, plain, next, time);
    VolumeDescriptor.put(image, (FIRST_DESCRIPTOR + 1) * SECTOR, label, joliet, next, time);
    VolumeDescriptor.putEnd(image, (FIRST_DESCRIPTOR + 2) * SECTOR);
    plain.put(image);
    joliet.put(image);
    for (IsoNode directory : directories) {
      for (IsoNode child : directory.children()) {
        byte[] content = child.content();
        System.arraycopy(content, 0, image, child.contentSector() * SECTOR, content.length);
      }
    }
    return image;
  }

  static int sectors(long length) {
    return (int) ((length + SECTOR - 1) / SECTOR);
  }

  private List<IsoNode> directories() {
    List<IsoNode> found = new ArrayList<>();
    Deque<IsoNode> open = new ArrayDeque<>(List.of(root));
    while (!open.isEmpty()) {
      IsoNode directory = open.remove();
      found.add(directory);
      directory.children().stream().filter(IsoNode::isDirectory).forEach(open::add);
    }
    return found;
  }

  /// The directories level by level, each level by its parents' numbers and then by name.
  private List<IsoNode> ordered(NameForm form) {
    List<IsoNode> found = new ArrayList<>(List.of(root));
    for (int i = 0; i < found.size(); i++) {
      found.get(i).sorted(form).stream().filter(IsoNode::isDirectory).forEach(found::add);
    }
    return found;
  }

  /// A way to write names.
  sealed interface NameForm permits PlainNames, JolietNames {
    /// The identifier of a file or directory.
    byte[] identifier(IsoNode node);

    /// What follows a record's name.
    byte[] systemUse(IsoNode node, Instant time);

    /// The root's own, for its first record.
    byte[] rootUse(Instant time, int continuation);

    /// The volume's label.
    byte[] label(String label);

    default Comparator<IsoNode> order() {
      return (a, b) -> Arrays.compareUnsigned(identifier(a), identifier(b));
    }
  }

  /// 8.3 in capitals, Rock Ridge behind it.
  static final class PlainNames implements NameForm {
    @Override
    public byte[] identifier(IsoNode node) {
      return node.plainName().getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public byte[] systemUse(IsoNode node, Instant time) {
      return RockRidgeFields.of(node, time);
    }

    @Override
    public byte[] rootUse(Instant time, int continuation) {
      return RockRidgeFields.root(time, continuation);
    }

    @Override
    public byte[] label(String label) {
      return label.getBytes(StandardCharsets.US_ASCII);
    }
  }

  /// UCS-2, big-endian.
  static final class JolietNames implements NameForm {
    @Override
    public byte[] identifier(IsoNode node) {
      String name = node.isDirectory() ? node.name() : node.name() + ";1";
      return name.getBytes(StandardCharsets.UTF_16BE);
    }

    @Override
    public byte[] systemUse(IsoNode node, Instant time) {
      return new byte[0];
    }

    @Override
    public byte[] rootUse(Instant time, int continuation) {
      return new byte[0];
    }

    @Override
    public byte[] label(String label) {
      byte[] text = new byte[2 * label.length()];
      for (int i = 0; i < label.length(); i++) {
        BigEndian.put16(text, 2 * i, label.charAt(i));
      }
      return text;
    }
  }
}
