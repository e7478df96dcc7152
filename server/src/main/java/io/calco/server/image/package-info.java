/// The Image API v2 over HTTP: paths, headers, bodies. What they mean is `io.calco.engine.images`.
///
/// Begin with [ImageApi], which puts the routes together. Read: the API reference of the OpenStack
/// project and Glance's router, mid-2026. Errors are JSON, `{"error": {"code", "title",
/// "message"}}`, with Glance's statuses and, where clients look at them, its words.
@NullMarked
package io.calco.server.image;

import org.jspecify.annotations.NullMarked;
