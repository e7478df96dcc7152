/// The examples do what they say.
@NullMarked
package io.calco.examples;

import org.jspecify.annotations.NullMarked;
