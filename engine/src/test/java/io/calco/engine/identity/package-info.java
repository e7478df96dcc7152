@NullMarked
package io.calco.engine.identity;

import org.jspecify.annotations.NullMarked;
