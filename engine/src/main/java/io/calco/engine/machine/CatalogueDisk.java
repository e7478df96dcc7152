package io.calco.engine.machine;

import io.calco.catalog.Clone;
import io.calco.catalog.Template;
import io.calco.catalog.TemplateVersion;
import io.calco.engine.Calco;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// What of the catalogue a disk is.
public sealed interface CatalogueDisk {
  /// The sealed disk of a template.
  record OfTemplate(String name, int version) implements CatalogueDisk {
    @Override
    public String toString() {
      return "template %s v%d".formatted(name, version);
    }
  }

  /// A clone's.
  record OfClone(String name) implements CatalogueDisk {
    @Override
    public String toString() {
      return "clone " + name;
    }
  }

  /// What is recorded, by files.
  ///
  /// @param disks by their real paths
  record Index(Map<Path, CatalogueDisk> disks) {
    /// Copies the map.
    public Index {
      disks = Map.copyOf(disks);
    }

    static Index of(Calco calco) throws IOException {
      Map<Path, CatalogueDisk> disks = new HashMap<>();
      for (Template template : calco.catalog().templates()) {
        for (TemplateVersion version : calco.catalog().versions(template)) {
          disks.put(real(version.disk()), new OfTemplate(template.name(), version.version()));
        }
      }
      for (Clone clone : calco.catalog().clones()) {
        disks.put(real(clone.disk()), new OfClone(clone.name()));
      }
      return new Index(disks);
    }

    Optional<CatalogueDisk> find(Path file) {
      return Optional.ofNullable(disks.get(real(file)));
    }
  }

  /// Without links, when the file is there to be asked.
  static Path real(Path file) {
    try {
      return Files.exists(file) ? file.toRealPath() : file.toAbsolutePath().normalize();
    } catch (IOException e) {
      return file.toAbsolutePath().normalize();
    }
  }
}
