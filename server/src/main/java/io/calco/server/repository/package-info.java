/// Repositories that are kept for Calcos on other machines, by HTTP.
///
/// The protocol is a few requests on objects, with the server's own tokens; it is described in
/// `openapi.json`. What may be done is decided in [io.calco.engine.repository.hosted].
@NullMarked
package io.calco.server.repository;

import org.jspecify.annotations.NullMarked;
