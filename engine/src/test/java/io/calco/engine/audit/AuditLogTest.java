package io.calco.engine.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.catalog.AuditEvent;
import io.calco.catalog.AuditEvent.Outcome;
import io.calco.catalog.AuditQuery;
import io.calco.catalog.Catalog;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditLogTest {
  private static final Actor ANA = new Actor("1", "ana", "p", "192.0.2.1");
  private static final Target DEBIAN = new Target("i", "debian");

  @TempDir Path dir;
  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-21T12:00:00Z"));

  @Test
  void recordsWhatCameOfWork() throws IOException {
    try (Catalog catalog = Catalog.open(dir)) {
      AuditLog log = new AuditLog(catalog.audit(), now::get);
      log.make(new Deed(ANA, Action.IMAGE_CREATE, Target.named("x")), () -> DEBIAN, done -> done);
      assertThatThrownBy(() ->
              log.make(
                  new Deed(ANA, Action.IMAGE_DELETE, DEBIAN),
                  () -> {
                    throw new IllegalStateException("it is protected");
                  }))
          .hasMessage("it is protected");
      assertThatThrownBy(() ->
              log.make(
                  new Deed(ANA, Action.IMAGE_DELETE, DEBIAN),
                  () -> {
                    throw new IOException("no space".repeat(100));
                  }))
          .isInstanceOf(IOException.class);
      List<AuditEvent> events = log.list(AuditQuery.newest(9));
      assertThat(events)
          .extracting(AuditEvent::action)
          .containsExactly("image.delete", "image.delete", "image.create");
      assertThat(events)
          .extracting(AuditEvent::outcome)
          .containsExactly(Outcome.FAILED, Outcome.REFUSED, Outcome.DONE);
      assertThat(events.getFirst().detail()).hasSize(300);
      assertThat(events.get(1).detail()).isEqualTo("it is protected");
      assertThat(events.getLast().targetName()).isEqualTo("debian");
    }
  }

  @Test
  void recordsWhatIsDoneOftenOnceInAWhile() throws IOException {
    try (Catalog catalog = Catalog.open(dir)) {
      AuditLog log = new AuditLog(catalog.audit(), now::get);
      for (int i = 0; i < 100; i++) {
        log.doneOften(new Deed(ANA, Action.IMAGE_DOWNLOAD, DEBIAN));
      }
      log.doneOften(new Deed(Actor.unknown("192.0.2.2"), Action.IMAGE_DOWNLOAD, DEBIAN));
      assertThat(log.list(AuditQuery.newest(9))).hasSize(2);
      now.updateAndGet(time -> time.plusSeconds(601));
      log.doneOften(new Deed(ANA, Action.IMAGE_DOWNLOAD, DEBIAN));
      assertThat(log.list(AuditQuery.newest(9))).hasSize(3);
    }
  }
}
