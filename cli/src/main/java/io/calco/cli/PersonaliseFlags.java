package io.calco.cli;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.guest.Content;
import io.calco.guest.identity.Hostname;
import io.calco.guest.personalise.AuthorizedKey;
import io.calco.guest.personalise.CloneUser;
import io.calco.guest.personalise.CopyIn;
import io.calco.guest.personalise.FirstBootScript;
import io.calco.guest.personalise.MachineIdSource;
import io.calco.guest.personalise.Personalisation;
import io.calco.guest.sshkey.HostKeyType;
import io.calco.guest.sshkey.IdentitySeed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Options that say what a clone gets besides its name.
final class PersonaliseFlags {
  private static final long MOST_BYTES = 1 << 20;

  @Option(
      names = "--authorized-key",
      paramLabel = "[USER:]FILE",
      description =
          "Let the keys in this .pub file log in as USER (default: root, or the first --user);"
              + " may be repeated.")
  private List<String> authorizedKeys = new ArrayList<>();

  @Option(
      names = "--user",
      paramLabel = "NAME",
      description =
          "An account each clone has, made if it is not in the template; may be repeated.")
  private List<String> users = new ArrayList<>();

  @Option(
      names = "--admin",
      paramLabel = "NAME",
      description = "As --user, and it may do everything with sudo; may be repeated.")
  private List<String> administrators = new ArrayList<>();

  @Option(
      names = "--firstboot",
      paramLabel = "SCRIPT",
      description = "A program to run once, at the first boot; may be repeated, run in order.")
  private List<Path> firstBoot = new ArrayList<>();

  @Option(
      names = "--copy-in",
      paramLabel = "LOCAL:REMOTE",
      description = "Copy a file or directory into the clone's directory REMOTE; may be repeated.")
  private List<String> copies = new ArrayList<>();

  @Option(
      names = "--machine-id",
      paramLabel = "FROM",
      defaultValue = "firstboot",
      description =
          "firstboot: the clone makes it when it first starts; seed: Calco gives one, derived from"
              + " the seed and the name; or 32 hexadecimal digits (default: ${DEFAULT-VALUE}).")
  private String machineId = "firstboot";

  @Option(
      names = "--seed",
      paramLabel = "FILE",
      description =
          "Derive identities from this secret file and each clone's name, so that they can be made"
              + " again; without it they are random.")
  private @Nullable Path seed;

  @Option(
      names = "--rsa-host-key",
      description = "An RSA host key too, for clients of before 2014 (takes a second each).")
  private boolean rsa;

  /// What each clone gets, by its host name. Files are read now, once for all clones.
  Function<Hostname, Personalisation> personalisation() throws IOException {
    try {
      List<Consumer<Personalisation.Builder>> parts = new ArrayList<>();
      users.forEach(
          user -> parts.add(b -> b.user(new CloneUser(user, CloneUser.Privilege.ORDINARY))));
      administrators.forEach(
          user -> parts.add(b -> b.user(new CloneUser(user, CloneUser.Privilege.ADMINISTRATOR))));
      for (String argument : authorizedKeys) {
        parts.addAll(keys(argument));
      }
      for (Path script : firstBoot) {
        Content content = Content.of(read(script));
        String name = String.valueOf(script.getFileName());
        FirstBootScript program = new FirstBootScript(name, content);
        parts.add(b -> b.firstBoot(program));
      }
      for (String copy : copies) {
        CopyIn files = copyIn(copy);
        parts.add(b -> b.copyIn(files));
      }
      MachineIdSource source = machineIdSource();
      byte @Nullable [] secret = seed == null ? null : read(seed);
      return hostname -> build(hostname, parts, source, secret);
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()));
    }
  }

  private Personalisation build(
      Hostname hostname,
      List<Consumer<Personalisation.Builder>> parts,
      MachineIdSource source,
      byte @Nullable [] secret) {
    Personalisation.Builder builder = Personalisation.builder(hostname).machineId(source);
    if (secret != null) {
      builder.seed(IdentitySeed.of(secret, hostname.value()));
    }
    if (rsa) {
      builder.hostKey(HostKeyType.RSA);
    }
    parts.forEach(part -> part.accept(builder));
    return builder.build();
  }

  private List<Consumer<Personalisation.Builder>> keys(String argument) throws IOException {
    int colon = argument.indexOf(':');
    String user = colon > 0 ? argument.substring(0, colon) : defaultUser();
    Path file = Path.of(argument.substring(colon + 1));
    List<Consumer<Personalisation.Builder>> parts = new ArrayList<>();
    for (String line :
        new String(read(file), java.nio.charset.StandardCharsets.UTF_8).split("\n")) {
      if (!line.isBlank() && !line.startsWith("#")) {
        AuthorizedKey key = new AuthorizedKey(user, line.strip());
        parts.add(b -> b.authorizedKey(key));
      }
    }
    if (parts.isEmpty()) {
      throw usage(file + ": holds no public key");
    }
    return parts;
  }

  private String defaultUser() {
    if (!administrators.isEmpty()) {
      return administrators.getFirst();
    }
    return users.isEmpty() ? "root" : users.getFirst();
  }

  private static CopyIn copyIn(String argument) {
    int colon = argument.lastIndexOf(':');
    if (colon < 1 || colon == argument.length() - 1) {
      throw usage("\"%s\" is not LOCAL:REMOTE".formatted(argument));
    }
    return new CopyIn(Path.of(argument.substring(0, colon)), argument.substring(colon + 1));
  }

  private MachineIdSource machineIdSource() {
    return switch (machineId) {
      case "firstboot" -> new MachineIdSource.FirstBoot();
      case "seed" -> new MachineIdSource.FromSeed();
      default -> new MachineIdSource.Given(machineId);
    };
  }

  private static byte[] read(Path file) throws IOException {
    if (Files.size(file) > MOST_BYTES) {
      throw usage("%s: larger than %s".formatted(file, Text.size(MOST_BYTES)));
    }
    return Files.readAllBytes(file);
  }

  private static OperationException usage(String message) {
    return new OperationException(Kind.USAGE, message, "see: calco clone create --help");
  }
}
