package io.calco.engine.images;

import io.calco.catalog.ImageFacts;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.UntrustedCheck;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/// Whether content may become an image's. What is dangerous never may.
public enum ContentCheck {
  /// Content must be of the format that the image says it has.
  DECLARED,
  /// Content of no known format is taken for whatever it is said to be, as Glance does.
  KNOWN;

  private static final String RAW = "raw";

  /// Looks at content.
  ///
  /// @return what the guest sees, in bytes, when it could be told
  /// @throws OperationException CORRUPT when it is refused, with the reason
  OptionalLong virtualSize(ImageContents contents, String blob, ImageFacts facts)
      throws IOException {
    Optional<String> declared = ImageDisks.declared(facts);
    UntrustedCheck.Verdict verdict = UntrustedCheck.ofOwning(contents.open(blob), declared);
    boolean unknown = verdict.format().equals(Optional.of(RAW));
    if (!verdict.safe() && this == KNOWN && unknown && declared.isPresent()) {
      verdict = UntrustedCheck.ofOwning(contents.open(blob), Optional.of(RAW));
    }
    if (verdict.safe() && this == DECLARED && declared.isEmpty() && ImageDisks.isDisk(facts)) {
      requireInner(verdict, facts);
    }
    if (!verdict.safe()) {
      throw new OperationException(
          Kind.CORRUPT, "The image is refused: %s.".formatted(verdict.risks().getFirst()));
    }
    return verdict.virtualSize();
  }

  /// What lies in a container is what it is said to be, too.
  private static void requireInner(UntrustedCheck.Verdict verdict, ImageFacts facts) {
    String expected = ImageDisks.inner(facts).equals("iso") ? RAW : ImageDisks.inner(facts);
    if (!verdict.format().equals(Optional.of(expected))) {
      throw new OperationException(
          Kind.CORRUPT,
          "The image is refused: holds %s, not %s as declared."
              .formatted(verdict.format().orElse("nothing known"), expected));
    }
  }
}
