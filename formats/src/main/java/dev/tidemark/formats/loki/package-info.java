/// What Loki's ingesters write into segments and checkpoints of Prometheus's format: records
/// (`RecordLayout`), and in checkpoints chunks of lines (`ChunkLayout`).
@NullMarked
package dev.tidemark.formats.loki;

import org.jspecify.annotations.NullMarked;
