package io.calco.engine.images;

import io.calco.catalog.ImageCatalog;
import io.calco.catalog.ImageUsage;
import io.calco.catalog.ProjectQuota;
import io.calco.engine.audit.Action;
import io.calco.engine.audit.Actor;
import io.calco.engine.audit.AuditLog;
import io.calco.engine.audit.Deed;
import io.calco.engine.audit.Target;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/// What projects may have of images. A server that runs holds to a change from the next request on;
/// what a project has already stays.
///
/// Thread rule: safe for several threads. Several processes may work on the same catalogue.
public final class ProjectQuotas {
  /// Stands for all projects that have no quota of their own.
  public static final String ALL = "";

  private final ImageCatalog catalog;
  private final AuditLog audit;
  private final Actor actor;

  /// Those in a catalogue.
  ///
  /// @param actor who changes them
  public ProjectQuotas(ImageCatalog catalog, AuditLog audit, Actor actor) {
    this.catalog = catalog;
    this.audit = audit;
    this.actor = actor;
  }

  /// What a project may have: its own quota, else that for all, else anything.
  ///
  /// @param projectId its id, which need not be of the embedded identity
  public ProjectQuota of(String projectId) throws IOException {
    return catalog.quota(projectId).orElse(ProjectQuota.NONE);
  }

  /// What a project has.
  public ImageUsage usage(String projectId) throws IOException {
    return catalog.usage(projectId);
  }

  /// All that were set, by project.
  public Map<String, ProjectQuota> all() throws IOException {
    return catalog.quotas();
  }

  /// Changes some of what a project may have.
  ///
  /// @param change each empty amount stays
  public ProjectQuota change(String projectId, Change change) throws IOException {
    ProjectQuota before = of(projectId);
    ProjectQuota after =
        new ProjectQuota(
            change.images().orElse(before.images()),
            change.uploads().orElse(before.uploads()),
            change.size().orElse(before.size()),
            change.staged().orElse(before.staged()));
    audit.make(
        deed(projectId)
            .with(
                "images %d, uploads %d, size %d, staged %d"
                    .formatted(after.images(), after.uploads(), after.size(), after.staged())),
        () -> catalog.setQuota(projectId, after));
    return after;
  }

  /// Amounts that may be left as they are; [ProjectQuota#UNLIMITED] is any.
  ///
  /// @param images how many
  /// @param uploads how many whose content is coming
  /// @param size bytes of content, staged ones aside
  /// @param staged bytes of staged content
  public record Change(
      Optional<Long> images, Optional<Long> uploads, Optional<Long> size, Optional<Long> staged) {
    /// True when all stay.
    public boolean isNone() {
      return images.isEmpty() && uploads.isEmpty() && size.isEmpty() && staged.isEmpty();
    }
  }

  /// Takes a project's own quota away.
  ///
  /// @return false when it had none
  public boolean remove(String projectId) throws IOException {
    boolean had = catalog.deleteQuota(projectId);
    if (had) {
      audit.done(deed(projectId).with("none of its own"));
    }
    return had;
  }

  private Deed deed(String projectId) {
    return new Deed(
        actor,
        Action.PROJECT_QUOTA,
        projectId.isEmpty() ? Target.named("all") : new Target(projectId, projectId));
  }
}
