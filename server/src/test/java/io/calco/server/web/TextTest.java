package io.calco.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TextTest {
  private static final Path BUNDLES = Path.of("src/main/resources/io/calco/server/web/text");
  private static final Path TEMPLATES = Path.of("src/main/jte/web");
  private static final Pattern PLACE = Pattern.compile("\\{\\d}");
  private static final Pattern USE =
      Pattern.compile("(of|count)\\(\"([a-z]+\\.[a-z.-]*[a-z])\"[,)]");

  private static Properties bundle(Path file) throws IOException {
    Properties bundle = new Properties();
    try (Reader in = Files.newBufferedReader(file)) {
      bundle.load(in);
    }
    return bundle;
  }

  private static List<String> places(String message) {
    return PLACE
        .matcher(message)
        .results()
        .map(place -> place.group())
        .distinct()
        .sorted()
        .toList();
  }

  @Test
  void bothLanguagesSayTheSame() throws IOException {
    try (Stream<Path> files = Files.list(BUNDLES)) {
      for (Path english :
          files.filter(file -> file.toString().endsWith("_en.properties")).toList()) {
        String name = english.getFileName().toString().replace("_en.properties", "");
        Properties en = bundle(english);
        Properties es = bundle(BUNDLES.resolve(name + "_es.properties"));
        assertThat(es.stringPropertyNames()).as(name).isEqualTo(en.stringPropertyNames());
        for (String key : en.stringPropertyNames()) {
          assertThat(key).startsWith(name + ".");
          assertThat(es.getProperty(key)).as(key).isNotBlank();
          assertThat(places(es.getProperty(key))).as(key).isEqualTo(places(en.getProperty(key)));
        }
      }
    }
  }

  @Test
  void templatesSayNothingThatThereIsNot() throws IOException {
    Text text = new Text(Language.EN);
    try (Stream<Path> files = Files.walk(TEMPLATES)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Matcher use = USE.matcher(Files.readString(file));
        while (use.find()) {
          String key = use.group(2) + (use.group(1).equals("count") ? ".other" : "");
          assertThat(text.has(key)).as("%s in %s", key, file).isTrue();
        }
      }
    }
  }

  @Test
  void numbersAreWrittenAsTheReaderDoes() {
    Text en = new Text(Language.EN);
    Text es = new Text(Language.ES);
    assertThat(en.size(0)).isEqualTo("0\u00a0B");
    assertThat(en.size(1023)).isEqualTo("1,023\u00a0B");
    assertThat(es.size(1_572_864)).isEqualTo("1,5\u00a0MiB");
    assertThat(en.size(Long.MAX_VALUE)).isEqualTo("8\u00a0EiB");
    assertThat(es.number(1_234_567)).isEqualTo("1.234.567");
    assertThat(en.share(1, 3)).isEqualTo("33\u00a0%");
    assertThat(en.duration(Duration.ofSeconds(3725))).isEqualTo("1\u00a0h 2\u00a0min");
    assertThat(es.count("login.wait", 2)).contains("2 segundos");
  }

  @Test
  void aLanguageIsFoundForEveryHeader() {
    assertThat(Language.accepted("")).isEqualTo(Language.EN);
    assertThat(Language.accepted("es")).isEqualTo(Language.ES);
    assertThat(Language.accepted("fr, es-AR;q=0.8, en;q=0.5")).isEqualTo(Language.ES);
    assertThat(Language.accepted("en-US,en;q=0.9,es;q=0.8")).isEqualTo(Language.EN);
    assertThat(Language.accepted("es;q=0, de")).isEqualTo(Language.EN);
    for (String odd : List.of("*", ";;;", "es;q=x", "\u0000", "x".repeat(5000), "-,-")) {
      assertThat(Language.accepted(odd)).as(odd).isEqualTo(Language.EN);
    }
  }

  @Test
  void noOtherSiteIsLedTo() {
    assertThat(Paths.inside("/images/a?q=%C3%B1&x=1", "/")).isEqualTo("/images/a?q=%C3%B1&x=1");
    for (String odd : List.of("", "//x", "http://x", "/\\x", "/a//b", "/a\r\nb", "images")) {
      assertThat(Paths.inside(odd, "/start")).as(odd).isEqualTo("/start");
    }
  }
}
