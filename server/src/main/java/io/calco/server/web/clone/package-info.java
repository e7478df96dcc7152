/// Clones of this host: many at once by a pattern of names, each a machine of its own.
@NullMarked
package io.calco.server.web.clone;

import org.jspecify.annotations.NullMarked;
