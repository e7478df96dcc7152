package io.calco.guest.personalise;

import io.calco.guest.PrintableText;
import java.util.regex.Pattern;

/// Who may log in to which account by SSH.
///
/// @param user the account; `root` is always there
/// @param line one public key, as in `authorized_keys`
public record AuthorizedKey(String user, String line) {
  private static final Pattern KEY =
      Pattern.compile(
          "(.*\\s)?(ssh-|ecdsa-|sk-ssh-|sk-ecdsa-)[A-Za-z0-9@.-]+\\s+AAAA[A-Za-z0-9+/]+={0,2}(\\s.*)?");
  private static final int MAX_LENGTH = 16_384; // ours

  /// Checks the line.
  public AuthorizedKey {
    line = line.strip();
    boolean plain = line.chars().noneMatch(c -> Character.isISOControl(c) && c != '\t');
    if (line.length() > MAX_LENGTH || !plain || !KEY.matcher(line).matches()) {
      String shown = PrintableText.of(line.substring(0, Math.min(40, line.length())));
      throw new IllegalArgumentException(
          "not an SSH public key: '%s', expected a line as ~/.ssh/id_ed25519.pub has it"
              .formatted(shown));
    }
  }
}
