package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProjectQuotaCommandTest {
  @TempDir private Path home;

  @Test
  void setsWhatIsNamedAndShowsAll() {
    calco("project", "create", "class", "--home", home).exits(0);
    assertThat(calco("project", "quota", "class", "--home", home).exits(0).out())
        .isEqualTo(
            """
            WHAT     LIMIT  USE
            images   none   0
            uploads  none   0
            size     none   0 B
            staged   none   0 B
            """);
    calco("project", "quota", "--size", "100G", "--home", home).exits(0);
    calco("project", "quota", "class", "--images", "50", "--home", home).exits(0);
    assertThat(calco("project", "quota", "class", "--size", "2T", "--home", home).exits(0).out())
        .contains("images   50     0", "size     2 TiB  0 B");
    assertThat(
            calco("project", "quota", "class", "--size", "any", "--output", "json", "--home", home)
                .exits(0)
                .out())
        .contains("\"images\": {", "\"limit\": 50", "\"use\": 0");
    assertThat(calco("project", "quota", "class", "--remove", "--home", home).exits(0).out())
        .contains("size     100 GiB  0 B");
    String foreign = "0123456789abcdef0123456789abcdef";
    calco("project", "quota", foreign, "--uploads", "3", "--home", home).exits(0);
    assertThat(calco("audit", "list", "--action", "project.quota", "--home", home).exits(0).out())
        .contains(foreign, "uploads 3", "none of its own");
    calco("project", "quota", "nobody", "--home", home).exits(3);
    calco("project", "quota", "class", "--images", "-1", "--home", home).exits(2);
    calco("project", "quota", "class", "--size", "much", "--home", home).exits(2);
    calco("project", "quota", "class", "--remove", "--size", "1G", "--home", home).exits(2);
  }
}
