/// Helpers for tests: oracle tools, seeded randomness, shared fixtures. Test scope only.
@NullMarked
package io.calco.testkit;

import org.jspecify.annotations.NullMarked;
