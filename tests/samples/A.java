package a;

import java.util.*;

public sealed interface A permits B {
  record P<T>(T x, int... y) implements A { P { assert x != null : "no"; } }
  default <T extends Comparable<? super T>> void m(List<? extends T> l) throws Exception {
    var s = """
        text \
        """;
    int n = switch (o) { case Integer i when i > 1 -> i; case null, default -> { yield 0; } };
    try (var r = open()) { Runnable q = this::run; } catch (E | F e) { } finally { }
  }
}
