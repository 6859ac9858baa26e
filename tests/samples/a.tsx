const f = <T,>(x: T) => <A<string> b={x as any}>{x!}</A>;
