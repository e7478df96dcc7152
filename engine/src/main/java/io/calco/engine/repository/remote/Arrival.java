package io.calco.engine.repository.remote;

import io.calco.disk.RateLimit;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// Takes in the body of an answer: into memory that is there before the first byte comes. What does
/// not find room in it is not read any more.
final class Arrival implements BodySubscriber<Arrival.Body> {
  /// Of an answer that is a failure.
  private static final int TEXT_MAX = 64 << 10;

  private final MemorySegment into;
  private final RateLimit rate;
  private final CompletableFuture<Body> whole = new CompletableFuture<>();
  private Flow.@Nullable Subscription subscription;
  private long length;

  private Arrival(MemorySegment into, RateLimit rate) {
    this.into = into;
    this.rate = rate;
  }

  /// What came.
  ///
  /// @param bytes the memory that was there for it
  /// @param length how much of it was filled
  /// @param surplus whether there was more
  record Body(MemorySegment bytes, long length, boolean surplus) {}

  /// Takes in answers.
  ///
  /// @param room memory for the answer to a request that was done, by its length in bytes; -1 when
  ///   it does not say
  static HttpResponse.BodyHandler<Body> into(LongFunction<MemorySegment> room, RateLimit rate) {
    return answer -> {
      boolean done = answer.statusCode() / 100 == 2;
      return new Arrival(
          done
              ? room.apply(length(answer.headers().firstValue("Content-Length")))
              : MemorySegment.ofArray(new byte[TEXT_MAX]),
          rate);
    };
  }

  /// The length that a header tells, in bytes; -1 for none.
  static long length(Optional<String> header) {
    return header.filter(text -> text.matches("[0-9]{1,18}")).map(Long::parseLong).orElse(-1L);
  }

  @Override
  public CompletionStage<Body> getBody() {
    return whole;
  }

  @Override
  public void onSubscribe(Flow.Subscription begun) {
    subscription = begun;
    begun.request(1);
  }

  @Override
  public void onNext(List<ByteBuffer> pieces) {
    try {
      for (ByteBuffer piece : pieces) {
        long room = into.byteSize() - length;
        int taken = (int) Math.min(room, piece.remaining());
        rate.pass(taken);
        MemorySegment.copy(MemorySegment.ofBuffer(piece), 0, into, length, taken);
        length += taken;
        if (piece.remaining() > taken) {
          end();
          whole.complete(new Body(into, length, true));
          return;
        }
      }
    } catch (IOException | RuntimeException e) {
      end();
      whole.completeExceptionally(e);
      return;
    }
    if (subscription != null) {
      subscription.request(1);
    }
  }

  private void end() {
    if (subscription != null) {
      subscription.cancel();
    }
  }

  @Override
  public void onError(Throwable failure) {
    whole.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    whole.complete(new Body(into, length, false));
  }
}
