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
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class ImageCatalogTest extends WithImageCatalog {
  private static ImageEntry image(Instant when) {
    return new ImageEntry(
        Catalog.newId(),
        "ana",
        Status.QUEUED,
        new ImageFacts("máquina", Visibility.PRIVATE, true, true, "qcow2", "bare", 3, 512),
        Optional.empty(),
        new TreeSet<>(Set.of("b", "a")),
        new TreeMap<>(Map.of("os_distro", "debian", "arch", "x86_64")),
        when,
        when);
  }

  @Test
  void givesBackWhatItWasGiven() throws IOException {
    ImageEntry image = image(Moments.now());
    assertThat(images.add(image)).isEqualTo(image);
    assertThat(images.find(image.id())).contains(image);
    assertThat(images.find("none")).isEmpty();
    assertThatThrownBy(() -> images.add(image)).isInstanceOf(CatalogException.Taken.class);

    ImageData data = Fixtures.data(5L << 30);
    ImageEntry changed =
        images.update(
            image.id(),
            old ->
                old.with(Status.ACTIVE, Optional.of(data))
                    .with(old.facts().withName("other").withMinDisk(9))
                    .withTags(Set.of("b", "c"))
                    .withProperties(Map.of("os_distro", "alpine", "new", "1")));
    assertThat(images.find(image.id())).contains(changed);
    assertThat(changed.data()).contains(data);
    assertThat(changed.tags()).containsExactly("b", "c");
    assertThat(changed.properties())
        .containsOnly(Map.entry("os_distro", "alpine"), Map.entry("new", "1"));
    assertThat(changed.updatedAt()).isAfter(image.updatedAt());
    assertThat(images.blobs()).containsExactly(data.blob());
    assertThat(images.usage("ana")).isEqualTo(new ImageUsage(1, 0, 5L << 30, 0));

    images.delete(image.id());
    assertThat(images.find(image.id())).isEmpty();
    assertThatThrownBy(() -> images.delete(image.id())).isInstanceOf(CatalogException.Gone.class);
    assertThatThrownBy(() -> images.update(image.id(), old -> old))
        .isInstanceOf(CatalogException.Gone.class);
    images.add(image);
    assertThat(images.find(image.id())).contains(image);
  }

  @Test
  void aFailedChangeLeavesTheImage() throws IOException {
    ImageEntry image = images.add(image(Moments.now()));
    assertThatThrownBy(() ->
            images.update(
                image.id(),
                old -> {
                  throw new IOException("stop");
                }))
        .hasMessage("stop");
    assertThatThrownBy(() -> images.update(image.id(), old -> old.with(Status.ACTIVE)))
        .as("active without content")
        .isInstanceOf(CatalogException.Unusable.class);
    assertThat(images.find(image.id())).contains(image);
  }

  @Test
  void sharesImages() throws IOException {
    ImageEntry image = images.add(image(Moments.now()));
    ImageMember bea = images.addMember(image.id(), "bea");
    assertThat(bea.status()).isEqualTo(ImageMember.Status.PENDING);
    ImageMember carla = images.addMember(image.id(), "carla");
    assertThat(images.members(image.id())).containsExactly(bea, carla);
    ImageMember accepted = images.updateMember(image.id(), "bea", ImageMember.Status.ACCEPTED);
    assertThat(images.findMember(image.id(), "bea")).contains(accepted);
    images.deleteMember(image.id(), "carla");
    assertThat(images.members(image.id())).containsExactly(accepted);
    assertThatThrownBy(() -> images.addMember(image.id(), "bea"))
        .isInstanceOf(CatalogException.Taken.class);
    for (var change :
        List.<org.assertj.core.api.ThrowableAssert.ThrowingCallable>of(
            () -> images.addMember("none", "bea"),
            () -> images.deleteMember(image.id(), "carla"),
            () -> images.updateMember(image.id(), "carla", ImageMember.Status.REJECTED))) {
      assertThatThrownBy(change).isInstanceOf(CatalogException.Gone.class);
    }
    images.delete(image.id());
    assertThat(images.members(image.id())).isEmpty();
  }

  @Test
  void remembersTasksUntilTheyExpire() throws IOException {
    Instant now = Moments.now();
    ImageTask old = task("old", now.minusSeconds(2));
    images.addTask(old);
    images.updateTask(old.with(ImageTask.Status.SUCCESS, "{}", ""));
    assertThat(images.findTask("old").orElseThrow().status()).isEqualTo(ImageTask.Status.SUCCESS);
    ImageTask next = task("next", now.plusSeconds(60));
    images.addTask(next);
    assertThat(images.tasks(ImageTaskQuery.newest(10))).containsExactly(next);
    assertThat(images.tasksOf("image")).containsExactly(next);
  }

  private static ImageTask task(String id, Instant expires) {
    Instant now = Moments.now();
    return new ImageTask(
        id,
        "image",
        "api_image_import",
        ImageTask.Status.PENDING,
        "ana",
        "user",
        "req-1",
        "{}",
        "",
        "",
        now,
        now,
        expires);
  }

  @Test
  @Timeout(value = 120, unit = TimeUnit.SECONDS)
  void readersDoNotWaitForAWriter() throws Exception {
    ImageEntry image = images.add(image(Moments.now()));
    CountDownLatch writing = new CountDownLatch(1);
    CountDownLatch read = new CountDownLatch(1);
    Thread writer =
        Thread.startVirtualThread(() -> {
          try {
            images.update(
                image.id(),
                old -> {
                  writing.countDown();
                  await(read);
                  return old.withTags(Set.of("late"));
                });
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
    writing.await();
    assertThat(images.find(image.id())).contains(image);
    read.countDown();
    writer.join();
    assertThat(images.find(image.id()).orElseThrow().tags()).containsExactly("late");
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
