package io.calco.machine;

import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// What shows that a machine is up.
public sealed interface Expectation {

  /// A console asks for a login.
  record Login() implements Expectation {
    static final Pattern PROMPT = Pattern.compile("(?:^|[\\s\\]])login: ");

    @Override
    public String toString() {
      return "login";
    }
  }

  /// A console shows text.
  ///
  /// @param regex found anywhere in a few thousand characters
  record Text(String regex) implements Expectation {
    private static final int MAX_LENGTH = 1000; // ours

    /// Checks the expression.
    public Text {
      if (regex.isEmpty() || regex.length() > MAX_LENGTH) {
        throw new IllegalArgumentException(
            "a regular expression of 1 to %d letters is wanted".formatted(MAX_LENGTH));
      }
      try {
        Pattern.compile(regex);
      } catch (PatternSyntaxException e) {
        throw new IllegalArgumentException(
            "\"%s\" is no regular expression: %s".formatted(regex, e.getDescription()), e);
      }
    }

    @Override
    public String toString() {
      return "text:" + regex;
    }
  }

  /// The QEMU guest agent answers.
  record Agent() implements Expectation {
    @Override
    public String toString() {
      return "agent";
    }
  }

  /// The guest takes a TCP connection at the address that it gets by DHCP.
  ///
  /// @param number 1 to 65535
  record Port(int number) implements Expectation {
    /// Checks the range.
    public Port {
      if (number < 1 || number > 65535) {
        throw new IllegalArgumentException(number + " is no TCP port");
      }
    }

    @Override
    public String toString() {
      return "port:" + number;
    }
  }

  /// What a user writes: `login`, `agent`, `port:22`, `text:REGEX`.
  ///
  /// @throws IllegalArgumentException when it is none of these
  static Expectation parse(String text) {
    if (text.equals("login")) {
      return new Login();
    }
    if (text.equals("agent")) {
      return new Agent();
    }
    if (text.startsWith("text:")) {
      return new Text(text.substring("text:".length()));
    }
    if (text.matches("port:[0-9]{1,5}")) {
      return new Port(Integer.parseInt(text.substring("port:".length())));
    }
    throw new IllegalArgumentException(
        "\"%s\" cannot be waited for: login, agent, port:N or text:REGEX".formatted(text));
  }

  /// For a person: what has not come, or has.
  default String description() {
    return switch (this) {
      case Login() -> "a login prompt";
      case Text(String regex) -> "the text \"" + regex + "\"";
      case Agent() -> "an answer of the guest agent";
      case Port(int number) -> "a connection to port " + number;
    };
  }

  /// The port that the host must reach.
  default OptionalInt port() {
    return this instanceof Port(int number) ? OptionalInt.of(number) : OptionalInt.empty();
  }
}
