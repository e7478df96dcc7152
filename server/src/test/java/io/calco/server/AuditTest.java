package io.calco.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.catalog.AuditEvent;
import io.calco.catalog.AuditEvent.Outcome;
import io.calco.catalog.AuditQuery;
import io.calco.catalog.Catalog;
import io.calco.server.http.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a server's clients do is recorded as theirs.
class AuditTest {
  @TempDir private Path home;

  private List<AuditEvent> events() throws IOException {
    try (Catalog catalog = Catalog.open(home)) {
      return catalog.audit().list(AuditQuery.newest(100)).reversed();
    }
  }

  private static String line(AuditEvent event) {
    return "%s %s %s %s"
        .formatted(event.userName(), event.action(), event.outcome().text(), event.targetName());
  }

  @Test
  void whoDidWhatFromWhere() throws IOException {
    try (Served served = new Served(home)) {
      served.login("admin", "wrong", "admin");
      served.login("hunter2", "wrong", "admin");
      String token = served.token("admin", Served.PASSWORD, "admin");
      String image =
          Json.parse(
                  served
                      .send(
                          "POST",
                          "/v2/images",
                          token,
                          "{\"name\": \"debian\", \"protected\": true}")
                      .body())
              .path("id")
              .asString();
      served.send("PUT", "/v2/images/" + image + "/tags/lts", token, "");
      served.send("DELETE", "/v2/images/" + image, token, "");
      served.send("DELETE", "/v2/images/00000000-0000-0000-0000-000000000000", token, "");
      String user =
          Json.parse(
                  served
                      .send(
                          "POST",
                          "/identity/v3/users",
                          token,
                          "{\"user\": {\"name\": \"ana\", \"password\": \"geheim geheim\"}}")
                      .body())
              .path("user")
              .path("id")
              .asString();
      served.send("DELETE", "/identity/v3/users/" + user, token, "");
      served.send("DELETE", "/identity/v3/auth/tokens", token, "");
    }
    List<AuditEvent> byClients =
        events().stream().filter(event -> event.address().equals("127.0.0.1")).toList();
    assertThat(byClients)
        .extracting(AuditTest::line)
        .containsExactly(
            " login refused admin",
            " login refused ",
            "admin login done admin",
            "admin image.create done debian",
            "admin image.change done debian",
            "admin image.delete refused debian",
            "admin user.create done ana",
            "admin user.delete done ana");
    assertThat(events().toString())
        .doesNotContain("hunter2")
        .doesNotContain("geheim")
        .doesNotContain(Served.PASSWORD);
    assertThat(events())
        .filteredOn(event -> event.address().equals("server"))
        .as("the first administrator is the server's own work")
        .extracting(AuditEvent::action)
        .containsExactly(
            "project.create", "user.create", "role.grant", "server.start", "server.stop");
    assertThat(events())
        .filteredOn(event -> event.action().equals("image.delete"))
        .allSatisfy(event -> assertThat(event.outcome()).isEqualTo(Outcome.REFUSED))
        .extracting(AuditEvent::detail)
        .allMatch(detail -> detail.contains("is protected"));
  }
}
