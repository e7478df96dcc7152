package io.calco.engine.repository.remote;

import io.calco.disk.LimitExceededException;
import io.calco.disk.RateLimit;
import io.calco.engine.repository.remote.RemoteLink.Answer;
import io.calco.store.backend.Backend;
import io.calco.store.backend.Content;
import io.calco.store.backend.ObjectNames;
import io.calco.store.backend.StoredObject;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// Objects in a repository that another Calco keeps. A put is one request; it is on the medium
/// there once the server has said so.
public final class RemoteRepository implements Backend {
  /// Most bytes of a page of a listing.
  private static final int PAGE_MAX = 1 << 20;

  private static final int DELETED_AT_ONCE = 1000;

  /// Content from which on the server is asked before it is sent.
  private static final int ASKED_FIRST = 64 << 10;

  private final RemotePlace place;
  private final RemoteLink link;
  private final RateLimit rate;

  private RemoteRepository(RemotePlace place, RemoteLink link, RateLimit rate) {
    this.place = place;
    this.link = link;
    this.rate = rate;
  }

  /// A repository that is there.
  ///
  /// @param rate what may pass in both directions together
  /// @throws NoSuchFileException when there is none of that name in the project
  /// @throws java.nio.file.AccessDeniedException when the server refuses the login, or the
  ///   project's role is not enough
  public static RemoteRepository open(RemotePlace place, RateLimit rate) throws IOException {
    return open(place, rate, System.getenv(), Content.ANSWERING, "GET");
  }

  /// As [#open]; one that is not there is made.
  public static RemoteRepository create(RemotePlace place, RateLimit rate) throws IOException {
    return open(place, rate, System.getenv(), Content.ANSWERING, "PUT");
  }

  /// @param environment says who logs in where no file does
  /// @param answering how long a call may take that moves nothing
  /// @param method `GET` for what is there, `PUT` to make it
  static RemoteRepository open(
      RemotePlace place,
      RateLimit rate,
      Map<String, String> environment,
      Duration answering,
      String method)
      throws IOException {
    RemoteLogin login = RemoteLogin.of(place, environment);
    RemoteRepository opened =
        new RemoteRepository(place, new RemoteLink(place, login, rate, answering), rate);
    try {
      opened.json(
          place.toString(),
          HttpRequest.newBuilder(place.uri("")).method(method, BodyPublishers.noBody()));
      return opened;
    } catch (IOException | RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  @Override
  public String place() {
    return place.toString();
  }

  private String where(String name) {
    return place + "/" + name;
  }

  private HttpRequest.Builder object(String name) {
    return HttpRequest.newBuilder(place.uri("/objects/" + ObjectNames.check(name)));
  }

  /// An answer of JSON.
  private JsonNode json(String where, HttpRequest.Builder request) throws IOException {
    Answer answer = link.ask(where, request, 0, RemoteRepository::page);
    if (answer.body().surplus() || answer.body().length() == 0) {
      throw RemoteLink.wrong(where, "with no JSON, or more than any answer has");
    }
    try {
      return RemoteLink.MAPPER.readTree(bytes(answer));
    } catch (JacksonException e) {
      throw RemoteLink.wrong(where, "with what is no JSON");
    }
  }

  private static byte[] bytes(Answer answer) {
    return answer.body().bytes().asSlice(0, answer.body().length()).toArray(ValueLayout.JAVA_BYTE);
  }

  private static MemorySegment memory(long length) {
    return MemorySegment.ofArray(new byte[(int) Math.max(length, 0)]);
  }

  /// The room for JSON, whose length need not be told.
  private static MemorySegment page(long length) {
    return memory(length < 0 ? PAGE_MAX : Math.min(length, PAGE_MAX));
  }

  @Override
  public void put(String name, List<MemorySegment> content) throws IOException {
    HttpRequest.Builder request = object(name);
    Content sent = new Content(content, rate);
    BodyPublisher body =
        sent.length() == 0
            ? BodyPublishers.noBody()
            : BodyPublishers.fromPublisher(
                BodyPublishers.ofInputStream(sent::stream), sent.length());
    request
        .header("Content-Type", "application/octet-stream")
        .expectContinue(sent.length() >= ASKED_FIRST)
        .PUT(body);
    link.ask(where(name), request, sent.length(), RemoteRepository::nothing);
  }

  @Override
  public byte[] get(String name, int max) throws IOException {
    HttpRequest.Builder request = object(name).GET();
    Answer answer =
        link.ask(where(name), request, max, length -> memory(length > max ? 0 : length));
    long length = length(name, answer);
    if (length > max) {
      throw new LimitExceededException(
          "%s: %d bytes; at most %d are read of such an object"
              .formatted(where(name), length, max));
    }
    return bytes(answer);
  }

  private long length(String name, Answer answer) throws IOException {
    long length = Arrival.length(answer.headers().firstValue("Content-Length"));
    if (length < 0) {
      throw RemoteLink.wrong(where(name), "an object without a length");
    }
    return length;
  }

  @Override
  public void get(String name, long offset, MemorySegment dst) throws IOException {
    long end = Math.addExact(offset, dst.byteSize());
    HttpRequest.Builder request = object(name);
    if (dst.byteSize() == 0) {
      return;
    }
    request.header("Range", "bytes=%d-%d".formatted(offset, end - 1)).GET();
    Answer answer = link.ask(where(name), request, dst.byteSize(), _ -> dst);
    String range = answer.headers().firstValue("Content-Range").orElse("");
    if (answer.body().surplus() || !range.startsWith("bytes " + offset + "-")) {
      throw RemoteLink.wrong(where(name), "not with the range that was asked for");
    }
    if (answer.body().length() < dst.byteSize()) {
      throw new EOFException(
          "%s: ends at byte %d, expected %d bytes at %d"
              .formatted(where(name), offset + answer.body().length(), dst.byteSize(), offset));
    }
  }

  @Override
  public long size(String name) throws IOException {
    return length(name, link.ask(where(name), object(name).HEAD(), 0, RemoteRepository::nothing));
  }

  @Override
  public List<StoredObject> list(String prefix) throws IOException {
    ObjectNames.checkPrefix(prefix);
    List<StoredObject> found = new ArrayList<>();
    Optional<String> after = Optional.of("");
    long seen = 0;
    while (after.isPresent()) {
      JsonNode page =
          json(
              place(),
              HttpRequest.newBuilder(
                  place.uri("/objects?prefix=%s&after=%s".formatted(prefix, after.get()))));
      int told = 0;
      for (JsonNode object : page.path("objects")) {
        ObjectNames.checkListed(place(), ++seen);
        told++;
        String name = object.path("name").asString("");
        long size = object.path("size").asLong(-1);
        if (name.startsWith(prefix) && ObjectNames.isName(name) && size >= 0) {
          found.add(new StoredObject(name, size));
        }
      }
      String last = after.get();
      after = Optional.of(page.path("next").asString("")).filter(next -> !next.isEmpty());
      if (after.filter(next -> !ObjectNames.isName(next) || next.equals(last)).isPresent()
          || after.isPresent() && told == 0) {
        throw RemoteLink.wrong(place(), "a listing that does not go on");
      }
    }
    return found;
  }

  @Override
  public void delete(String name) throws IOException {
    link.ask(where(name), object(name).DELETE(), 0, RemoteRepository::nothing);
  }

  @Override
  public void deleteAll(Collection<String> names) throws IOException {
    List<String> all = names.stream().map(ObjectNames::check).toList();
    for (int from = 0; from < all.size(); from += DELETED_AT_ONCE) {
      List<String> some = all.subList(from, Math.min(all.size(), from + DELETED_AT_ONCE));
      byte[] body = RemoteLink.MAPPER.writeValueAsBytes(Map.of("names", some));
      HttpRequest.Builder request =
          HttpRequest.newBuilder(place.uri("/deletions"))
              .header("Content-Type", "application/json")
              .POST(BodyPublishers.ofByteArray(body));
      link.ask(place(), request, 0, RemoteRepository::nothing);
    }
  }

  @Override
  public Optional<Quota> quota() throws IOException {
    JsonNode said;
    try {
      said = json(place(), HttpRequest.newBuilder(place.uri("/quota")).GET());
    } catch (NoSuchFileException unknown) { // a server that is older
      return Optional.empty();
    }
    long limit = said.path("limit").asLong(-1);
    long used = said.path("used").asLong(-1);
    return limit < 0 || used < 0 ? Optional.empty() : Optional.of(new Quota(limit, used));
  }

  /// Does nothing: what puts that were cut off leave there, the server deletes.
  @Override
  public void sweep() {}

  @Override
  public void close() {
    link.close();
  }

  /// Where nothing but the head of an answer is of use.
  private static MemorySegment nothing(long length) {
    return MemorySegment.NULL;
  }
}
