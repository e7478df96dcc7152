@NullMarked
package io.calco.engine.audit;

import org.jspecify.annotations.NullMarked;
