/// What those who run the server see of it: its log, its metrics and its health.
///
/// - [ServerLog] sends what this program and its libraries log to standard error: as text for
///   people, or one JSON object a line. [AccessLog] writes a line for each request. No line holds a
///   token, a password, or what follows the `?` of an address.
/// - `/metrics` ([ServerMetrics]) is in Prometheus' text format. Labels come from sets that are
///   bounded: methods we answer, our routes, statuses.
/// - `/healthz` ([HealthRoutes]) says whether requests can be answered; anyone may ask.
@NullMarked
package io.calco.server.watch;

import org.jspecify.annotations.NullMarked;
