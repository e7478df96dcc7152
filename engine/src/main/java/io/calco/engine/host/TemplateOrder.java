package io.calco.engine.host;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.images.ImageTemplates;
import io.calco.guest.generalise.GeneraliseOptions;
import io.calco.guest.generalise.OperationSelection;
import io.calco.guest.identity.Hostname;
import io.calco.guest.operation.Settings;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A template as somebody asks for it, in words.
///
/// @param name the template's; of one that is there, its next version
/// @param disk the name of a disk in the pool, or `image:` and that of an image of the catalogue
/// @param operations the names of those that run
/// @param hostname the template's own host name; empty for none
public record TemplateOrder(String name, String disk, List<String> operations, String hostname) {
  /// Copies the list.
  public TemplateOrder {
    operations = List.copyOf(operations);
  }

  /// The image that the disk is; empty for one in the pool.
  public Optional<String> image() {
    return disk.startsWith(ImageTemplates.PREFIX)
        ? Optional.of(disk.substring(ImageTemplates.PREFIX.length()))
        : Optional.empty();
  }

  /// How the disk is generalised.
  ///
  /// @throws OperationException USAGE when a part of it cannot be understood
  GeneraliseOptions generalise() {
    if (operations.isEmpty()) {
      throw new OperationException(Kind.USAGE, "no operation is chosen");
    }
    try {
      // Not named one by one: what a guest cannot have is left out, as with the defaults.
      OperationSelection chosen =
          new OperationSelection(
              OperationSelection.parse(String.join(",", operations)).operations(), Set.of());
      Optional<Hostname> own =
          hostname.isBlank() ? Optional.empty() : Optional.of(new Hostname(hostname.strip()));
      return GeneraliseOptions.defaults().with(chosen).with(new Settings(own, Set.of(), Set.of()));
    } catch (IllegalArgumentException e) {
      throw new OperationException(Kind.USAGE, String.valueOf(e.getMessage()));
    }
  }
}
