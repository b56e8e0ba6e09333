/// Which measurements there are and which columns they have: agreed once, durable before the first
/// record that uses it, the same for every shard.
@NullMarked
package dev.tidemark.ingest.catalog;

import org.jspecify.annotations.NullMarked;
