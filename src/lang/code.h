/*
 * Compiled functions: instructions, constants, places.  Codes are made by the
 * compiler or read from a closure image, never changed afterwards, and freed
 * with the machine that owns them (those of the core library: never).
 */
#ifndef LANG_CODE_H
#define LANG_CODE_H

#include "lang/core.h"
#include "value/function.h"
#include "value/type.h"

enum op {
#define OP(name) OP_##name,
#include "lang/op.def"
#undef OP
	OP_COUNT_ALL
};

/*
 * One instruction, one 64-bit word, so that registers, constants and jumps
 * need no second, wide form.  Low byte first: op, flags, a, b, c; bx is b and
 * c together.
 */
typedef uint64_t insn;
#define F_B    1 /* operand b dies */
#define F_C    2 /* operand c dies */
#define F_INV  4 /* compare and branch: the other way round */
#define F_STEP 4 /* ADDI, SUBI: written as inc, dec */

#define INSN(op, fl, a, b, c)                                                  \
	((insn)(op) | (insn)(uint8_t)(fl) << 8 | (insn)(uint16_t)(a) << 16 |   \
	    (insn)(uint16_t)(b) << 32 | (insn)(uint16_t)(c) << 48)
#define INSN_X(op, fl, a, x)                                                   \
	((insn)(op) | (insn)(uint8_t)(fl) << 8 | (insn)(uint16_t)(a) << 16 |   \
	    (insn)(uint32_t)(x) << 32)
#define I_OP(i) ((unsigned int)((i)&0xff))
#define I_FL(i) ((unsigned int)((i) >> 8 & 0xff))
#define I_A(i)  ((unsigned int)((i) >> 16 & 0xffff))
#define I_B(i)  ((unsigned int)((i) >> 32 & 0xffff))
#define I_C(i)  ((unsigned int)((i) >> 48))
#define I_BX(i) ((uint32_t)((i) >> 32))
#define I_SC(i) ((int)(int16_t)((i) >> 48))
#define I_SX(i) ((int32_t)((i) >> 32))

/* A 32-bit integer in the halves a and c. */
#define I_SAC(i) ((int32_t)((uint32_t)I_A(i) | (uint32_t)I_C(i) << 16))

/*
 * An iteration over a vector: registers in a row.  NEXT and END are addresses
 * of items in a run of neighbours (their low bits make them integers for
 * whoever looks at registers); the vector cannot change while this register
 * holds it.
 */
enum iter {
	ITER_VECTOR,
	ITER_NEXT,
	ITER_END,
	ITER_POS, /* integer: of the item at END */
	ITER_REGS
};

#define MAX_REGS 60000 /* registers of one function: fields are 16 bits */

enum code_kind {
	CODE_BYTE,      /* instructions */
	CODE_NATIVE,    /* a core function in C */
	CODE_INTRINSIC, /* done by the machine itself: apply, call */
};

enum intrinsic {
	INTR_APPLY,
	INTR_CALL,
	INTR_CALL_WITH,
	INTR_EXPAND
};

struct place_row { /* sorted by pc; holds from pc on */
	uint32_t pc;
	uint32_t line;
	uint32_t column;
};

struct code {
	struct code_head head; /* first: value/function.h */
	uint8_t kind;
	uint8_t intrinsic;
	bool variadic;  /* the last parameter takes the rest as a list */
	bool checked;   /* has a declared return type */
	bool own_types; /* frees them (image); else the machine does */
	uint32_t nparams;
	uint32_t direct; /* nparams if a call needs no more than a frame */
	uint32_t nregs;
	uint32_t ncaptured;
	const uint32_t *capture_names; /* NULL: not known (image) */
	const insn *insns;
	const val *consts;
	struct code *const *protos; /* functions made here */
	struct type *const *types;
	const val *type_forms; /* what types were made from, for images */
	uint32_t ninsns, nconsts, nprotos, ntypes;
	const struct place_row *places;
	uint32_t nplaces;
	uint32_t file;              /* name index, or NAME_NONE */
	const struct core_def *def; /* CODE_NATIVE and CODE_INTRINSIC */
	uint32_t core_index;        /* in the core table, or CORE_NONE */
	struct code *next;          /* of the owner's list */
	uint32_t unit;              /* image.c's scratch */
};
#define CORE_NONE  UINT32_MAX
#define NOT_DIRECT UINT32_MAX
void code_seal(struct code *); /* everything is filled in */

/* Every code is made here; identities count up from one. */
struct code *code_new(struct code **owner);
void code_free_all(struct code *); /* the whole list; values are not released */
size_t code_size(const struct code *); /* bytes, for heap_charge */
/* The row for an instruction, or NULL. */
const struct place_row *code_place(const struct code *, uint32_t pc);
const char *op_name(enum op);

#endif
