package io.calco.engine.backup;

import io.calco.backup.Restore;
import io.calco.disk.BesideFile;
import io.calco.disk.BesideFile.Durability;
import io.calco.disk.Closing;
import io.calco.disk.CopyOptions;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.EarlyWriteOut;
import io.calco.disk.Image;
import io.calco.disk.ImageFormats;
import io.calco.disk.ImageOptions;
import io.calco.disk.ImageOptions.Access;
import io.calco.disk.NewImage;
import io.calco.disk.OpenPolicy;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What is restored to, open for writing: a device or an image that is there, or one in the making,
/// which gets its name by [#publish]. Confined.
final class RestoreTarget implements AutoCloseable {
  private static final String STEP = "restoring";
  private static final int READERS_ELSEWHERE = 8;

  private final RestoreRequest request;
  private final Restores.Plan plan;
  private final Optional<NewImage> made;
  private final Image image;
  private final BackupRepository from;
  private final EarlyWriteOut early;

  /// @param image closed when this fails
  private RestoreTarget(
      RestoreRequest request,
      Restores.Plan plan,
      Optional<NewImage> made,
      Image image,
      BackupRepository from)
      throws IOException {
    this.request = request;
    this.from = from;
    this.plan = plan;
    this.made = made;
    this.image = image;
    try {
      this.early = EarlyWriteOut.of(image.path());
    } catch (IOException | RuntimeException e) {
      Closing.after(e, image);
      throw e;
    }
  }

  static RestoreTarget open(RestoreRequest request, Restores.Plan plan, BackupRepository from)
      throws IOException {
    if (!plan.fresh()) {
      Image image = Image.open(request.target(), options(request, Access.WRITE));
      return new RestoreTarget(request, plan, Optional.empty(), image, from);
    }
    String format = format(request);
    if (ImageFormats.get(format).writtenWhole()) {
      throw new OperationException(
          Kind.UNSUPPORTED,
          format + " images are only made whole",
          "calco backup export makes one of a restore point");
    }
    Path place = request.target().toAbsolutePath();
    BesideFile.sweep(place.resolveSibling(""));
    CreateOptions layout = new CreateOptions(plan.size(), Optional.empty(), Map.of());
    NewImage made = NewImage.create(place, format, layout);
    try {
      Image image = made.open(OpenPolicy.ownDirectory());
      return new RestoreTarget(request, plan, Optional.of(made), image, from);
    } catch (IOException | RuntimeException e) {
      try (made) {
        throw e;
      }
    }
  }

  static ImageOptions options(RestoreRequest request, Access access) throws IOException {
    ImageOptions plain = ImageOptions.reading().with(access);
    return HostDevice.find(request.target()).isPresent()
        ? plain.withFormat("raw")
        : request.format().map(plain::withFormat).orElse(plain);
  }

  static String format(RestoreRequest request) {
    return request.format().orElse("raw");
  }

  RestoreRequest request() {
    return request;
  }

  Restores.Plan plan() {
    return plan;
  }

  Disk disk() {
    return image.disk();
  }

  /// True when only what differs is written.
  boolean isCompared() {
    return made.isEmpty() && request.writing() == RestoreRequest.Writing.DIFFERENCES;
  }

  /// How it is written.
  Restore.Options how() throws IOException {
    if (made.isEmpty()) {
      return new Restore.Options(
          isCompared() ? Restore.Target.COMPARED : Restore.Target.OVERWRITTEN,
          request.proof(),
          read(CopyOptions.over(image, STEP)));
    }
    return new Restore.Options(
        ImageFormats.get(format(request)).newImageReadsZero()
            ? Restore.Target.NEW
            : Restore.Target.OVERWRITTEN,
        request.proof(),
        read(CopyOptions.toNew(image, STEP)));
  }

  /// Over a network whoever reads mostly waits.
  private CopyOptions read(CopyOptions copy) {
    return from.store().isElsewhere()
        ? copy.withThreads(Math.max(copy.threads(), READERS_ELSEWHERE))
        : copy;
  }

  /// Closes it, and gives what was made its name.
  void publish() throws IOException {
    Closing.all(List.of(early, image));
    if (made.isPresent()) {
      made.get().publish(Durability.SYNCED);
    }
  }

  /// Deletes what was made and not published.
  @Override
  public void close() throws IOException {
    List<AutoCloseable> all = new ArrayList<>(List.of(early, image));
    made.ifPresent(all::add);
    Closing.all(all);
  }
}
