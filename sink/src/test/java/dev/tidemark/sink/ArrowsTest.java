package dev.tidemark.sink;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/// What stands above a sink never meets Parquet.
@AnalyzeClasses(packages = "dev.tidemark.sink", importOptions = ArrowsTest.NoTests.class)
class ArrowsTest {

  /// Wherever a build puts them.
  static final class NoTests implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("/test-classes/");
    }
  }

  @ArchTest
  static final ArchRule theSinkNeedsParquetAndOneCompressorOnly =
      classes()
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "dev.tidemark.sink..",
              "dev.tidemark.wal..",
              "java..",
              "org.jspecify..",
              "org.apache.parquet..",
              "org.apache.hadoop.conf..",
              "io.airlift.compress.v3.zstd..");

  @ArchTest
  static final ArchRule publicTypesDoNotNameParquet =
      noClasses()
          .that()
          .arePublic()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.parquet..", "org.apache.hadoop..", "io.airlift..");
}
