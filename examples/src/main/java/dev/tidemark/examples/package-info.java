/// Small programs that use the log. `examples/run` starts them; the tests run each as a user would.
@NullMarked
package dev.tidemark.examples;

import org.jspecify.annotations.NullMarked;
