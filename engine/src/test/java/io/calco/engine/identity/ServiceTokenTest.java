package io.calco.engine.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Requests that another service passes on, as keystonemiddleware takes them.
class ServiceTokenTest {
  private FakeKeystone fake;
  private Keystone keystone;
  private String ana;

  @BeforeEach
  void open() throws IOException {
    fake = new FakeKeystone();
    fake.users.put("ana", Map.of("class", List.of("member")));
    fake.users.put("nova", Map.of("service", List.of("service")));
    keystone = new Keystone(fake.settings(), () -> fake.now);
    ana = fake.token("ana", "class");
  }

  @AfterEach
  void close() {
    fake.close();
  }

  @Test
  void aServiceGoesOnWithATokenThatHasExpired() throws IOException {
    fake.now = fake.now.plus(Duration.ofHours(3));
    String nova = fake.token("nova", "service");
    assertThat(keystone.find(ana)).isEmpty();
    Caller caller = keystone.find(ana, nova).orElseThrow();
    assertThat(caller.userName()).isEqualTo("ana");
    assertThat(caller.roles()).contains("member").doesNotContain("service");
    assertThat(keystone.find(ana)).as("without the service").isEmpty();
    fake.now = fake.now.plus(Duration.ofDays(3));
    assertThat(keystone.find(ana, fake.token("nova", "service"))).as("long ago").isEmpty();
  }

  @Test
  void anybodyElseDoesNot() throws IOException {
    fake.now = fake.now.plus(Duration.ofHours(3));
    assertThat(keystone.find(ana, fake.token("ana", "class"))).isEmpty();
    assertThat(keystone.find(ana, fake.token("nova", ""))).as("no project").isEmpty();
    assertThat(fake.asked).noneMatch(what -> what.contains("allow_expired"));
  }

  @Test
  void aServiceTokenThatIsNotValidSpoilsTheRequest() throws IOException {
    assertThat(keystone.find(ana)).isPresent();
    assertThat(keystone.find(ana, "no such")).isEmpty();
    assertThat(keystone.find(ana, "")).isEmpty();
    String nova = fake.token("nova", "service");
    fake.now = fake.now.plus(Duration.ofHours(2));
    assertThat(keystone.find(fake.token("ana", "class"), nova)).as("expired itself").isEmpty();
  }

  @Test
  void aValidTokenNeedsNoRoleOfTheService() throws IOException {
    assertThat(keystone.find(ana, fake.token("ana", "class"))).isPresent();
    assertThat(keystone.find(ana, fake.token("nova", "service"))).isPresent();
  }
}
