/// What Loki's ingesters write into segments and checkpoints of Prometheus's format.
@NullMarked
package dev.tidemark.formats.loki;

import org.jspecify.annotations.NullMarked;
