package io.calco.server.http;

/// Who is told of requests: the log, the metrics.
///
/// Thread rule: called from many threads; may not block.
public interface ExchangeObserver {
  /// A route begins to answer. Requests that no route answers only end.
  default void began(Exchange exchange) {}

  /// An answer has ended, or broken off.
  void ended(EndedExchange ended);
}
