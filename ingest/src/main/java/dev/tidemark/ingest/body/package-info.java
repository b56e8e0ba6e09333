/// Request bodies as they arrive, plain or compressed, made plain within a limit.
@NullMarked
package dev.tidemark.ingest.body;

import org.jspecify.annotations.NullMarked;
