/// What all features of the server share: [WebServer] listens, [Routes] is how a feature adds what
/// it answers, [Authentication] tells who asks, and [ApiException] is a refusal.
///
/// Every failure is answered as OpenStack's clients read it, `{"error": {"code", "title",
/// "message"}}`, whatever threw it: an [ApiException] as it stands, an
/// [io.calco.engine.OperationException] or what it makes of any other exception by its kind. Faults
/// of our own are logged with their trace, and the client is told no more than that.
///
/// Thread rule: handlers are called on virtual threads, many at once, and may block.
@NullMarked
package io.calco.server.http;

import org.jspecify.annotations.NullMarked;
