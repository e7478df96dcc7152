package io.calco.catalog;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The images of the catalogue, their members and tasks, which of them are cached, and what
/// projects may have. Every method that changes something is one transaction, on the medium when it
/// returns, or part of the [Catalog#inTransaction] around it.
///
/// Thread rule: safe for several threads; readers do not wait for a writer.
public final class ImageCatalog {
  private final Database database;
  private final ImageTable images;
  private final ImageMemberTable members;
  private final ImageTaskTable tasks;
  private final ImageInspectionTable inspections;
  private final ImageOriginTable origins;
  private final ImageAliasTable aliases;
  private final TemplateImageTable templates;
  private final CachedImageTable cache;
  private final ProjectQuotaTable quotas;
  private final UndescribedTable undescribed;

  ImageCatalog(Database database) {
    this.database = database;
    this.images = new ImageTable(database);
    this.members = new ImageMemberTable(database);
    this.tasks = new ImageTaskTable(database);
    this.inspections = new ImageInspectionTable(database);
    this.origins = new ImageOriginTable(database);
    this.aliases = new ImageAliasTable(database);
    this.templates = new TemplateImageTable(database);
    this.cache = new CachedImageTable(database);
    this.quotas = new ProjectQuotaTable(database);
    this.undescribed = new UndescribedTable(database);
  }

  /// A change of one image, made while nobody else changes it.
  @FunctionalInterface
  public interface Change {
    /// The image as it shall be; an exception leaves it as it was.
    ImageEntry of(ImageEntry image) throws IOException;
  }

  /// The image of that id.
  public Optional<ImageEntry> find(String id) throws IOException {
    return database.read(() -> images.find(id));
  }

  /// The images that a query asks for, in its order.
  ///
  /// @throws CatalogException.Gone when the image that the list goes on after is not there
  public List<ImageEntry> list(ImageQuery query) throws IOException {
    return database.read(() -> images.list(query));
  }

  /// Adds an image; its moments are now.
  ///
  /// @return as recorded
  /// @throws CatalogException.Taken when the id is another's
  public ImageEntry add(ImageEntry image) throws IOException {
    return database.write(() -> {
      images.insert(image);
      undescribed.mark(image.id());
      return images.find(image.id()).orElseThrow();
    });
  }

  /// Changes an image.
  ///
  /// @return as recorded
  /// @throws CatalogException.Gone when it is not there
  public ImageEntry update(String id, Change change) throws IOException {
    return database.write(() -> {
      ImageEntry before = images.find(id).orElseThrow(() -> ImageTable.gone(id));
      ImageEntry after = change.of(before).updatedAt(Moments.now());
      images.update(before, after);
      undescribed.mark(id);
      return after;
    });
  }

  /// Forgets an image, its tags, properties and members.
  ///
  /// @throws CatalogException.Gone when it is not there
  public void delete(String id) throws IOException {
    database.write(() -> {
      if (!images.delete(id)) {
        throw ImageTable.gone(id);
      }
      return true;
    });
  }

  /// What a project has.
  public ImageUsage usage(String owner) throws IOException {
    return database.read(() -> images.usage(owner));
  }

  /// What all projects have together.
  public ImageUsage usage() throws IOException {
    return database.read(images::usage);
  }

  /// Every place where some image's content, or a copy of it, is.
  public List<String> blobs() throws IOException {
    return database.read(images::blobs);
  }

  /// Every place that had some image's content before, also long ago, and has none now.
  public List<String> leavings() throws IOException {
    return database.read(images::leavings);
  }

  /// Forgets places that had content: nothing is in them any more.
  public void forgetLeavings(List<String> places) throws IOException {
    database.write(() -> {
      images.forgetLeavings(places);
      return true;
    });
  }

  /// Records what was found in an image's content; what was known before is replaced. An image that
  /// is not there any more stays forgotten.
  public void putInspection(String imageId, ImageInspection found) throws IOException {
    database.write(() -> {
      if (images.find(imageId).isPresent()) {
        inspections.put(imageId, found);
      }
      return true;
    });
  }

  /// What was found in the content of some images, by their ids; those that nobody looked into yet
  /// are left out.
  public Map<String, ImageInspection> inspections(List<String> imageIds) throws IOException {
    return database.read(() -> inspections.find(imageIds));
  }

  /// Adds an image that came whole, and where it came from.
  ///
  /// @return as recorded
  /// @throws CatalogException.Taken when the id is another's
  public ImageEntry add(ImageEntry image, ImageOrigin origin) throws IOException {
    return database.write(() -> {
      ImageEntry added = add(image);
      origins.put(image.id(), origin);
      return added;
    });
  }

  /// Records where an image came from. An image that is not there any more stays forgotten.
  public void putOrigin(String imageId, ImageOrigin origin) throws IOException {
    database.write(() -> {
      if (images.find(imageId).isPresent()) {
        origins.put(imageId, origin);
        undescribed.mark(imageId);
      }
      return true;
    });
  }

  /// Where an image came from.
  public Optional<ImageOrigin> findOrigin(String imageId) throws IOException {
    return database.read(() -> origins.find(imageId));
  }

  /// Gives an image another name; what had that name in the project before loses it.
  public void putAlias(ImageAlias alias) throws IOException {
    database.write(() -> {
      Optional<ImageAlias> before = aliases.find(alias.owner(), alias.name());
      if (before.isPresent()) {
        undescribed.markMeant(before.get().target());
      }
      aliases.put(alias);
      undescribed.markMeant(alias.target());
      return true;
    });
  }

  /// Forgets another name of a project's.
  ///
  /// @throws CatalogException.Gone when it is not there
  public void deleteAlias(String owner, String name) throws IOException {
    database.write(() -> {
      Optional<ImageAlias> before = aliases.find(owner, name);
      if (!aliases.delete(owner, name) || before.isEmpty()) {
        throw new CatalogException.Gone("there is no alias %s".formatted(name));
      }
      undescribed.markMeant(before.get().target());
      return true;
    });
  }

  /// What a name stands for: as the project says, or as everybody may use it.
  public Optional<ImageAlias> findAlias(String owner, String name) throws IOException {
    return database.read(() -> aliases.find(owner, name));
  }

  /// The other names that a project may use, by name.
  ///
  /// @param limit at most that many
  public List<ImageAlias> aliases(String owner, int limit) throws IOException {
    return database.read(() -> aliases.seenBy(owner, limit));
  }

  /// The other names that stand for one of these.
  ///
  /// @param targets names and ids, a few
  /// @param limit at most that many
  public List<ImageAlias> aliasesOf(List<String> targets, int limit) throws IOException {
    return database.read(() -> aliases.of(targets, limit));
  }

  /// The mark of the last change of any image.
  public long lastMark() throws IOException {
    return database.read(undescribed::last);
  }

  /// Images that changed since their description was last written, in the order of their last
  /// changes.
  ///
  /// @param after where the list goes on; the last mark that does not count, to begin
  /// @param limit at most that many
  public List<Undescribed> undescribed(Undescribed after, int limit) throws IOException {
    return database.read(() -> undescribed.list(after, limit));
  }

  /// Records that an image's description was written.
  ///
  /// @param written as it was before it was read what to write
  /// @return false when the image has changed since
  public boolean describe(Undescribed written) throws IOException {
    return database.write(() -> undescribed.remove(written));
  }

  /// Records what a template's version was made from.
  public void addTemplate(TemplateImage from) throws IOException {
    database.write(() -> {
      templates.insert(from);
      return true;
    });
  }

  /// What was made from an image on this host.
  public List<ImageUse> usesOf(String imageId) throws IOException {
    return database.read(() -> templates.usesOf(imageId));
  }

  /// A template's version that holds some content as it is.
  public Optional<TemplateImage> findAsItIs(String blob) throws IOException {
    return database.read(() -> templates.findAsItIs(blob));
  }

  /// The image that a template's version was made from.
  public Optional<TemplateImage> imageOf(String versionId) throws IOException {
    return database.read(() -> templates.find(versionId));
  }

  /// Which images have which content.
  public List<BlobUse> blobUses() throws IOException {
    return database.read(images::blobUses);
  }

  /// An image's members, oldest first.
  public List<ImageMember> members(String imageId) throws IOException {
    return database.read(() -> members.of(imageId));
  }

  /// What an image's sharing with a project is.
  public Optional<ImageMember> findMember(String imageId, String member) throws IOException {
    return database.read(() -> members.find(imageId, member));
  }

  /// Shares an image.
  ///
  /// @throws CatalogException.Taken when it is shared with that project
  /// @throws CatalogException.Gone when it is not there
  public ImageMember addMember(String imageId, String member) throws IOException {
    return database.write(() -> {
      if (images.find(imageId).isEmpty()) {
        throw ImageTable.gone(imageId);
      }
      undescribed.mark(imageId);
      return members.insert(imageId, member, Moments.now());
    });
  }

  /// Records what a project makes of an image.
  ///
  /// @throws CatalogException.Gone when it is not shared with it
  public ImageMember updateMember(String imageId, String member, ImageMember.Status status)
      throws IOException {
    return database.write(() -> {
      undescribed.mark(imageId);
      return members.update(imageId, member, status, Moments.now());
    });
  }

  /// Ends the sharing of an image with a project.
  ///
  /// @throws CatalogException.Gone when it is not shared with it
  public void deleteMember(String imageId, String member) throws IOException {
    database.write(() -> {
      members.delete(imageId, member);
      undescribed.mark(imageId);
      return true;
    });
  }

  /// Adds a task, and forgets those that have expired.
  public void addTask(ImageTask task) throws IOException {
    database.write(() -> {
      tasks.deleteExpired(Moments.now());
      tasks.insert(task);
      return true;
    });
  }

  /// Records how far a task is.
  public void updateTask(ImageTask task) throws IOException {
    database.write(() -> {
      tasks.update(task, Moments.now());
      return true;
    });
  }

  /// The task of that id.
  public Optional<ImageTask> findTask(String id) throws IOException {
    return database.read(() -> tasks.find(id));
  }

  /// What was done to an image, oldest first.
  public List<ImageTask> tasksOf(String imageId) throws IOException {
    return database.read(() -> tasks.of(imageId));
  }

  /// Tasks that have not ended.
  public List<ImageTask> unfinishedTasks() throws IOException {
    return database.read(tasks::unfinished);
  }

  /// Some tasks.
  ///
  /// @throws CatalogException.Gone when the task that the list goes on after is not there
  public List<ImageTask> tasks(ImageTaskQuery query) throws IOException {
    return database.read(() -> tasks.list(query));
  }

  /// The images that are cached, or are to be, oldest first.
  public List<CachedImage> cachedImages() throws IOException {
    return database.read(cache::all);
  }

  /// Whether an image is cached, or is to be.
  public Optional<CachedImage> findCached(String imageId) throws IOException {
    return database.read(() -> cache.find(imageId));
  }

  /// Records that an image is cached, or is to be.
  public void putCached(CachedImage image) throws IOException {
    database.write(() -> {
      cache.put(image);
      return true;
    });
  }

  /// Counts a use of a cached image.
  public void hitCached(String imageId) throws IOException {
    database.write(() -> {
      cache.hit(imageId, Moments.now());
      return true;
    });
  }

  /// Forgets that an image is cached.
  ///
  /// @return what was known of it
  public Optional<CachedImage> deleteCached(String imageId) throws IOException {
    return database.write(() -> {
      Optional<CachedImage> known = cache.find(imageId);
      cache.delete(imageId);
      return known;
    });
  }

  /// What a project may have: its own quota, else that for all; empty when there is none.
  public Optional<ProjectQuota> quota(String projectId) throws IOException {
    return database.read(() -> quotas.find(projectId));
  }

  /// All quotas by their project's id; that for all has none.
  public Map<String, ProjectQuota> quotas() throws IOException {
    return database.read(quotas::all);
  }

  /// Gives a project a quota.
  ///
  /// @param projectId empty for all that have none of their own
  public void setQuota(String projectId, ProjectQuota quota) throws IOException {
    database.write(() -> {
      quotas.put(projectId, quota);
      return true;
    });
  }

  /// Takes a project's quota away.
  ///
  /// @return false when it has none
  public boolean deleteQuota(String projectId) throws IOException {
    return database.write(() -> quotas.delete(projectId));
  }
}
