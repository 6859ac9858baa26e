def f(x: T, /, *, y: int = 1) -> T:
    match x:
        case {'a': [1, *rest]} if rest:
            return x
    return f'{x!r:>{y}}'
