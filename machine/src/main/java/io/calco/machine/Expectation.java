package io.calco.machine;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// What shows that a machine is up.
public sealed interface Expectation {
  /// Of a picture's file.
  int FILE_MAX = 64 << 20; // ours

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

  /// The screen shows what a picture shows.
  ///
  /// @param name of the picture, for messages
  /// @param picture what it shows
  record Picture(String name, ScreenPicture picture) implements Expectation {
    /// The share of the surface that may look otherwise: a cursor blinks, a clock goes on.
    private static final double TOLERANCE = 0.0025; // ours

    /// The picture in a PNG file, as a screenshot is kept.
    ///
    /// @throws IOException when it cannot be read, or is of a kind that is not understood
    public static Picture read(Path file) throws IOException {
      if (Files.size(file) > FILE_MAX) {
        throw new FileSystemException(file.toString(), null, "is too large for a picture");
      }
      try {
        ScreenPicture picture = ScreenPicture.ofPng(Files.readAllBytes(file));
        picture.raster();
        return new Picture(file.toString(), picture);
      } catch (FileSystemException e) {
        throw e;
      } catch (IOException e) {
        throw new FileSystemException(file.toString(), null, String.valueOf(e.getMessage()));
      }
    }

    boolean shows(Raster screen) throws IOException {
      return picture.raster().difference(screen) <= TOLERANCE;
    }

    @Override
    public String toString() {
      return "picture:" + name;
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
      case Picture picture -> "a screen like " + picture.name();
    };
  }

  /// The port that the host must reach.
  default OptionalInt port() {
    return this instanceof Port(int number) ? OptionalInt.of(number) : OptionalInt.empty();
  }
}
