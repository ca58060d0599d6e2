/* Steps of the machine that are too long for its loop (slow.c). */
#ifndef LANG_SLOW_H
#define LANG_SLOW_H

#include "lang/machine.h"

/* The core function behind a machine operation, on its operands; result and
 * branch are done as the instruction says. */
enum flow slow_binary(struct vm *, insn);
enum flow slow_unary(struct vm *, insn);
enum flow slow_getk(struct vm *, insn);
/* A core function gave VAL_UNBOUND. */
enum flow slow_failed(struct vm *);
enum flow slow_callg(struct vm *, insn, val *regs, bool tail);
val slow_closure(struct vm *, insn, val *regs);
val slow_sibling(struct vm *, insn, val *regs);
void slow_handlers(struct vm *);
bool slow_catches(val thrown, val selector);
enum flow slow_pattern(struct vm *, insn, val got, val pattern);
enum flow slow_nomatch(struct vm *, val got, val what);
enum flow slow_type(struct vm *, insn, val v);
/* VM_CHECK: a dead register holds a reference; aborts. */
void slow_leak(const struct code *, const insn *pc, uint32_t reg);
/* Patterns' look-ups: borrowed operand, owned result. */
val slow_item(val coll, size_t i);
val slow_rest(struct heap *, val coll, size_t from);
val slow_field(struct heap *, val map, val key); /* or VAL_UNBOUND */
uint64_t slow_length(val); /* UINT64_MAX: no vector or list */
bool slow_is_mappish(val); /* map, task, error */

#endif
