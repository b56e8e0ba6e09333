/// Disks and machines that fail on request, for those who build on the log or bring a storage of
/// their own.
module dev.tidemark.testkit {
  requires transitive dev.tidemark.core;
  requires transitive org.junit.jupiter.api;
  requires org.assertj.core;
  requires static transitive org.jspecify;

  exports dev.tidemark.testkit.contract;
  exports dev.tidemark.testkit.disk;
  exports dev.tidemark.testkit.explorer;
  exports dev.tidemark.testkit.host;
}
