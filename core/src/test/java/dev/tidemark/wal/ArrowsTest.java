package dev.tidemark.wal;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/// Dependencies point down only.
@AnalyzeClasses(packages = "dev.tidemark.wal", importOptions = ArrowsTest.NoTests.class)
class ArrowsTest {

  /// Wherever a build puts them.
  static final class NoTests implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("/test-classes/");
    }
  }

  @ArchTest
  static final ArchRule coreNeedsTheJdkAlone =
      classes()
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("dev.tidemark.wal..", "java..", "jdk.jfr..", "org.jspecify..");

  @ArchTest
  static final ArchRule onlyStorageTouchesTheOperatingSystem =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.tidemark.wal.storage")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.nio.channels..", "java.lang.foreign.Linker..");

  /// The one arrow that points up: opening a log, from the interface to what implements it.
  @ArchTest
  static final ArchRule onlyWalKnowsWhatImplementsIt =
      noClasses()
          .that()
          .resideInAnyPackage("dev.tidemark.wal", "dev.tidemark.wal.storage")
          .and()
          .doNotHaveSimpleName("Wal")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.tidemark.wal.internal");
}
