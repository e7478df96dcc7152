package io.calco.engine;

import io.calco.disk.DiskException;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.ImageOptions.Access;
import io.calco.disk.OpenPolicy;
import io.calco.volume.TableRisks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Whether an image may be taken in from a stranger: what would make it mean different things to
/// different readers, or reach for files it does not contain. Asks the same code that later reads
/// the image. Stateless.
public final class UntrustedCheck {
  private UntrustedCheck() {}

  /// What was found.
  ///
  /// @param format the format, when it could be told
  /// @param risks the reasons to refuse the image, each one line; none when it is safe
  public record Verdict(Optional<String> format, List<String> risks) {
    /// Copies the list.
    public Verdict {
      risks = List.copyOf(risks);
    }

    /// True when the image may be taken in.
    public boolean safe() {
      return risks.isEmpty();
    }
  }

  /// Looks at one image file. Nothing that it refers to is opened.
  ///
  /// @param declared the format that its sender says it has; the content must be that
  /// @throws IOException when the file itself cannot be read
  public static Verdict of(Path file, Optional<String> declared) throws IOException {
    ImageOptions alone = ImageOptions.reading().with(OpenPolicy.denyAll()).with(Access.METADATA);
    List<String> risks = new ArrayList<>();
    Optional<String> format = Optional.empty();
    try (Image image = Image.open(file, alone)) {
      format = Optional.of(image.format());
      if (declared.isPresent() && !declared.equals(format)) {
        risks.add("is %s, not %s as declared".formatted(image.format(), declared.get()));
      }
      risks.addAll(image.risks());
      if (image.info().backing().isEmpty()) {
        risks.addAll(TableRisks.of(image.disk()));
      }
    } catch (DiskException refused) {
      risks.add(withoutName(file, String.valueOf(refused.getMessage())));
    }
    return new Verdict(format, risks);
  }

  private static String withoutName(Path file, String message) {
    String name = file + ": ";
    return message.startsWith(name) ? message.substring(name.length()) : message;
  }
}
