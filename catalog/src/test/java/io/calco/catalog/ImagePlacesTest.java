package io.calco.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.catalog.ImageEntry.Status;
import io.calco.catalog.ImageEntry.Visibility;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ImagePlacesTest extends WithImageCatalog {
  private static ImageData data(List<ImageLocation> locations) {
    return new ImageData(locations, 100, OptionalLong.empty(), "", "", "", "upload");
  }

  private ImageEntry add(Optional<ImageData> data) throws IOException {
    Instant now = Moments.now();
    return images.add(
        new ImageEntry(
            Catalog.newId(),
            "ana",
            data.isPresent() ? Status.ACTIVE : Status.QUEUED,
            new ImageFacts("x", Visibility.PRIVATE, false, false, "raw", "bare", 0, 0),
            data,
            new TreeSet<>(),
            new TreeMap<>(),
            now,
            now));
  }

  @Test
  void keepsPlacesInTheirOrder() throws IOException {
    ImageLocation web = new ImageLocation("https://a/b", "{\"k\": \"v\"}");
    ImageEntry image = add(Optional.of(data(List.of(web, ImageLocation.at("image/1")))));
    assertThat(images.find(image.id())).contains(image);
    ImageEntry other = add(Optional.of(data(List.of(ImageLocation.at("image/2")))));
    for (List<ImageLocation> places :
        List.of(
            List.of(ImageLocation.at("image/1"), web, ImageLocation.at("b:image/3")),
            List.of(web),
            List.of(ImageLocation.at("image/1")))) {
      ImageEntry changed =
          images.update(
              image.id(), now -> now.with(now.status(), now.data().map(had -> had.with(places))));
      assertThat(changed.data().orElseThrow().locations()).isEqualTo(places);
      assertThat(images.find(image.id())).contains(changed);
      assertThat(images.blobs())
          .containsAll(places.stream().map(ImageLocation::place).toList())
          .contains("image/2");
    }
    assertThat(images.find(other.id())).contains(other);
    assertThat(images.leavings()).containsExactlyInAnyOrder("https://a/b", "b:image/3");
    images.delete(image.id());
    assertThat(images.blobs()).containsExactly("image/2");
    assertThat(images.leavings()).containsExactlyInAnyOrder("https://a/b", "b:image/3", "image/1");
    images.forgetLeavings(List.of("b:image/3", "https://a/b"));
    assertThat(images.leavings()).containsExactly("image/1");
  }

  /// What lies on the web takes no room here, and each copy takes its own.
  @Test
  void countsWhatLiesHere() throws IOException {
    add(Optional.of(data(List.of(ImageLocation.at("https://a/b")))));
    add(Optional.of(data(List.of(ImageLocation.at("image/1"), ImageLocation.at("b:image/2")))));
    add(Optional.of(data(List.of(ImageLocation.at("image/3"), ImageLocation.at("http://c/")))));
    assertThat(images.usage("ana")).isEqualTo(new ImageUsage(3, 0, 300, 0));
  }

  @Test
  void remembersWhatIsCached() throws IOException {
    Instant now = Moments.now();
    CachedImage queued =
        new CachedImage("i", CachedImage.State.QUEUED, "", 0, 0, Instant.EPOCH, now);
    images.putCached(queued);
    assertThat(images.cachedImages()).containsExactly(queued);
    CachedImage cached =
        new CachedImage("i", CachedImage.State.CACHED, "image/9", 7, 0, Instant.EPOCH, now);
    images.putCached(cached);
    assertThat(images.blobs()).containsExactly("image/9");
    images.hitCached("i");
    assertThat(images.findCached("i").orElseThrow().hits()).isEqualTo(1);
    assertThat(images.findCached("i").orElseThrow().lastAccessed()).isAfterOrEqualTo(now);
    assertThat(images.deleteCached("i").orElseThrow().blob()).isEqualTo("image/9");
    assertThat(images.deleteCached("i")).isEmpty();
    assertThat(images.blobs()).isEmpty();
  }

  @Test
  void givesProjectsTheirQuotaAndAllOthersTheCommonOne() throws IOException {
    ProjectQuota own = new ProjectQuota(1, 2, 3, ProjectQuota.UNLIMITED);
    assertThat(images.quota("ana")).isEmpty();
    images.setQuota("ana", own);
    images.setQuota("", ProjectQuota.NONE);
    assertThat(images.quota("ana")).contains(own);
    assertThat(images.quota("bea")).contains(ProjectQuota.NONE);
    assertThat(images.quotas()).isEqualTo(Map.of("ana", own, "", ProjectQuota.NONE));
    assertThat(images.deleteQuota("ana")).isTrue();
    assertThat(images.deleteQuota("ana")).isFalse();
    assertThat(images.quota("ana")).contains(ProjectQuota.NONE);
    assertThatThrownBy(() -> new ProjectQuota(0, 0, -2, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private ImageTask task(String type, ImageTask.Status status, int seconds) throws IOException {
    Instant when = Instant.parse("2026-01-01T00:00:00Z").plusSeconds(seconds);
    ImageTask task =
        new ImageTask(
            Catalog.newId(), "", type, status, "p", "u", "r", "{}", "", "", when, when, when);
    images.addTask(task);
    return task;
  }

  @Test
  void listsTasksPageByPage() throws IOException {
    ImageTask first = task("import", ImageTask.Status.PENDING, 1);
    ImageTask second = task("import", ImageTask.Status.PROCESSING, 2);
    ImageTask third = task("api_image_import", ImageTask.Status.PENDING, 3);
    assertThat(images.tasks(ImageTaskQuery.newest(9))).containsExactly(third, second, first);
    assertThat(images.tasks(query("import", "", "", 9))).containsExactly(second, first);
    assertThat(images.tasks(query("import", "", "", 1))).containsExactly(second);
    assertThat(images.tasks(query("import", "", second.id(), 9))).containsExactly(first);
    assertThat(images.tasks(query("", "pending", "", 9))).containsExactly(third, first);
    assertThatThrownBy(() -> images.tasks(query("", "", "none", 9)))
        .isInstanceOf(CatalogException.Gone.class);
  }

  private static ImageTaskQuery query(String type, String status, String after, int limit) {
    return new ImageTaskQuery(
        Optional.of(type).filter(text -> !text.isEmpty()),
        ImageTask.Status.of(status),
        ImageTaskQuery.Order.CREATED_AT,
        ImageQuery.Direction.DESCENDING,
        Optional.of(after).filter(text -> !text.isEmpty()),
        limit);
  }
}
