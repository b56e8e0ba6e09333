/// How much memory and disk ingest may take, and how much it takes.
@NullMarked
package dev.tidemark.ingest.budget;

import org.jspecify.annotations.NullMarked;
