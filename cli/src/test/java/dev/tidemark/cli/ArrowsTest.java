package dev.tidemark.cli;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/// Dependencies between modules point down only, and packages form no circles.
@AnalyzeClasses(packages = "dev.tidemark", importOptions = ArrowsTest.NoTests.class)
class ArrowsTest {

  /// Wherever a build puts them.
  static final class NoTests implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("/test-classes/");
    }
  }

  @ArchTest
  static final ArchRule modulesPointDownOnly =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("core")
          .definedBy("dev.tidemark.wal..")
          .layer("codecs")
          .definedBy("dev.tidemark.codecs..")
          .layer("formats")
          .definedBy("dev.tidemark.formats..")
          .layer("leveldb")
          .definedBy("dev.tidemark.leveldb..")
          .layer("sink")
          .definedBy("dev.tidemark.sink..")
          .layer("ingest")
          .definedBy("dev.tidemark.ingest..")
          .layer("server")
          .definedBy("dev.tidemark.server..")
          .layer("cli")
          .definedBy("dev.tidemark.cli..")
          .whereLayer("cli")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("server")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("ingest")
          .mayOnlyBeAccessedByLayers("server", "cli")
          .whereLayer("sink")
          .mayOnlyBeAccessedByLayers("ingest")
          .whereLayer("formats")
          .mayOnlyBeAccessedByLayers("leveldb", "cli")
          .whereLayer("leveldb")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("codecs")
          .mayOnlyBeAccessedByLayers("ingest");

  /// The one arrow that points up inside core is `Wal.open`, which names what implements it.
  private static final DescribedPredicate<JavaClass> WAL =
      DescribedPredicate.describe("Wal", type -> type.getName().equals("dev.tidemark.wal.Wal"));

  private static final DescribedPredicate<JavaClass> ANY = DescribedPredicate.alwaysTrue();

  @ArchTest
  static final ArchRule packagesFormNoCirclesBesideTheEntry =
      slices().matching("dev.tidemark.(**)").should().beFreeOfCycles().ignoreDependency(WAL, ANY);
}
