package io.calco.disk;

import io.calco.disk.BesideFile.Durability;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An image in the making, with all files it is made of: each lies beside its place until
/// [#publish] gives them their names. What was not published is deleted on close.
///
/// ```java
/// try (NewImage made = NewImage.create(target, "vmdk", options)) {
///   try (Image image = made.open(OpenPolicy.ownDirectory())) {
///     …
///   }
///   made.publish(Durability.SYNCED);
/// }
/// ```
///
/// Thread rule: confined.
public final class NewImage implements AutoCloseable {
  private final Path target;
  private final ImageFormat format;
  private final CreateOptions options;
  private final BesideFile own;
  private final Map<String, BesideFile> parts = new LinkedHashMap<>();

  private NewImage(Path target, ImageFormat format, CreateOptions options) {
    this.target = target;
    this.format = format;
    this.options = options;
    this.own = BesideFile.of(target);
  }

  /// Lays out a new image that will be `target`.
  ///
  /// @throws DiskException when the format refuses; nothing is left behind
  public static NewImage create(Path target, String format, CreateOptions options)
      throws IOException {
    NewImage made = new NewImage(target, ImageFormats.get(format), options);
    try {
      try (HostFile file = LocalFile.create(made.own.path())) {
        made.format.create(file, options, made.new Parts(OpenPolicy.ownDirectory()));
      }
      return made;
    } catch (IOException | RuntimeException e) {
      Closing.after(e, made);
      throw e;
    }
  }

  /// Opens it for writing, with its backing image.
  ///
  /// @param policy which other files it may refer to
  public Image open(OpenPolicy policy) throws IOException {
    ImageOptions writing =
        new ImageOptions(
            Optional.of(format.name()),
            ImageOptions.Access.WRITE,
            policy,
            Optional.empty(),
            options.passphrase());
    return Image.open(own.path(), writing, new Parts(policy));
  }

  /// Gives all files their names, the image's own last, in place of files that have them. The image
  /// must be closed.
  public void publish(Durability durability) throws IOException {
    for (BesideFile part : parts.values()) {
      part.publishReplacing(durability);
    }
    own.publishReplacing(durability);
  }

  /// Deletes what was not published.
  @Override
  public void close() throws IOException {
    List<BesideFile> all = new ArrayList<>(parts.values());
    all.add(own);
    for (BesideFile file : all) {
      file.close();
    }
  }

  /// Parts lie under other names for now.
  private final class Parts implements Companions {
    private final LocalCompanions others;

    Parts(OpenPolicy policy) {
      others = new LocalCompanions(target, policy, true);
    }

    @Override
    public String imageName() {
      return others.imageName();
    }

    @Override
    public HostFile open(String kind, String reference, Access access) throws IOException {
      BesideFile part = parts.get(reference);
      return part != null
          ? LocalCompanions.open(part.path(), access, true)
          : others.open(kind, reference, access);
    }

    @Override
    public HostFile create(String name) throws IOException {
      if (name.isEmpty() || name.indexOf('/') >= 0 || name.equals(imageName())) {
        throw new IllegalArgumentException("part " + name);
      }
      BesideFile part = BesideFile.of(target.resolveSibling(name));
      if (parts.putIfAbsent(name, part) != null) {
        throw new IllegalArgumentException("two parts called " + name);
      }
      return LocalFile.create(part.path());
    }

    @Override
    public List<String> neighbours() throws IOException {
      return others.neighbours();
    }
  }
}
