/// The log engine: append, make durable, read, recover. At run time it needs the JDK alone.
module dev.tidemark.core {
  requires static org.jspecify;

  exports dev.tidemark.wal;
}
