package io.calco.server.web.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.engine.plan.PlanProblem;
import io.calco.engine.plan.Simulation;
import io.calco.server.web.Browser;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Properties;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the engine says of plans by a word has a sentence in each language.
class PlanTextTest {
  @ParameterizedTest
  @ValueSource(strings = {"en", "es"})
  void whatIsWrongAndWhyPointsStayIsSaid(String language) throws IOException {
    Properties words = new Properties();
    try (InputStream in =
        Objects.requireNonNull(
            Browser.class.getResourceAsStream("text/plans_%s.properties".formatted(language)))) {
      words.load(new InputStreamReader(in, StandardCharsets.UTF_8));
    }
    for (PlanProblem.Reason reason : PlanProblem.Reason.values()) {
      assertThat(words).containsKey("plans.problem." + reason.text());
    }
    for (String reason : Simulation.REASONS) {
      assertThat(words).containsKey("plans.keep." + reason);
    }
  }
}
