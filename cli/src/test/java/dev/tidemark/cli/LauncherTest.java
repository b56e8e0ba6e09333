package dev.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The launcher, in a checkout whose build does nothing but copy one class into place.
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class LauncherTest {
  /// Stands in for the command: says how it was started.
  private static final String COMMAND =
      """
      package dev.tidemark.cli;
      public class Tidemark {
        public static void main(String[] arguments) {
          System.out.println(
              "java=" + Runtime.version().feature()
                  + " pid=" + ProcessHandle.current().pid()
                  + " from=" + System.getProperty("user.dir")
                  + " arguments=" + String.join("|", arguments));
          System.exit(arguments.length > 0 && arguments[0].equals("fail") ? 7 : 0);
        }
      }
      """;

  private static final String REHEARSAL =
      """
      package dev.tidemark.cli;
      class Rehearsal {
        public static void main(String[] arguments) {}
      }
      """;

  /// Is interrupted as the launcher is, and ends as a JVM does then.
  private static final String INTERRUPTED =
      """
      package dev.tidemark.cli;
      class Rehearsal {
        public static void main(String[] arguments) throws Exception {
          java.nio.file.Files.createTempFile("left", "");
          long launcher = ProcessHandle.current().parent().orElseThrow().pid();
          new ProcessBuilder("kill", "-INT", "" + launcher).start().waitFor();
          System.exit(130);
        }
      }
      """;

  private static final String BUILD =
      """
      #!/bin/sh
      echo "the build speaks on stdout"
      echo "$JAVA_HOME" >> builds
      [ ! -e broken ] || exit 1
      mkdir -p cli/target/launcher
      cp -r made cli/target/launcher/classes
      """;

  @TempDir private Path folder;
  private Path checkout;
  private Path elsewhere;
  private Path jdk17;

  /// What a run left behind.
  private record Ran(int code, long pid, String out, String err) {}

  @BeforeEach
  void makeCheckout() throws IOException {
    checkout = Files.createDirectories(folder.resolve("check out"));
    elsewhere = Files.createDirectories(folder.resolve("else where"));
    Files.copy(Path.of("..", "tidemark"), checkout.resolve("tidemark"));
    executable("tidemark", Files.readString(Path.of("..", "tidemark")));
    executable("mvnw", BUILD);
    Files.writeString(checkout.resolve("pom.xml"), "<project/>");
    Files.createDirectories(checkout.resolve("core/src/main"));
    Files.writeString(checkout.resolve("core/src/main/Source.java"), "");
    Path source = Files.writeString(folder.resolve("Tidemark.java"), COMMAND);
    Path rehearsal = Files.writeString(folder.resolve("Rehearsal.java"), REHEARSAL);
    Path made = Files.createDirectories(checkout.resolve("made"));
    int compiled =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-d", made.toString(), source.toString(), rehearsal.toString());
    assertThat(compiled).isZero();
    jdk17 = Files.createDirectories(folder.resolve("jdk-17"));
    Files.createDirectories(jdk17.resolve("bin"));
    Files.writeString(jdk17.resolve("release"), "JAVA_VERSION=\"17.0.12\"\n");
    for (String program : List.of("java", "javac")) {
      Path file = Files.writeString(jdk17.resolve("bin").resolve(program), "#!/bin/sh\nexit 17\n");
      assertThat(file.toFile().setExecutable(true)).isTrue();
    }
  }

  private void executable(String name, String text) throws IOException {
    Path file = Files.writeString(checkout.resolve(name), text);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private static String jdk25() {
    return System.getProperty("java.home");
  }

  /// Runs a command in `elsewhere`, with the old Java first on the PATH.
  private Ran run(Map<String, String> environment, Path launcher, String... arguments)
      throws Exception {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(arguments));
    Path out = Files.createTempFile(folder, "out", ".txt");
    Path err = Files.createTempFile(folder, "err", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(elsewhere.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().remove("JAVA_HOME");
    builder.environment().put("PATH", jdk17.resolve("bin") + ":/usr/bin:/bin");
    builder.environment().put("TIDEMARK_JDK_HOMES", jdk17 + ":" + jdk25());
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      return new Ran(
          process.exitValue(), process.pid(), Files.readString(out), Files.readString(err));
    } finally {
      process.destroyForcibly();
    }
  }

  private List<String> builds() throws IOException {
    Path builds = checkout.resolve("builds");
    return Files.exists(builds) ? Files.readAllLines(builds) : List.of();
  }

  @Test
  void findsAJdk25AlthoughTheDefaultJavaIsOlder() throws Exception {
    Ran ran = run(Map.of(), checkout.resolve("tidemark"));
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.out()).startsWith("java=" + Runtime.version().feature() + " ");
    assertThat(builds()).as("what the build ran on").containsExactly(jdk25());
  }

  @Test
  void aJavaHomeThatIsTooOldIsPassedOver() throws Exception {
    Ran ran = run(Map.of("JAVA_HOME", jdk17.toString()), checkout.resolve("tidemark"));
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(builds()).containsExactly(jdk25());
  }

  @Test
  void aJavaHomeThatWillDoIsTaken() throws Exception {
    Ran ran =
        run(Map.of("JAVA_HOME", jdk25(), "TIDEMARK_JDK_HOMES", ""), checkout.resolve("tidemark"));
    assertThat(ran.code()).as(ran.err()).isZero();
  }

  @Test
  void withoutAJdkItSaysWhatToInstallAndExitsWith69() throws Exception {
    Ran ran =
        run(Map.of("TIDEMARK_JDK_HOMES", jdk17.toString()), checkout.resolve("tidemark"), "serve");
    assertThat(ran.code()).isEqualTo(69);
    assertThat(ran.err()).contains("JDK 25").contains("Install").contains("JAVA_HOME");
    assertThat(ran.out()).isEmpty();
    assertThat(builds()).isEmpty();
  }

  @Test
  void aFailedBuildExitsWith69() throws Exception {
    Files.writeString(checkout.resolve("broken"), "");
    Ran ran = run(Map.of(), checkout.resolve("tidemark"), "serve");
    assertThat(ran.code()).isEqualTo(69);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).contains("the build failed");
  }

  @Test
  void theBuildSpeaksOnStderrOnly() throws Exception {
    Ran ran = run(Map.of(), checkout.resolve("tidemark"));
    assertThat(ran.err()).contains("the build speaks on stdout");
    assertThat(ran.out().lines()).hasSize(1);
  }

  @Test
  void calledByALinkFromElsewhereItStaysThereAndBecomesTheCommand() throws Exception {
    assumeTrue(Files.exists(Path.of("/bin/bash")), "needs bash");
    Path bin = Files.createDirectories(folder.resolve("bin"));
    Path link = Files.createSymbolicLink(bin.resolve("tidemark"), checkout.resolve("tidemark"));
    Path second = Files.createSymbolicLink(elsewhere.resolve("mark"), elsewhere.relativize(link));
    Ran ran = run(Map.of(), second, "a b", "", "*");
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.out().strip())
        .endsWith("pid=" + ran.pid() + " from=" + elsewhere.toRealPath() + " arguments=a b||*");
  }

  @Test
  void whatTheJvmLearnsIsKeptByTheBuildAndACommandStartsWithoutItToo() throws Exception {
    executable(
        "mvnw",
        BUILD
            + "mkdir -p cli/target/launcher/lib\n"
            + "$JAVA_HOME/bin/jar -cf cli/target/launcher/tidemark-cli-1.jar -C made .\n");
    Path launcher = checkout.resolve("tidemark");
    Path learned = checkout.resolve("cli/target/launcher/tidemark.aot");
    Ran ran = run(Map.of(), launcher, "a");
    assertThat(ran.code()).as(ran.err()).isZero();
    assertThat(ran.out()).endsWith("arguments=a\n").hasLineCount(1);
    assertThat(learned).isNotEmptyFile();
    for (byte[] bytes : new byte[][] {new byte[0], new byte[100]}) {
      Files.write(learned, bytes);
      assertThat(run(Map.of(), launcher, "b").code()).isZero();
    }
    for (String option : List.of("-Xshare:off", "-XX:AOTMode=off")) {
      assertThat(run(Map.of("TIDEMARK_JAVA_OPTS", option), launcher, "b").code()).isZero();
    }
    Files.delete(learned);
    Ran without = run(Map.of(), launcher, "b");
    assertThat(without.code()).isZero();
    assertThat(without.err()).isEmpty();
    assertThat(builds()).hasSize(1);
  }

  @Test
  void anInterruptedRehearsalEndsTheLauncherAndLeavesNothing() throws Exception {
    executable(
        "mvnw",
        BUILD
            + "mkdir -p cli/target/launcher/lib\n"
            + "$JAVA_HOME/bin/jar -cf cli/target/launcher/tidemark-cli-1.jar -C made .\n");
    Path source = Files.writeString(folder.resolve("Rehearsal.java"), INTERRUPTED);
    Path made = checkout.resolve("made");
    assertThat(
            ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-d", made.toString(), source.toString()))
        .isZero();
    Path temporary = Files.createDirectory(folder.resolve("temporary"));
    // Whoever runs the tests may ignore the signal, and the launcher would inherit that.
    Ran ran =
        run(
            Map.of("TMPDIR", temporary.toString()),
            Path.of("/usr/bin/env"),
            "--default-signal=INT",
            checkout.resolve("tidemark").toString(),
            "a");
    assertThat(ran.code()).isEqualTo(130);
    assertThat(ran.out()).isEmpty();
    assertThat(temporary).isEmptyDirectory();
    Path built = checkout.resolve("cli/target/launcher");
    for (String left : List.of(".stamp", "tidemark.aot", "tidemark.aot.config", "rehearsal")) {
      assertThat(built.resolve(left)).doesNotExist();
    }
  }

  @Test
  void theCodeOfTheCommandIsItsOwn() throws Exception {
    assertThat(run(Map.of(), checkout.resolve("tidemark"), "fail").code()).isEqualTo(7);
  }

  @Test
  void itBuildsAgainOnlyWhenASourceIsNewer() throws Exception {
    Path launcher = checkout.resolve("tidemark");
    Path stamp = checkout.resolve("cli/target/launcher/.stamp");
    List<Path> sources =
        List.of(
            checkout.resolve("pom.xml"),
            checkout.resolve("mvnw"),
            checkout.resolve("core/src/main"),
            checkout.resolve("core/src/main/Source.java"));
    for (Path source : sources) {
      age(source, Duration.ofHours(3));
    }
    run(Map.of(), launcher);
    age(stamp, Duration.ofHours(2));
    run(Map.of(), launcher);
    assertThat(builds()).hasSize(1);
    int expected = 1;
    for (Path source : sources) {
      age(stamp, Duration.ofHours(2));
      age(source, Duration.ofHours(1));
      run(Map.of(), launcher);
      run(Map.of(), launcher);
      assertThat(builds()).as(source.toString()).hasSize(++expected);
      age(source, Duration.ofHours(3));
    }
  }

  private static void age(Path file, Duration age) throws IOException {
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
  }
}
