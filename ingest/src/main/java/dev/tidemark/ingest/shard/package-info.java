/// One shard: a log, the rows of it that are in no file yet, and the flushes that bring them there
/// exactly once.
@NullMarked
package dev.tidemark.ingest.shard;

import org.jspecify.annotations.NullMarked;
