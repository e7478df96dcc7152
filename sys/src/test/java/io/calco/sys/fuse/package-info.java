@NullMarked
package io.calco.sys.fuse;

import org.jspecify.annotations.NullMarked;
