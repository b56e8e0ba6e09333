package dev.tidemark.wal.internal.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;

/// What all events of a log have. An event is used by the thread that began it.
@Category("Tidemark")
abstract class LogEvent extends Event {
  @Label("Log")
  @Description("The log's directory")
  String log = "";
}
