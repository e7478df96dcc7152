package io.calco.engine.machine;

import io.calco.catalog.Clone;
import io.calco.catalog.Template;
import io.calco.catalog.TemplateVersion;
import io.calco.disk.BackingReference;
import io.calco.disk.Disk;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.OpenPolicy;
import io.calco.engine.Calco;
import io.calco.engine.NamedImages;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.machine.libvirt.DomainXml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// A disk that a machine can start from, open for reading, whatever it is named by. Confined.
///
/// @param name for messages
/// @param disk closed with this
/// @param file the image that the disk is, for an overlay to refer to; empty when it is none
public record MachineSource(String name, Disk disk, Optional<BackingReference> file)
    implements AutoCloseable {

  /// An image file, or an NBD server's address, where the name is one.
  public static Optional<MachineSource> findFile(String name, ImageOptions options)
      throws IOException {
    Path file = Path.of(name);
    return Files.exists(file) || NamedImages.address(file).isPresent()
        ? Optional.of(owning(name, NamedImages.open(file, options)))
        : Optional.empty();
  }

  /// The disk of a template's newest version, sealed as it is, or a clone's.
  public static Optional<MachineSource> findInCatalogue(Calco calco, String name)
      throws IOException {
    Optional<Template> template = calco.catalog().findTemplate(name);
    if (template.isPresent()) {
      TemplateVersion newest = calco.catalog().versions(template.get()).getLast();
      return Optional.of(ofDisk(calco, name, newest.disk(), Optional.of(newest.format())));
    }
    Optional<Clone> clone = calco.catalog().findClone(name);
    return clone.isPresent()
        ? Optional.of(ofDisk(calco, name, clone.get().disk(), Optional.of(clone.get().format())))
        : Optional.empty();
  }

  /// The first disk of one of libvirt's machines, which must be off.
  ///
  /// @throws OperationException NOT_FOUND when there is no such machine, REFUSED when it is on,
  ///   UNSUPPORTED when it has no disk in a file
  public static MachineSource ofMachine(Calco calco, Machines machines, String name)
      throws IOException {
    machines.requireLocal();
    MachineReport machine = machines.show(name);
    if (machine.state().active()) {
      throw new OperationException(
          Kind.REFUSED,
          "machine %s is %s, and its disk changes".formatted(name, machine.state().label()),
          "stop it first: calco machine stop " + name);
    }
    DomainXml.Disk disk =
        machine.disks().stream()
            .map(MachineReport.Disk::facts)
            .filter(one -> one.kind() == DomainXml.Disk.Kind.DISK && one.file().isPresent())
            .findFirst()
            .orElseThrow(() ->
                new OperationException(
                    Kind.UNSUPPORTED, "machine %s has no disk in a file".formatted(name)));
    return ofDisk(calco, name, disk.file().orElseThrow(), disk.format());
  }

  private static MachineSource ofDisk(Calco calco, String name, Path file, Optional<String> format)
      throws IOException {
    ImageOptions options = ImageOptions.reading().with(calco.widened(OpenPolicy.ownDirectory()));
    return owning(name, Image.open(file, format.map(options::withFormat).orElse(options)));
  }

  /// Takes an image over.
  public static MachineSource owning(String name, Image image) throws IOException {
    try {
      boolean local = Files.exists(image.path()) && image.wrappers().isEmpty();
      Optional<BackingReference> file =
          local
              ? Optional.of(
                  new BackingReference(
                      image.path().toRealPath().toString(), Optional.of(image.format())))
              : Optional.empty();
      return new MachineSource(name, image.disk(), file);
    } catch (IOException | RuntimeException e) {
      try (image) {
        throw e;
      }
    }
  }

  @Override
  public void close() throws IOException {
    disk.close();
  }
}
