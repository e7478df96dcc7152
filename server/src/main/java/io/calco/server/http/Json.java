package io.calco.server.http;

import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// Bodies of requests and answers.
///
/// Answers are maps, lists and records, the records' components in `snake_case`; an empty Optional
/// is `null`.
public final class Json {
  /// Ours: no request of the interfaces that we have comes near it.
  private static final int BODY_MAX_BYTES = 256 << 10;

  /// Of a body that is refused, how much more is read.
  private static final int REST_MAX_BYTES = 8 << 20;

  private static final int DEPTH_MAX = 32;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(DEPTH_MAX).build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private Json() {}

  /// Answers with a value.
  public static void answer(Context request, HttpStatus status, Object value) {
    request.status(status).contentType("application/json").result(MAPPER.writeValueAsBytes(value));
  }

  /// A value as JSON.
  public static String text(Object value) {
    return MAPPER.writeValueAsString(value);
  }

  /// The value of JSON that we wrote ourselves.
  public static JsonNode parse(String text) {
    return MAPPER.readTree(text);
  }

  /// The body of a request that must be an object.
  ///
  /// @throws ApiException 400 when it is not, 413 when it is larger than any that is meant
  public static ObjectNode object(Context request) throws IOException {
    if (read(request) instanceof ObjectNode object) {
      return object;
    }
    throw new ApiException(HttpStatus.BAD_REQUEST, "The body is not a JSON object.");
  }

  /// The body of a request.
  ///
  /// @throws ApiException 400 when it is not JSON, 413 when it is larger than any that is meant
  public static JsonNode read(Context request) throws IOException {
    byte[] body = request.bodyInputStream().readNBytes(BODY_MAX_BYTES + 1);
    if (body.length > BODY_MAX_BYTES) {
      // A client that is still writing when the connection closes would not see the answer.
      request.bodyInputStream().skip(REST_MAX_BYTES);
      throw new ApiException(
          HttpStatus.CONTENT_TOO_LARGE,
          "The body is larger than %d KiB.".formatted(BODY_MAX_BYTES >> 10));
    }
    try {
      return MAPPER.readTree(body);
    } catch (JacksonException e) {
      throw new ApiException(HttpStatus.BAD_REQUEST, "The body is not JSON.");
    }
  }
}
