package io.calco.engine.images;

import io.calco.catalog.ImageCatalog;
import io.calco.catalog.ImageData;
import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageEntry.Status;
import io.calco.catalog.ImageInspection;
import io.calco.catalog.ImageOrigin;
import io.calco.disk.DiskException;
import io.calco.disk.HostFile;
import io.calco.disk.Image;
import io.calco.disk.ImageIdentity;
import io.calco.disk.ImageOptions;
import io.calco.disk.ImageOptions.Access;
import io.calco.disk.JobContext;
import io.calco.disk.LocalFile;
import io.calco.disk.OpenPolicy;
import io.calco.disk.UnwrapOptions;
import io.calco.disk.Wrapping;
import io.calco.disk.wrap.StreamedFile;
import io.calco.disk.wrap.UnpackedStream;
import io.calco.engine.DiskLayOut;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.UntrustedCheck;
import io.calco.engine.audit.Action;
import io.calco.engine.audit.Deed;
import io.calco.engine.audit.Target;
import io.calco.engine.identity.Caller;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Images that a command of this host takes in: unpacked, hashed, stored and compared with what
/// their publisher says, in one pass. An image is in the catalogue when all of it came and all of
/// it is right, or not at all; nothing else is ever seen of it, also beside a running server.
///
/// Thread rule: safe for several threads.
public final class ImageTaking {
  /// The formats that images are kept in, by our names, with the API's.
  private static final Map<String, String> KEPT =
      Map.of(
          "qcow2",
          "qcow2",
          "raw",
          "raw",
          "vmdk",
          "vmdk",
          "vpc",
          "vhd",
          "vhdx",
          "vhdx",
          "vdi",
          "vdi",
          "parallels",
          "ploop");

  private static final List<String> PARTS = List.of("aki", "ari", "ami");
  private static final String OVA = "ova";

  private final ImageCatalog catalog;
  private final Images images;
  private final ImageContents contents;
  private final ImageService.Settings settings;
  private final ImageTransfers transfers;
  private final ImageInspections inspections;

  ImageTaking(
      ImageCatalog catalog,
      Images images,
      ImageContents contents,
      ImageService.Settings settings,
      ImageTransfers transfers,
      ImageInspections inspections) {
    this.catalog = catalog;
    this.images = images;
    this.contents = contents;
    this.settings = settings;
    this.transfers = transfers;
    this.inspections = inspections;
  }

  /// An image to be.
  ///
  /// @param attributes by the API's names, without formats; `name` is the file's unless stated
  /// @param format `qcow2`, `iso`, `ova` …, out of all its packing; found out unless stated
  /// @param signature of it; one that the attributes tell of needs a certificate that the settings
  ///   trust
  public record Wanted(
      Map<String, Object> attributes, Optional<String> format, Optional<SignatureFiles> signature) {
    /// Copies the map.
    public Wanted {
      attributes = Map.copyOf(attributes);
    }

    /// One without a signature of its own.
    public Wanted(Map<String, Object> attributes, Optional<String> format) {
      this(attributes, format, Optional.empty());
    }

    private TrustedCertificates trusted(ImageService.Settings settings) {
      return signature
          .map(SignatureFiles::trusted)
          .orElseGet(() -> new TrustedCertificates(settings.certificates()));
    }
  }

  /// An image that was taken in.
  public record Taken(ImageEntry image, ImageOrigin origin, ImageInspection inspection) {}

  /// Takes an image in.
  ///
  /// @throws OperationException CORRUPT when it is not what its publisher or its sender says, or is
  ///   dangerous; UNSUPPORTED when images are not kept in its format. Nothing is kept then.
  public Taken take(
      Caller caller, ImportSource source, Wanted wanted, ImportProof proof, JobContext job)
      throws IOException {
    Target target =
        Target.named(String.valueOf(wanted.attributes().getOrDefault("name", source.fileName())));
    String place = ImageImports.withoutSecrets(source.place());
    return images
        .audit()
        .make(
            new Deed(caller.actor(), Action.IMAGE_IMPORT, target).with(place),
            () -> takeUnrecorded(caller, source, wanted, proof, job),
            taken -> Images.target(taken.image()));
  }

  private Taken takeUnrecorded(
      Caller caller, ImportSource source, Wanted wanted, ImportProof proof, JobContext job)
      throws IOException {
    Map<String, Object> attributes = new HashMap<>(wanted.attributes());
    attributes.putIfAbsent("name", plainName(source.fileName()));
    if (wanted.signature().isPresent()) {
      attributes.putAll(wanted.signature().get().properties());
    }
    wanted.format().ifPresent(format -> setFormat(attributes, format));
    ImageEntry planned = images.plan(caller, Optional.empty(), attributes);
    WebAddresses addresses = proof.widened(settings.addresses(), source);
    ImportProof.Expected expected = proof.expected(source.fileName(), addresses);
    Received received = receive(source, planned, expected, addresses, job);
    String blob = received.content().blob();
    try {
      if (wanted.format().isEmpty()) {
        setFormat(attributes, found(blob, source, received.appliance()));
      }
      ImageEntry complete = images.plan(caller, Optional.of(planned.id()), attributes);
      OptionalLong size = settings.check().virtualSize(contents, blob, complete.facts());
      Optional<ImageSignature> signature = ImageSignature.of(complete.properties());
      if (signature.isPresent()) {
        job.progress("verifying the signature", 0, 1);
        signature.get().verify(contents, blob, wanted.trusted(settings));
      }
      ImageOrigin origin =
          ImageOrigins.of(source.kind(), source.place(), caller.userName(), expected.verified());
      ImageEntry image =
          catalog.add(
              complete.with(Status.ACTIVE, Optional.of(data(received.content(), size, source))),
              origin);
      job.progress("inspecting", 0, 1);
      return new Taken(image, origin, inspections.inspect(caller, image.id()));
    } catch (IOException | RuntimeException | Error e) {
      releaseUnknown(planned.id(), blob, e);
      throw e;
    }
  }

  /// An image that is recorded keeps its content, whatever failed after that.
  private void releaseUnknown(String id, String blob, Throwable failure) {
    try {
      if (catalog.find(id).isEmpty()) {
        contents.release(blob);
      }
    } catch (IOException | RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  private static ImageData data(
      ContentIntake.Taken content, OptionalLong virtualSize, ImportSource source) {
    String place = source.place();
    return new ImageData(
        content.blob(),
        content.size(),
        virtualSize,
        content.md5(),
        content.sha256(),
        content.sha512(),
        place.isEmpty() ? "input" : place);
  }

  /// The file's name without what tells its format and packing.
  static String plainName(String fileName) {
    String name =
        fileName
            .replaceFirst("(?i)(?<=.)([.](gz|xz|zst|bz2|lz4|zip|tar|tgz))+$", "")
            .replaceFirst(
                "(?i)(?<=.)[.](qcow2|raw|img|iso|vmdk|vhd|vhdx|vdi|ova|disk|aki|ari|ami)$", "");
    return name.isEmpty() ? "image" : name;
  }

  /// How a format stands in an image's attributes.
  private static void setFormat(Map<String, Object> attributes, String format) {
    String name = format.toLowerCase(Locale.ROOT);
    attributes.put("disk_format", name.equals(OVA) ? "vmdk" : name.equals("vpc") ? "vhd" : name);
    attributes.put("container_format", name.equals(OVA) || PARTS.contains(name) ? name : "bare");
  }

  private String found(String blob, ImportSource source, boolean appliance) throws IOException {
    if (appliance) {
      return OVA;
    }
    if (source
        .fileName()
        .toLowerCase(Locale.ROOT)
        .matches(".*[.]iso([.](gz|xz|zst|bz2|lz4|zip))*")) {
      return "iso";
    }
    UntrustedCheck.Verdict verdict = UntrustedCheck.ofOwning(contents.open(blob), Optional.empty());
    String format = verdict.format().orElse("");
    @Nullable String kept = KEPT.get(format);
    if (kept != null) {
      return kept;
    }
    throw format.isEmpty()
        ? new OperationException(
            Kind.CORRUPT, "The image is refused: %s.".formatted(verdict.risks().getFirst()))
        : new OperationException(
            Kind.UNSUPPORTED,
            "images are not kept in the format %s".formatted(format),
            "convert it first: calco disk convert -O qcow2 FILE image.qcow2");
  }

  /// Content that came.
  ///
  /// @param appliance it is an OVA
  private record Received(ContentIntake.Taken content, boolean appliance) {}

  private Received receive(
      ImportSource source,
      ImageEntry image,
      ImportProof.Expected expected,
      WebAddresses addresses,
      JobContext job)
      throws IOException {
    long limit = transfers.sizeLimit(image);
    return switch (source) {
      case ImportSource.Input(InputStream bytes) ->
          receive("standard input", bytes, OptionalLong.empty(), expected, limit, job);
      case ImportSource.Web(String address) -> {
        try (WebSource web = WebSource.open(addresses.parse(address), addresses)) {
          yield receive(address, web.body(), web.size(), expected, limit, job);
        }
      }
      case ImportSource.Pool(Path path) -> receiveFromPool(path, expected, limit, job);
      case ImportSource.File(Path path) -> {
        if (!Files.isRegularFile(path)) {
          throw new OperationException(
              Files.exists(path) ? Kind.UNSUPPORTED : Kind.NOT_FOUND,
              "%s: %s".formatted(path, Files.exists(path) ? "is no plain file" : "is not there"));
        }
        requireAlone(path);
        yield receive(new ImportSource.File(path), expected, limit, job);
      }
    };
  }

  /// Refuses an overlay before it is read, with what can be done.
  private static void requireAlone(Path path) throws IOException {
    try (Image image =
        Image.open(path, ImageOptions.reading().with(OpenPolicy.denyAll()).with(Access.METADATA))) {
      if (image.info().backing().isPresent()) {
        throw new OperationException(
            Kind.REFUSED,
            path + ": rests on another image, and would be nothing without it",
            "make one image of both: calco disk convert -O qcow2 %s whole.qcow2".formatted(path));
      }
    } catch (DiskException | EOFException unreadable) {
      // and so refused for that, if it is, when it is looked at
    }
  }

  /// An overlay becomes one image with what is below it.
  private Received receiveFromPool(
      Path path, ImportProof.Expected expected, long limit, JobContext job) throws IOException {
    ImageOptions options = ImageOptions.reading();
    boolean overlay;
    try (Image image = Image.open(path, options.with(Access.METADATA))) {
      overlay = image.info().backing().isPresent();
    }
    if (!overlay) {
      return receive(new ImportSource.File(path), expected, limit, job);
    }
    if (expected.checksum().isPresent()) {
      throw ImageAttributes.usage(
          path + ": is an overlay, which is taken as a new image: there is no checksum of that.");
    }
    try (Image image = Image.open(path, options);
        HostFile flat =
            new DiskLayOut("qcow2", Map.of(), "", ImageIdentity.fresh()).of(image.disk(), job);
        ContentStream bytes = new ContentStream(flat)) {
      return receive(path.toString(), bytes, OptionalLong.of(flat.size()), expected, limit, job);
    }
  }

  private Received receive(
      ImportSource.File file, ImportProof.Expected expected, long limit, JobContext job)
      throws IOException {
    try (LocalFile open = LocalFile.open(file.path(), false);
        ContentStream bytes = new ContentStream(open)) {
      return receive(
          file.path().toString(), bytes, OptionalLong.of(open.size()), expected, limit, job);
    }
  }

  private Received receive(
      String name,
      InputStream bytes,
      OptionalLong size,
      ImportProof.Expected expected,
      long limit,
      JobContext job)
      throws IOException {
    PublishedStream published = new PublishedStream(bytes, expected.checksum(), size, job);
    UnwrapOptions limits = UnwrapOptions.untrusted();
    UnpackedStream unpacked = UnpackedStream.owning(name, published, limits);
    ContentIntake.Taken content;
    boolean appliance = unpacked.appliance();
    if (unpacked.archived()) {
      try (Wrapping.Unwrapped inner = unwrap(name, unpacked, limits)) {
        content = ContentIntake.take(new ContentStream(inner.file()), contents::receive, limit);
        published.drain();
      }
    } else {
      try (unpacked) {
        content = ContentIntake.take(unpacked, contents::receive, limit);
      }
    }
    try {
      published.requireExpected(name);
    } catch (IOException | RuntimeException e) {
      contents.release(content.blob());
      throw e;
    }
    return new Received(content, appliance);
  }

  /// Archives are read by their tables, so they lie in a scratch file meanwhile.
  private static Wrapping.Unwrapped unwrap(
      String name, UnpackedStream archive, UnwrapOptions limits) throws IOException {
    return Wrapping.unwrapOwning(StreamedFile.owning(name, archive, limits), limits);
  }
}
