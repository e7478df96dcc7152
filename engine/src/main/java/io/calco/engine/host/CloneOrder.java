package io.calco.engine.host;

import io.calco.catalog.Clone;
import io.calco.engine.CloneRequest;
import io.calco.engine.CloneRequest.BackingPath;
import io.calco.engine.NamePattern;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.SizeChange;
import io.calco.guest.identity.Hostname;
import io.calco.guest.network.InterfaceSettings;
import io.calco.guest.personalise.AuthorizedKey;
import io.calco.guest.personalise.CloneUser;
import io.calco.guest.personalise.CloneUser.Privilege;
import io.calco.guest.personalise.Personalisation;
import io.calco.guest.seed.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/// Clones as somebody asks for them, in words; each text is empty for what is not asked for.
///
/// @param template the template's name
/// @param version which version of it; the newest unless one is named
/// @param names patterns of names, with spaces between: `aula-{01..30} web1`
/// @param kind linked or full
/// @param size such as `20G`; the template's if empty
/// @param user an account that each gets
/// @param privilege what that account may do
/// @param keys public SSH keys for it, or for root: a line each
/// @param addresses for each interface a line: `10.0.0.{11..40}/24,gw=10.0.0.1`, one value for each
///   clone where there are braces
/// @param seed the disc for cloud-init that each has beside its own
public record CloneOrder(
    String template,
    Optional<Integer> version,
    String names,
    Clone.Kind kind,
    String size,
    String user,
    Privilege privilege,
    String keys,
    String addresses,
    Optional<Seed.Form> seed) {
  /// Ours: more names in one order are a slip of the finger.
  private static final int NAMES_MAX = 500;

  /// The clones' names.
  ///
  /// @throws OperationException USAGE when they cannot be understood
  List<String> expanded() {
    return expand(names);
  }

  /// The names that patterns mean.
  ///
  /// @param names patterns with spaces between
  /// @throws OperationException USAGE when they cannot be understood, or are too many
  public static List<String> expand(String names) {
    if (names.isBlank()) {
      throw usage("a name is needed", "such as web1, or aula-{01..30}");
    }
    List<String> all = NamePattern.expand(List.of(names.strip().split("\\s+")));
    if (all.size() > NAMES_MAX) {
      throw usage("more than %d clones at once".formatted(NAMES_MAX), "order them in parts");
    }
    return all;
  }

  /// Many names in few words: `aula-01 … aula-30`.
  static String named(List<String> names) {
    return names.size() == 1
        ? names.getFirst()
        : "%s … %s".formatted(names.getFirst(), names.getLast());
  }

  private static OperationException usage(String message, String hint) {
    return new OperationException(Kind.USAGE, message, hint);
  }

  /// The same as the engine takes it.
  ///
  /// @throws OperationException USAGE when a part of it cannot be understood
  CloneRequest request() {
    List<String> all = expanded();
    return new CloneRequest(
        template,
        version,
        all,
        kind,
        size.isBlank()
            ? OptionalLong.empty()
            : OptionalLong.of(SizeChange.parseBytes(size.strip())),
        Optional.empty(),
        BackingPath.RELATIVE,
        personalisation(all),
        seed);
  }

  private Function<Hostname, Personalisation> personalisation(List<String> all) {
    try {
      Optional<CloneUser> account =
          user.isBlank() ? Optional.empty() : Optional.of(new CloneUser(user.strip(), privilege));
      String owner = account.map(CloneUser::name).orElse("root");
      List<AuthorizedKey> authorized =
          lines(keys).stream().map(line -> new AuthorizedKey(owner, line)).toList();
      List<List<InterfaceSettings>> networks = new ArrayList<>();
      for (String pattern : lines(addresses)) {
        networks.add(
            NamePattern.pairwise(pattern, all.size()).stream()
                .map(InterfaceSettings::parse)
                .toList());
      }
      return hostname -> {
        Personalisation.Builder builder = Personalisation.builder(hostname);
        account.ifPresent(builder::user);
        authorized.forEach(builder::authorizedKey);
        int number = all.indexOf(hostname.value());
        networks.forEach(each -> builder.network(each.get(number)));
        return builder.build();
      };
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()), "");
    }
  }

  private static List<String> lines(String text) {
    return text.lines().map(String::strip).filter(line -> !line.isEmpty()).toList();
  }
}
