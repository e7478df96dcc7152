@NullMarked
package io.calco.engine.plan;

import org.jspecify.annotations.NullMarked;
