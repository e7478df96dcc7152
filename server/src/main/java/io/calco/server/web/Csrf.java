package io.calco.server.web;

import io.calco.server.http.ApiException;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpStatus;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;

/// Keeps other sites from sending forms in a user's name. Every form carries a token, which is a
/// digest of the session's: who does not know the one cannot make the other, and nothing must be
/// kept. Before a login a random cookie stands for the session.
///
/// Besides, browsers tell where a request comes from (Fetch Metadata): what comes from another site
/// is refused whatever it carries.
final class Csrf {
  /// The field of a form, or the parameter of the address of one that sends a file.
  static final String FIELD = "csrf";

  /// The header of a script's request.
  static final String HEADER = "X-CSRF-Token";

  private static final int VISITOR_BYTES = 24;
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Set<HandlerType> CHANGE_NOTHING =
      Set.of(HandlerType.GET, HandlerType.HEAD, HandlerType.OPTIONS);

  private Csrf() {}

  /// The token for the forms of the page that is being answered; may set a cookie.
  static String token(Context request, String sessionToken) {
    if (!sessionToken.isEmpty()) {
      return digest("session", sessionToken);
    }
    String visitor = Cookies.read(request, Cookies.VISITOR);
    if (visitor.isEmpty()) {
      byte[] bytes = new byte[VISITOR_BYTES];
      RANDOM.nextBytes(bytes);
      visitor = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
      Cookies.set(request, Cookies.VISITOR, visitor);
    }
    return digest("visitor", visitor);
  }

  /// Refuses a request that changes something and was not sent by a page of ours.
  ///
  /// @throws ApiException 403
  static void check(Context request) {
    if (CHANGE_NOTHING.contains(request.method())) {
      return;
    }
    String site = request.header("Sec-Fetch-Site");
    boolean fromElsewhere = site != null && !site.equals("same-origin") && !site.equals("none");
    String sent = sent(request);
    boolean known =
        isOf(sent, "session", Cookies.read(request, Cookies.SESSION))
            || isOf(sent, "visitor", Cookies.read(request, Cookies.VISITOR));
    if (fromElsewhere || !known) {
      throw new ApiException(
          HttpStatus.FORBIDDEN,
          "The form was not sent from a page of this server, or the login has ended meanwhile.");
    }
  }

  /// Refuses a websocket that was not asked for by a page of ours: browsers say whose page it was,
  /// and let no script say otherwise.
  ///
  /// @throws ApiException 403
  static void checkOrigin(Context request) {
    String site = request.header("Sec-Fetch-Site");
    String origin = request.header("Origin");
    String host = request.header("Host");
    boolean ours =
        origin != null
            && host != null
            && origin.matches("https?://.*")
            && origin.substring(origin.indexOf("//") + 2).equalsIgnoreCase(host);
    if (!ours || site != null && !site.equals("same-origin")) {
      throw new ApiException(
          HttpStatus.FORBIDDEN, "The connection was not asked for by a page of this server.");
    }
  }

  private static String sent(Context request) {
    String header = request.header(HEADER);
    if (header != null) {
      return header;
    }
    String type = request.contentType();
    boolean form = type != null && type.startsWith("application/x-www-form-urlencoded");
    String value = form ? request.formParam(FIELD) : request.queryParam(FIELD);
    return value == null ? "" : value;
  }

  private static boolean isOf(String sent, String kind, String secret) {
    return !secret.isEmpty()
        && MessageDigest.isEqual(
            sent.getBytes(StandardCharsets.UTF_8),
            digest(kind, secret).getBytes(StandardCharsets.UTF_8));
  }

  private static String digest(String kind, String secret) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(
                  ("calco csrf %s %s".formatted(kind, secret)).getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }
}
