/// The store: what it saves, what each image costs alone, and its upkeep; for administrators.
@NullMarked
package io.calco.server.web.storage;

import org.jspecify.annotations.NullMarked;
