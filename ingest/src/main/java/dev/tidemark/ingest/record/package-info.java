/// What the shard log holds: bodies, and the marks that make each of their rows reach a file once.
@NullMarked
package dev.tidemark.ingest.record;

import org.jspecify.annotations.NullMarked;
