/// Tests of the store.
@NullMarked
package io.calco.store;

import org.jspecify.annotations.NullMarked;
