package io.calco.engine;

import io.calco.disk.DiskException;
import io.calco.disk.HostFile;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.ImageOptions.Access;
import io.calco.disk.OpenPolicy;
import io.calco.disk.iso.IsoVolume;
import io.calco.volume.TableRisks;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Whether an image may be taken in from a stranger: what would make it mean different things to
/// different readers, or reach for files it does not contain. Asks the same code that later reads
/// the image. Stateless.
public final class UntrustedCheck {
  private static final String RAW = "raw";
  private static final String ISO = "iso";

  private UntrustedCheck() {}

  /// What was found.
  ///
  /// @param format the format, when it could be told
  /// @param virtualSize what the guest sees, in bytes, when it could be told
  /// @param risks the reasons to refuse the image, each one line; none when it is safe
  public record Verdict(Optional<String> format, OptionalLong virtualSize, List<String> risks) {
    /// Copies the list.
    public Verdict {
      risks = List.copyOf(risks);
    }

    /// True when the image may be taken in.
    public boolean safe() {
      return risks.isEmpty();
    }
  }

  /// Looks at one image file. Nothing that it refers to is opened; what is encrypted is judged by
  /// its header. Its wrappers give only so much.
  ///
  /// @param declared the format that its sender says it has, with its wrappers: `qcow2`, `raw.gz`;
  ///   `iso` for a disc, also one with a partition table; the content must be that
  /// @throws IOException when the file itself cannot be read
  public static Verdict of(Path file, Optional<String> declared) throws IOException {
    return of(file.toString(), declared, () -> Image.open(file, alone()));
  }

  /// Likewise for an image that lies in any file, which is closed.
  public static Verdict ofOwning(HostFile file, Optional<String> declared) throws IOException {
    return of(file.name(), declared, () -> Image.openOwning(file, alone()));
  }

  private static ImageOptions alone() {
    return ImageOptions.reading().with(OpenPolicy.denyAll()).with(Access.METADATA);
  }

  private interface Opening {
    Image open() throws IOException;
  }

  private static Verdict of(String name, Optional<String> declared, Opening opening)
      throws IOException {
    List<String> risks = new ArrayList<>();
    Optional<String> format = Optional.empty();
    OptionalLong virtualSize = OptionalLong.empty();
    try (Image image = opening.open()) {
      format = Optional.of(image.format());
      virtualSize = OptionalLong.of(image.disk().size());
      addDisk(image, declared, risks);
      risks.addAll(image.risks());
    } catch (DiskException | EOFException refused) {
      risks.add(withoutName(name, String.valueOf(refused.getMessage())));
    }
    return new Verdict(format, virtualSize, risks);
  }

  private static void addDisk(Image image, Optional<String> declared, List<String> risks)
      throws IOException {
    boolean readable = image.info().backing().isEmpty() && !image.info().encrypted();
    Optional<IsoVolume> disc =
        image.format().equals(RAW) ? IsoVolume.find(image.disk()) : Optional.empty();
    String found = packed(image.format(), image);
    boolean asDisc = disc.isPresent() && declared.equals(Optional.of(packed(ISO, image)));
    if (declared.isPresent() && !asDisc && !declared.get().equals(found)) {
      risks.add("is %s, not %s as declared".formatted(found, declared.get()));
    }
    if (!asDisc && disc.isPresent() && disc.get().hybrid()) {
      risks.add("is an ISO 9660 disc with a partition table beside it, and not declared as iso");
    }
    if (!asDisc && readable) {
      risks.addAll(TableRisks.of(image.disk()));
    }
  }

  /// A format and its wrappers, as a user states them.
  private static String packed(String format, Image image) {
    List<String> all = new ArrayList<>(List.of(format));
    all.addAll(image.wrappers().reversed());
    return String.join(".", all);
  }

  private static String withoutName(String file, String message) {
    String name = file + ": ";
    return message.startsWith(name) ? message.substring(name.length()) : message;
  }
}
