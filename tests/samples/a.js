#!/usr/bin/env node
export class A extends B { static #n = 1n; static { this.#n ??= 2; } get x() {
  return a?.b?.[0] ?? `t${`n${1}`}`; } async *g() { for await (const x of y) yield* x; } }
const re = /[/]\/(?<n>a)/giu, { a, ...rest } = o;
label: for (;;) break label
import('x').then()
