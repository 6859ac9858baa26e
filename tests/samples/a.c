#include <stdio.h>
#define MAX(a, b) ((a) > (b) ? (a) : (b))

static const struct p { int x : 3; } q[] = {
    [0] = { .x = 1 }, };

#ifdef DEBUG
int debug = 1;
#endif

int (*f(int n, char *v[static 1]))(void)
{
    for (int i = 0; i < n; i++) { switch (i) { case 1: case 3: goto out; default: break; } }
out:
    return NULL;
}
