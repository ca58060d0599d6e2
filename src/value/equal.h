/*
 * Equality, hashing and order.  Nothing here recurses in C: values nested a
 * million levels deep are fine.
 */
#ifndef VALUE_EQUAL_H
#define VALUE_EQUAL_H

#include "value/value.h"

/* The language's = : type and content, maps regardless of order, NaN equal to
 * nothing when compared directly but equal to NaN inside collections. */
bool val_equal(val a, val b);
/* The same, but NaN equals NaN at the top too: for map keys. */
bool val_same_key(val a, val b);
/* Seeded per process; equal (val_same_key) values have equal hashes.  Must
 * never influence anything a program can see. */
uint64_t val_hash(val);
uint64_t hash_bytes(const void *, size_t);
/* Before the first hash only: fixed seed for tests.  Default: getrandom. */
void hash_set_seed(uint64_t k0, uint64_t k1);

/* language.md's total order; *order is <0, 0, >0.  -1: no order (function,
 * task, error), *culprit is the value. */
int val_compare(val a, val b, int *order, val *culprit);

#endif
