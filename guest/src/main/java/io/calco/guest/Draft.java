package io.calco.guest;

import io.calco.disk.LimitExceededException;
import io.calco.fs.FileAttributes;
import io.calco.fs.FileStatus;
import io.calco.fs.FileType;
import io.calco.guest.PathResolver.LastName;
import io.calco.volume.lvm.LvmUuid;
import io.calco.volume.lvm.VolumeGroup;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/// Changes to a guest that are planned, not made: reads see the tree as it will be, and nothing is
/// written until [ChangeApplier] is given the changes.
///
/// What a keep pattern names, with what is in it, is left as it is; each refusal is remembered in
/// [#kept].
public final class Draft {
  private static final int MAX_CHANGES = 500_000; // ours

  private final GuestTree tree;
  private final List<PathPattern> keep;
  private final Instant now;
  private final SelinuxLabels labels;
  private final DraftView view;
  private final List<String> kept = new ArrayList<>();
  private List<Change> changes = new ArrayList<>();
  private List<String> notes = new ArrayList<>();

  /// An empty draft.
  ///
  /// @param keep files that may not be removed or changed
  /// @param now what new and changed files get as modification time
  public Draft(GuestTree tree, List<PathPattern> keep, Instant now) {
    this.tree = tree;
    this.keep = List.copyOf(keep);
    this.now = now;
    this.labels = new SelinuxLabels(tree);
    this.view = new DraftView(tree);
  }

  /// The tree as it is now.
  public GuestTree tree() {
    return tree;
  }

  /// The changes and notes since the last call; the draft goes on from there.
  public Section takeSection() {
    Section section = new Section(changes, notes);
    changes = new ArrayList<>();
    notes = new ArrayList<>();
    return section;
  }

  /// A part of a draft.
  ///
  /// @param changes in the order in which they must be made
  /// @param notes sentences for a person
  public record Section(List<Change> changes, List<String> notes) {
    /// Copies both.
    public Section {
      changes = List.copyOf(changes);
      notes = List.copyOf(notes);
    }
  }

  /// Paths that a keep pattern spared, each once.
  public List<String> kept() {
    return kept.stream().distinct().toList();
  }

  /// Adds a sentence to the report.
  public void note(String sentence) {
    notes.add(sentence);
  }

  /// True when something will be at `path`; a link at its end counts itself.
  public boolean exists(String path) throws IOException {
    return view.resolve(path, LastName.KEEP).isPresent();
  }

  /// True when `path` will mean a regular file.
  public boolean isFile(String path) throws IOException {
    return means(FileType.REGULAR, path);
  }

  /// True when `path` will mean a directory.
  public boolean isDirectory(String path) throws IOException {
    return means(FileType.DIRECTORY, path);
  }

  private boolean means(FileType type, String path) throws IOException {
    Optional<String> real = view.resolve(path, LastName.FOLLOW);
    return real.isPresent() && view.is(type, real.get());
  }

  /// What the link at `path` will say; empty when it will be none.
  public Optional<String> readLink(String path) throws IOException {
    Optional<String> at = view.resolve(path, LastName.KEEP);
    return at.isPresent() && view.is(FileType.SYMBOLIC_LINK, at.get())
        ? Optional.of(view.link(at.get()))
        : Optional.empty();
  }

  /// The text that the regular file will hold, as [GuestTree#readText].
  public Optional<String> text(String path) throws IOException {
    Optional<String> real = view.resolve(path, LastName.FOLLOW);
    return real.isPresent() ? view.text(real.get()) : Optional.empty();
  }

  /// The attributes of the file or directory that `path` will mean.
  public Optional<FileAttributes> attributes(String path) throws IOException {
    Optional<String> real = view.resolve(path, LastName.FOLLOW);
    return real.isPresent() ? view.attributes(real.get()) : Optional.empty();
  }

  /// [GuestTree#glob] without what will be gone; files that this draft makes are not found.
  public List<String> glob(String pattern) throws IOException {
    return tree.glob(pattern).stream().filter(path -> !view.isGone(path)).toList();
  }

  /// Removes whatever fits, directories with all that is in them.
  public void removeTrees(String... patterns) throws IOException {
    for (String pattern : patterns) {
      for (String path : glob(pattern)) {
        remove(path);
      }
    }
  }

  /// Removes what fits and is no directory.
  public void removeFiles(String... patterns) throws IOException {
    for (String pattern : patterns) {
      for (String path : glob(pattern)) {
        if (!view.is(FileType.DIRECTORY, path)) {
          remove(path);
        }
      }
    }
  }

  /// Removes all that is no directory below `directory`; the directories stay.
  ///
  /// @param spare canonical paths to leave
  public void removeFilesBelow(String directory, Predicate<String> spare) throws IOException {
    List<String> found = new ArrayList<>();
    tree.walk(
        directory,
        (path, entry) -> {
          if (entry.type() != FileType.DIRECTORY && !spare.test(path)) {
            collect(found, path);
          }
        });
    for (String path : found) {
      remove(path);
    }
  }

  /// Removes all that is in the directory that `path` means, hidden files too; it stays itself.
  public void removeContents(String directory) throws IOException {
    Optional<String> real = view.resolve(directory, LastName.FOLLOW);
    if (real.isPresent()) {
      for (var entry : tree.list(real.get())) {
        remove(PathResolver.join(real.get(), entry.name()));
      }
    }
  }

  /// Removes a file, a link itself, or a directory with all that is in it. Does nothing when it is
  /// not there; a mount point and a directory that holds something to keep stay.
  public void remove(String path) throws IOException {
    Optional<String> at = view.resolve(path, LastName.KEEP);
    if (at.isEmpty() || at.get().equals("/")) {
      return;
    }
    if (view.is(FileType.DIRECTORY, at.get()) && !isKept(at.get())) {
      for (String child : view.below(at.get())) {
        removeOne(child);
      }
    }
    removeOne(at.get());
  }

  /// Adds a path unless there are too many.
  static void collect(List<String> paths, String path) throws IOException {
    if (paths.size() >= MAX_CHANGES) {
      throw tooMany();
    }
    paths.add(path);
  }

  private void removeOne(String path) throws IOException {
    Optional<FileType> type = view.type(path);
    if (type.isEmpty() || spared(path)) {
      return;
    }
    if (type.get() == FileType.DIRECTORY
        && (tree.isMountPoint(path) || view.holdsSomething(path))) {
      return;
    }
    long size = type.get() == FileType.REGULAR && !view.isPlanned(path) ? view.fileSize(path) : 0;
    view.plan(path, new DraftView.Gone());
    add(new Change.Remove(path, type.get(), size));
  }

  private void add(Change change) throws IOException {
    if (view.size() > MAX_CHANGES) {
      throw tooMany();
    }
    changes.add(change);
  }

  private static LimitExceededException tooMany() {
    return new LimitExceededException(
        "more than " + MAX_CHANGES + " files in the guest to change (our limit)");
  }

  /// Takes the content of the regular file that `path` means, if there is any.
  public void empty(String path) throws IOException {
    Optional<String> real = view.resolve(path, LastName.FOLLOW);
    if (real.isEmpty() || !isFile(real.get()) || spared(real.get())) {
      return;
    }
    if (view.isPlanned(real.get())) {
      put(real.get(), Content.of(""), attributes(real.get()).orElseThrow());
      return;
    }
    FileStatus status = tree.status(real.get()).orElseThrow();
    if (status.size() > 0) {
      view.plan(real.get(), new DraftView.File(Content.of(""), FileAttributes.of(status)));
      changes.add(new Change.Empty(real.get(), status.size()));
    }
  }

  /// Changes the text of the regular file that `path` means; its owner and mode stay. Does nothing
  /// when there is none or the text stays the same.
  public void edit(String path, UnaryOperator<String> change) throws IOException {
    Optional<String> text = text(path);
    if (text.isPresent()) {
      String changed = change.apply(text.get());
      if (!changed.equals(text.get())) {
        put(path, Content.of(changed), attributes(path).orElseThrow());
      }
    }
  }

  /// Gives a file this text: with the owner and mode that it has, or root's and `permissions` when
  /// it is new.
  public void putText(String path, String text, int permissions) throws IOException {
    FileAttributes fresh = FileAttributes.root(permissions, now);
    put(path, Content.of(text), isFile(path) ? attributes(path).orElse(fresh) : fresh);
  }

  /// Gives a file this content and these attributes, but for the time of modification. A link that
  /// leads to a file is followed; anything else that is there and is no file is removed first, and
  /// missing directories are made. Does nothing when all is so already.
  public void put(String path, Content content, FileAttributes wanted) throws IOException {
    Optional<String> real = view.resolve(path, LastName.FOLLOW);
    if (real.isPresent() && isFile(real.get())) {
      replace(real.get(), content, at(wanted));
      return;
    }
    String place = clear(path);
    if (spared(place)) {
      return;
    }
    Optional<String> label = label(place, FileType.REGULAR);
    view.plan(place, new DraftView.File(content, at(wanted)));
    changes.add(new Change.Create(place, content, at(wanted), label));
  }

  private void replace(String path, Content content, FileAttributes attributes) throws IOException {
    if (view.holds(path, content, attributes) || spared(path)) {
      return;
    }
    Optional<Change> earlier =
        changes.reversed().stream().filter(c -> c.path().equals(path)).findFirst();
    Change change =
        switch (earlier.orElse(null)) {
          case Change.Create(_, _, _, Optional<String> label) ->
              new Change.Create(path, content, attributes, label);
          case Change.Replace(_, _, _, long size) ->
              new Change.Replace(path, content, attributes, size);
          case null, default -> new Change.Replace(path, content, attributes, view.fileSize(path));
        };
    if (change instanceof Change.Create || earlier.orElse(null) instanceof Change.Replace) {
      changes.set(changes.lastIndexOf(earlier.orElseThrow()), change);
    } else {
      changes.add(change);
    }
    view.plan(path, new DraftView.File(content, attributes));
  }

  /// Gives the file system that is mounted at `mountPoint` another UUID. What names the old one is
  /// edited by the caller.
  ///
  /// @param text as [io.calco.fs.FileSystem#uuidFrom] tells it
  public void setUuid(String mountPoint, UUID uuid, String text) {
    changes.add(new Change.SetUuid(mountPoint, uuid, text));
  }

  /// Gives a volume group and its physical volumes other UUIDs; files that name the old ones are to
  /// be edited by the caller.
  ///
  /// @param uuid the group's; empty to leave it its own
  /// @param physical one for each physical volume, in the group's order
  public void setGroupUuids(VolumeGroup group, Optional<LvmUuid> uuid, List<LvmUuid> physical) {
    changes.add(new Change.SetGroupUuids("/dev/" + group.name(), uuid, physical));
  }

  /// Gives a LUKS volume of [GuestTree#encrypted] another UUID; what names the old one is edited by
  /// the caller.
  public void setLuksUuid(String old, UUID uuid) {
    changes.add(new Change.SetLuksUuid("/dev/disk/by-uuid/" + old, old, uuid));
  }

  /// Makes a symbolic link, in place of whatever is at `path`; does nothing when it is there.
  public void link(String path, String target) throws IOException {
    if (readLink(path).equals(Optional.of(target))) {
      return;
    }
    String place = clear(path);
    if (!spared(place)) {
      Optional<String> label = label(place, FileType.SYMBOLIC_LINK);
      view.plan(place, new DraftView.Link(target));
      changes.add(new Change.CreateLink(place, target, FileAttributes.root(0777, now), label));
    }
  }

  /// Makes a directory where nothing is, with `attributes`; missing parents get root's and 0755.
  public void directory(String path, FileAttributes attributes) throws IOException {
    if (!isDirectory(path)) {
      String place = clear(path);
      Optional<String> label = label(place, FileType.DIRECTORY);
      view.plan(place, new DraftView.Directory(at(attributes)));
      changes.add(new Change.CreateDirectory(place, at(attributes), label));
    }
  }

  /// The canonical path of a file to be made at `path`: what is there is removed, and its directory
  /// made when it is missing.
  private String clear(String path) throws IOException {
    List<String> parts = PathResolver.parts(path);
    if (parts.isEmpty() || parts.contains("..")) {
      throw new IllegalArgumentException("no place for a file: " + PrintableText.of(path));
    }
    String parent = "/" + String.join("/", parts.subList(0, parts.size() - 1));
    if (!isDirectory(parent)) {
      directory(parent, FileAttributes.root(0755, now));
    }
    String place =
        PathResolver.join(view.resolve(parent, LastName.FOLLOW).orElseThrow(), parts.getLast());
    remove(place);
    return place;
  }

  private Optional<String> label(String path, FileType type) throws IOException {
    String directory = PathResolver.parent(path);
    while (!view.isDirectoryNow(directory)) {
      directory = PathResolver.parent(directory);
    }
    return labels.forNew(path, type, directory);
  }

  private FileAttributes at(FileAttributes wanted) {
    return new FileAttributes(wanted.permissions(), wanted.uid(), wanted.gid(), now);
  }

  /// True when a pattern names the path or a directory that it is in.
  private boolean isKept(String path) {
    for (String at = path; !keep.isEmpty() && !at.equals("/"); at = PathResolver.parent(at)) {
      for (PathPattern pattern : keep) {
        if (pattern.matches(at)) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean spared(String path) {
    boolean spared = isKept(path);
    if (spared) {
      kept.add(path);
    }
    return spared;
  }
}
