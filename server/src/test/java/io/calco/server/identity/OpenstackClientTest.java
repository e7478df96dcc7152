package io.calco.server.identity;

import io.calco.server.Served;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// OpenStack's own client, with nothing else installed.
class OpenstackClientTest {
  private static final String COMMANDS =
      """
      token issue -c project_id
      project create --description d vega
      project show vega
      user create --project vega --password pw1 --email a@b lea
      role add --user lea --project vega member
      role assignment list --names --user lea --project vega
      user list --project vega
      user set --disable lea
      user set --enable --description hello lea
      role list
      domain list
      catalog list
      endpoint list
      application credential create --role reader --secret s3 ci
      application credential show ci
      project set --name vega2 vega
      role remove --user lea --project vega2 member
      role add --user lea --project vega2 reader
      """;

  @TempDir private Path directory;

  private final Map<String, String> environment = new HashMap<>();

  private Oracle.Run openstack(String commands) throws IOException {
    Path file = directory.resolve("commands");
    Files.writeString(file, commands);
    Oracle.Run run =
        Oracle.named("sh").run(environment, "-c", "openstack <'" + file + "'").succeeds();
    for (String bad : new String[] {"rror", "No ", "xception", "HTTP", "arning"}) {
      if ((run.out() + run.err()).contains(bad)) {
        throw new AssertionError(run.toString());
      }
    }
    return run;
  }

  @Test
  void worksOnIt() throws IOException {
    Oracle.named("openstack");
    try (Served served = new Served(directory.resolve("home"))) {
      environment.put("OS_AUTH_URL", served.address() + "/identity/v3");
      environment.put("OS_IDENTITY_API_VERSION", "3");
      environment.put("OS_USERNAME", "admin");
      environment.put("OS_PASSWORD", Served.PASSWORD);
      environment.put("OS_PROJECT_NAME", "admin");
      environment.put("OS_USER_DOMAIN_NAME", "Default");
      environment.put("OS_PROJECT_DOMAIN_NAME", "Default");
      environment.put("LC_ALL", "C.UTF-8");
      openstack(COMMANDS)
          .says("member | lea@Default |       | vega@Default")
          .says("| default | Default |")
          .says("| keystone | identity |")
          .says("| secret       | s3 ");
      environment.put("OS_USERNAME", "lea");
      environment.put("OS_PASSWORD", "pw1");
      environment.put("OS_PROJECT_NAME", "vega2");
      openstack("project list\nproject show vega2\ntoken issue -c user_id\n").says("vega2");
    }
  }
}
