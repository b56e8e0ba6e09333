package dev.tidemark.mutation;

import java.lang.reflect.Method;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/// Makes mutation testing several times as fast. To learn the names of tests PIT runs all of them
/// in each process it starts, and it starts one after every change of the code that makes a test
/// hang. There they pass here without being run. Which lines they reach, and whether they notice a
/// change, is found out by running them.
///
/// Used where the profile `mutation` asks for it alone.
public final class QuickDiscovery implements InvocationInterceptor {
  private static final boolean LOOKS_FOR_SURVIVORS =
      System.getProperty("sun.java.command", "").contains("MutationTestMinion");

  @Override
  public void interceptTestMethod(
      Invocation<Void> test, ReflectiveInvocationContext<Method> method, ExtensionContext context)
      throws Throwable {
    run(test);
  }

  @Override
  public void interceptTestTemplateMethod(
      Invocation<Void> test, ReflectiveInvocationContext<Method> method, ExtensionContext context)
      throws Throwable {
    run(test);
  }

  private static void run(Invocation<Void> test) throws Throwable {
    if (LOOKS_FOR_SURVIVORS && isDiscovery()) {
      test.skip();
    } else {
      test.proceed();
    }
  }

  private static boolean isDiscovery() {
    return StackWalker.getInstance()
        .walk(frames -> frames.anyMatch(f -> f.getClassName().endsWith("JUnit5TestUnitFinder")));
  }
}
