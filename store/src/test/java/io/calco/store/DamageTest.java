package io.calco.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.CorruptImageException;
import io.calco.disk.DiskException;
import io.calco.disk.JobContext;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A bit flipped in each kind of object: what does not need it is there as before, and a collection
/// takes nothing that would be needed once the bit is right again.
class DamageTest {
  private final FaultyBackend made = new FaultyBackend();
  private final Map<String, byte[]> contents = new HashMap<>();

  /// Six roots, garbage, a session that lives, one that was given up, a list of condemned packs.
  @BeforeEach
  void fill() throws IOException {
    try (Store store = Stores.create(made)) {
      Random random = new Random(5);
      for (int i = 0; i < 8; i++) {
        byte[] content = Stores.content(random, 60_000);
        Stores.add(store, "root " + i, Stores.disk(content));
        contents.put("root " + i, content);
      }
      for (int i = 6; i < 8; i++) {
        store.removeRoot("root " + i);
        contents.remove("root " + i);
      }
      UUID session = store.findRoot("root 5").orElseThrow().session();
      store.roots().endSession(session);
      Condemned.of(Set.of(ChunkId.read(new byte[32], 0)), Instant.EPOCH)
          .put(made, StoreCipher.plain());
      Session.begin(UUID.randomUUID(), Session.Purpose.UPLOAD).put(made, StoreCipher.plain());
    }
  }

  private static FaultyBackend flipped(FaultyBackend sound, String object, int bit) {
    FaultyBackend copy = sound.reopened();
    byte[] bytes = copy.objects().get(object).clone();
    bytes[bit / 8] ^= (byte) (1 << (bit % 8));
    copy.objects().put(object, bytes);
    return copy;
  }

  private static Store open(FaultyBackend backend) throws IOException {
    return Store.open(backend, StoreKey.none(), StoreOptions.defaults());
  }

  private void checkAll(FaultyBackend backend) throws IOException {
    try (Store store = open(backend)) {
      assertThat(store.listRoots()).hasSize(contents.size());
      for (Root root : store.listRoots()) {
        assertThat(Stores.read(store, root)).isEqualTo(contents.get(root.name()));
      }
    }
    assertThat(Store.verify(backend, StoreKey.none(), JobContext.SILENT).losses()).isEmpty();
  }

  @Test
  void noCollectionTakesWhatIsNeeded() {
    List<String> objects = List.copyOf(made.objects().keySet());
    Seeds.run(
        3,
        random -> {
          for (String object : objects) {
            int bit = random.nextInt(made.objects().get(object).length * 8);
            FaultyBackend backend = flipped(made, object, bit);
            try (Store store = open(backend)) {
              int lost = object.startsWith("roots/") || object.startsWith("ended/") ? 1 : 0;
              RootSurvey survey = store.surveyRoots();
              assertThat(survey.roots()).as(object).hasSize(contents.size() - lost);
              assertThat(survey.damages()).as(object).hasSize(lost);
              store.refresh();
              assertThat(store.listIndexDamages())
                  .as(object)
                  .hasSize(object.startsWith("index/") ? 1 : 0);
              store.collect(JobContext.SILENT);
            } catch (DiskException damaged) {
              assertThat(damaged.getMessage()).contains(object.split("/")[0]);
            }
            if (backend.objects().containsKey(object)) {
              backend.objects().put(object, made.objects().get(object));
            }
            checkAll(backend);
          }
        });
  }

  @Test
  void whileARootIsDamagedNothingIsCollected() throws IOException {
    String object = Root.object(StoreCipher.plain(), "root 2");
    FaultyBackend backend = flipped(made, object, 500);
    try (Store store = open(backend)) {
      assertThatThrownBy(() -> store.collect(JobContext.SILENT))
          .isInstanceOf(CorruptImageException.class)
          .hasMessageContaining(object)
          .hasMessageEndingWith("; nothing is collected");
      assertThatThrownBy(() -> store.planCollection(Set.of(), JobContext.SILENT))
          .hasMessageEndingWith("; nothing is collected");
      assertThat(store.census(JobContext.SILENT).missing()).isEqualTo(1);
      assertThat(backend.objects().keySet().stream().filter(name -> name.startsWith("packs/")))
          .containsExactlyElementsOf(
              made.objects().keySet().stream().filter(name -> name.startsWith("packs/")).toList());
      // A copy has it still.
      try (Store sound = open(made)) {
        StoreCopy.copy(sound, store, root -> true, JobContext.SILENT);
      }
    }
    checkAll(backend);
  }

  @Test
  void whatIsDamagedCanBeGivenUp() throws IOException {
    String object = Root.object(StoreCipher.plain(), "root 2");
    FaultyBackend backend = flipped(made, object, 500);
    String session =
        made.objects().keySet().stream()
            .filter(name -> name.startsWith("sessions/"))
            .findFirst()
            .orElseThrow();
    backend = flipped(backend, session, 500);
    try (Store store = open(backend)) {
      assertThatThrownBy(() -> store.collect(JobContext.SILENT)).hasMessageContaining(session);
      assertThatThrownBy(() -> store.discardDamaged(Root.object(StoreCipher.plain(), "root 3")))
          .isInstanceOf(FileAlreadyExistsException.class);
      for (String none : List.of("packs/00/00", "roots/none", "config", "", "index/x")) {
        assertThatThrownBy(() -> store.discardDamaged(none))
            .isInstanceOf(NoSuchFileException.class);
      }
      store.discardDamaged(session);
      store.discardDamaged(object);
      store.collect(JobContext.SILENT);
      contents.remove("root 2");
    }
    checkAll(backend);
  }

  /// Uploads go on: the list is given up, unless somebody may go by it as it was.
  @Test
  void aDamagedListOfCondemnedPacksStopsNoUpload() throws IOException {
    String list =
        made.objects().keySet().stream()
            .filter(name -> name.startsWith("condemned/"))
            .findFirst()
            .orElseThrow();
    FaultyBackend backend = flipped(made, list, 500);
    Session collection = Session.begin(UUID.randomUUID(), Session.Purpose.COLLECTION);
    collection.put(backend, StoreCipher.plain());
    byte[] content = Stores.content(new Random(6), 60_000);
    try (Store store = open(backend)) {
      assertThatThrownBy(() -> Stores.add(store, "new", Stores.disk(content)))
          .isInstanceOf(CorruptImageException.class)
          .hasMessageContaining(list);
      backend.delete(collection.object());
      Stores.add(store, "new", Stores.disk(content));
      contents.put("new", content);
      assertThat(backend.objects()).doesNotContainKey(list);
      store.collect(JobContext.SILENT);
    }
    checkAll(backend);
  }

  @Test
  void whatADamagedIndexDoesNotTellThePacksDo() throws IOException {
    FaultyBackend backend = made;
    for (String object : List.copyOf(made.objects().keySet())) {
      backend = object.startsWith("index/") ? flipped(backend, object, 999) : backend;
    }
    try (Store store = open(backend)) {
      for (Root root : store.listRoots()) {
        assertThat(Stores.read(store, root)).isEqualTo(contents.get(root.name()));
      }
      byte[] content = contents.get("root 1");
      Stores.add(store, "again", Stores.disk(content));
      contents.put("again", content);
      assertThatThrownBy(() -> store.collect(JobContext.SILENT))
          .hasMessageContaining("index/")
          .hasMessageEndingWith("; nothing is collected");
    }
    Store.rebuildIndex(backend, StoreKey.none(), JobContext.SILENT);
    try (Store store = open(backend)) {
      store.refresh();
      assertThat(store.listIndexDamages()).isEmpty();
      store.collect(JobContext.SILENT);
    }
    checkAll(backend);
  }
}
