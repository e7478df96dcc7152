package io.calco.catalog;

import java.util.List;

/// What rests on what.
///
/// @param templates ascending by name
/// @param others full clones whose template is deleted, ascending by name
public record Lineage(List<TemplateBranch> templates, List<Clone> others) {

  /// Copies the lists.
  public Lineage {
    templates = List.copyOf(templates);
    others = List.copyOf(others);
  }

  /// A template and its versions, oldest first.
  public record TemplateBranch(Template template, List<VersionBranch> versions) {
    /// Copies the list.
    public TemplateBranch {
      versions = List.copyOf(versions);
    }
  }

  /// A version and the clones made from it, ascending by name.
  public record VersionBranch(TemplateVersion version, List<Clone> clones) {
    /// Copies the list.
    public VersionBranch {
      clones = List.copyOf(clones);
    }
  }
}
