package io.calco.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.JobContext;
import io.calco.store.backend.StoredObject;
import io.calco.sys.ProcessMark;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// Sessions of machines that nobody here can ask.
class SilentSessionTest {
  private static final Duration BEYOND = LiveSessions.SILENCE.plusHours(1);

  private final FaultyBackend backend = new FaultyBackend();

  private static byte[] noise(int seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  /// Makes all sessions those of another machine.
  private void moveAway() throws IOException {
    for (StoredObject object : backend.list(Session.PREFIX)) {
      Session here =
          Envelope.SESSION.read(backend, StoreCipher.plain(), object.name(), Session::decode);
      new Session(
              here.id(),
              here.writer(),
              new ProcessMark("00000001", 17, 4).toString(),
              here.beat(),
              here.purpose(),
              here.beaten())
          .put(backend, StoreCipher.plain());
    }
  }

  @Test
  void whatItRestsOnWaitsUntilItIsGivenUp() throws Exception {
    byte[] content = noise(1, 200_000);
    byte[] early = noise(2, 50_000);
    try (Store here = Stores.create(backend);
        Store away = Store.open(backend, StoreKey.none(), StoreOptions.defaults())) {
      Stores.add(here, "old", Stores.disk(content));
      Upload upload = away.beginUpload();
      moveAway();
      ChunkId disk = upload.addDisk(Stores.disk(content), JobContext.SILENT);
      upload.commit(
          "early",
          Stores.part(upload.addDisk(Stores.disk(early), JobContext.SILENT)),
          "before it went silent");
      here.removeRoot("old");

      Instant begun = Instant.now();
      assertThat(here.collect(begun, JobContext.SILENT).awaitedSessions()).isEqualTo(1);
      CollectionReport soon =
          here.collect(begun.plus(LiveSessions.SILENCE).minusSeconds(60), JobContext.SILENT);
      assertThat(soon.deletedPacks()).isZero();
      assertThat(soon.awaitedSessions()).isEqualTo(1);

      CollectionReport late = here.collect(begun.plus(BEYOND), JobContext.SILENT);
      assertThat(late.deletedPacks()).isPositive();
      assertThat(late.awaitedSessions()).isZero();
      assertThat(backend.bytes(Session.PREFIX)).isZero();
      assertThat(backend.list(Session.ENDED)).hasSize(1);

      // It was alive all the time, and only could not be heard.
      assertThatThrownBy(() -> upload.commit("late", Stores.part(disk), ""))
          .hasMessageContaining("must be begun again");
      assertThat(here.findRoot("late")).isEmpty();
      assertThat(Stores.read(here, here.findRoot("early").orElseThrow())).isEqualTo(early);
      assertThat(Store.verify(backend, StoreKey.none(), JobContext.SILENT).sound()).isTrue();
    }
  }

  /// A root that it manages to put between the tombstone and its own second look does not count.
  @Test
  void aRootPutTooLateDoesNotCount() throws Exception {
    byte[] content = noise(3, 100_000);
    try (Store here = Stores.create(backend);
        Store away = Store.open(backend, StoreKey.none(), StoreOptions.defaults())) {
      UUID session = away.sessions().begin(Session.Purpose.UPLOAD);
      Root kept = Stores.add(here, "kept", Stores.disk(content));
      here.roots().endSession(session);
      Root late = new Root("late", kept.parts(), "", Instant.now(), UUID.randomUUID(), session);
      away.roots().put(late);
      assertThat(here.findRoot("late")).isEmpty();
      assertThat(here.listRoots()).extracting(Root::name).containsExactly("kept");
      here.removeRoot("kept");
      here.collect(JobContext.SILENT);
      assertThat(backend.bytes("packs/")).as("nobody needs it").isZero();
      assertThat(Store.verify(backend, StoreKey.none(), JobContext.SILENT).sound()).isTrue();
    }
  }

  @Test
  void oneThatBeatsIsAwaitedHoweverLong() throws Exception {
    byte[] content = noise(5, 100_000);
    try (Store here = Stores.create(backend);
        Store away = Store.open(backend, StoreKey.none(), StoreOptions.defaults())) {
      Stores.add(here, "old", Stores.disk(content));
      UUID session = away.sessions().begin(Session.Purpose.UPLOAD);
      here.removeRoot("old");
      moveAway();
      Instant begun = Instant.now();
      here.collect(begun, JobContext.SILENT);
      Session beaten =
          Envelope.SESSION.read(
              backend, StoreCipher.plain(), Session.PREFIX + session, Session::decode);
      beaten.next().put(backend, StoreCipher.plain());
      CollectionReport late = here.collect(begun.plus(BEYOND), JobContext.SILENT);
      assertThat(late.awaitedSessions()).isEqualTo(1);
      assertThat(late.deletedPacks()).isZero();
      away.sessions().end(session);
      assertThat(here.collect(begun.plus(BEYOND), JobContext.SILENT).deletedPacks()).isPositive();
    }
  }

  @Test
  void aSilentCollectionIsNoHindrance() throws Exception {
    try (Store here = Stores.create(backend);
        Store away = Store.open(backend, StoreKey.none(), StoreOptions.defaults())) {
      Stores.add(here, "a", Stores.disk(noise(6, 50_000)));
      away.sessions().begin(Session.Purpose.COLLECTION);
      moveAway();
      assertThatThrownBy(() -> here.collect(JobContext.SILENT))
          .isInstanceOf(StoreBusyException.class);
      here.collect(Instant.now().plus(BEYOND), JobContext.SILENT);
      assertThat(here.listRoots()).extracting(Root::name).isEqualTo(List.of("a"));
      assertThat(Arrays.asList(backend.objects().keySet().toArray())).isNotEmpty();
    }
  }
}
