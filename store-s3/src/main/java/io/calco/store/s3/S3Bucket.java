package io.calco.store.s3;

import io.calco.disk.LimitExceededException;
import io.calco.disk.RateLimit;
import io.calco.store.backend.Backend;
import io.calco.store.backend.Content;
import io.calco.store.backend.ObjectNames;
import io.calco.store.backend.StoredObject;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileSystemException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.core.sync.ResponseTransformer;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.ObjectLockRetention;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Object;

/// Objects of a bucket, whose keys are a prefix and their names. A put is one request with an MD5
/// of the content, which the service compares; it is there for everybody, and lasting, once the
/// service has said so.
public final class S3Bucket implements Backend {
  /// Most bytes that the service takes in one request; a pack has 64 MiB at most.
  private static final long PUT_MAX = 5L << 30;

  private static final int PAGE = 1000;

  private final S3Place place;
  private final S3Client client;
  private final RateLimit rate;
  private final String root;

  private S3Bucket(S3Place place, S3Client client, RateLimit rate) {
    this.place = place;
    this.client = client;
    this.rate = rate;
    this.root = place.prefix().isEmpty() ? "" : place.prefix() + "/";
  }

  /// The objects of a bucket that exists, with credentials from the environment
  /// (`AWS_ACCESS_KEY_ID` and so on) or the AWS tools' settings (`~/.aws/credentials`).
  ///
  /// @param rate what may pass in both directions together
  /// @throws java.nio.file.NoSuchFileException when there is no such bucket
  /// @throws java.nio.file.AccessDeniedException when the service lets nobody in with these
  ///   credentials
  public static S3Bucket open(S3Place place, RateLimit rate) throws IOException {
    return open(place, rate, Clients.credentials(place));
  }

  static S3Bucket open(S3Place place, RateLimit rate, AwsCredentialsProvider credentials)
      throws IOException {
    S3Bucket bucket = new S3Bucket(place, Clients.client(place, credentials), rate);
    try {
      bucket.page("", null, 1);
      return bucket;
    } catch (IOException | RuntimeException e) {
      bucket.close();
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

  private String key(String name) {
    return root + ObjectNames.check(name);
  }

  private interface Call<T> {
    T run() throws IOException;
  }

  private <T> T call(String where, Call<T> call) throws IOException {
    try {
      return call.run();
    } catch (SdkException e) {
      throw S3Failures.told(where, place, e);
    }
  }

  private AwsRequestOverrideConfiguration within(long bytes) {
    return AwsRequestOverrideConfiguration.builder()
        .apiCallTimeout(Content.patience(bytes, rate))
        .build();
  }

  @Override
  public void put(String name, List<MemorySegment> content) throws IOException {
    Content sent = new Content(content, rate);
    if (sent.length() > PUT_MAX) {
      throw new LimitExceededException(
          "%s: %d bytes; a service takes %d at once"
              .formatted(where(name), sent.length(), PUT_MAX));
    }
    PutObjectRequest.Builder request =
        PutObjectRequest.builder()
            .bucket(place.bucket())
            .key(key(name))
            .contentMD5(sent.md5())
            .contentLength(sent.length())
            .overrideConfiguration(within(sent.length()));
    place
        .lock()
        .filter(_ -> ObjectLock.isLasting(name))
        .ifPresent(lock ->
            request.objectLockMode(lock.mode().name()).objectLockRetainUntilDate(until(lock)));
    RequestBody body =
        sent.length() == 0
            ? RequestBody.empty()
            : RequestBody.fromContentProvider(
                sent::stream, sent.length(), "application/octet-stream");
    call(where(name), () -> client.putObject(request.build(), body));
  }

  private static Instant until(ObjectLock lock) {
    return Instant.now().plus(lock.retention()).truncatedTo(ChronoUnit.SECONDS);
  }

  @Override
  public boolean keep(String name) throws IOException {
    if (place.lock().isEmpty()) {
      return false;
    }
    String key = key(name);
    ObjectLock lock = place.lock().get();
    Instant until = until(lock);
    call(
        where(name),
        () -> {
          Instant now =
              client
                  .headObject(request -> request.bucket(place.bucket()).key(key))
                  .objectLockRetainUntilDate();
          // A service refuses to lock for less.
          return now != null && !now.isBefore(until) ? now : lengthen(key, lock.mode(), until);
        });
    return true;
  }

  private Instant lengthen(String key, ObjectLock.Mode mode, Instant until) {
    ObjectLockRetention retention =
        ObjectLockRetention.builder().mode(mode.name()).retainUntilDate(until).build();
    client.putObjectRetention(
        request -> request.bucket(place.bucket()).key(key).retention(retention));
    return until;
  }

  @Override
  public byte[] get(String name, int max) throws IOException {
    return read(
        name,
        request -> request.overrideConfiguration(within(max)),
        (response, in) -> {
          long length = lengthOf(name, response);
          if (length > max) {
            throw new LimitExceededException(
                "%s: %d bytes; at most %d are read of such an object"
                    .formatted(where(name), length, max));
          }
          rate.pass(length);
          byte[] content = in.readNBytes((int) length);
          if (content.length < length) {
            throw new EndedException();
          }
          return content;
        });
  }

  @Override
  public void get(String name, long offset, MemorySegment dst) throws IOException {
    long end = Math.addExact(offset, dst.byteSize());
    if (dst.byteSize() == 0) {
      ObjectNames.check(name);
      return;
    }
    read(
        name,
        request ->
            request
                .range("bytes=%d-%d".formatted(offset, end - 1))
                .overrideConfiguration(within(dst.byteSize())),
        (response, in) -> {
          checkRange(name, offset, dst.byteSize(), response);
          if (!Content.fill(dst, in, rate)) {
            throw new EndedException();
          }
          return true;
        });
  }

  /// A body that ended before its time.
  private static final class EndedException extends IOException {
    private static final long serialVersionUID = 1L;

    EndedException() {
      super("the answer ended early");
    }
  }

  private interface Body<T> {
    T read(GetObjectResponse response, InputStream in) throws IOException;
  }

  private <T> T read(
      String name, Function<GetObjectRequest.Builder, GetObjectRequest.Builder> asked, Body<T> body)
      throws IOException {
    GetObjectRequest request =
        asked.apply(GetObjectRequest.builder().bucket(place.bucket()).key(key(name))).build();
    IOException[] own = new IOException[1];
    try {
      return client.getObject(
          request,
          ResponseTransformer.unmanaged((response, in) -> {
            try (in) {
              return body.read(response, in);
            } catch (EndedException e) {
              throw e;
            } catch (IOException e) {
              own[0] = e;
              in.abort();
              throw e;
            }
          }));
    } catch (SdkException e) {
      if (own[0] instanceof FileSystemException
          || own[0] instanceof EOFException
          || own[0] instanceof LimitExceededException) {
        throw own[0];
      }
      if (S3Failures.isPastTheEnd(e)) {
        throw new EOFException(where(name) + ": ends before what was asked for");
      }
      throw S3Failures.told(where(name), place, e);
    }
  }

  private long lengthOf(String name, GetObjectResponse response) throws FileSystemException {
    Long length = response.contentLength();
    if (length == null || length < 0) {
      throw wrong(name, "an object without a length");
    }
    return length;
  }

  private FileSystemException wrong(String name, String what) {
    return new FileSystemException(where(name), null, "the service answers wrongly: " + what);
  }

  private void checkRange(String name, long offset, long length, GetObjectResponse response)
      throws IOException {
    String range = response.contentRange();
    if (range == null || !range.startsWith("bytes " + offset + "-")) {
      throw wrong(name, "not with the range that was asked for");
    }
    long came = lengthOf(name, response);
    if (came < length) {
      throw new EOFException(
          "%s: ends at byte %d, expected %d bytes at %d"
              .formatted(where(name), offset + came, length, offset));
    }
    if (came > length) {
      throw wrong(name, "with %d bytes where %d were asked for".formatted(came, length));
    }
  }

  @Override
  public long size(String name) throws IOException {
    String key = key(name);
    Long length =
        call(
            where(name),
            () ->
                client
                    .headObject(request -> request.bucket(place.bucket()).key(key))
                    .contentLength());
    if (length == null || length < 0) {
      throw wrong(name, "an object without a length");
    }
    return length;
  }

  @Override
  public List<StoredObject> list(String prefix) throws IOException {
    ObjectNames.checkPrefix(prefix);
    List<StoredObject> found = new ArrayList<>();
    String token = null;
    long seen = 0;
    do {
      ListObjectsV2Response page = page(prefix, token, PAGE);
      for (S3Object object : page.contents()) {
        ObjectNames.checkListed(place(), ++seen);
        if (object.key().startsWith(root + prefix)) {
          String name = object.key().substring(root.length());
          if (ObjectNames.isName(name) && object.size() != null && object.size() >= 0) {
            found.add(new StoredObject(name, object.size()));
          }
        }
      }
      String next = Boolean.TRUE.equals(page.isTruncated()) ? page.nextContinuationToken() : null;
      if (next != null && (next.equals(token) || page.contents().isEmpty())) {
        throw wrong(prefix, "a listing that does not go on");
      }
      token = next;
    } while (token != null);
    return found;
  }

  private ListObjectsV2Response page(String prefix, @Nullable String token, int most)
      throws IOException {
    ListObjectsV2Request request =
        ListObjectsV2Request.builder()
            .bucket(place.bucket())
            .prefix(root + prefix)
            .maxKeys(most)
            .continuationToken(token)
            .build();
    return call(place(), () -> client.listObjectsV2(request));
  }

  @Override
  public void delete(String name) throws IOException {
    String key = key(name);
    call(
        where(name), () -> client.deleteObject(request -> request.bucket(place.bucket()).key(key)));
  }

  /// Does nothing: a put that was cut off leaves nothing behind, since no object is put in parts.
  @Override
  public void sweep() {}

  @Override
  public void close() {
    client.close();
  }
}
