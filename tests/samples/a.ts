abstract class A<T extends keyof U = never> implements B { declare x?: readonly string[];
  constructor(private readonly y: number) {} @dec() m(this: A, ...r: [a: 1, b?: 2]): asserts r is any {} }
type M = { [K in keyof T as `get${K}`]?: T[K] extends infer R ? R : never };
enum E { A = 1 << 2 }
const x = y as const satisfies Z;
import type { Q } from './q';
