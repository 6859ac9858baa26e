def f(pair):
    return '%s' % pair
