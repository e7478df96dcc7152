@NullMarked
package io.calco.engine.images;

import org.jspecify.annotations.NullMarked;
