package dev.tidemark.ingest.lineprotocol;

/// Takes the good lines of a body, one after the other, on the thread that parses.
@FunctionalInterface
public interface PointSink {

  /// Takes a point. The whole line has been proven good before this call.
  ///
  /// A sink that knows better (a column of another type, say) refuses with [Point#refuseField(int,
  /// String)] and its siblings and must then keep nothing of the point: the line counts as rejected
  /// and the reason is reported at its place.
  ///
  /// @param point the line's content, and every [Slice] it gives out, lent until this call returns
  void accept(Point point);
}
