package io.calco.engine;

import io.calco.catalog.Clone;
import io.calco.catalog.Template;
import io.calco.catalog.TemplateVersion;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Which disk rests on which.
///
/// @param templates each with its versions and their clones
/// @param orphans full clones whose template is deleted
public record Lineage(List<Node> templates, List<CloneReport> orphans) {
  /// Copies the lists.
  public Lineage {
    templates = List.copyOf(templates);
    orphans = List.copyOf(orphans);
  }

  /// A version of a template and what was made from it.
  ///
  /// @param template its name
  /// @param version its number
  /// @param disk its sealed disk
  /// @param allocatedSize host blocks of that disk, in bytes
  /// @param clones in order of their names
  public record Node(
      String template, int version, Path disk, long allocatedSize, List<CloneReport> clones) {
    /// Copies the list.
    public Node {
      clones = List.copyOf(clones);
    }
  }

  static Lineage of(Calco calco) throws IOException {
    List<Node> nodes = new ArrayList<>();
    for (Template template : calco.catalog().templates()) {
      for (TemplateVersion version : calco.catalog().versions(template)) {
        List<CloneReport> clones = new ArrayList<>();
        for (Clone clone : calco.catalog().clonesOf(version)) {
          clones.add(CloneReport.of(clone));
        }
        nodes.add(
            new Node(
                template.name(),
                version.version(),
                version.disk(),
                HostDisks.allocatedSize(version.disk()),
                clones));
      }
    }
    List<CloneReport> orphans = new ArrayList<>();
    for (Clone clone : calco.catalog().clones()) {
      if (clone.versionId().isEmpty()) {
        orphans.add(CloneReport.of(clone));
      }
    }
    return new Lineage(nodes, orphans);
  }
}
