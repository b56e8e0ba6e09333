/// What the tool shows: JSON, progress, tables for a terminal.
@NullMarked
package dev.tidemark.cli.screen;

import org.jspecify.annotations.NullMarked;
