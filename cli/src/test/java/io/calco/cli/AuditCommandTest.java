package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditCommandTest {
  @TempDir private Path home;

  @Test
  void tellsWhoDidWhatAtThisHost() {
    calco("project", "create", "demo", "--home", home).exits(0);
    calco("user", "create", "ana", "--project", "demo", "--home", home).exits(0);
    calco("user", "delete", "ana", "--yes", "--home", home).exits(0);
    String all = calco("audit", "list", "--home", home).exits(0).out();
    assertThat(all.lines().map(line -> line.replaceAll("20\\d\\d-\\S+", "T")).toList())
        .hasSize(5)
        .first()
        .asString()
        .matches("NUMBER +WHEN +WHO +FROM +WHAT +OUTCOME +TO +DETAIL");
    assertThat(all.lines().toList().get(1))
        .matches("4 +\\S+Z +\\S+ +command +user.delete +done +ana *");
    assertThat(
            calco("audit", "list", "--action", "role", "--home", home, "--output", "json")
                .exits(0)
                .out())
        .contains("\"action\": \"role.grant\"")
        .contains("\"detail\": \"member@demo\"")
        .contains("\"address\": \"command\"")
        .doesNotContain("user.delete");
    assertThat(calco("audit", "list", "--until", "2020-01-01", "--home", home).exits(0).err())
        .contains("No such events.");
    assertThat(calco("audit", "list", "--outcome", "refused", "--home", home).exits(0).out())
        .isEmpty();
    calco("audit", "list", "--since", "yesterday", "--home", home).exits(2);
    calco("audit", "list", "--limit", "100000", "--home", home).exits(2);
  }
}
