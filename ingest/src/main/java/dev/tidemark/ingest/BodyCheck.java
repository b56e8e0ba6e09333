package dev.tidemark.ingest;

import dev.tidemark.ingest.catalog.Additions;
import dev.tidemark.ingest.catalog.Catalog;
import dev.tidemark.ingest.catalog.CatalogColumn;
import dev.tidemark.ingest.catalog.ColumnGuess;
import dev.tidemark.ingest.catalog.Measurement;
import dev.tidemark.ingest.lineprotocol.LineParser;
import dev.tidemark.ingest.lineprotocol.ParseResult;
import dev.tidemark.ingest.lineprotocol.Point;
import dev.tidemark.ingest.lineprotocol.Slice;
import dev.tidemark.sink.ColumnType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads a body against the catalog, changing nothing: which lines are good, where they lie, and
/// which columns they would add. For one thread at a time; used again for other bodies.
final class BodyCheck {
  private final Catalog catalog;
  private final int maxColumns;
  private final int maxLineBytes;
  private final LineParser parser = new LineParser();
  private final ColumnGuess guess = new ColumnGuess();
  private final Additions additions = new Additions();
  private final GoodLines lines;

  // Owned by the thread that checks.
  private Map<Slice, Measurement> measurements = Map.of();
  private int measurementsLeft;
  private int newMeasurements;
  private final List<Slice> newKeys = new ArrayList<>();
  private final List<ColumnType> newTypes = new ArrayList<>();
  private boolean isRefused;
  private int conflicts;
  private long cells;

  BodyCheck(Catalog catalog, int maxColumns, int maxLineBytes, int maxPieceBytes) {
    this.lines = new GoodLines(maxPieceBytes);
    this.catalog = catalog;
    this.maxColumns = maxColumns;
    this.maxLineBytes = maxLineBytes;
  }

  /// Reads a body. What the other methods answer is about the last one read.
  ParseResult read(WriteRequest request) {
    measurements = catalog.database(request.database());
    measurementsLeft = catalog.measurementsLeft();
    newMeasurements = 0;
    conflicts = 0;
    cells = 0;
    additions.clear();
    lines.clear();
    return parser.parse(
        request.body(),
        request.offset(),
        request.length(),
        request.precision(),
        request.arrivalNanos(),
        this::judge);
  }

  /// {@return how many lines were refused because a column contradicts the catalog or the body}
  int conflicts() {
    return conflicts;
  }

  /// {@return the columns the good lines bring}
  Additions additions() {
    return additions;
  }

  /// {@return where the good lines are}
  GoodLines lines() {
    return lines;
  }

  /// {@return how many tags and fields they have}
  long cells() {
    return cells;
  }

  private void judge(Point point) {
    isRefused = false;
    newKeys.clear();
    newTypes.clear();
    if (point.endOffset() - point.offset() > maxLineBytes) {
      point.refuse("a line is longer than " + maxLineBytes + " bytes");
      return;
    }
    Slice name = point.measurement();
    Measurement known = measurements.get(name);
    judgeColumns(point, known);
    if (!isRefused) {
      judgeLimits(point, name, known);
    }
    if (!isRefused) {
      keep(point, name, known);
    }
  }

  private void judgeColumns(Point point, @Nullable Measurement known) {
    int tags = point.tagCount();
    for (int i = 0; i < tags && !isRefused; i++) {
      String reason = judge(point, known, point.tagKey(i), ColumnType.TAG, i);
      if (reason != null) {
        point.refuseTag(i, reason);
        refusedForConflict();
      }
    }
    for (int i = 0; i < point.fieldCount() && !isRefused; i++) {
      ColumnType type = Catalog.columnType(point.fieldType(i));
      String reason = judge(point, known, point.fieldKey(i), type, tags + i);
      if (reason != null) {
        point.refuseField(i, reason);
        refusedForConflict();
      }
    }
  }

  private void refusedForConflict() {
    conflicts++;
    isRefused = true;
  }

  private @Nullable String judge(
      Point point, @Nullable Measurement known, Slice key, ColumnType type, int place) {
    ColumnType there = null;
    if (known != null) {
      CatalogColumn column = guess.find(known, key, place);
      there = column == null ? null : column.type();
    }
    if (there == null) {
      there = additions.type(point.measurement(), key);
    }
    if (there == null) {
      newKeys.add(key);
      newTypes.add(type);
    } else if (there != type) {
      return String.format(
          "column \"%s\" is %s here, but %s in measurement \"%s\"",
          key, Catalog.words(type), Catalog.words(there), point.measurement());
    }
    return null;
  }

  private void judgeLimits(Point point, Slice name, @Nullable Measurement known) {
    if (newKeys.isEmpty()) {
      return;
    }
    int columns = (known == null ? 0 : known.columnCount()) + additions.columnCount(name);
    if (columns + newKeys.size() > maxColumns) {
      refuse(point, "measurement \"" + name + "\" would have more than " + maxColumns + " columns");
    } else if (known == null
        && !additions.hasMeasurement(name)
        && newMeasurements == measurementsLeft) {
      refuse(point, "no more measurements than there are now are allowed");
    }
  }

  private void refuse(Point point, String reason) {
    point.refuse(reason);
    isRefused = true;
  }

  private void keep(Point point, Slice name, @Nullable Measurement known) {
    if (!newKeys.isEmpty()) {
      newMeasurements += known == null && !additions.hasMeasurement(name) ? 1 : 0;
      for (int i = 0; i < newKeys.size(); i++) {
        additions.add(name, newKeys.get(i), newTypes.get(i));
      }
    }
    cells += point.tagCount() + point.fieldCount();
    lines.add(point.offset(), point.endOffset());
  }
}
