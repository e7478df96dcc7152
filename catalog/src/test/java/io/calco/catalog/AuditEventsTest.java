package io.calco.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.catalog.AuditEvent.Outcome;
import io.calco.catalog.AuditEvents.Retention;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditEventsTest {
  private static final Retention RETENTION = new Retention(100, 10);
  private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

  @TempDir Path dir;
  private Catalog catalog;

  @BeforeEach
  void open() throws IOException {
    catalog = Catalog.open(dir);
  }

  @AfterEach
  void close() throws IOException {
    catalog.close();
  }

  private AuditEvent add(int minute, String user, String action, String target, Outcome outcome)
      throws IOException {
    return catalog
        .audit()
        .add(
            new AuditEvent(
                0,
                NOON.plusSeconds(60L * minute),
                "id-" + user,
                user,
                "p",
                "192.0.2.7",
                action,
                "id-" + target,
                target,
                outcome,
                "why"),
            RETENTION);
  }

  private List<Long> numbers(AuditQuery query) throws IOException {
    return catalog.audit().list(query).stream().map(AuditEvent::number).toList();
  }

  private static AuditQuery query(
      Optional<String> user, Optional<String> action, Optional<String> target) {
    return new AuditQuery(
        user,
        action,
        target,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        100);
  }

  @Test
  void tellsTheNewestFirstAndFiltersThem() throws IOException {
    AuditEvent first = add(1, "ana", "image.create", "debian", Outcome.DONE);
    add(2, "bea", "image.delete", "debian", Outcome.REFUSED);
    add(3, "ana", "imagery", "debian", Outcome.DONE);
    add(4, "ana", "user.create", "carl", Outcome.FAILED);
    assertThat(catalog.audit().list(AuditQuery.newest(100)))
        .hasSize(4)
        .last()
        .isEqualTo(first)
        .extracting(AuditEvent::at)
        .isEqualTo(NOON.plusSeconds(60));
    assertThat(numbers(AuditQuery.newest(2))).containsExactly(4L, 3L);
    assertThat(numbers(query(Optional.of("ana"), Optional.empty(), Optional.empty())))
        .containsExactly(4L, 3L, 1L);
    assertThat(numbers(query(Optional.empty(), Optional.of("image"), Optional.empty())))
        .containsExactly(2L, 1L);
    assertThat(numbers(query(Optional.empty(), Optional.of("image.delete"), Optional.empty())))
        .containsExactly(2L);
    assertThat(numbers(query(Optional.empty(), Optional.empty(), Optional.of("id-debian"))))
        .containsExactly(3L, 2L, 1L);
    assertThat(numbers(query(Optional.empty(), Optional.empty(), Optional.of("carl"))))
        .containsExactly(4L);
    assertThat(
            numbers(
                new AuditQuery(
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(Outcome.DONE),
                    Optional.of(NOON.plusSeconds(60)),
                    Optional.of(NOON.plusSeconds(240)),
                    Optional.of(3L),
                    100)))
        .containsExactly(1L);
  }

  @Test
  void forgetsTheOldestAndLetsRefusalsDriveOutNothing() throws IOException {
    catalog.inTransaction(() -> {
      for (int i = 0; i < 300; i++) {
        add(i, "ana", "image.create", "i" + i, Outcome.DONE);
      }
      for (int i = 0; i < AuditEvents.SLACK; i++) {
        add(i, "eve", "login", "", Outcome.REFUSED);
      }
    });
    List<AuditEvent> left = catalog.audit().list(AuditQuery.newest(1000));
    assertThat(left).filteredOn(event -> event.outcome() == Outcome.DONE).hasSize(100);
    assertThat(left)
        .filteredOn(event -> event.outcome() == Outcome.REFUSED)
        .hasSize(10 + 300)
        .last()
        .extracting(AuditEvent::number)
        .isEqualTo(991L);
  }
}
