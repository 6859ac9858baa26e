#ifndef A_H
#define A_H
int class(void *new, int private);
#endif
