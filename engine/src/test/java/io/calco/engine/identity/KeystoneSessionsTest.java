package io.calco.engine.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.engine.OperationException;
import io.calco.engine.identity.Sessions.Start;
import io.calco.engine.identity.Sessions.Typed;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class KeystoneSessionsTest {
  private static final String HERE = "192.0.2.1";

  private FakeKeystone fake;
  private KeystoneSessions sessions;

  @BeforeEach
  void open() throws IOException {
    fake = new FakeKeystone();
    fake.users.put("ana", Map.of("class", List.of("member")));
    fake.users.put(
        "bea",
        Map.of("one", List.of("reader"), "two", List.of("admin"), "closed", List.of("member")));
    sessions = new KeystoneSessions(new Keystone(fake.settings(), () -> fake.now));
  }

  @AfterEach
  void close() {
    fake.close();
  }

  private static Typed typed(String user) {
    return new Typed(user, FakeKeystone.password(user), "");
  }

  private String begun(String user) throws IOException {
    return ((Start.Begun) sessions.begin(typed(user), HERE)).token();
  }

  @Test
  void whoHasOneProjectBeginsInIt() throws IOException {
    Caller caller = sessions.find(begun("ana")).orElseThrow();
    assertThat(caller.userName()).isEqualTo("ana");
    assertThat(caller.project()).hasValue(new Caller.Scope("class-id", "class"));
    assertThat(caller.roles()).contains("member", "reader");
    assertThat(sessions.usualDomain()).hasValue("Default");
  }

  @Test
  void whoHasSeveralChooses() throws IOException {
    String token = begun("bea");
    assertThat(sessions.find(token).orElseThrow().project()).isEmpty();
    assertThat(sessions.projects(token))
        .extracting(Caller.Scope::name)
        .containsExactly("one", "two");
    String two = sessions.enter(token, "two-id").orElseThrow();
    assertThat(sessions.find(two).orElseThrow().isAdmin()).isTrue();
    assertThat(sessions.find(token)).as("the old one goes on").isPresent();
    assertThat(sessions.enter(two, "class-id")).as("of others").isEmpty();
    assertThat(sessions.enter("none", "two-id")).isEmpty();
  }

  @Test
  void aWrongPasswordIsRefusedAndSoonNoneIsTried() throws IOException {
    Typed wrong = new Typed("ana", "wrong", "");
    assertThat(sessions.begin(wrong, HERE)).isInstanceOf(Start.Refused.class);
    assertThat(sessions.begin(typed("nobody"), HERE)).isInstanceOf(Start.Refused.class);
    Start last = new Start.Refused();
    for (int i = 0; i < 100 && last instanceof Start.Refused; i++) {
      last = sessions.begin(wrong, HERE);
    }
    assertThat(last).isInstanceOf(Start.TooMany.class);
    int asked = fake.asked.size();
    assertThat(sessions.begin(typed("ana"), HERE)).isInstanceOf(Start.TooMany.class);
    assertThat(fake.asked).as("Keystone is left alone").hasSize(asked);
  }

  @Test
  void whoLogsInRightIsNeverKeptOut() throws IOException {
    for (int i = 0; i < 50; i++) {
      assertThat(sessions.begin(typed("ana"), HERE)).isInstanceOf(Start.Begun.class);
    }
  }

  @Test
  void anEndedSessionIsOver() throws IOException {
    String token = begun("ana");
    sessions.end(token);
    assertThat(fake.tokens).doesNotContainKey(token);
    assertThat(sessions.find(token)).isEmpty();
    assertThat(sessions.projects(token)).isEmpty();
    sessions.end(token);
    sessions.end("a\r\nb");
    assertThat(fake.asked).filteredOn(what -> what.startsWith("DELETE")).hasSize(1);
  }

  @Test
  void aKeystoneThatFailsIsNoRefusal() throws IOException {
    String token = begun("ana");
    assertThat(sessions.find(token)).isPresent();
    fake.failWith = 503;
    assertThatThrownBy(() -> sessions.begin(typed("ana"), HERE))
        .isInstanceOf(OperationException.class)
        .hasMessageContaining("answers 503 to a login");
    assertThatThrownBy(() -> sessions.projects(token))
        .isInstanceOf(OperationException.class)
        .hasMessageContaining("answers 503");
    fake.close();
    assertThatThrownBy(() -> sessions.begin(typed("ana"), HERE))
        .isInstanceOf(OperationException.class)
        .hasMessageContaining("does not answer");
  }
}
