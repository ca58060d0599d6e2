/* Inside the code generator: its state, and what gen.c (emission, simple
 * nodes), gen_call.c (calls, core functions) and gen_flow.c (branches, loops,
 * try) offer one another. */
#ifndef LANG_GEN_H
#define LANG_GEN_H

#include "lang/ast.h"
#include "lang/machine.h"

struct gen {
	struct unit *u;
	struct func *f;
	insn *insns;
	uint32_t ninsns, capinsns;
	val *consts;
	uint32_t nconsts, capconsts;
	struct code **protos;
	uint32_t nprotos, capprotos;
	struct type **types;
	val *type_forms;
	uint32_t ntypes, captypes;
	struct place_row *places;
	uint32_t nplaces, capplaces;
	uint32_t temp, max; /* next free register, most used */
	uint32_t last_pos;
	uint32_t landed; /* the latest place that jumps lead to */
	uint32_t each;   /* after the latest EACH and its JMP */
	uint32_t *hash;  /* constants by word */
	uint32_t caphash;
};

struct jumps {
	uint32_t *at;
	uint32_t n, cap;
};

void emit(struct gen *, insn);
void place(struct gen *, uint32_t pos); /* of the next instruction */
uint32_t konst(struct gen *, val);
uint32_t proto(struct gen *, struct code *);
uint32_t type_slot(struct gen *, struct type *, val form);
uint32_t temps(struct gen *, uint32_t n);          /* first of n in a row */
void jump_add(struct gen *, struct jumps *, insn); /* emit, patch later */
void jump_land(struct gen *, struct jumps *);      /* all lead here */
void jump_to(struct gen *, uint32_t at, uint32_t target);
void drops(struct gen *, const struct bits *);

/* The value, owned, into a register that holds nothing. */
void gen_to(struct gen *, struct node *, uint32_t dst);
void gen_effect(struct gen *, struct node *);
void gen_tail(struct gen *, struct node *); /* as the function's value */
void gen_ret(struct gen *, uint32_t reg);
/* Jump when the truth of n is when, else go on. */
void gen_jump(struct gen *, struct node *, bool when, struct jumps *);

struct operand {
	uint32_t reg;
	bool dies;
};
/* Operands of a machine operation: locals where they stand. */
void operands(
    struct gen *, struct node *const *, uint32_t n, struct operand *out);
/* All into neighbouring registers from first on. */
void gen_row(struct gen *, struct node *const *, uint32_t n, uint32_t first);

void gen_call(struct gen *, struct node *, uint32_t dst);
void gen_call_tail(struct gen *, struct node *);
bool gen_call_jump(struct gen *, struct node *, bool when, struct jumps *);
/* (update coll key f x...), or (update-in coll path f x...) with a path whose
 * length is known here. */
void gen_update(struct gen *, struct node *, bool in, uint32_t dst);
bool path_fits(const struct node *);
void gen_op(struct gen *, struct node *, uint32_t dst);

void gen_if(struct gen *, struct node *, uint32_t dst, int mode);
void gen_each(struct gen *, struct node *, uint32_t dst, int mode);
/* GEN_TAIL: what decides early is left in dst, the last one returns. */
void gen_and_or(struct gen *, struct node *, uint32_t dst, int mode);
void gen_loop(struct gen *, struct node *, uint32_t dst, int mode);
void gen_recur(struct gen *, struct node *);
void gen_try(struct gen *, struct node *, uint32_t dst, int mode);
void gen_alt(struct gen *, struct node *, uint32_t dst, int mode);
enum {
	GEN_VALUE,
	GEN_EFFECT,
	GEN_TAIL
};
void gen_mode(struct gen *, struct node *, uint32_t dst, int mode);

/* What a global name means now: a core function or a cell. */
bool global_core(struct unit *, uint32_t name, uint32_t *core);
uint32_t global_cell(struct unit *, uint32_t name);
bool global_defined(struct unit *, uint32_t name);

#endif
