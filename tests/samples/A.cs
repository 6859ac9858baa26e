using System;
namespace A;
public record P<T>(T X) where T : class? {
  public required int Y { get; init; } = 1;
  public async Task<int> M(params int[] xs) { await using var r = Open(); return xs is [1, .., > 2] ? $"{Y:N2}".Length : default!; }
  static string S(object o) => o switch { int n when n > 1 => "a", null => @"c:\", _ => nameof(o) };
}
